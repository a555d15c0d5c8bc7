"""What a pack remembers of the files that it was made from, to read only what changed.

A file that was read is known by a stamp of its size and times, 5 bytes. The stamp decides only
whether a file is read again: what is read is compared with the documents themselves.
"""

from __future__ import annotations

import hashlib
import os
import struct
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

import numpy as np

from attar.errors import DamagedPackError, NewerFormatError
from attar.exact.columns import decode_ints, decode_strings, encode_ints, encode_strings
from attar.pack.disk import damaged

MAGIC = b"ATTARSRC"
VERSION = 2
"""The newest that is read; what older versions of Attar can read is written as 1."""

UNKNOWN = 0
"""The stamp of a file that must be read again."""

_HEADER = struct.Struct("<8sI")
_CRC = struct.Struct("<I")
_STAMP_BYTES = 5
# A file that changes twice between two ticks of the file system's clock looks as if it had
# changed once. The coarsest clocks in use tick every two seconds.
_TICK_NS = 2_000_000_000


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that was read.

    Args:
        name: as `Document.source` begins.
        stamp: see `stamp_of`; `UNKNOWN` if it must be read again.
        skipped: why nothing was read of it, or "".
    """

    name: str
    stamp: int
    skipped: str = ""


@dataclass(frozen=True)
class Sources:
    """The files that a pack was made from.

    Args:
        roots: last names of the paths that were given.
        files: in the order in which they were read.
        strangers: by id of documents whose source names another place than the file that they
            were read from, as exported records do, the name of that file.
    """

    roots: Sequence[str]
    files: Sequence[SourceFile]
    strangers: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def by_name(self) -> dict[str, SourceFile]:
        """Files by name."""
        return {file.name: file for file in self.files}

    def owner(self, name: str, source: str) -> str | None:
        """The file that a document of this id and source was read from, if it is a known one."""
        if name in self.strangers:
            return self.strangers[name]
        while source not in self.by_name:
            source, mark, _ = source.rpartition("#")
            if not mark:
                return None
        return source

    def forgetting(self, documents: Iterable[tuple[str, str]]) -> Sources:
        """The same, but files of these documents (id and source) are to be read again."""
        names = {self.owner(name, source) for name, source in documents}
        files = [replace(f, stamp=UNKNOWN) if f.name in names else f for f in self.files]
        return replace(self, files=files)


def belongs(source: str, file: str) -> bool:
    """Whether a document's source names the file itself or a part of it."""
    return source == file or source.startswith(f"{file}#")


def stamp_of(path: Path) -> int:
    """A number that another state of the file has with a chance of one in 10^12.

    `UNKNOWN` for a file that changed just now, and might again without a trace.

    Raises:
        OSError: if the file is not there.
    """
    status = path.stat()
    if status.st_mtime_ns > time.time_ns() - _TICK_NS:
        return UNKNOWN
    return _stamp(status)


def _stamp(status: os.stat_result) -> int:
    said = f"{status.st_size} {status.st_mtime_ns} {status.st_ctime_ns}".encode("ascii")
    digest = hashlib.blake2b(said, digest_size=_STAMP_BYTES).digest()
    return int.from_bytes(digest, "little") or 1


def encode_sources(sources: Sources) -> bytes:
    """Write what is remembered of files."""
    columns = [
        _HEADER.pack(MAGIC, 2 if sources.strangers else 1),
        encode_strings(list(sources.roots)),
        encode_strings([f.name for f in sources.files]),
        encode_ints([f.stamp for f in sources.files]),
        encode_strings([f.skipped for f in sources.files]),
    ]
    if sources.strangers:
        number = {file.name: i for i, file in enumerate(sources.files)}
        columns.append(encode_strings(list(sources.strangers)))
        columns.append(encode_ints([number[file] for file in sources.strangers.values()]))
    body = b"".join(columns)
    return body + _CRC.pack(zlib.crc32(body))


def decode_sources(path: Path, data: bytes) -> Sources:
    """Read what `encode_sources` wrote.

    Args:
        path: the file, for messages.
        data: its bytes.

    Raises:
        DamagedPackError: if the bytes are not what was written.
        NewerFormatError: if a later version wrote them.
    """
    try:
        magic, version = _HEADER.unpack_from(data)
        body = data[: -_CRC.size]
        if magic != MAGIC:
            raise DamagedPackError("it does not begin as a list of files")
        if version > VERSION:
            raise NewerFormatError(
                f"{path} has format {version}, and this Attar reads up to {VERSION}:"
                " install a newer one"
            )
        if zlib.crc32(body) != _CRC.unpack(data[-_CRC.size :])[0]:
            raise DamagedPackError("its checksum does not fit")
        roots, at = decode_strings(body, _HEADER.size)
        names, at = decode_strings(body, at)
        stamps, at = decode_ints(body, at)
        skipped, at = decode_strings(body, at)
        strangers: dict[str, str] = {}
        if version == 2:
            ids, at = decode_strings(body, at)
            numbers, at = decode_ints(body, at)
            if len(ids) != len(numbers) or not all(0 <= n < len(names) for n in numbers.tolist()):
                raise DamagedPackError("it names files that it does not list")
            strangers = {i: names[n] for i, n in zip(ids, numbers.tolist(), strict=True)}
        if at != len(body) or not len(names) == len(stamps) == len(skipped):
            raise DamagedPackError("its columns have different lengths")
    except NewerFormatError:
        raise
    except (DamagedPackError, struct.error, ValueError) as error:
        raise damaged(path, str(error)) from error
    rows = zip(names, np.asarray(stamps).tolist(), skipped, strict=True)
    return Sources(roots, [SourceFile(*row) for row in rows], strangers)
