"""What stages hand to one another: a text in units, some of them kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.context.counting import Counter
from attar.context.gaps import kept_between
from attar.context.protect import Range
from attar.context.span import Span
from attar.context.units import LONGEST_UNIT, Units, split
from attar.context.view import SEPARATOR, View
from attar.errors import UsageError
from attar.models.base import Embedder


@dataclass(frozen=True)
class Task:
    """What a chain of stages is asked to do; every stage of the chain gets the same one.

    Args:
        question: what the reader will be asked, or None.
        limit: the most that may remain, in the counter's unit.
        counter: counts as the budget does.
        starts: where each token or byte of the whole text begins, to estimate costs.
        embedder: for scores by meaning, or None.
    """

    question: str | None
    limit: int
    counter: Counter
    starts: NDArray[np.int64]
    embedder: Embedder | None = None

    def asked(self, who: str) -> str:
        """The question, for what cannot do without one.

        Raises:
            UsageError: if there is none; `who` begins the message.
        """
        if self.question is None:
            raise UsageError(f"{who} needs a question: give it to squeeze()")
        return self.question

    def costs(self, context: Context) -> NDArray[np.int64]:
        """Estimated cost of each unit with the white space that follows it."""
        edges = np.append(context.units.start, len(context.view.text))
        return np.diff(np.searchsorted(self.starts, edges))

    def count(self, context: Context) -> int:
        """The exact length of what is kept."""
        return self.counter.count(context.text)


Writer: TypeAlias = Callable[[str, Sequence[str]], str]
"""Writes a text in another way, without touching any of the given (protected) texts in it."""


@dataclass(frozen=True)
class Context:
    """An ordered text in units, of which some are kept. Frozen: a stage returns another one.

    Args:
        view: the text and where it came from.
        units: what may be kept or dropped.
        kept: (n,) whether a unit is kept.
        scores: (n,) how much a unit is wanted; higher is better. Minus infinity rules it out: it
            is not taken back even where the budget would allow it.
        features: (n, d) unit rows, dense or sparse, whose products say how alike units are;
            None before a stage has computed them.
        extra: ranges of dropped units, or of white space between units, that are kept too.
        whole: whether nothing at all is left out, white space at the ends included.
        fine: whether units are words, of which neighbours are one stretch.
        writer: writes what is kept in another way, or None; see `Writer`.
        order: in which order a reader gets the passages, by their numbers; None as they stood.
    """

    view: View
    units: Units
    kept: NDArray[np.bool_]
    scores: NDArray[np.float64]
    features: Any = None
    extra: tuple[Range, ...] = ()
    whole: bool = False
    fine: bool = False
    writer: Writer | None = None
    order: tuple[int, ...] | None = None

    @classmethod
    def read(cls, view: View, longest: int = LONGEST_UNIT, plain: bool = False) -> Context:
        """All units kept, none scored; see `units.split` for `longest` and `plain`."""
        units = split(view, longest, plain)
        n = len(units)
        return cls(view, units, np.ones(n, dtype=bool), np.zeros(n))

    def keep(self, kept: NDArray[np.bool_], extra: tuple[Range, ...] = ()) -> Context:
        """The same units, others kept, with what they need; protected units always are."""
        return replace(self, kept=self.units.completed(kept), extra=extra, whole=False)

    def scored(self, scores: NDArray[np.float64]) -> Context:
        """Other scores; what is ruled out stays so."""
        return replace(self, scores=np.where(np.isneginf(self.scores), -np.inf, scores))

    def without(self, out: NDArray[np.bool_]) -> Context:
        """Units ruled out, except protected ones: they are not taken back to use up the budget."""
        out = out & ~self.units.protected
        kept = self.units.standing(self.kept & ~out)
        return replace(self.keep(kept), scores=np.where(out, -np.inf, self.scores))

    def everything(self) -> Context:
        """Nothing left out."""
        return replace(self, kept=np.ones(len(self.units), dtype=bool), extra=(), whole=True)

    @property
    def ranges(self) -> list[Range]:
        """The kept ranges of the view's text, in order."""
        if self.whole:
            return [(0, len(self.view.text))]
        starts = self.units.start[self.kept].tolist()
        ends = self.units.end[self.kept].tolist()
        ranges = sorted([*zip(starts, ends, strict=True), *self.extra])
        return _joined(ranges, self.view.text) if self.fine else ranges

    @property
    def text(self) -> str:
        """What a reader is given."""
        plain = self.plain
        if self.writer is None:
            return plain
        return self.writer(plain, [self.view.text[a:b] for a, b in self.view.protected])

    @property
    def plain(self) -> str:
        """What is kept, as it stood in the input, in the order that was asked for."""
        if self.order is None:
            return self.view.render(self.ranges)
        kept = dict(self.by_passage)
        return SEPARATOR.join(kept[number] for number in self.order if number in kept)

    @property
    def spans(self) -> tuple[Span, ...]:
        """What is kept, each stretch with its source and offsets, in the order of the result."""
        found = self.view.spans(self.ranges)
        if self.order is None:
            return found
        place = {number: at for at, number in enumerate(self.order)}
        return tuple(sorted(found, key=lambda span: place[span.passage]))

    @property
    def by_passage(self) -> tuple[tuple[int, str], ...]:
        """The kept text of each passage, with its number, of those that kept any."""
        return self.view.by_passage(self.ranges)

    def original(self, span: Span) -> Span:
        """The whole paragraphs, rows or functions that a span is a part of, as they stood.

        Raises:
            UsageError: if the span is of another text.
        """
        view, units = self.view, self.units
        places = view.places(span)
        if not places or "".join(view.text[a:b] for a, b in places) != span.text:
            raise UsageError(
                f"characters {span.start} to {span.end} of {span.source or 'the text'!r} are not"
                " what the span holds: give a span of this result"
            )
        first = int(np.searchsorted(units.end, places[0][0], side="right"))
        last = int(np.searchsorted(units.start, places[-1][1]))
        same = np.isin(units.paragraph, units.paragraph[first:last])
        if not same.any():
            return span
        around = view.spans([(int(units.start[same].min()), int(units.end[same].max()))])
        own = [s for s in around if s.passage == span.passage]
        start, end = min(own[0].start, span.start), max(own[-1].end, span.end)
        passage = view.passages[span.passage]
        text = passage.text[start - passage.start : end - passage.start]
        return replace(span, start=start, end=end, text=text, protected=False)


def _joined(ranges: list[Range], text: str) -> list[Range]:
    """Ranges between which white space stands that is kept anyway, as one."""
    found: list[Range] = []
    for start, end in ranges:
        if found and (start == found[-1][1] or kept_between(text, found[-1][1], start)):
            found[-1] = (found[-1][0], end)
        else:
            found.append((start, end))
    return found
