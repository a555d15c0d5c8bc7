"""JSON: the whole file is one document, cut by its members."""

from __future__ import annotations

from collections.abc import Iterator

from attar.pack.document import Document
from attar.pack.readers.source import Source


def read_json(source: Source) -> Iterator[Document]:
    """Read a JSON file as text; it is not parsed, so one that is not valid is read too."""
    yield Document(source.name, source.name, source.text(), source.stem, "json")
