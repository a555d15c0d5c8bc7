"""reStructuredText."""

from __future__ import annotations

from collections.abc import Iterator

from attar.pack.document import Document
from attar.pack.readers.source import Source
from attar.pack.splitters.rst import rst_title


def read_rst(source: Source) -> Iterator[Document]:
    """Read a reStructuredText file, titled with its first section title."""
    text = source.text()
    yield Document(source.name, source.name, text, rst_title(text) or source.stem, "rst")
