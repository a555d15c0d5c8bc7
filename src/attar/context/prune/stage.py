"""Leave words out: the stage that all methods of pruning share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Context, Task
from attar.context.fill import fill
from attar.context.prune.coarse import wanted
from attar.context.prune.cut import cut
from attar.context.prune.method import Method, Values, descending
from attar.context.prune.pieces import mean_by_piece
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import REGISTRY, register

_UNREAD = -2.0
"""Units that were not read score below this; pieces that were, from -1 to 1."""


@register(
    "prune",
    target="context",
    needs=("language model",),
    paper="LLMLingua (arXiv 2310.05736) and others: attar methods prune",
)
@dataclass(frozen=True, repr=False)
class Prune(Stage):
    """Keep words of sentences.

    Coarse to fine: the units that are wanted most, `coarse` times the budget, are read, and
    their words compete for the budget. Which units these are, the stages before say; where none
    has ranked, the method ranks paragraphs in its own way, or reads everything. What cannot be
    kept in part (JSON, code, protected text, headings) stays whole.

    Args:
        method: one of `attar methods prune`.
        coarse: what is read, as a multiple of the budget; at least 1.
        model: what the method reads with; "default" is Attar's own.
    """

    method: tuple[str, ...] = ("lingua",)
    coarse: float = 1.2
    model: str = "default"

    name: ClassVar[str] = "prune"

    def __post_init__(self) -> None:
        if len(self.method) != 1:
            raise UsageError(f"prune takes one method, not {'+'.join(self.method) or 'none'}")
        REGISTRY.get(self.method[0], target="prune")
        if not isinstance(self.coarse, int | float) or not 1 <= self.coarse < float("inf"):
            raise UsageError(f"coarse of prune is a number from 1 up, not {self.coarse!r}")
        if not isinstance(self.model, str):
            raise UsageError(f"model of prune is a name in quotes, not {self.model!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Cut the most wanted units into words and keep the best of these.

        Raises:
            UsageError: if the method needs a question and there is none.
            ModelError: if the model is not there or cannot tell what is asked.
        """
        method: Method = REGISTRY.get(self.method[0], target="prune").make(self.model, task)
        if not len(context.units):
            return context
        ranks = wanted(context, task, method, self.coarse)
        units, owner = cut(context, np.isfinite(ranks), method)
        scores = _unread(context.scores)[owner]
        fine = replace(context, units=units, scores=scores, features=None, fine=True)
        weighed = _weighed(fine, task, method, ranks[owner])
        scores = np.where(np.isfinite(weighed), weighed, scores)
        costs = task.costs(fine)
        room = task.limit - int(costs[units.protected].sum())
        order = np.argsort(-scores, kind="stable")
        order = order[~units.protected[order] & np.isfinite(scores[order])]
        kept = np.zeros(len(units), dtype=np.bool_)
        kept[fill(order, costs, room, units, units.protected, task.limit)] = True
        return replace(fine, scores=scores).keep(kept)


def _unread(ranks: Values) -> Values:
    """Scores in the order of the ranks, below those of all pieces; what is ruled out stays so."""
    places = np.empty(len(ranks))
    places[np.argsort(-ranks, kind="stable")] = np.arange(len(ranks))
    return np.where(np.isneginf(ranks), -np.inf, _UNREAD - places / len(ranks))


def _weighed(context: Context, task: Task, method: Method, ranks: Values) -> Values:
    """The share of its text at which each piece would still be kept, less its place in it.

    So pieces from 0 up are those that the method keeps, and a budget that is a little smaller or
    larger than estimated takes as much from every text.

    Args:
        context: pieces.
        task: its limit counts.
        method: weighs tokens.
        ranks: (n,) how much the unit of each piece is wanted; minus infinity if it is not read.

    Returns:
        (n,) from -1 to 1; minus infinity for what is not read.
    """
    units = context.units
    costs = task.costs(context).astype(np.float64)
    scores = np.full(len(units), -np.inf)
    texts = _texts(units.paragraph, ranks)
    if not texts:
        return scores
    total = max(float(costs[np.isfinite(ranks)].sum()), 1.0)
    share = (task.limit - costs[units.protected].sum()) / total
    shares = np.clip(share + method.changes(len(texts)), 0.0, 1.0)
    asked = [number for number, kept in enumerate(shares) if kept < 1.0]
    values = _values(context, method, [texts[number] for number in asked])
    if method.everywhere and asked:
        texts, values, asked = [np.concatenate(texts)], [np.concatenate(values)], [0]
    found = dict(zip(asked, values, strict=True))
    for number, (i, kept) in enumerate(zip(texts, shares, strict=False)):
        order = number / max(len(texts) - 1, 1)
        if number in found:
            places = method.places(found[number], costs[i], float(kept), order)
        else:  # kept whole, so not read; if it must give after all, it gives from its end
            places = descending(np.zeros(len(i)), costs[i])
        scores[i] = kept - places
    return scores


def _values(context: Context, method: Method, texts: list[NDArray[np.intp]]) -> list[Values]:
    """What the method says of the pieces of each text: means over their tokens."""
    units = context.units
    ends = [(int(units.start[i[0]]), int(units.end[i[-1]])) for i in texts]
    found = method.weigh([context.view.text[a:b] for a, b in ends])
    return [
        mean_by_piece(units.start[i] - a, units.end[i] - a, tokens.offsets, tokens.values)
        for i, (a, _), tokens in zip(texts, ends, found, strict=True)
    ]


def _texts(paragraph: NDArray[np.int64], ranks: Values) -> list[NDArray[np.intp]]:
    """The pieces of each paragraph that are read, the most wanted paragraph first."""
    read = np.flatnonzero(np.isfinite(ranks))
    _, groups = np.unique(paragraph[read], return_inverse=True)
    best = np.full(int(groups.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(best, groups, ranks[read])
    sizes = np.bincount(groups, minlength=len(best))
    members = np.split(read[np.argsort(groups, kind="stable")], np.cumsum(sizes)[:-1])
    return [members[group] for group in np.argsort(-best, kind="stable")]
