"""What is left of a text, and the way back to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from attar.context.context import Context
from attar.context.span import Span
from attar.errors import UsageError
from attar.report import Report


@dataclass(frozen=True, slots=True)
class Squeezed:
    """What is left of a text, and where each stretch of it came from.

    Args:
        text: what a reader is given.
        spans: the stretches it is made of, in order; between them stands white space only, and
            marks where these were asked for.
        tokens_before: tokens of the input, protection marks not counted.
        tokens_after: tokens of `text`.
        report: sizes and seconds.
        passages: the kept text of each passage by its number, of those that kept any.
        context: the whole input and what was kept of it; None where it was too long to hold.
        question: what was asked.
    """

    text: str
    spans: tuple[Span, ...]
    tokens_before: int
    tokens_after: int
    report: Report
    passages: tuple[tuple[int, str], ...] = ()
    context: Context | None = field(default=None, repr=False, compare=False)
    question: str | None = None

    @property
    def reordered(self) -> bool:
        """Whether passages were put into another order, so that this is no subsequence."""
        return self.context is not None and self.context.order is not None

    def original(self, span: Span) -> Span:
        """The whole paragraphs, rows or functions that a span is a part of, as they stood.

        Raises:
            UsageError: if the span is of another text, or the input was not held.
        """
        return self._held().original(span)

    def html(self) -> str:
        """A page that needs nothing else: dropped text dim, protected underlined, places on hover.

        Raises:
            UsageError: if the input was not held.
        """
        from attar.context.page import page

        return page(self._held(), self.report, self.question)

    def to_dict(self) -> dict[str, Any]:
        """Text, tokens and spans in plain types, by the keys that docs/json.md promises."""
        return {
            "text": self.text,
            "tokens_before": self.tokens_before,
            "tokens_after": self.tokens_after,
            "spans": [span.to_dict() for span in self.spans],
        }

    def _held(self) -> Context:
        if self.context is None:
            raise UsageError("the input was read in parts and is not held: squeeze a shorter one")
        return self.context
