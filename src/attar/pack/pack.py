"""A corpus in one folder: exact text, vectors and postings, searched as they lie."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from types import TracebackType

from attar import models
from attar.codec import parse
from attar.errors import UsageError
from attar.exact.tiers import tier
from attar.models.base import Embedder
from attar.pack import manifest as manifests
from attar.pack.build import Builder, replacing
from attar.pack.compact import compact
from attar.pack.crew import Crew
from attar.pack.current import Current
from attar.pack.document import Document
from attar.pack.export import export_files, export_jsonl
from attar.pack.info import PackInfo, measure
from attar.pack.manifest import EmbedderEntry, Manifest
from attar.pack.ranking import Ranking
from attar.pack.read import Paths
from attar.pack.removal import forgetting, numbers_of, without, write_sources
from attar.pack.searchable import Searchable, same_embedder
from attar.pack.snapshot import Snapshot
from attar.pack.sync import Rereading, Synced
from attar.postings import analyzer as analyzer_named
from attar.progress import Progress, silent
from attar.report import Part, Report

# 57 bytes a 384-dimensional vector: 18 are scanned, 39 tell of a few hundred units the rest.
# docs/decisions.md has what else was measured.
VECTORS = "Unit() >> (Waterfill(bits=0.375, most=4) + TrellisFill(bits=0.8125, states=10))"


class Pack(Searchable):
    """A pack, open for searching; `add` and `delete` change it.

    Made by `Pack.create` or `Pack.open`. It shows the pack as it was when it was opened or
    last changed through this object, whatever other processes do meanwhile. Any number of
    processes may read while one writes.

    Every change is all or nothing: `add` of a million documents that is interrupted after
    half of them, by an error, Ctrl-C, SIGKILL or a pulled plug, leaves the pack exactly as it
    was. What such a writer left in the folder is removed by the next one.
    """

    def __init__(self, current: Current, embedder: Embedder | None) -> None:
        self._current = current
        self._embedder = embedder

    @classmethod
    def create(
        cls,
        path: str | Path,
        *,
        embedder: str | Embedder = "default",
        vectors: str = VECTORS,
        analyzer: str = "english",
        text: str = "standard",
        exist_ok: bool = False,
    ) -> Pack:
        """Make an empty pack.

        Args:
            path: the folder; it is made, with those above it.
            embedder: a model, or a name that `attar.models.embedder` knows.
            vectors: recipe of the codes that vectors are kept as.
            analyzer: what cuts text into terms, such as "english" or "german -stem".
            text: "standard", or "archive" for about a quarter fewer bytes of text, which take
                some 20 ms a passage to read, and up to a second for the first of a segment.
            exist_ok: open the pack that is there already, whatever it was made with.

        Raises:
            UsageError: for a recipe, analyzer or tier that there is not.
            PackError: if there is something at `path` already, or it cannot be written.
            ModelError: if the embedder cannot be found.
        """
        folder = Path(path)
        if exist_ok and (folder / manifests.NAME).exists():
            return cls.open(folder, None if isinstance(embedder, str) else embedder)
        recipe = repr(parse(vectors))
        language = analyzer_named(analyzer).name
        model = models.embedder(embedder) if isinstance(embedder, str) else embedder
        manifest = Manifest(
            EmbedderEntry(model.name, model.digest, model.dim),
            recipe,
            language,
            text=tier(text).name,
        )
        return cls(Current.blank(folder, manifest), model)

    @classmethod
    def open(cls, path: str | Path, embedder: Embedder | None = None) -> Pack:
        """Open a pack; nothing but its manifest is read, and no model is loaded, until needed.

        Args:
            path: the folder.
            embedder: stands in for the model that the pack names; it must be the same model.

        Raises:
            PackError: if there is no pack, or a file of it is missing.
            DamagedPackError: if a file is not what was written.
            NewerFormatError: if a later version wrote it.
            ModelError: if `embedder` is another model.
        """
        snapshot = Snapshot.latest(Path(path))
        if embedder is not None:
            embedder = same_embedder(embedder, snapshot.manifest.embedder, snapshot.folder)
        return cls(Current(snapshot), embedder)

    def add(
        self,
        documents: Iterable[Document],
        progress: Progress = silent,
        *,
        crew: Crew | None = None,
    ) -> Report:
        """Add documents; one whose id is in the pack already replaces it.

        Args:
            documents: read once, a segment at a time; nothing is held longer.
            progress: told of documents read and units embedded.
            crew: `Workers` or a `RayCluster`, which embeds and makes segments. The pack that
                comes of it is the same, to the byte.

        Returns:
            What was added: bytes of text, and the pack's bytes by part.

        Raises:
            UsageError: for a document that cannot be stored.
            LockedPackError: if another process is writing.
            PackError: if there is no room. Whatever is raised, the pack is as it was before.
        """
        return self._add(documents, progress, crew, by_source=False)

    def update(
        self,
        documents: Iterable[Document],
        progress: Progress = silent,
        *,
        crew: Crew | None = None,
    ) -> Report:
        """Add documents in place of all that the pack holds of the same id or the same source.

        Several documents of one source take the place of all that were there together.

        Args, returns and raises as `add`.
        """
        return self._add(documents, progress, crew, by_source=True)

    def delete(self, ids: Iterable[str]) -> int:
        """Delete documents.

        Args:
            ids: of any documents; those that are not in the pack are passed over.

        Returns:
            How many were deleted.

        Raises:
            LockedPackError: if another process is writing.
            PackError: if there is no room; the pack is then as it was before.
        """
        if isinstance(ids, str):
            raise UsageError(f"delete takes a list of ids: [{ids!r}]")
        with self._current.changing() as snapshot:
            doomed = numbers_of(snapshot, ids)
            if doomed:
                entries = without(snapshot, doomed)
                remembered = forgetting(snapshot, doomed)
                self._current.commit(
                    snapshot.manifest.following(segments=tuple(entries), sources=remembered)
                )
        return sum(map(len, doomed.values()))

    def compact(self, progress: Progress = silent) -> Report:
        """Write small segments together, and leave out what was deleted.

        Dense scores stay what they were, to the bit; so do BM25's, except that they count
        deleted documents until now. Nothing is embedded.

        Args:
            progress: told of segments written.

        Returns:
            The bytes of each part before and after.

        Raises:
            LockedPackError: if another process is writing.
            DamagedPackError: if a file is not what was written.
            PackError: if there is no room. Whatever is raised, the pack is as it was before.
        """
        started = time.perf_counter()
        with self._current.changing() as snapshot:
            before = self.info()
            changed = compact(snapshot, progress)
            if changed != snapshot.manifest:
                self._current.commit(changed)
        after = self.info()
        parts = [Part(n, before.parts.get(n, 0), size) for n, size in after.parts.items()]
        what = f"{before.segments:,} segments made {after.segments:,}"
        return Report(what, parts, {"compact": time.perf_counter() - started}, reversible=True)

    def sync(
        self, paths: Paths, progress: Progress = silent, *, crew: Crew | None = None
    ) -> Synced:
        """Make the pack hold what files hold now.

        Files that look as they did when they were last read (size and times) are not read. Of
        those that are, only documents that changed are embedded and written. Documents of files
        that are no longer there are deleted; those that came in another way (`add`) stay.

        Args:
            paths: files and folders, as for `read`; the same as before, wherever they lie now.
            progress: told of documents read and units embedded.
            crew: as for `add`.

        Raises:
            UsageError: if a path does not exist, or the pack was made from other paths.
            LockedPackError: if another process is writing.
            PackError: if there is no room. Whatever is raised, the pack is as it was before.
        """
        with self._current.changing() as snapshot:
            reading = Rereading(snapshot, paths)
            builder = Builder(snapshot, lambda: self.embedder, progress, crew)
            builder.doomed = reading.gone
            changed = builder.run(reading)
            deleted = sum(map(len, reading.gone.values()))
            if builder.documents or deleted or reading.sources != snapshot.sources:
                remembered = write_sources(snapshot, reading.sources)
                self._current.commit(replace(changed, sources=remembered))
        files = len(reading.sources.files)
        return Synced(files, reading.read, builder.documents, deleted, reading.skipped)

    def rank_by(self, ranking: Ranking | None) -> None:
        """Have searches rank so, from now on and in every process that opens the pack.

        Args:
            ranking: how, such as `attar.measure.tuning.tune` finds it; None for the defaults.

        Raises:
            LockedPackError: if another process is writing.
            PackError: if there is no room; the pack is then as it was before.
        """
        with self._current.changing() as snapshot:
            if snapshot.manifest.ranking != ranking:
                self._current.commit(snapshot.manifest.following(ranking=ranking))

    def export(self, path: str | Path, *, jsonl: bool = False, progress: Progress = silent) -> int:
        """Write the documents out again: as files below a new folder, or as one file of JSON lines.

        Args:
            path: the folder, in which each document's id is its path; or the file.
            jsonl: write one file, a line of JSON for each document.
            progress: told of documents written.

        Returns:
            How many documents were written.

        Raises:
            UsageError: if an id is no path below the folder, or `path` lies in the pack; nothing is
                written then.
            PackError: if there is something at `path`, or it cannot be written.
            DamagedPackError: if a text is not what was written.
        """
        target = Path(path)
        if target.resolve().is_relative_to(self.collection.folder.resolve()):
            raise UsageError(f"{target} lies in the pack itself: choose a place outside of it")
        write = export_jsonl if jsonl else export_files
        return write(self.collection, target, progress)

    def verify(self, progress: Progress = silent) -> None:
        """Compare every byte of the pack with what was written.

        Raises:
            DamagedPackError: naming the first file that differs.
        """
        self.collection.verify(progress)

    def info(self) -> PackInfo:
        """What the pack holds, and the bytes of its folder by part."""
        return measure(self.collection)

    @property
    def collection(self) -> Snapshot:
        """The live segments, as they were when the pack was opened or last changed here."""
        return self._current.snapshot

    @property
    def embedder(self) -> Embedder:
        """The model that makes the vectors, loaded when first asked for."""
        if self._embedder is None:
            made_with = self.collection.manifest.embedder
            found = models.embedder(made_with.name)
            self._embedder = same_embedder(found, made_with, self.collection.folder)
        return self._embedder

    def __enter__(self) -> Pack:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing to do: files are let go with the object, and changes are already on disk."""

    def __repr__(self) -> str:
        return f"Pack({str(self.collection.folder)!r})"

    def _add(
        self,
        documents: Iterable[Document],
        progress: Progress,
        crew: Crew | None,
        *,
        by_source: bool,
    ) -> Report:
        with self._current.changing() as snapshot:
            builder = Builder(snapshot, lambda: self.embedder, progress, crew)
            changed = builder.run(replacing(builder, documents) if by_source else documents)
            if builder.documents:
                remembered = forgetting(snapshot, builder.doomed)
                self._current.commit(replace(changed, sources=remembered))
        return builder.report(self.info())
