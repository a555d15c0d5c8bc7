"""Plain text, logs, and any other file that turns out to be text."""

from __future__ import annotations

from collections.abc import Iterator

from attar.pack.document import Document
from attar.pack.readers.source import Source


def read_text(source: Source) -> Iterator[Document]:
    """Read a file as plain text, titled with its name; a .log is cut by lines."""
    kind = "log" if source.path.suffix.lower() == ".log" else "text"
    yield Document(source.name, source.name, source.text(), source.stem, kind)
