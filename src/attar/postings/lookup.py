"""Where the lists of terms lie: the dictionary asked once a term, its answers remembered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from attar.postings.bits import OUTSIDE
from attar.postings.container import Container
from attar.postings.dictionary import Dictionary, Terms
from attar.postings.front_coding import CONTEXTS, SYMBOLS, TERMS
from attar.postings.lists import locate_lists
from attar.postings.prefix_code import Books
from attar.postings.vocabulary import to_bytes

REMEMBERED = 1 << 14
"""Terms whose place is remembered, in some 200 bytes each: to find one in its block costs three
microseconds, and questions share their words."""


class Place(NamedTuple):
    """A term's list.

    Args:
        begin: the bit where it begins.
        size: its postings; 0 if the term is not in the index.
    """

    begin: int
    size: int


class Lookup:
    """Finds lists in a file of postings. Safe to use from several threads.

    Args:
        file: the file.
        documents: documents in it.
        terms: terms in it.
        widths: bits of the fields of its index.

    Raises:
        DamagedPackError: if the dictionary is not what was written; methods raise it too.
    """

    def __init__(
        self, file: Container, documents: int, terms: int, widths: tuple[int, int]
    ) -> None:
        self._file = file
        self._documents = documents
        self._lists = file.unchecked_words("lists")
        self._places: dict[str, Place] = {}
        try:
            books = Books.from_words(file.words("codes"), CONTEXTS, SYMBOLS)
        except ValueError as error:
            raise file.damaged(str(error)) from error
        words, index = file.words("terms"), file.words("index")
        # A term takes at least two bits: its end and its frequency.
        if terms > words.size * 32:
            raise file.damaged("its dictionary is too short for its terms")
        self._dictionary = Dictionary(words, index, widths, books, terms)

    def places(self, terms: Sequence[str]) -> list[Place]:
        """Where the lists of terms lie; their bytes were checked."""
        known = self._places
        try:
            return [known[term] for term in terms]
        except KeyError:
            new = list({term: None for term in terms if term not in known})
        found = dict(zip(new, self._find(new), strict=True))
        answer = [known.get(term) or found[term] for term in terms]
        if len(known) + len(found) > REMEMBERED:
            self._places = found
        else:
            known.update(found)
        return answer

    def vocabulary(self) -> Iterator[tuple[str, int]]:
        """All terms in order, with their document frequencies."""
        for block in range(-(-self._dictionary.count // TERMS)):
            try:
                decoded = self._dictionary.decode(block)
            except ValueError as error:
                raise self._file.damaged(str(error)) from error
            for term, frequency in decoded:
                yield term.decode("utf-8", "replace"), frequency

    def _find(self, terms: Sequence[str]) -> Iterator[Place]:
        where, before = self._dictionary.find(Terms.of([to_bytes(t) for t in terms]))
        for place, _, start, stop in where.tolist():
            if place != OUTSIDE:
                if not start <= stop <= self._lists.size * 64:
                    raise self._file.damaged("its dictionary leads outside of its lists")
                self._file.check("lists", start // 8, -(-stop // 8))
        begins = np.zeros(len(terms), dtype=np.int64)
        if locate_lists(self._lists, where, before, self._documents, begins) == OUTSIDE:
            raise self._file.damaged("a list cannot be read")
        return map(Place, begins.tolist(), where[:, 1].tolist())
