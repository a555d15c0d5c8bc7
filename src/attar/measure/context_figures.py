"""Figures of squeezing: what was read, means over questions, differences, and a plot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from math import inf
from typing import Any

from attar.budget import Budget
from attar.measure.breakeven import SPEEDS, BreakEven
from attar.measure.estimate import Estimate
from attar.measure.plot import Axis, Series, svg


@dataclass(frozen=True, slots=True)
class Reading:
    """One text in place of one question's passages.

    Args:
        before: tokens of the passages.
        after: tokens of the text.
        met: whether the budget was met; None if there was none.
        survived: whether an answer stands in the text; None if none stood in the passages.
        loss: negative log-likelihood of the first answer, nats a token; None if not measured.
        exact: exact match of the generated answer; None if not measured.
        f1: its F1; None if not measured.
    """

    before: int
    after: int
    met: bool | None
    survived: float | None
    loss: float | None
    exact: float | None
    f1: float | None


@dataclass(frozen=True, slots=True)
class ContextFigures:
    """How one way of squeezing did at one budget, or one reference.

    Args:
        name: the recipe, or "full", "empty" or "gold passage".
        budget: what it was squeezed to; None for a reference.
        tokens: mean tokens of the text.
        ratio: tokens of all texts over tokens of all passages.
        met: share of the budgets that were met; None for a reference.
        survival: share of the questions whose answer stands in the text, of those where it stands
            in the passages; None if there are none.
        loss: negative log-likelihood of the answer, nats a token; None if not measured.
        exact: exact match of generated answers; None if not measured.
        f1: their F1; None if not measured.
        losses: the loss of each question.
        differences: paired differences of the loss to others, by name.
        seconds_per_1000: seconds of squeezing for 1,000 tokens of input; None for a reference.
        line: seconds by length; None for a reference.
    """

    name: str
    budget: Budget | None
    tokens: float
    ratio: float
    met: float | None
    survival: float | None
    loss: Estimate | None
    exact: Estimate | None
    f1: Estimate | None
    losses: tuple[float, ...] = ()
    differences: dict[str, Estimate] = field(default_factory=dict)
    seconds_per_1000: float | None = None
    line: BreakEven | None = None

    def timed(self, seconds_per_1000: float, line: BreakEven) -> ContextFigures:
        """The same with what squeezing cost."""
        return replace(self, seconds_per_1000=seconds_per_1000, line=line)

    def against(self, others: Sequence[ContextFigures]) -> ContextFigures:
        """The same with paired differences of the loss: less than 0 where this is better."""
        found = {
            other.name: Estimate.of_difference(self.losses, other.losses)
            for other in others
            if self.losses and other.losses
        }
        return replace(self, differences=found)

    def to_dict(self) -> dict[str, Any]:
        """In plain types, by the keys that docs/json.md promises."""
        out = {k: v for k, v in asdict(self).items() if k not in ("budget", "line")}
        out["losses"] = [round(x, 5) for x in self.losses]
        out["budget"] = None if self.budget is None else str(self.budget)
        if self.line is not None:
            lengths = {str(s): _finite(self.line.shortest_prompt(s)) for s in SPEEDS}
            out["break_even"] = {
                "fixed_seconds": self.line.fixed,
                "seconds_per_token": self.line.per_token,
                "fastest_reader": _finite(self.line.fastest_reader),
                "shortest_prompt": lengths,
            }
        return out


@dataclass(frozen=True, slots=True)
class ContextMeasurement:
    """Everything from one run.

    Args:
        data: what the questions are.
        reader: the name of the language model that read.
        questions: how many.
        figures: references first, then budget by budget.
    """

    data: str
    reader: str
    questions: int
    figures: tuple[ContextFigures, ...]

    def to_dict(self) -> dict[str, Any]:
        """In plain types, by the keys that docs/json.md promises."""
        return {
            "data": self.data,
            "reader": self.reader,
            "questions": self.questions,
            "figures": [f.to_dict() for f in self.figures],
        }

    def plot(self) -> str:
        """Loss over tokens as the text of an SVG file; references are lines."""
        drawn = [f for f in self.figures if f.loss is not None]
        points = [f for f in drawn if f.budget is not None]
        flat = [f for f in drawn if f.budget is None]
        x = Axis.around("tokens that are left", [0.0, *(f.tokens for f in points)])
        y = Axis.around("loss of the answer, nats a token", [f.loss.mean for f in drawn if f.loss])
        series = [
            Series(f.name, [(x.low, f.loss.mean), (x.high, f.loss.mean)], line=True)
            for f in flat
            if f.loss
        ]
        for name in dict.fromkeys(f.name for f in points):
            mine = [(f.tokens, f.loss.mean) for f in points if f.name == name and f.loss]
            joined = name == "truncate(start)" and len(mine) > 1
            series.append(Series(name, sorted(mine), line=joined))
        return svg(f"{self.data}, {self.questions} questions, read by {self.reader}", x, y, series)


def summed(name: str, budget: Budget | None, readings: Sequence[Reading]) -> ContextFigures:
    """The means over questions."""

    def estimate(value: Callable[[Reading], float | None]) -> Estimate | None:
        found = [v for v in map(value, readings) if v is not None]
        return Estimate.of(found) if found else None

    survival = estimate(lambda r: r.survived)
    met = estimate(lambda r: None if r.met is None else float(r.met))
    return ContextFigures(
        name,
        budget,
        tokens=sum(r.after for r in readings) / len(readings),
        ratio=sum(r.after for r in readings) / max(1, sum(r.before for r in readings)),
        met=None if met is None else met.mean,
        survival=None if survival is None else survival.mean,
        loss=estimate(lambda r: r.loss),
        exact=estimate(lambda r: r.exact),
        f1=estimate(lambda r: r.f1),
        losses=tuple(r.loss for r in readings if r.loss is not None),
    )


def _finite(value: float) -> float | None:
    return None if value == inf else value
