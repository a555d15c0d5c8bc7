"""A file of named sections whose every byte is covered by a checksum.

    header | section table | sections, each at a multiple of 8 | page checksums | footer

All numbers are little-endian. The file is cut into pages of 16 KiB, and the CRC-32 of each is
kept behind the last section, so that a reader can check just what it is about to use: a query
on a large index verifies the pages of its own lists the first time they are touched, and
opening costs the same whatever the size. docs/format-postings.md has the layout byte by byte.
"""

from __future__ import annotations

import mmap
import os
import struct
import zlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar.errors import DamagedPackError, NewerFormatError, PackError

MAGIC = b"ATTARPST"
VERSION = 1
PAGE = 16384

_HEADER = struct.Struct("<8sHHI")  # magic, version, sections, CRC-32 of the section table
_ENTRY = struct.Struct("<8sQQ")  # name, offset, bytes
_FOOTER = struct.Struct("<QII")  # body bytes, CRC-32 of the page checksums, CRC-32 of this footer


def write_container(path: Path, sections: Mapping[str, bytes | NDArray[np.uint64]]) -> int:
    """Write the sections in the order given and sync the file to disk.

    Args:
        path: the file to make; it must not exist yet.
        sections: names of at most eight ASCII letters, and what they hold.

    Returns:
        The file's size in bytes.

    Raises:
        PackError: if the file exists or cannot be written.
    """
    offset = _HEADER.size + _ENTRY.size * len(sections)
    table = b""
    for name, payload in sections.items():
        size = len(payload) if isinstance(payload, bytes) else payload.nbytes
        offset += -offset % 8
        table += _ENTRY.pack(name.encode("ascii"), offset, size)
        offset += size
    pages = _Pages()
    try:
        with path.open("xb") as file:
            header = _HEADER.pack(MAGIC, VERSION, len(sections), zlib.crc32(table))
            written = 0
            for piece in (header + table, *sections.values()):
                view = memoryview(piece)  # type: ignore[arg-type]  # an array is a buffer
                view = view.cast("B") if view.nbytes else memoryview(b"")
                for part in (bytes(-written % 8), view):
                    pages.add(part)
                    written += file.write(part)
            sums = pages.finish()
            file.write(sums)
            footer = _FOOTER.pack(written, zlib.crc32(sums), 0)[:-4]
            file.write(footer + struct.pack("<I", zlib.crc32(footer)))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise PackError(f"{path} cannot be written: {error.strerror or error}") from error
    return path.stat().st_size


class _Pages:
    """CRC-32 of each page of a stream that comes in pieces."""

    def __init__(self) -> None:
        self._sums: list[int] = []
        self._current = 0
        self._filled = 0

    def add(self, piece: bytes | memoryview) -> None:
        view = memoryview(piece)
        while len(view):
            part = view[: PAGE - self._filled]
            self._current = zlib.crc32(part, self._current)
            self._filled += len(part)
            view = view[len(part) :]
            if self._filled == PAGE:
                self._close()

    def finish(self) -> bytes:
        if self._filled:
            self._close()
        return struct.pack(f"<{len(self._sums)}I", *self._sums)

    def _close(self) -> None:
        self._sums.append(self._current)
        self._current = self._filled = 0


