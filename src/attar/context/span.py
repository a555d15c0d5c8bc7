"""What goes into a squeeze and what comes out: passages and spans."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Passage:
    """A text that may be cut, and where it came from.

    Args:
        text: the exact text.
        source: what it was taken from, for people ("guide/install.md").
        start: where it begins in its source, in characters.
        score: how well a search found it to fit; None if there was none.
        kind: how it is written: "text", "markdown", "code", ... Tags of "html" are not kept.
        prior: how much more its text is wanted than that of others, whatever is asked, in standard
            deviations of the scores: 4 for the file that is being edited, say.
    """

    text: str
    source: str = ""
    start: int = 0
    score: float | None = None
    kind: str = "text"
    prior: float = 0.0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text that was kept.

    Args:
        source: the source of the passage it was cut from.
        start: where it begins, in characters of the source.
        end: where it ends; `text` is exactly the source's characters from `start` to `end`.
        text: the exact text.
        kind: the kind of its passage.
        protected: whether it was kept because it was protected.
        passage: the number of its passage among those given, from 0.
    """

    source: str
    start: int
    end: int
    text: str
    kind: str = "text"
    protected: bool = False
    passage: int = 0

    def to_dict(self) -> dict[str, Any]:
        """In plain types, by the keys that docs/json.md promises."""
        return {"source": self.source, "start": self.start, "end": self.end, "text": self.text}
