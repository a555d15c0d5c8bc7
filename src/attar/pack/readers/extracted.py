"""What PDF and office files have in common: text that a library has to take out of them.

There are no offsets into such a file, so the text that comes out is the source of record: it is
what is stored, and what every offset counts in.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import IO

from attar.errors import AttarError, MissingExtraError
from attar.pack.readers.source import Source, Unreadable


@contextmanager
def opened(source: Source, what: str) -> Iterator[IO[bytes]]:
    """The file, open; whatever its library raises inside becomes one reason.

    Raises:
        MissingExtraError: if the library is not installed.
        Unreadable: if the file is damaged, locked with a password, or too long.
    """
    try:
        with source.open() as file:
            yield file
    except ImportError:
        raise MissingExtraError(f"reading {what}", "docs") from None
    except (AttarError, Unreadable, OSError):
        raise
    except Exception as error:  # noqa: BLE001 - a library fed a hostile file may raise anything
        raise Unreadable(f"damaged or not {what}: {type(error).__name__}") from None


@contextmanager
def opened_zip(source: Source, what: str) -> Iterator[IO[bytes]]:
    """Like `opened`, for a zip archive; refuses one that would unpack to too much.

    Python unpacks no more of a member than its header says, so the headers' sum is a true bound.
    """
    with opened(source, what) as file:
        with zipfile.ZipFile(file) as archive:
            size = sum(member.file_size for member in archive.infolist())
        if size > source.max_bytes:
            raise Unreadable(f"unpacks to {size:,} bytes, more than {source.max_bytes:,}")
        file.seek(0)
        yield file


def joined(source: Source, pieces: Iterable[str], separator: str = "\n\n") -> str:
    """The pieces as one text, with line feeds for line ends and without NUL characters.

    Raises:
        Unreadable: if there is no text, or more than `max_bytes` characters.
    """
    kept, length = [], 0
    for piece in pieces:
        clean = piece.replace("\0", "").encode("utf-8", "replace").decode("utf-8")
        kept.append(clean.replace("\r\n", "\n").replace("\r", "\n"))
        length += len(piece)
        if length > source.max_bytes:
            raise Unreadable(f"holds more than {source.max_bytes:,} characters of text")
    text = separator.join(kept)
    if not text.strip():
        raise Unreadable("holds no text; scanned pages need character recognition first")
    return text
