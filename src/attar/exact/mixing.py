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
from attar.exact.mixing_model import INPUTS, Model
from attar.exact.mixing_run import run
from attar.exact.mixing_tables import tables

Bytes = NDArray[np.uint8]


def encode(model: Model, text: Bytes, begin: int, size: int, starts: Starts, known: Sizes) -> bytes:
    """Code `text[begin:]`, and let the model learn it.

    Args:
        model: has learned `text[:begin]`, or nothing.
        text: bytes.
        begin: first byte to code.
        size: bytes that `text[begin:]` stands for.
        starts: where texts begin: 256 times the number of characters (UTF-8) behind `begin`, plus
            a mark from 0 to 255 that says what begins there; ascending.
        known: the words that some bytes stand for.

    Returns:
        Fewer bytes than `size`; if it would not be fewer, nothing.
    """
    coded = np.zeros(size, dtype=np.uint8)
    inputs = np.zeros(INPUTS, dtype=np.int32)
    count, _ = run(False, text, begin, size, starts, known, coded, model, tables(), inputs)
    return coded[:count].tobytes() if count < size else b""


def decode(
    model: Model, text: Bytes, begin: int, size: int, starts: Starts, known: Sizes, coded: bytes
) -> int:
    """Fill `text` from `begin` on from what `encode` returned, and let the model learn it.

    Whatever the bytes are, it ends, and writes nowhere else; that they are right is for a
    checksum to say.

    Returns:
        Where what was filled ends.
    """
    data = np.frombuffer(coded, dtype=np.uint8).copy()  # writable, as `encode` has it: one kernel
    inputs = np.zeros(INPUTS, dtype=np.int32)
    _, end = run(True, text, begin, size, starts, known, data, model, tables(), inputs)
    return int(end)
