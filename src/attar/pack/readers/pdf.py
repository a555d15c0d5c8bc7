"""PDF, through pypdf."""

from __future__ import annotations

from collections.abc import Iterator

from attar.pack.document import Document
from attar.pack.readers.extracted import joined, opened
from attar.pack.readers.source import Source, Unreadable


def read_pdf(source: Source) -> Iterator[Document]:
    """Read the text of a PDF; a form feed stands between pages."""
    with opened(source, "PDF files") as file:
        import pypdf

        reader = pypdf.PdfReader(file)
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("locked with a password")
        text = joined(source, (page.extract_text() for page in reader.pages), "\n\f")
    yield Document(source.name, source.name, text, source.stem, "pdf")
