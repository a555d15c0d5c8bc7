"""How a file of texts is laid out: what is written by one module and read by another."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from attar.errors import DamagedPackError
from attar.exact.coder import Starts
from attar.exact.columns import Ints, decode_ints, encode_ints
from attar.exact.copies import Copies
from attar.exact.narrow import Ascending
from attar.exact.repeats import MOST

MAGIC = b"ATTARTXT"
HEADER = struct.Struct("<8sI")
FOOTER = struct.Struct("<IIIIQ8s")
# What a reader accepts at most; what is written stays far below.
MAX_BLOCK = 1 << 17
MAX_PRIMER = 1 << 23
MAX_TEXTS = 1 << 48

_TABLES = struct.Struct("<HH")  # fields, and which tables there are
_COPIES, _CHOSEN = 1, 2


class Footer(NamedTuple):
    """What `FOOTER` holds.

    Args:
        primed: how many blocks make up the primer.
        primer_size: bytes of the primer.
        index_size: bytes of the index, which stands before the footer.
        crc: CRC-32 of the index.
        texts: how many there are.
        magic: `MAGIC`.
    """

    primed: int
    primer_size: int
    index_size: int
    crc: int
    texts: int
    magic: bytes


@dataclass(frozen=True, slots=True)
class Written:
    """What a writer knows of the blocks, as the index tells it.

    Args:
        lengths: characters of each text, (groups, fields).
        copies: what is not stored where it stands.
        chars: characters of each block.
        raw: bytes of each block.
        primer: numbers of the blocks that make up the primer, ascending.
        stored: bytes that each other block takes in the file.
        sums: CRC-32 of each block's bytes.
    """

    lengths: Ints
    copies: Copies
    chars: Ints
    raw: Ints
    primer: Sequence[int]
    stored: Sequence[int]
    sums: Sequence[int]

    def encode(self) -> bytes:
        """The index."""
        copied = len(self.copies.gap) > 0
        chosen = list(self.primer) != spread(len(self.raw), len(self.primer))
        columns = (self.chars, self.raw, self.stored, self.sums)
        return b"".join(
            [
                _TABLES.pack(self.lengths.shape[1], copied * _COPIES | chosen * _CHOSEN),
                *(encode_ints(column) for column in self.lengths.T),
                *(encode_ints(column) for column in columns),
                encode_ints(self.primer) if chosen else b"",
                self.copies.encode() if copied else b"",
            ]
        )


@dataclass(frozen=True, slots=True)
class Index:
    """Where everything lies. `*_start` hold one more than the number of things: where each ends."""

    fields: int  # how many texts belong together
    text_start: Ascending  # in characters of the joined text
    copies: Copies
    char_start: Ints  # of each block, in characters of the kept text
    raw: Ints  # bytes of each block
    sums: Ints  # CRC-32 of each block's bytes
    primer_start: Ints  # of each block within the primer, in bytes; -1 where it is not there
    file_start: Ints  # of each block in the file, in bytes; meaningless within the primer
    stored: Ints  # bytes of each block in the file; 0 within the primer

    @property
    def nbytes(self) -> int:
        """Bytes that it holds, but for what there is of each block."""
        return self.text_start.nbytes + 7 * self.copies.gap.nbytes

    def starts(self, blocks: Sequence[int]) -> Starts:
        """Where texts begin within some blocks that are put together, as coders are told."""
        return starts_within(self.text_start, self.copies, self.fields, self.char_start, blocks)


def spread(blocks: int, count: int) -> list[int]:
    """`count` of the blocks, evenly spread, so that together they know all parts of the text."""
    return [i * blocks // count for i in range(count)]


def running(lengths: Ints | Sequence[int]) -> Ints:
    """Where each of some things begins that lie behind one another, and where the last ends."""
    return np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(lengths, dtype=np.int64)])


def starts_within(
    text_start: Ascending, copies: Copies, fields: int, char_start: Ints, blocks: Sequence[int]
) -> Starts:
    """Where texts begin within some blocks that are put together, as coders are told.

    Args:
        text_start: where each text begins in the joined text, and the end.
        copies: what is not stored where it stands.
        fields: how many texts belong together.
        char_start: where each block begins in the kept text, and the end.
        blocks: their numbers.
    """
    found = [np.zeros(0, dtype=np.int64)]
    before = 0
    for b in blocks:
        begin, end = int(char_start[b]), int(char_start[b + 1])
        first, last = (text_start.below(copies.joined_place(place)) for place in (begin, end))
        where = copies.kept_place(text_start.between(first, last))
        mark = 1 + np.arange(first, last) % fields % 255
        found.append((where - begin + before) * 256 + mark)
        before += end - begin
    return np.concatenate(found)


def decode_index(data: bytes, texts: int, primer_count: int, begin: int, end: int) -> Index:
    """Read the index of blocks that lie in the file from `begin` to `end`.

    Args:
        data: what `Written.encode` gave.
        texts: how many there are, as the footer says.
        primer_count: how many blocks make up the primer, as the footer says.
        begin: of the first block behind the primer, in the file.
        end: of the last block, in the file.

    Raises:
        DamagedPackError: if it is no such index.
    """
    fields, tables = _TABLES.unpack_from(data)
    if tables & ~(_COPIES | _CHOSEN):
        raise DamagedPackError("it has a table that there is not")
    offset = _TABLES.size
    columns: list[Ints] = []
    for _ in range(fields + 4):
        column, offset = decode_ints(data, offset)
        columns.append(column)
    *by_field, chars, raw, stored_alone, sums = columns
    blocks = len(raw)
    if not by_field or len({len(c) for c in by_field}) != 1 or len(by_field[0]) * fields != texts:
        raise DamagedPackError("the number of texts is not the one promised")
    if not (
        primer_count <= blocks
        and len(chars) == len(sums) == blocks
        and len(stored_alone) == blocks - primer_count
    ):
        raise DamagedPackError("its columns have different lengths")
    lengths = np.stack(by_field, axis=1).reshape(-1)
    for column, most in (
        (chars, MAX_BLOCK),
        (raw, MAX_BLOCK),
        (stored_alone, MAX_BLOCK),
    ):
        if len(column) and not (column.min() >= 0 and column.max() <= most):
            raise DamagedPackError("a length is impossible")
    primer = np.array(spread(blocks, primer_count), dtype=np.int64)
    if tables & _CHOSEN:
        primer, offset = _chosen(data, offset, primer_count, blocks)
    copies = Copies.none()
    if tables & _COPIES:
        copies, offset = Copies.decode(data, offset, int(chars.sum()))
    if offset != len(data):
        raise DamagedPackError("it is longer than its tables")
    stored = np.zeros(blocks, dtype=np.int64)
    alone = np.ones(blocks, dtype=bool)
    alone[primer] = False
    stored[alone] = stored_alone
    if begin + int(stored.sum()) != end or int(raw[primer].sum()) > MAX_PRIMER:
        raise DamagedPackError("the blocks do not fill the file")
    total = int(chars.sum()) + copies.total
    if total > MOST * int(raw.sum()) or (len(lengths) and not 0 <= lengths.min() <= total):
        raise DamagedPackError("its texts are impossibly long")
    # Each is looked at before their sum, which could wrap around.
    if bool((lengths > total).any()) or int(lengths.sum()) != total or bool((stored > raw).any()):
        raise DamagedPackError("the blocks do not hold the texts")
    primer_start = np.full(blocks, -1, dtype=np.int64)
    primer_start[primer] = running(raw[primer])[:-1]
    return Index(
        fields=fields,
        text_start=Ascending(running(lengths)),
        copies=copies,
        char_start=running(chars),
        raw=raw,
        sums=sums,
        primer_start=primer_start,
        file_start=begin + running(stored)[:-1],
        stored=stored,
    )


def _chosen(data: bytes, offset: int, count: int, blocks: int) -> tuple[Ints, int]:
    """The numbers of the primer's blocks."""
    numbers, offset = decode_ints(data, offset)
    if len(numbers) != count or (
        count
        and not (numbers[0] >= 0 and numbers[-1] < blocks and bool((np.diff(numbers) > 0).all()))
    ):
        raise DamagedPackError("its primer is made of impossible blocks")
    return numbers, offset
