"""The generation of a pack that is open, and how the next one takes its place."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attar.errors import PackError
from attar.pack import manifest as manifests
from attar.pack.disk import writing
from attar.pack.lock import write_lock
from attar.pack.manifest import Manifest
from attar.pack.snapshot import Snapshot
from attar.pack.sweep import sweep


class Current:
    """What a pack holds, as far as this process knows.

    Args:
        snapshot: the generation that is open.

    Attributes:
        snapshot: the same; each change replaces it.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    @classmethod
    def blank(cls, folder: Path, manifest: Manifest) -> Current:
        """Make an empty pack.

        Args:
            folder: of the pack; it is made, with those above it.
            manifest: the first.

        Raises:
            PackError: if there is something in the folder already, or it cannot be written.
        """
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            if not manifests.is_blank(folder):
                raise PackError(
                    f"{folder} is not empty: open the pack that is there, or choose another folder"
                )
        with write_lock(folder):
            if (folder / manifests.NAME).exists():
                raise PackError(f"{folder} was just made into a pack by another process")
            with writing(folder):
                (folder / manifests.SEGMENTS).mkdir(exist_ok=True)
            manifests.save(folder, manifest)
        return cls(Snapshot(folder, manifest))

    @contextmanager
    def changing(self) -> Iterator[Snapshot]:
        """Hold the lock, with the newest generation open; leftovers go before and after.

        Raises:
            LockedPackError: if another process is writing.
        """
        folder = self.snapshot.folder
        with write_lock(folder):
            if manifests.load(folder) != self.snapshot.manifest:
                self.snapshot = Snapshot.latest(folder)
            sweep(folder, self.snapshot.manifest)
            try:
                yield self.snapshot
            except BaseException:
                # Whatever stands in the manifest stays: an interrupt may come just after it
                # was replaced.
                with suppress(PackError, OSError):
                    sweep(folder, manifests.load(folder))
                raise

    def commit(self, manifest: Manifest) -> None:
        """Make this the newest generation, and open it; only while `changing`."""
        folder = self.snapshot.folder
        manifests.save(folder, manifest)
        self.snapshot = Snapshot(folder, manifest)
        sweep(folder, manifest)
