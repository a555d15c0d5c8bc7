"""What goes into a pack and what comes out of a search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from attar.errors import UsageError


@dataclass(frozen=True, slots=True)
class Document:
    """One text with a name, kept exactly.

    Args:
        id: what names it in a pack; a later document of the same id takes its place.
        source: where it came from, for people ("guide/install.md"); need not be unique.
        text: the exact source text, line ends and all; every offset is in characters of it.
        title: stored exactly beside the text; "" if it has none.
        kind: how it is to be read and cut: "text", "markdown", "html", "code", ...
        metadata: anything more, in JSON's types.
    """

    id: str
    source: str
    text: str
    title: str = ""
    kind: str = "text"
    metadata: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        # A copy, so that later changes by whoever made the document do not reach into it.
        object.__setattr__(self, "metadata", dict(self.metadata))


def check(document: Document) -> None:
    """Look whether a pack can hold a document.

    Raises:
        UsageError: if it has no id, or a text that is not Unicode, or is no document at all.
    """
    if not isinstance(document, Document):
        raise UsageError(f"a pack takes Document objects, not {type(document).__name__}")
    if not document.id:
        raise UsageError(f"a document from {document.source!r} has an empty id: give it a name")
    for what, text in (("title", document.title), ("text", document.text), ("id", document.id)):
        try:
            text.encode("utf-8")
        except UnicodeEncodeError as error:
            raise UsageError(
                f"the {what} of document {document.id!r} holds a lone surrogate at character"
                f" {error.start}, which is no Unicode text: repair it where it was decoded"
            ) from error


@dataclass(frozen=True, slots=True)
class Hit:
    """One passage that a search found.

    Args:
        id: the document's id.
        source: the document's source.
        start: where the passage begins, in characters of the document's text.
        end: where it ends; `text == document.text[start:end]`.
        score: how well it fits the question; higher is better, and only comparable within
            one search.
        text: the exact passage.
        title: the document's title.
        kind: the document's kind.
        pack: the folder of its pack, if several were searched together.
    """

    id: str
    source: str
    start: int
    end: int
    score: float
    text: str
    title: str = ""
    kind: str = "text"
    pack: str = ""

    def to_dict(self) -> dict[str, Any]:
        """In plain types, by the keys that docs/json.md promises."""
        return {
            "id": self.id,
            "source": self.source,
            "start": self.start,
            "end": self.end,
            "score": self.score,
            "text": self.text,
            **({"pack": self.pack} if self.pack else {}),
        }
