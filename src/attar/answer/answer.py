"""What a question gets back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from attar.report import Report


@dataclass(frozen=True, slots=True)
class Source:
    """A stretch of a document that the language model was given.

    Args:
        number: as in the prompt, from 1. Stretches cut from one passage share its number.
        id: the document's id.
        source: where the document came from.
        start: where the stretch begins, in characters of the document's text.
        end: where it ends; `text` is exactly the document's characters from `start` to `end`.
        text: the exact text.
        title: the document's title.
        pack: the folder of its pack, if several were asked together.
    """

    number: int
    id: str
    source: str
    start: int
    end: int
    text: str
    title: str = ""
    pack: str = ""

    def to_dict(self) -> dict[str, Any]:
        """In plain types; without the pack, if there is only one."""
        fields = asdict(self)
        return fields if self.pack else {k: v for k, v in fields.items() if k != "pack"}


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer, what it rests on, and what it took.

    Args:
        text: what the language model wrote, or that nothing was found.
        sources: what it was given; empty if nothing relevant was found.
        report: tokens and bytes of all found passages against what was kept, seconds by step.
    """

    text: str
    sources: tuple[Source, ...]
    report: Report

    @property
    def found(self) -> bool:
        """Whether anything relevant was found; if not, no model was asked."""
        return bool(self.sources)

    def to_dict(self) -> dict[str, Any]:
        """The answer in plain types, ready for `json.dumps`."""
        return {
            "answer": self.text,
            "sources": [source.to_dict() for source in self.sources],
            "report": self.report.to_dict(),
        }
