"""What of a unit is embedded and indexed."""

from __future__ import annotations

from attar.models.base import Tokenizer
from attar.pack.chunk import Chunk, chunk
from attar.pack.document import Document
from attar.pack.view import view

# The marks that a framed input begins and ends with, in the models that have most of them.
_SPECIAL = 2


def passage(document: Document, unit: Chunk) -> str:
    """Title, headings and readable text of a unit, whatever of it there is, one blank between."""
    body = view(document.kind, document.text[unit.start : unit.end])
    # A chunk that opens the document often shows the title itself, behind a heading's marks.
    shown = body.lstrip("#=*-~ \t\r\n").startswith(document.title)
    title = "" if shown else document.title
    return " ".join(part for part in (title, unit.heading, body) if part)


def units(document: Document, tokenizer: Tokenizer, max_tokens: int) -> list[Chunk]:
    """Cut a document so that title and text of each unit together fit an embedder.

    A document without text but with a title is one empty unit, found by its title.

    Args:
        document: what to cut.
        tokenizer: the embedder's.
        max_tokens: the most that the embedder reads.
    """
    room = max_tokens - _SPECIAL - (tokenizer.count(document.title) if document.title else 0)
    # A title that fills the embedder alone must not crumble the text.
    found = chunk(document, tokenizer, max(room, max_tokens // 2, 1))
    return found or ([Chunk(0, 0)] if document.title.strip() else [])
