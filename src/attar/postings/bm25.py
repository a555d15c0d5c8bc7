"""BM25 in five variants, as formulas of term and document frequencies.

After Kamphuis, de Vries, Boytsov and Lin, "Which BM25 Do You Mean?" (ECIR 2020), who put the
variants side by side: a document's score is the sum over the query's terms of an inverse
document frequency times a saturated term frequency.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from attar.errors import UsageError
from attar.postings.scoring import Curve

Variant: TypeAlias = Literal["robertson", "lucene", "atire", "bm25l", "bm25+"]


@dataclass(frozen=True, slots=True)
class BM25:
    """A way to score documents by the terms that they share with a query.

    Args:
        variant: "lucene" (the default), "robertson", "atire", "bm25l" or "bm25+".
        k1: how soon more occurrences stop counting; 0 counts presence alone.
        b: how much long documents are held back, from 0 (not at all) to 1.
        delta: the lower bound of BM25L and BM25+; the others do not use it.
        absent: what a query term that a document lacks adds to its score under BM25L and BM25+.
            "formula" follows the sum as Kamphuis et al. print it, over all terms of the query,
            which gives every document the same share of the lower bound; "zero" follows the
            papers that proposed the two (Lv and Zhai, SIGIR and CIKM 2011), where only shared
            terms count, so that sharing one is worth at least the bound.

    Raises:
        UsageError: if a parameter is out of its range.
    """

    variant: Variant = "lucene"
    k1: float = 1.5
    b: float = 0.75
    delta: float = 0.5
    absent: Literal["formula", "zero"] = "formula"

    def __post_init__(self) -> None:
        if self.variant not in get_args(Variant):
            known = ", ".join(get_args(Variant))
            raise UsageError(f"there is no BM25 variant {self.variant!r}; known: {known}")
        if not (0 <= self.k1 < 1e6 and 0 <= self.b <= 1 and 0 <= self.delta < 1e6):
            raise UsageError(f"{self!r}: k1 and delta must be at least 0, and b between 0 and 1")
        if self.absent not in ("formula", "zero"):
            raise UsageError(f"absent is {self.absent!r}; it can be 'formula' or 'zero'")

    def idf(self, frequency: int, documents: int) -> float:
        """Inverse document frequency of a term, natural logarithm; 0 for terms of no document.

        Args:
            frequency: documents that hold the term.
            documents: documents in all.
        """
        if frequency <= 0:
            return 0.0
        if self.variant == "robertson":
            # Below zero where half of the documents hold the term; cut there, as is usual.
            ratio = (documents - frequency + 0.5) / (frequency + 0.5)
        elif self.variant == "lucene":
            ratio = 1.0 + (documents - frequency + 0.5) / (frequency + 0.5)
        elif self.variant == "atire":
            ratio = documents / frequency
        elif self.variant == "bm25l":
            ratio = (documents + 1.0) / (frequency + 0.5)
        else:
            ratio = (documents + 1.0) / frequency
        return math.log(max(ratio, 1.0))

    def component(self, tf: ArrayLike, relative_length: ArrayLike) -> NDArray[np.float64]:
        """The saturated term frequency, before `absent` is considered.

        Args:
            tf: how often the term occurs, from 0 on.
            relative_length: the document's length over the mean length.
        """
        x = np.asarray(tf, dtype=np.float64)
        n = 1.0 - self.b + self.b * np.asarray(relative_length, dtype=np.float64)
        if self.variant == "bm25l":
            c = x / n
            return (self.k1 + 1.0) * (c + self.delta) / (self.k1 + c + self.delta)
        saturated = x / (x + self.k1 * n)
        if self.variant in ("robertson", "lucene"):
            return np.asarray(saturated)
        bound = self.delta if self.variant == "bm25+" else 0.0
        return np.asarray((self.k1 + 1.0) * saturated + bound)

    def absent_component(self) -> float:
        """What a query term adds, before its inverse document frequency, where it is absent."""
        if self.absent == "zero":
            return 0.0
        if self.variant == "bm25+":
            return self.delta
        if self.variant == "bm25l" and self.delta > 0:
            return (self.k1 + 1.0) * self.delta / (self.k1 + self.delta)
        return 0.0

    def curve(self, average_length: float) -> Curve:
        """The component less what absence gives, as the kernels take it.

        Args:
            average_length: tokens in a document.
        """
        scale, p, q, shift = self.k1 + 1.0, 0.0, self.k1, -self.absent_component()
        if self.variant in ("robertson", "lucene"):
            scale = 1.0
        elif self.variant == "bm25l":
            p, q = self.delta, self.k1 + self.delta
        elif self.variant == "bm25+":
            shift += self.delta
        return Curve(scale, p, q, shift, 1.0, 1.0 - self.b, self.b / average_length)
