"""Reading what `attar.exact.text` wrote: one block at a time, every block checked."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import overload

import numpy as np

from attar.errors import DamagedPackError, NewerFormatError, OldFormatError
from attar.exact.coder import NOT_TOLD, Decoder, Starts
from attar.exact.columns import Ints
from attar.exact.layout import FOOTER, HEADER, MAGIC, MAX_TEXTS, Footer, Index, decode_index
from attar.exact.opened import Opened
from attar.exact.source import Source
from attar.exact.tiers import VERSIONS


class TextReader(Sequence[str]):
    """The texts of one file, opened block by block.

    The file is opened at once and may be unlinked afterwards; its index is read when first
    needed. Safe to share between threads.

    Args:
        path: what `write_text` wrote.
        opened: where blocks are kept that were opened, for several files together; its own if
            not given.

    Raises:
        PackError: if the file cannot be read.
        DamagedPackError: here or on any access, when the file does not hold what was written;
            the message names the file and the block. Wrong text is never returned.
        NewerFormatError: if a later version wrote the file.
        OldFormatError: if a version wrote it that is no longer read.
    """

    def __init__(self, path: Path, opened: Opened | None = None) -> None:
        self.path = path
        self._source = Source(path)
        self._end = self._source.size - FOOTER.size
        if self._end < HEADER.size:
            raise self._damaged("is cut short")
        magic, version = HEADER.unpack(self._read(0, HEADER.size))
        if magic != MAGIC:
            raise self._damaged("does not begin as a text file of a pack")
        if version > max(VERSIONS):
            raise NewerFormatError(
                f"{path} has text format {version}, and this Attar reads up to {max(VERSIONS)}:"
                " install a newer one"
            )
        if version not in VERSIONS:
            raise OldFormatError(
                f"{path} has text format {version}, which this Attar no longer reads: export its"
                " documents with the Attar that made it, and pack them again"
            )
        self._coder = VERSIONS[version]
        footer = self._read(self._end, self._end + FOOTER.size)
        self._footer = Footer(*FOOTER.unpack(footer))
        if self._footer.magic != MAGIC:
            raise self._damaged("is cut short")
        if self._footer.texts > MAX_TEXTS:
            raise self._damaged("claims an impossible number of texts")
        self._opened = opened or Opened()
        self._key = object()

    def __len__(self) -> int:
        return self._footer.texts

    @overload
    def __getitem__(self, i: int) -> str: ...
    @overload
    def __getitem__(self, i: slice) -> list[str]: ...
    def __getitem__(self, i: int | slice) -> str | list[str]:
        if isinstance(i, slice):
            return [self[j] for j in range(*i.indices(len(self)))]
        i = self._checked(i)
        start = self._index.text_start
        return self._characters(start[i], start[i + 1])

    def __iter__(self) -> Iterator[str]:
        return (self[i] for i in range(len(self)))

    def slice(self, i: int, start: int, end: int) -> str:
        """`self[i][start:end]`, opening only the blocks that hold it.

        Raises:
            IndexError: unless 0 <= start <= end <= the text's length.
        """
        i = self._checked(i)
        if not 0 <= start <= end <= self.length(i):
            raise IndexError(f"text {i} of {self.path} has no characters {start} to {end}")
        base = self._index.text_start[i]
        return self._characters(base + start, base + end)

    def length(self, i: int) -> int:
        """Characters of text `i`, without opening it."""
        i = self._checked(i)
        return self._index.text_start[i + 1] - self._index.text_start[i]

    @property
    def lengths(self) -> Ints:
        """Characters of every text."""
        starts = self._index.text_start
        return np.diff(starts.between(0, len(starts)))

    @property
    def kept_bytes(self) -> int:
        """UTF-8 bytes of all texts without what stands in them twice."""
        return int(self._index.raw.sum())

    def verify(self) -> None:
        """Open every block.

        Raises:
            DamagedPackError: at the first that does not hold what was written.
        """
        for b in range(len(self._index.raw)):
            self._block(b)

    @property
    def held(self) -> int:
        """Bytes of tables that it keeps, and of the primer if it does not take long to read."""
        index, decoder = self.__dict__.get("_index"), self.__dict__.get("_decoder")
        size = 0 if index is None else index.nbytes
        if decoder is not None and self._coder.quick:
            size += decoder.held
        return size

    def close_blocks(self) -> None:
        """Know no block that is open; the index and the primer stay."""
        self._key = object()

    def let_go(self) -> None:
        """Keep nothing of it; it is read again when it is needed."""
        self.close_blocks()
        self.__dict__.pop("_index", None)
        if self._coder.quick:
            self.__dict__.pop("_decoder", None)

    def close(self) -> None:
        """Let the file go; the texts cannot be read afterwards."""
        self._source.close()

    def __enter__(self) -> TextReader:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _checked(self, i: int) -> int:
        if not -len(self) <= i < len(self):
            raise IndexError(f"{self.path} holds {len(self)} texts; there is no text {i}")
        return i % len(self)

    def _characters(self, start: int, end: int) -> str:
        return "".join([self._kept(*run) for run in self._index.copies.pieces(start, end)])

    def _kept(self, start: int, end: int) -> str:
        char_start = self._index.char_start
        first = int(np.searchsorted(char_start, start, side="right")) - 1
        last = int(np.searchsorted(char_start, end, side="left")) - 1
        pieces = [self._block(b) for b in range(first, last + 1)]
        joined = pieces[0] if len(pieces) == 1 else "".join(pieces)
        base = int(char_start[first])
        return joined[start - base : end - base]

    def _block(self, b: int) -> str:
        key = self._key, b
        text = self._opened.get(key)
        if text is not None:
            return text
        index = self._index
        size = int(index.raw[b])
        try:
            if index.primer_start[b] >= 0:
                begin = int(index.primer_start[b])
                raw = self._decoder.known(begin, begin + size)
            else:
                begin, stored = int(index.file_start[b]), int(index.stored[b])
                raw = self._read(begin, begin + stored)
                if stored != size:
                    raw = self._decoder.decode(raw, size, self._starts([b]))
            if zlib.crc32(raw) != index.sums[b]:
                raise DamagedPackError("its checksum does not fit")
            text = raw.decode("utf-8")
        except (DamagedPackError, UnicodeDecodeError) as error:
            raise self._damaged(f"is damaged in block {b} ({error})") from error
        if len(text) != index.char_start[b + 1] - index.char_start[b]:
            raise self._damaged(f"is damaged in block {b} (it has another length)")
        self._opened.put(key, text, self._coder.keep)
        return text

    @cached_property
    def _decoder(self) -> Decoder:
        where = self._index.primer_start
        size = int(self._index.raw[where >= 0].sum())
        data = self._read(HEADER.size, HEADER.size + self._footer.primer_size)
        return self._coder.decoder(data, size, self._starts(np.flatnonzero(where >= 0).tolist()))

    def _starts(self, blocks: Sequence[int]) -> Starts:
        """Where texts begin within blocks, for coders that are told."""
        return self._index.starts(blocks) if self._coder.told else NOT_TOLD

    @cached_property
    def _index(self) -> Index:
        footer = self._footer
        first, begin = HEADER.size + footer.primer_size, self._end - footer.index_size
        if begin < first or zlib.crc32(data := self._read(begin, self._end)) != footer.crc:
            raise self._damaged("has a damaged index")
        try:
            return decode_index(data, footer.texts, footer.primed, first, begin)
        except (DamagedPackError, struct.error) as error:
            raise self._damaged(f"has a damaged index ({error})") from error

    def _read(self, begin: int, end: int) -> bytes:
        data = self._source.read(begin, end)
        if len(data) != end - begin:
            raise self._damaged("has become shorter since it was opened")
        return data

    def _damaged(self, what: str) -> DamagedPackError:
        return DamagedPackError(
            f"{self.path} {what}: restore the pack from a copy, or build it again"
        )
