"""HTML pages, kept with their tags."""

from __future__ import annotations

from collections.abc import Iterator

from attar.pack.document import Document
from attar.pack.html import html_title
from attar.pack.readers.source import Source


def read_html(source: Source) -> Iterator[Document]:
    """Read an HTML file as it is; chunks are slices of it that `attar.pack.view` makes readable."""
    text = source.text()
    yield Document(source.name, source.name, text, html_title(text) or source.stem, "html")
