"""What of a passage is read: by people, by BM25 and by an embedder.

A passage is always an exact slice of its source. For most kinds that is also what is read; of
HTML, only what a browser would show.
"""

from __future__ import annotations

from attar.pack.html import visible


def view(kind: str, text: str) -> str:
    """The readable text of a slice of a document of this kind.

    Args:
        kind: the document's kind.
        text: the document's text or a slice of it; for "html", one that `chunk` made.

    Returns:
        `text` itself, except for "html": without tags, comments, scripts and styles, with
        character references decoded, each run of white space one space, and one line a block.
    """
    if kind != "html":
        return text
    lines = (" ".join(line.split()) for line in visible(text).text.splitlines())
    return "\n".join(line for line in lines if line)
