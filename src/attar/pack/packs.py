"""Several packs, searched as if they were one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attar import models
from attar.codec import Fitted
from attar.errors import UsageError
from attar.models.base import Embedder
from attar.pack.collection import Collection
from attar.pack.merge import agreed, check_alike
from attar.pack.pack import Pack
from attar.pack.ranking import Ranking
from attar.pack.searchable import Searchable, same_embedder
from attar.pack.snapshot import Snapshot


class Packs(Searchable):
    """Packs in several folders, open for searching.

    The scores are those of one pack that held everything: BM25 with the statistics of all
    packs together, each kind of scores stretched once over the units of all of them. A ranking
    that all were tuned to holds for all together, otherwise the defaults do. Each pack stays as
    it was when it was opened.

    Args:
        snapshots: the packs, made with the same embedder and analyzer.
        embedder: stands in for the model that the packs name; it must be the same model.

    Raises:
        UsageError: if there is no pack, or they do not fit together.
        ModelError: if `embedder` is another model.
    """

    def __init__(self, snapshots: Sequence[Snapshot], embedder: Embedder | None = None) -> None:
        if not snapshots:
            raise UsageError("there is no pack to open: give a folder, or several")
        check_alike([s.manifest for s in snapshots], [s.folder for s in snapshots])
        self._joined = _Joined(snapshots)
        self._embedder: Embedder | None = None
        if embedder is not None:
            self._embedder = same_embedder(embedder, snapshots[0].manifest.embedder, self)

    @classmethod
    def open(cls, paths: Sequence[str | Path], embedder: Embedder | None = None) -> Packs:
        """Open several packs; of each, only its manifest is read until more is needed.

        Raises:
            UsageError: if there is no pack, or they do not fit together.
            PackError: as `Pack.open`.
            ModelError: if `embedder` is another model.
        """
        return cls([Snapshot.latest(Path(p)) for p in paths], embedder)

    @property
    def embedder(self) -> Embedder:
        """The model that makes the vectors, loaded when first asked for."""
        if self._embedder is None:
            made_with = self._joined.snapshots[0].manifest.embedder
            self._embedder = same_embedder(models.embedder(made_with.name), made_with, self)
        return self._embedder

    def __repr__(self) -> str:
        return f"Packs({[str(s.folder) for s in self._joined.snapshots]})"

    @property
    def collection(self) -> Collection:
        """The live segments of all packs."""
        return self._joined


class _Joined(Collection):
    """The segments of several snapshots. A codec's name is its digest, whoever names it."""

    several = True

    def __init__(self, snapshots: Sequence[Snapshot]) -> None:
        self.snapshots = snapshots
        segments = [segment for snapshot in snapshots for segment in snapshot.segments]
        ranking = agreed([s.manifest for s in snapshots]) or Ranking()
        super().__init__(segments, snapshots[0].dim, snapshots[0].analyzer, ranking)

    def codec(self, name: str) -> Fitted:
        """The codec of that name, from the first pack that has it."""
        return next(s for s in self.snapshots if name in s.manifest.codecs).codec(name)


def open_packs(
    path: str | Path | Sequence[str | Path], embedder: Embedder | None = None
) -> Pack | Packs:
    """Open a pack, or several to search them as one.

    Args:
        path: a folder, or a list of folders.
        embedder: stands in for the model that the packs name; it must be the same model.

    Raises:
        UsageError: if the list is empty, or the packs do not fit together.
        PackError: as `Pack.open`.
        ModelError: if `embedder` is another model.
    """
    if isinstance(path, str | Path):
        return Pack.open(path, embedder)
    return Packs.open(path, embedder)
