"""What scoring needs to know of all documents together.

A pack has many segments, each with a file of postings; scores can be compared between them only
if all use the statistics of the whole.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Countable(Protocol):
    """What statistics are gathered from."""

    @property
    def documents(self) -> int:
        """How many documents there are."""

    @property
    def total_length(self) -> int:
        """Tokens in all of them."""

    def document_frequency(self, terms: Sequence[str]) -> NDArray[np.int64]:
        """(n,) documents that hold each term."""


@dataclass(frozen=True, slots=True)
class Statistics:
    """Counts over every document that can be found.

    Args:
        documents: how many there are.
        total_length: tokens in all of them.
        frequencies: how many hold each term of the query; a missing term is in none.
    """

    documents: int
    total_length: int
    frequencies: Mapping[str, int]

    @property
    def average_length(self) -> float:
        """Tokens in a document, on average; 1 if there are none at all."""
        return self.total_length / self.documents if self.total_length else 1.0

    @classmethod
    def gather(cls, readers: Iterable[Countable], terms: Sequence[str]) -> Statistics:
        """Sum the counts of several files for the terms of a query."""
        distinct = list(dict.fromkeys(terms))
        totals = np.zeros(len(distinct), dtype=np.int64)
        documents = length = 0
        for reader in readers:
            documents += reader.documents
            length += reader.total_length
            totals += reader.document_frequency(distinct)
        return cls(documents, length, dict(zip(distinct, totals.tolist(), strict=True)))
