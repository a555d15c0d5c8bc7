"""One file to be read, and what keeps it from being read."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TypeAlias

from attar.pack.document import Document

# UTF-32's mark begins with UTF-16's, so it is asked for first.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SNIFFED = 8192


@dataclass(frozen=True, slots=True)
class Skipped:
    """Something that was not read.

    Args:
        path: the file or folder, as given or found; a line of a file as "file:12".
        reason: why, in a few words for people.
        lasting: whether the same file would be skipped again; not if it lacked a library, say.
    """

    path: str
    reason: str
    lasting: bool = True


class Unreadable(Exception):  # noqa: N818 - not a failure: it becomes a Skipped
    """Raised by a reader for a file that it cannot read; the message is the reason."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read.

    Args:
        path: where it is.
        name: its path below the folder that is read, with "/" between names; the id of its
            document.
        max_bytes: the most that is read of it, or unpacked from it.
    """

    path: Path
    name: str
    max_bytes: int

    @property
    def stem(self) -> str:
        """The file's name without its extension: the title of last resort."""
        return self.path.stem

    def open(self) -> IO[bytes]:
        """The file, open for reading bytes.

        Raises:
            Unreadable: if it is longer than `max_bytes`.
        """
        size = self.path.stat().st_size
        if size > self.max_bytes:
            raise Unreadable(f"has {size:,} bytes, more than the {self.max_bytes:,} that are read")
        return self.path.open("rb")

    def text(self) -> str:
        """The whole file, decoded, with its line ends as they are.

        UTF-8, with its byte order mark kept as the first character if there is one, so that
        offsets are those of `open(encoding="utf-8", newline="")`; or UTF-16 or UTF-32 with a
        byte order mark, which is dropped, as Python drops it.

        Raises:
            Unreadable: if the file is too long, empty, binary, or in another encoding.
        """
        with self.open() as file:
            start = file.read(_SNIFFED)
            encoding = next((name for mark, name in _MARKS if start.startswith(mark)), "utf-8")
            if encoding == "utf-8" and b"\0" in start:
                raise Unreadable("binary: it has NUL bytes")
            data = start + file.read(self.max_bytes)
        return self.checked(decoded(data, encoding))

    def checked(self, text: str) -> str:
        """The text, if there is something in it.

        Raises:
            Unreadable: if it is empty or only white space.
        """
        if not text.strip("\ufeff\t\n\r\f\v ") or text.isspace():
            raise Unreadable("empty")
        return text


def decoded(data: bytes, encoding: str = "utf-8") -> str:
    """Bytes as text.

    Raises:
        Unreadable: if they are in another encoding or hold NUL characters.
    """
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise Unreadable(
            f"not {encoding.upper()} (byte {error.start:,}); convert it to UTF-8 to have it read"
        ) from None
    if "\0" in text:
        raise Unreadable("binary: it has NUL characters")
    return text


Reader: TypeAlias = Callable[[Source], Iterator[Document | Skipped]]