class Container:
    """A container mapped into memory. Bytes are checked when they are first asked for.

    Args:
        path: a file that `write_container` made.

    Raises:
        PackError: if the file cannot be read.
        NewerFormatError: if a later version of Attar wrote it.
        DamagedPackError: if its frame is not what was written.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            with path.open("rb") as file:
                size = os.fstat(file.fileno()).st_size
                # An empty file cannot be mapped; it is damaged anyway.
                self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else b""
        except OSError as error:
            raise PackError(f"{path} cannot be read: {error.strerror or error}") from error
        self.nbytes = size
        self._body = self._read_footer()
        self._sections = self._read_header()

    def __contains__(self, name: str) -> bool:
        return name in self._sections

    def sizes(self) -> dict[str, int]:
        """Bytes by section; "frame" is the header, the checksums and the padding."""
        sizes = {name: stop - start for name, (start, stop) in self._sections.items()}
        return {**sizes, "frame": self.nbytes - sum(sizes.values())}

    def section(self, name: str) -> NDArray[np.uint8]:
        """A section's bytes, all of them checked.

        Raises:
            DamagedPackError: if there is no such section, or a checksum does not hold.
        """
        data = self.unchecked(name)
        self.check(name, 0, data.size)
        return data

    def words(self, name: str) -> NDArray[np.uint64]:
        """A section as 64-bit words, all of it checked."""
        return self._as_words(name, self.section(name))

    def unchecked_words(self, name: str) -> NDArray[np.uint64]:
        """A section as 64-bit words; `check` what you read of it."""
        return self._as_words(name, self.unchecked(name))

    def unchecked(self, name: str) -> NDArray[np.uint8]:
        """A section's bytes; `check` what you read of them."""
        if name not in self._sections:
            raise self.damaged(f"it has no section {name!r}")
        start, stop = self._sections[name]
        return np.frombuffer(self._map, np.uint8, stop - start, start)

    def check(self, name: str, start: int, stop: int) -> None:
        """Verify the pages that hold bytes `start` to `stop` of a section, once each.

        Raises:
            DamagedPackError: if a checksum does not hold.
        """
        if start >= stop or self._unseen == 0:
            return
        origin = self._sections[name][0]
        first, last = (origin + start) // PAGE, (origin + stop - 1) // PAGE
        if not self._seen[first : last + 1].all():
            self._check_pages(first, last + 1)

    def verify(self) -> None:
        """Check every byte of the file, whether it was checked before or not.

        Raises:
            DamagedPackError: if a checksum does not hold.
        """
        self._seen[:] = False
        self._unseen = self._seen.size
        self._check_pages(0, self._seen.size)

    def damaged(self, why: str) -> DamagedPackError:
        """The error to raise when this file is not what was written."""
        return DamagedPackError(
            f"{self.path} is damaged: {why}; restore it from a copy or build it again"
        )

    def _check_pages(self, first: int, stop: int) -> None:
        for page in range(first, stop):
            if not self._seen[page]:
                begin = page * PAGE
                if zlib.crc32(self._map[begin : min(begin + PAGE, self._body)]) != self._sums[page]:
                    raise self.damaged(f"the checksum of page {page} does not hold")
                self._seen[page] = True
        # Counted, not counted down: two threads may have checked the same page.
        self._unseen = int(np.count_nonzero(~self._seen))

    def _as_words(self, name: str, data: NDArray[np.uint8]) -> NDArray[np.uint64]:
        if data.size % 8:
            raise self.damaged(f"section {name!r} is cut short")
        words = data.view("<u8")
        return words if words.dtype.isnative else words.astype(np.uint64)

    def _read_footer(self) -> int:
        if self._map[: len(MAGIC)] != MAGIC:
            raise self.damaged("it does not begin as a file of postings does")
        if self.nbytes < _HEADER.size + _FOOTER.size:
            raise self.damaged("it is cut short")
        version = int.from_bytes(self._map[8:10], "little")
        if version > VERSION:
            raise NewerFormatError(
                f"{self.path} has format version {version} and this Attar reads up to {VERSION};"
                " upgrade Attar"
            )
        footer = self._map[-_FOOTER.size :]
        body, sums_crc, footer_crc = _FOOTER.unpack(footer)
        if zlib.crc32(footer[:-4]) != footer_crc:
            raise self.damaged("it is cut short")
        pages = -(-body // PAGE)
        if body + 4 * pages + _FOOTER.size != self.nbytes:
            raise self.damaged("its length is not what its footer says")
        sums = self._map[body : body + 4 * pages]
        if zlib.crc32(sums) != sums_crc:
            raise self.damaged("its table of checksums does not hold")
        self._sums = np.frombuffer(sums, "<u4")
        self._seen = np.zeros(pages, dtype=np.bool_)
        self._unseen = pages
        return int(body)

    def _read_header(self) -> dict[str, tuple[int, int]]:
        self._check_pages(0, min(1, self._seen.size))
        _, _, count, table_crc = _HEADER.unpack(self._map[: _HEADER.size])
        end = _HEADER.size + count * _ENTRY.size
        table = self._map[_HEADER.size : end]
        if end > self._body or zlib.crc32(table) != table_crc:
            raise self.damaged("its section table does not hold")
        sections: dict[str, tuple[int, int]] = {}
        for raw, offset, size in _ENTRY.iter_unpack(table):
            name = raw.rstrip(b"\0").decode("ascii", "replace")
            if offset % 8 or offset < end or offset + size > self._body or name in sections:
                raise self.damaged(f"section {name!r} lies outside of it")
            sections[name] = (offset, offset + size)
        return sections
