"""What of a unit is embedded and indexed."""

from __future__ import annotations

from collections.abc import Sequence

from attar.models.base import Tokenizer
from attar.pack.chunk import Chunk, chunk
from attar.pack.document import Document
from attar.pack.view import view

# So much of an embedder's length may a title take before the text has to give way. It pushes the
# last words of a full unit out of the embedder's sight, though not out of BM25's; cutting every
# text shorter by its title instead made 1,788 units of 1,400 abstracts where this makes 1,709,
# and nDCG@10 fell from 0.407 to 0.403.
_TITLE_SHARE = 1 / 8


def passage(document: Document, unit: Chunk) -> str:
    """Title, headings and readable text of a unit, whatever of it there is, one blank between."""
    body = view(document.kind, document.text[unit.start : unit.end])
    # A chunk that opens the document often shows the title itself, behind a heading's marks.
    shown = body.lstrip("#=*-~ \t\r\n").startswith(document.title)
    title = "" if shown else document.title
    return " ".join(part for part in (title, unit.heading, body) if part)


def passages_of(documents: Sequence[Document], chunks: Sequence[Sequence[Chunk]]) -> list[str]:
    """The passages of all units of documents, in order."""
    pairs = zip(documents, chunks, strict=True)
    return [passage(document, unit) for document, cut in pairs for unit in cut]


def units(document: Document, tokenizer: Tokenizer, max_tokens: int) -> list[Chunk]:
    """Cut a document so that an embedder reads each unit, behind the title, to its end or nearly.

    A document without text but with a title is one empty unit, found by its title.

    Args:
        document: what to cut.
        tokenizer: the embedder's.
        max_tokens: the most that the embedder reads.
    """
    title = tokenizer.count(document.title) if document.title else 0
    room = max_tokens - max(0, title - int(max_tokens * _TITLE_SHARE))
    # A title that fills the embedder alone must not crumble the text.
    found = chunk(document, tokenizer, max(room, max_tokens // 2, 1))
    return found or ([Chunk(0, 0)] if document.title.strip() else [])
