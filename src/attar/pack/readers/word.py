"""Word files (.docx), through python-docx."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from attar.pack.document import Document
from attar.pack.readers.extracted import joined, opened_zip
from attar.pack.readers.source import Source
from attar.pack.splitters.markdown import markdown_title

_HEADING = re.compile(r"(?:Heading ([1-9])|Title)$")


def read_docx(source: Source) -> Iterator[Document]:
    """Read the paragraphs and tables of a Word file, in order; headings are marked with "#"."""
    with opened_zip(source, "Word files") as file:
        import docx

        document = docx.Document(file)
        text = joined(source, _blocks(document))
    title = markdown_title(text) or source.stem
    yield Document(source.name, source.name, text, title, "docx")


def _blocks(document: Any) -> Iterator[str]:
    for block in document.iter_inner_content():
        if hasattr(block, "rows"):
            yield "\n".join(_row(row) for row in block.rows)
        elif block.text.strip():
            heading = _HEADING.match(block.style.name if block.style is not None else "")
            level = min(int(heading[1] or 1), 6) if heading else 0
            yield f"{'#' * level} {' '.join(block.text.split())}" if level else block.text


def _row(row: Any) -> str:
    """The cells of a row; a merged cell is told once."""
    cells: list[str] = []
    last = None
    for cell in row.cells:
        if cell._tc is not last:
            cells.append(" ".join(cell.text.split()))
        last = cell._tc
    return "| " + " | ".join(cells) + " |"
