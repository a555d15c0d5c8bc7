"""How a pack ranks what it finds, unless a search says otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

from attar.errors import UsageError
from attar.pack.fusion import Fusion
from attar.postings import BM25
from attar.report import Loss

_BM25 = BM25()


@dataclass(frozen=True, slots=True)
class Ranking:
    """What makes one ranking of meanings and words.

    Args:
        fusion: how hybrid search makes one ranking of two.
        weight: share of the dense scores in it, 0 to 1.
        k1: BM25's saturation of term frequency.
        b: BM25's strength of length normalisation, 0 to 1.
        measured: what it gained over the defaults, if it was tuned.

    Raises:
        UsageError: if there is no such fusion, or a number is out of its range.
    """

    fusion: Fusion = "minmax"
    weight: float = 0.5
    k1: float = _BM25.k1
    b: float = _BM25.b
    measured: Loss | None = None

    def __post_init__(self) -> None:
        if self.fusion not in get_args(Fusion):
            known = ", ".join(get_args(Fusion))
            raise UsageError(f"there is no fusion {self.fusion!r}; known: {known}")
        if not 0.0 <= self.weight <= 1.0:
            raise UsageError(f"the weight of dense scores must lie in 0 to 1, not {self.weight}")
        _ = self.bm25

    @property
    def bm25(self) -> BM25:
        """BM25 with these parameters."""
        return BM25(k1=self.k1, b=self.b)

    @property
    def settings(self) -> Ranking:
        """The same without what was measured, which holds for one collection only."""
        return replace(self, measured=None)

    def __str__(self) -> str:
        said = f"{self.fusion}, weight {self.weight:g}, k1 {self.k1:g}, b {self.b:g}"
        if self.measured is None:
            return said
        was = "" if self.measured.reference is None else f", untuned {self.measured.reference:.4f}"
        gain = f"{self.measured.metric} {self.measured.value:.4f}{was}"
        return f"{said} ({gain}: {self.measured.data})"

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> Ranking:
        """Read what `dataclasses.asdict` wrote.

        Raises:
            KeyError, TypeError, ValueError: if it did not write this.
        """
        numbers = [raw[key] for key in ("weight", "k1", "b")]
        if any(type(number) not in (int, float) for number in numbers):
            raise TypeError("a ranking holds what is no number")
        measured = raw["measured"]
        if measured is not None:
            measured = Loss(
                str(measured["metric"]),
                float(measured["value"]),
                None if measured["reference"] is None else float(measured["reference"]),
                str(measured["data"]),
            )
        weight, k1, b = map(float, numbers)
        return cls(raw["fusion"], weight, k1, b, measured)
