"""Several packs made one by copying their segments: nothing is read as text, nothing embedded."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from attar.errors import PackError, UsageError
from attar.pack import manifest as names
from attar.pack.disk import damaged, sync_folder, writing
from attar.pack.manifest import FileEntry, Manifest, SegmentEntry
from attar.pack.ranking import Ranking
from attar.pack.removal import without
from attar.pack.segment import Segment
from attar.pack.snapshot import Snapshot
from attar.progress import Progress, silent


def merge(packs: Sequence[str | Path], target: str | Path, *, progress: Progress = silent) -> None:
    """Make a pack that holds the documents of others.

    Where two hold a document of the same id, that of the later one in the list stays, as if it
    had been added last. The new pack does not know of the folders that the others were packed
    from. It appears whole or not at all.

    Args:
        packs: their folders; made with the same embedder and analyzer. Codes may differ.
        target: the folder to make; it must not exist.
        progress: told of segments copied.

    Raises:
        UsageError: if there is no pack to merge, or they do not fit together.
        PackError: if one cannot be read, or there is something at `target`.
        DamagedPackError: if a file is not what was written.
    """
    if not packs:
        raise UsageError("there is nothing to merge: give one pack or more")
    folder = Path(target)
    if folder.exists() or folder.is_symlink():
        raise PackError(f"{folder} already exists: merge into a new pack")
    snapshots = [Snapshot.latest(Path(p)) for p in packs]
    check_alike([s.manifest for s in snapshots], packs)
    fresh = folder.with_name(f".{folder.name}.new")
    with writing(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(fresh, ignore_errors=True)  # of a merge that was killed
        try:
            (fresh / names.SEGMENTS).mkdir(parents=True)
            manifest = _copied(snapshots, fresh, progress)
            names.save(fresh, manifest)
            clashes = _clashes(Snapshot(fresh, manifest))
            if any(clashes.values()):
                entries = without(Snapshot(fresh, manifest), clashes)
                names.save(fresh, manifest.following(segments=tuple(entries)))
            os.rename(fresh, folder)
            sync_folder(folder.parent)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise


def check_alike(manifests: Sequence[Manifest], packs: Sequence[object]) -> None:
    """Packs can be searched together if their vectors and terms can be compared.

    Raises:
        UsageError: naming the first pack that is not as the first one.
    """
    first = manifests[0]
    for manifest, pack in zip(manifests, packs, strict=True):
        embedders = [(m.embedder.digest, m.embedder.dim) for m in (first, manifest)]
        if embedders[0] != embedders[1]:
            raise UsageError(
                f"{pack} was made with the embedder {manifest.embedder.name!r} (digest"
                f" {manifest.embedder.digest[:12]}) and {packs[0]} with {first.embedder.name!r}"
                f" (digest {first.embedder.digest[:12]}): their vectors cannot be compared"
            )
        if manifest.analyzer != first.analyzer:
            raise UsageError(
                f"{pack} was made with the analyzer {manifest.analyzer!r} and {packs[0]} with"
                f" {first.analyzer!r}: their terms cannot be compared"
            )


def agreed(manifests: Sequence[Manifest]) -> Ranking | None:
    """The ranking that all packs were told; what was tuned on one alone says nothing of others."""
    told = [m.ranking and m.ranking.settings for m in manifests]
    return told[0] if all(ranking == told[0] for ranking in told) else None


def _copied(snapshots: Sequence[Snapshot], fresh: Path, progress: Progress) -> Manifest:
    """The first pack's manifest with everybody's segments, which are copied and renumbered."""
    total = sum(len(s.segments) for s in snapshots)
    entries: list[SegmentEntry] = []
    codecs = {}
    for snapshot in snapshots:
        for name, data in snapshot.codec_files():
            codecs[name] = snapshot.manifest.codecs[name]
            _write(fresh / name, data, codecs[name].file, snapshot.folder / name)
        for segment in snapshot.segments:
            number = f"{len(entries) + 1:06d}"
            _copy_segment(segment, fresh / names.SEGMENTS / number)
            entries.append(replace(segment.entry, id=number))
            progress("merge", len(entries), total)
    with writing(fresh):
        sync_folder(fresh / names.SEGMENTS)
        sync_folder(fresh)
    # The next codec is the last one: the one that has seen the most must come last.
    ordered = dict(sorted(codecs.items(), key=lambda item: (item[1].rows, item[0])))
    return replace(
        snapshots[0].manifest,
        generation=max(s.manifest.generation for s in snapshots) + 1,
        next_segment=len(entries) + 1,
        codecs=ordered,
        segments=tuple(entries),
        sources=None,
        ranking=agreed([s.manifest for s in snapshots]),
    )


def _copy_segment(segment: Segment, target: Path) -> None:
    target.mkdir()
    for name, entry in segment.entry.all_files():
        _write(target / name, segment.bytes_of(name), entry, segment.path / name)
    sync_folder(target)


def _write(target: Path, data: memoryview, entry: FileEntry, origin: Path) -> None:
    """Copy a file that is open, which need not be there any more."""
    if zlib.crc32(data) != entry.crc32:
        raise damaged(origin, "its checksum does not fit")
    with target.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _clashes(snapshot: Snapshot) -> dict[str, set[int]]:
    """Numbers of the documents, by segment, that a later segment holds too."""
    seen: set[str] = set()
    doomed: dict[str, set[int]] = {}
    for segment in reversed(snapshot.segments):
        live = segment.live_documents
        here = [(i, name) for i, name in enumerate(segment.units.ids) if live[i]]
        doomed[segment.entry.id] = {i for i, name in here if name in seen}
        seen.update(name for _, name in here)
    return doomed
