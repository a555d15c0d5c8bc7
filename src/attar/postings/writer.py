"""Making a file of postings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.postings.analyzer import Analyzer
from attar.postings.container import write_container
from attar.postings.dictionary import Dictionary, Terms
from attar.postings.inversion import Inversion
from attar.postings.lengths import LONGEST, encode_lengths
from attar.postings.lists import encode_lists
from attar.postings.runs import Lists
from attar.postings.vocabulary import to_bytes
from attar.postings.weight_inversion import WeightInversion
from attar.postings.weights import SparseVector
from attar.postings.words import SEPARATOR, TEXT, TOKENS

MEMORY = 512 << 20
"""Bytes held while a file is made, before lists go to temporary files."""


def write_postings(
    path: str | Path,
    texts: Iterable[str],
    analyzer: Analyzer | None = None,
    *,
    memory: int = MEMORY,
) -> int:
    """Index texts; document numbers are their order.

    Args:
        path: the file to make; it must not exist yet.
        texts: read once, one at a time.
        analyzer: how text becomes tokens; English by default. The file remembers it.
        memory: bytes to hold before lists go to temporary files.

    Returns:
        The file's size in bytes.

    Raises:
        PackError: if the file exists or cannot be written.
    """
    return write_fields(path, ((text,) for text in texts), (1,), analyzer, memory=memory)


def write_fields(
    path: str | Path,
    documents: Iterable[Sequence[str]],
    weights: Sequence[int],
    analyzer: Analyzer | None = None,
    *,
    memory: int = MEMORY,
) -> int:
    """Index documents of several fields, such as a title and a body, of which some count more.

    A word counts as often as the weight of its field says, in its term's frequency and in the
    document's length: the extension of BM25 to weighted fields by Robertson, Zaragoza and Taylor
    (CIKM 2004). Lists are as short, and queries as quick, as those of one field.

    Args:
        path: the file to make; it must not exist yet.
        documents: a text for each field; read once, one at a time.
        weights: of the fields, from 0 on.
        analyzer: as in `write_postings`.
        memory: likewise.

    Returns:
        The file's size in bytes.

    Raises:
        PackError: if the file exists or cannot be written.
        UsageError: if a weight is negative, or a document has another number of fields.
    """
    if any(weight < 0 for weight in weights):
        raise UsageError(f"fields weigh {tuple(weights)}; weights are not negative")
    chosen = analyzer or Analyzer()
    inversion = Inversion(chosen.term_function(), TEXT, memory)
    for number, fields in enumerate(documents):
        if len(fields) != len(weights):
            raise UsageError(
                f"document {number} has {len(fields)} fields and not {len(weights)}, one a weight"
            )
        inversion.add(zip(map(chosen.encoded, fields), weights, strict=True))
    return _write(Path(path), *inversion.finish(), {"analyzer": chosen.name})


def write_tokens(
    path: str | Path, documents: Iterable[Sequence[str]], *, memory: int = MEMORY
) -> int:
    """Index documents that are already tokens; empty tokens are left out.

    Args, returns and errors as `write_postings`; a token over 4096 bytes is a UsageError.
    """
    inversion = Inversion(str, TOKENS, memory)
    between = bytes([SEPARATOR])
    for tokens in documents:
        inversion.add([(between.join(map(to_bytes, tokens)), 1)])
    return _write(Path(path), *inversion.finish(), {"analyzer": None})


def write_weights(
    path: str | Path, rows: Iterable[SparseVector], *, bits: int = 8, memory: int = MEMORY
) -> int:
    """Index sparse vectors, each weight rounded to one of 2**bits - 1 equal steps.

    The largest weight of all is the largest step; weights that round to 0 are left out.

    Args:
        path: the file to make; it must not exist yet.
        rows: a document each: terms and their weights, from 0 on. Read once, one at a time.
        bits: of a weight before coding, 1 to 16.
        memory: bytes to hold before lists go to temporary files.

    Returns:
        The file's size in bytes.

    Raises:
        PackError: if the file exists or cannot be written.
        UsageError: if `bits` is out of its range, or a weight is negative or not finite.
    """
    if not 1 <= bits <= 16:
        raise UsageError(f"weights of {bits} bits cannot be written; choose 1 to 16")
    inversion = WeightInversion(memory)
    for row in rows:
        inversion.add(row)
    lengths, batches, step = inversion.finish((1 << bits) - 1)
    return _write(Path(path), lengths, batches, {"analyzer": None, "step": step})


def _write(
    path: Path, lengths: NDArray[np.int64], batches: Iterable[Lists], meta: dict[str, object]
) -> int:
    if lengths.size and lengths.max() > LONGEST:
        raise UsageError(f"a document has more than {LONGEST} tokens; cut it")
    stream = _Stream()
    terms: list[bytes] = []
    counts: list[NDArray[np.int64]] = []
    for batch in batches:
        terms += batch.terms
        counts.append(batch.counts)
        stream.append(batch, lengths)
    frequencies = np.concatenate(counts) if counts else np.zeros(0, np.int64)
    dictionary = Dictionary.build(Terms.of(terms), frequencies, stream.begins(), stream.bits)
    meta = {
        **meta,
        "documents": int(lengths.size),
        "terms": len(terms),
        "postings": int(frequencies.sum()),
        "total_length": int(lengths.sum()),
        "index_widths": list(dictionary.widths),
    }
    sections: dict[str, bytes | NDArray[np.uint64]] = {
        "meta": json.dumps(meta, separators=(",", ":")).encode("ascii"),
        "codes": dictionary.books.to_words(),
        "index": dictionary.index,
        "terms": dictionary.words,
        "lengths": encode_lengths(lengths),
        "lists": stream.words(),
    }
    return write_container(path, sections)


class _Stream:
    """Coded lists, batch after batch, without a gap between them."""

    def __init__(self) -> None:
        self.bits = 0
        self._parts: list[NDArray[np.uint64]] = []
        self._begins: list[NDArray[np.int64]] = []

    def append(self, batch: Lists, lengths: NDArray[np.int64]) -> None:
        whole = self.bits & ~63
        words, end, begins = encode_lists(
            batch.counts,
            batch.documents,
            batch.payloads,
            lengths.size,
            lengths,
            self.bits - whole,
        )
        if self.bits > whole and words.size:
            words[0] |= self._parts[-1][-1]
            self._parts[-1] = self._parts[-1][:-1]
        self._parts.append(words)
        self._begins.append(begins + whole)
        self.bits = whole + int(end)

    def begins(self) -> NDArray[np.int64]:
        return np.concatenate(self._begins) if self._begins else np.zeros(0, np.int64)

    def words(self) -> NDArray[np.uint64]:
        return np.concatenate(self._parts) if self._parts else np.zeros(0, np.uint64)
