"""PowerPoint files (.pptx), through python-pptx."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from attar.pack.document import Document
from attar.pack.readers.extracted import joined, opened_zip
from attar.pack.readers.source import Source
from attar.pack.splitters.markdown import markdown_title


def read_pptx(source: Source) -> Iterator[Document]:
    """Read the titles, texts, tables and notes of the slides, in order; titles begin with "#"."""
    with opened_zip(source, "PowerPoint files") as file:
        import pptx

        text = joined(source, _slides(pptx.Presentation(file)))
    title = markdown_title(text) or source.stem
    yield Document(source.name, source.name, text, title, "pptx")


def _slides(presentation: Any) -> Iterator[str]:
    for slide in presentation.slides:
        title = slide.shapes.title
        if title is not None and title.text_frame.text.strip():
            yield "# " + " ".join(title.text_frame.text.split())
        yield from _texts(s for s in slide.shapes if title is None or s.shape_id != title.shape_id)
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            notes = slide.notes_slide.notes_text_frame.text
            if notes.strip():
                yield notes


def _texts(shapes: Iterable[Any]) -> Iterator[str]:
    for shape in shapes:
        if hasattr(shape, "shapes"):
            yield from _texts(shape.shapes)
        elif shape.has_text_frame and shape.text_frame.text.strip():
            yield "\n".join(p.text for p in shape.text_frame.paragraphs)
        elif getattr(shape, "has_table", False):
            rows = ((" ".join(cell.text.split()) for cell in row.cells) for row in shape.table.rows)
            yield "\n".join("| " + " | ".join(row) + " |" for row in rows)
