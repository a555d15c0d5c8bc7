"""A pack as it was when it was opened: what a reader sees, whatever a writer does meanwhile."""

from __future__ import annotations

import mmap
import zlib
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path

from attar.codec import Fitted, storage
from attar.errors import PackError
from attar.pack import manifest as manifests
from attar.pack.collection import Collection
from attar.pack.disk import damaged
from attar.pack.manifest import Manifest
from attar.pack.ranking import Ranking
from attar.pack.recent import Recent
from attar.pack.segment import Segment, map_file
from attar.pack.sources import Sources, decode_sources
from attar.progress import Progress, silent

# A writer that commits this often between two of our system calls is no writer.
_ATTEMPTS = 20


class Snapshot(Collection):
    """The live segments of one generation, all files of them open.

    Args:
        folder: the pack's.
        manifest: the generation.
    """

    def __init__(self, folder: Path, manifest: Manifest) -> None:
        self.folder = folder
        self.manifest = manifest
        self._codec_files: dict[str, tuple[mmap.mmap, storage.File]] = {
            name: (map_file(folder / name, entry.file), storage.read(folder / name))
            for name, entry in manifest.codecs.items()
        }
        self._codecs: dict[str, Fitted] = {}
        remembered = manifest.sources
        self._sources: mmap.mmap | None = None
        if remembered is not None:
            self._sources = map_file(folder / remembered.name, remembered.file)
        recent = Recent()
        segments = [Segment(folder, entry, recent) for entry in manifest.segments]
        ranking = manifest.ranking or Ranking()
        super().__init__(segments, manifest.embedder.dim, manifest.analyzer, ranking)

    @classmethod
    def latest(cls, folder: Path) -> Snapshot:
        """Open the newest generation.

        Raises:
            PackError: if there is no pack, or one that cannot be opened.
        """
        for _ in range(_ATTEMPTS):
            manifest = manifests.load(folder)
            try:
                return cls(folder, manifest)
            except PackError:
                # A writer may have replaced the generation, and removed its files, between
                # our reading the manifest and opening them.
                if manifests.load(folder).generation == manifest.generation:
                    raise
        raise PackError(f"{folder} changes faster than it can be opened: try again")

    @cached_property
    def sources(self) -> Sources | None:
        """The files that the pack was made from, if it was made from files.

        Raises:
            DamagedPackError: if what is remembered is not what was written.
        """
        if self._sources is None or self.manifest.sources is None:
            return None
        return decode_sources(self.folder / self.manifest.sources.name, self._sources[:])

    def codec(self, name: str) -> Fitted:
        """The fitted codec of that name, checked when it is first asked for.

        Raises:
            DamagedPackError: if its file is not what was written.
        """
        if name not in self._codecs:
            file = self._codec_files[name][1]
            file.verify()
            fitted = Fitted.from_parts(file.metadata, file.arrays)
            if fitted.dim != self.manifest.embedder.dim:
                raise damaged(self.folder / name, "it is of another width than the vectors")
            self._codecs[name] = fitted
        return self._codecs[name]

    def codec_files(self) -> Iterator[tuple[str, memoryview]]:
        """Name and bytes of each codec's file, unchecked."""
        for name, (data, _) in self._codec_files.items():
            yield name, memoryview(data)

    def verify(self, progress: Progress = silent) -> None:
        """Compare every byte of every file with what was written.

        Raises:
            DamagedPackError: naming the first file that differs.
        """
        total = len(self.segments)
        for name, (data, _) in self._codec_files.items():
            if zlib.crc32(data) != self.manifest.codecs[name].file.crc32:
                raise damaged(self.folder / name, "its checksum does not fit")
            self.codec(name)
        entry = self.manifest.sources
        if entry is not None and self._sources is not None:
            if zlib.crc32(self._sources) != entry.file.crc32:
                raise damaged(self.folder / entry.name, "its checksum does not fit")
            _ = self.sources
        for done, segment in enumerate(self.segments):
            progress("verify", done, total)
            segment.verify(self.codec(segment.entry.codec))
        progress("verify", total, total)
