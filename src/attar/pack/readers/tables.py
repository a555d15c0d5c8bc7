"""Comma- and tab-separated values: the whole table is one document, cut by its rows."""

from __future__ import annotations

from collections.abc import Iterator

from attar.pack.document import Document
from attar.pack.readers.source import Source


def read_table(source: Source) -> Iterator[Document]:
    """Read a table as text; the names of its columns become the heading of its chunks."""
    kind = "csv" if source.path.suffix.lower() == ".csv" else "tsv"
    yield Document(source.name, source.name, source.text(), source.stem, kind)
