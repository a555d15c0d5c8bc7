"""Markdown (CommonMark with tables and front matter)."""

from __future__ import annotations

from collections.abc import Iterator

from attar.pack.document import Document
from attar.pack.readers.source import Source
from attar.pack.splitters.markdown import markdown_title


def read_markdown(source: Source) -> Iterator[Document]:
    """Read a Markdown file; its title is in the front matter or the first heading."""
    text = source.text()
    title = markdown_title(text) or source.stem
    yield Document(source.name, source.name, text, title, "markdown")
