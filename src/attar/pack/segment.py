"""A segment: some documents with everything that searching them needs, never changed again."""

from __future__ import annotations

import mmap
import os
import zlib
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar.codec import Encoded, Fitted, storage
from attar.errors import DamagedPackError, PackError
from attar.exact import TextReader
from attar.exact.narrow import narrow
from attar.pack import manifest as names
from attar.pack.deleted import decode_deleted
from attar.pack.disk import damaged
from attar.pack.document import Document
from attar.pack.finder import Finder
from attar.pack.manifest import FileEntry, SegmentEntry
from attar.pack.recent import Recent
from attar.pack.same import distinct
from attar.pack.units import Units
from attar.postings import PostingsReader
from attar.vectors.parts import Part

Mask = NDArray[np.bool_]


class Segment:
    """A live segment, opened for reading.

    Every file is mapped at once, so that the segment stays readable when a writer unlinks it;
    each is read and checked when it is first needed.

    Args:
        folder: the pack's.
        entry: what the manifest says of it.
        recent: what bounds the tables and primers that it holds, shared by all segments of a pack.

    Raises:
        PackError: if a file is not there.
        DamagedPackError: if a file has another size than the manifest says.
    """

    def __init__(self, folder: Path, entry: SegmentEntry, recent: Recent | None = None) -> None:
        self.entry = entry
        self._recent = recent or Recent()
        self.path = folder / names.SEGMENTS / entry.id
        for path in (self.path.parent, self.path):
            if path.is_symlink():
                raise damaged(path, "it is a link, which could lead anywhere")
        self._maps = {name: map_file(self.path / name, file) for name, file in entry.all_files()}
        self._text = TextReader(self.path / names.TEXT, self._recent.opened)
        self._table = _Table()
        self.postings = PostingsReader(self.path / names.POSTINGS)
        self._vectors = storage.read(self.path / names.VECTORS)
        if len(self.text) != 2 * entry.documents or self.postings.documents != entry.units:
            raise self._damaged(names.TEXT, "it holds another number of documents")

    @property
    def text(self) -> TextReader:
        """Title and text of each document, one behind the other."""
        self._recent.use(self._text)
        return self._text

    @property
    def units(self) -> Units:
        """The table of documents and units."""
        units = self._table.read(self._read_units)  # which may use the text
        self._recent.use(self._table)
        return units

    def _read_units(self) -> Units:
        path = self.path / names.UNITS
        units = Units(path, self._maps[names.UNITS][:], self.text.lengths[1::2])
        if len(units) != self.entry.units:
            raise self._damaged(names.UNITS, "it holds another number of units")
        return units

    @cached_property
    def deleted(self) -> NDArray[np.int64]:
        """Numbers of the deleted documents, ascending."""
        entry = self.entry.deleted
        if entry is None:
            return np.zeros(0, dtype=np.int64)
        path = self.path / entry.name
        numbers = decode_deleted(path, self._maps[entry.name][:], self.entry.documents)
        if len(numbers) != entry.documents:
            raise self._damaged(entry.name, "it holds another number of documents")
        return numbers

    @cached_property
    def live_documents(self) -> Mask:
        """Which documents are not deleted."""
        # As many as the table holds: what the manifest claims is compared with it, not believed.
        live = np.ones(len(self.units.ids), dtype=bool)
        live[self.deleted] = False
        return live

    @cached_property
    def document_of_unit(self) -> NDArray[np.unsignedinteger]:
        """Number of each unit's document, ascending; kept when the table is let go."""
        return self.units.document

    @cached_property
    def live_units(self) -> Mask:
        """Which units belong to documents that are not deleted."""
        if self.entry.deleted is None:
            return np.ones(len(self.units), dtype=bool)
        live: Mask = self.live_documents[self.units.document]
        return live

    def codes(self, fitted: Fitted) -> Encoded:
        """The code of each unit's vector."""
        stored, row = self._stored(fitted), self.row_of_unit(fitted)
        return stored if row is None else stored[row]

    def codes_of(self, fitted: Fitted, units: NDArray[np.int64]) -> Encoded:
        """The codes of the vectors of a few units, without copying those of the others."""
        row = self.row_of_unit(fitted)
        return self._stored(fitted)[units if row is None else row[units]]

    def row_of_unit(self, fitted: Fitted) -> NDArray[np.unsignedinteger] | None:
        """The row of `part` that holds each unit's vector; None: the rows are the units."""
        if len(self._stored(fitted)) == self.entry.units:
            return None
        if self._rows is None:
            first = self.units.first
            self._rows = narrow(np.searchsorted(distinct(first), first))
        return self._rows

    def part(self, fitted: Fitted) -> Part:
        """The codes as they are searched: those that are scanned lie by lines, in memory."""
        if self._part is None:
            self._part = Part.of(self._stored(fitted), fitted)
            # All was read to check it; a search reads the scanned codes, and few of the others.
            self._vectors.let_go()
        return self._part

    def _stored(self, fitted: Fitted) -> Encoded:
        """The codes as the file has them, checked once against their checksum."""
        if self._codes is None:
            self._vectors.verify()
            codes = fitted.encoded(self._vectors.arrays)
            # Units that read the same have one vector.
            if len(codes) != self.entry.units and len(codes) != len(distinct(self.units.first)):
                raise self._damaged(names.VECTORS, "it holds another number of vectors")
            self._codes = codes
        return self._codes

    _part: Part | None = None
    _codes: Encoded | None = None
    _rows: NDArray[np.unsignedinteger] | None = None

    def find(self, name: str) -> int | None:
        """Number of the document of that id, deleted or not, if there is one."""
        found = self._finder.candidates(name)
        return next((i for i in found if self.units.ids[i] == name), None)

    @cached_property
    def _finder(self) -> Finder:
        return Finder(self.units.ids)

    def document(self, number: int) -> Document:
        """One document, exactly as it was added."""
        units = self.units
        return Document(
            id=units.ids[number],
            source=units.sources[number],
            text=self.text[2 * number + 1],
            title=self.text[2 * number],
            kind=units.kinds[number],
            metadata=units.metadata(number),
        )

    def text_bytes(self, number: int) -> int:
        """UTF-8 bytes of one document's title and text."""
        return sum(len(self.text[2 * number + i].encode("utf-8")) for i in (0, 1))

    def bytes_of(self, name: str) -> memoryview:
        """All bytes of one of its files, unchecked."""
        return memoryview(self._maps[name])

    def verify(self, fitted: Fitted) -> None:
        """Compare every byte with the manifest, and read everything once.

        Args:
            fitted: the codec of the vectors.

        Raises:
            DamagedPackError: naming the first file that is not what was written.
        """
        for name, file in self.entry.all_files():
            if zlib.crc32(self._maps[name]) != file.crc32:
                raise self._damaged(name, "its checksum does not fit")
        self.text.verify()
        self._vectors.verify()
        self.postings.verify()
        _ = self.live_units, self.units, self._stored(fitted)

    def _damaged(self, name: str, why: str) -> DamagedPackError:
        return damaged(self.path / name, why)


class _Table:
    """A table of units, read when it is needed."""

    def __init__(self) -> None:
        self._units: Units | None = None

    @property
    def held(self) -> int:
        return self._units.nbytes if self._units is not None else 0

    def let_go(self) -> None:
        self._units = None

    def read(self, read: Callable[[], Units]) -> Units:
        units = self._units
        if units is None:
            units = self._units = read()
        return units


def map_file(path: Path, entry: FileEntry) -> mmap.mmap:
    """Map a file of a pack, which must have the size that the manifest says.

    Raises:
        PackError: if it is not there or cannot be read.
        DamagedPackError: if it has another size, or is no plain file.
    """
    try:
        # A link could lead out of the folder.
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
        with open(handle, "rb") as file:
            size = os.fstat(handle).st_size
            if size != entry.size or size == 0:
                raise damaged(path, f"it has {size} bytes and not {entry.size}")
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except OSError as error:
        raise PackError(
            f"cannot read {path} ({error.strerror or error}): restore the pack from a copy"
        ) from error
