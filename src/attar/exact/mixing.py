"""Context mixing: each bit of a text is predicted by several contexts at once.

The family of models that M. Mahoney began with PAQ ("Adaptive Weighing of Context Models for
Lossless Data Compression", 2005): every context keeps a short history of the bits that followed
it, each history stands for a probability that is learned, and a small online network mixes
them in the logistic domain. An arithmetic coder turns the predictions into bytes.

All arithmetic is on whole numbers, so that every machine makes the same predictions; a single
different one would make all following text unreadable. docs/format-text-archive.md is the
specification, and tests/exact/plain_mixing.py the same model in plain Python.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from attar.exact.alphabet import Sizes
from attar.exact.coder import Starts
from attar.exact.mixing_aside import Journal
from attar.exact.mixing_model import CONTEXTS, INPUTS, MIXERS, Model
from attar.exact.mixing_run import run
from attar.exact.mixing_tables import tables

Bytes = NDArray[np.uint8]


def encode(
    model: Model,
    text: Bytes,
    begin: int,
    size: int,
    starts: Starts,
    known: Sizes,
    journal: Journal | None = None,
) -> bytes:
    """Code `text[begin:]`, and let the model learn it.

    Args:
        model: has learned `text[:begin]`, or nothing.
        text: bytes.
        begin: first byte to code.
        size: bytes that `text[begin:]` stands for.
        starts: where texts begin: 256 times the number of characters (UTF-8) behind `begin`, plus
            a mark from 0 to 255 that says what begins there; ascending.
        known: the words that some bytes stand for.
        journal: notes what buckets held, if given: with room for `text[begin:]`.

    Returns:
        Fewer bytes than `size`; if it would not be fewer, nothing.
    """
    coded = np.zeros(size, dtype=np.uint8)
    count, _ = _run(False, text, begin, size, starts, known, coded, model, journal)
    return coded[:count].tobytes() if count < size else b""


def decode(
    model: Model,
    text: Bytes,
    begin: int,
    size: int,
    starts: Starts,
    known: Sizes,
    coded: bytes,
    journal: Journal | None = None,
) -> int:
    """Fill `text` from `begin` on from what `encode` returned, and let the model learn it.

    Whatever the bytes are, it ends, and writes nowhere else; that they are right is for a
    checksum to say.

    Returns:
        Where what was filled ends.
    """
    data = np.frombuffer(coded, dtype=np.uint8).copy()  # writable, as `encode` has it: one kernel
    _, end = _run(True, text, begin, size, starts, known, data, model, journal)
    return end


def _run(
    decoding: bool,
    text: Bytes,
    begin: int,
    size: int,
    starts: Starts,
    known: Sizes,
    coded: Bytes,
    model: Model,
    journal: Journal | None,
) -> tuple[int, int]:
    journal = journal or Journal.of(0)
    wide = (np.zeros(n, dtype=np.int64) for n in [CONTEXTS] * 4 + [MIXERS] * 2)
    work = (np.zeros(INPUTS, dtype=np.int32), *wide)
    count, end = run(
        decoding, text, begin, size, starts, known, coded, model, journal, tables(), work
    )
    return int(count), int(end)
