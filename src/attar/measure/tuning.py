"""`attar tune`: the ranking that answers judged questions best, and what it gains on others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from itertools import product
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.measure.judged import Judged
from attar.measure.plot import Axis, Series, svg
from attar.measure.skyband import skyband
from attar.pack import Pack, Ranking
from attar.pack.collection import Collection
from attar.pack.dense import Dense
from attar.pack.fusion import Fusion, comparable
from attar.pack.search import sparse_scores
from attar.progress import Progress, silent
from attar.report import Loss

DEPTH = 10
FOLDS = 5
DEALS = 20
WEIGHTS = tuple(i / 20 for i in range(21))
K1 = (0.6, 0.9, 1.2, 1.5, 2.0, 3.0)
B = (0.3, 0.45, 0.6, 0.75, 0.9)
FUSIONS: tuple[Fusion, ...] = get_args(Fusion)
DEFAULT = Ranking()
_RESAMPLES = 10_000

Gains = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Tuning:
    """What tuning found; all figures are means of nDCG@10 over the questions.

    Args:
        queries: how many questions it was measured on.
        chosen: the ranking that is best on all of them; the defaults if no other holds.
        best: nDCG of the best ranking on the questions that chose it, which flatters it.
        held_out: nDCG of rankings on questions that had no part in choosing them.
        default: nDCG of the defaults on the same questions.
        interval: 95% of the resampled means of `held_out - default`.
        k1: of the best ranking.
        b: of the best ranking.
        curves: nDCG over the weight (`WEIGHTS`) by fusion, with those.
    """

    queries: int
    chosen: Ranking
    best: float
    held_out: float
    default: float
    interval: tuple[float, float]
    k1: float
    b: float
    curves: Mapping[Fusion, Sequence[float]]

    @property
    def improves(self) -> bool:
        """Whether tuning gained anything on held-out questions."""
        return self.chosen.settings != DEFAULT

    def to_dict(self) -> dict[str, Any]:
        """In plain types, by the keys that docs/json.md promises."""
        return {
            "queries": self.queries,
            "ranking": asdict(self.chosen),
            "ndcg@10": {
                "default": self.default,
                "held_out": self.held_out,
                "best": self.best,
            },
            "gain": self.held_out - self.default,
            "interval": list(self.interval),
            "curves": {
                "k1": self.k1,
                "b": self.b,
                "weights": list(WEIGHTS),
                **{fusion: list(curve) for fusion, curve in self.curves.items()},
            },
        }


def tune(pack: Pack, judged: Judged, progress: Progress = silent) -> Tuning:
    """Try every fusion, weight, k1 and b of a grid on judged questions.

    The gain is that of repeated cross-validation: the questions are dealt into five parts, and
    each part is searched with the ranking that is best on the four others. The best ranking on
    all questions is chosen if that gained anything; otherwise the defaults are.

    Args:
        pack: what is searched; documents count by their best unit.
        judged: questions with relevant documents.
        progress: told of questions searched.

    Raises:
        UsageError: if there are fewer questions than parts, or none of the documents is there.
        ModelError: if the pack's embedder cannot be loaded.
    """
    return Tuner.of(pack, judged, progress).choose()


@dataclass(frozen=True, slots=True)
class Tuner:
    """Every ranking of a grid, measured on every question.

    Args:
        ndcg: (queries, settings) nDCG@10.
        settings: rankings, those first that are nearest to the defaults, which are among them.
    """

    ndcg: Gains
    settings: Sequence[Ranking]

    @classmethod
    def of(cls, pack: Pack, judged: Judged, progress: Progress = silent) -> Tuner:
        """Measure; arguments and errors as `tune`."""
        grid = _Grid(_settings())
        return cls(np.stack(list(_measured(pack, judged, grid, progress))), grid.settings)

    def held_out(self) -> Gains:
        """(queries,) nDCG of each by the ranking that is best on the questions of other parts.

        A mean of several deals, since what one deal of fifty questions says is half luck.
        """
        found = np.zeros(len(self.ndcg))
        for deal in range(DEALS):
            part = np.random.default_rng(deal).permutation(len(self.ndcg)) % FOLDS
            for fold in range(FOLDS):
                best = int(self.ndcg[part != fold].mean(axis=0).argmax())
                found[part == fold] += self.ndcg[part == fold, best]
        return found / DEALS

    def choose(self) -> Tuning:
        """The best ranking, if rankings so chosen are better than the defaults elsewhere.

        Of equally good ones the first is chosen.
        """
        means = self.ndcg.mean(axis=0)
        best = self.settings[int(means.argmax())]
        default = self.ndcg[:, self.settings.index(DEFAULT)]
        held_out = self.held_out()
        gain = held_out - default
        chosen = DEFAULT
        if gain.mean() > 0 and best != DEFAULT:
            evidence = Loss(
                f"nDCG@{DEPTH}",
                round(float(held_out.mean()), 6),
                round(float(default.mean()), 6),
                f"{len(gain)} held-out queries",
            )
            chosen = replace(best, measured=evidence)
        column = {ranking: i for i, ranking in enumerate(self.settings)}
        return Tuning(
            queries=len(gain),
            chosen=chosen,
            best=float(means.max()),
            held_out=float(held_out.mean()),
            default=float(default.mean()),
            interval=_interval(gain),
            k1=best.k1,
            b=best.b,
            curves={
                f: [float(means[column[replace(best, fusion=f, weight=w)]]) for w in WEIGHTS]
                for f in FUSIONS
            },
        )


def plot(found: Tuning, name: str) -> str:
    """nDCG@10 over the weight of meanings, as the text of an SVG file.

    Args:
        found: what is drawn.
        name: of the pack, for the title.
    """
    values = [y for curve in found.curves.values() for y in curve]
    lines = [
        Series(fusion, list(zip(WEIGHTS, curve, strict=True)), line=True)
        for fusion, curve in found.curves.items()
    ]
    title = f"{name}: {found.queries} questions, k1 {found.k1:g}, b {found.b:g}"
    weight = Axis("weight of meanings; the rest is words", 0.0, 1.0)
    return svg(title, weight, Axis.around(f"nDCG@{DEPTH}", values), lines)


def _settings() -> list[Ranking]:
    """The grid, those first that are nearest to the defaults."""
    found = [Ranking(f, w, k1, b) for k1, b, f, w in product(K1, B, FUSIONS, WEIGHTS)]

    def distance(ranking: Ranking) -> tuple[float, ...]:
        moved = abs(ranking.k1 - DEFAULT.k1) + abs(ranking.b - DEFAULT.b)
        return (FUSIONS.index(ranking.fusion), abs(ranking.weight - DEFAULT.weight), moved)

    return sorted(found, key=distance)


def _interval(gain: Gains) -> tuple[float, float]:
    """95% of the means of resampled questions: Efron, "Bootstrap Methods" (1979)."""
    chance = np.random.default_rng(0)
    means = [gain[chance.integers(0, len(gain), len(gain))].mean() for _ in range(_RESAMPLES)]
    low, high = np.percentile(means, [2.5, 97.5])
    return float(low), float(high)


class _Grid:
    """Rankings in blocks: for each BM25 and fusion, all weights.

    Args:
        settings: all combinations of `K1`, `B`, `FUSIONS` and `WEIGHTS`, in any order.
    """

    def __init__(self, settings: Sequence[Ranking]) -> None:
        self.settings = settings

    @cached_property
    def blocks(self) -> Mapping[tuple[float, float], Mapping[Fusion, list[int]]]:
        """Column of each weight, by fusion, by k1 and b."""
        column = {ranking: i for i, ranking in enumerate(self.settings)}
        return {
            (k1, b): {f: [column[Ranking(f, w, k1, b)] for w in WEIGHTS] for f in FUSIONS}
            for k1, b in product(K1, B)
        }


def _measured(pack: Pack, judged: Judged, grid: _Grid, progress: Progress) -> Iterator[Gains]:
    """(settings,) nDCG of each question."""
    if len(judged.queries) < FOLDS:
        raise UsageError(
            f"{len(judged.queries)} judged queries are too few to tune by: give at least {FOLDS},"
            " better fifty"
        )
    collection = pack.collection
    live = np.flatnonzero(collection.live)
    owners = collection.document_of_unit[live]
    numbers = _numbers(collection)
    known = {d for grades in judged.judgements.values() for d in grades} & numbers.keys()
    if not known:
        asked = next(iter(next(iter(judged.judgements.values()))))
        there = next(iter(numbers), None)
        raise UsageError(
            f"{pack} holds none of the documents that are judged: they have ids like {asked!r},"
            + (f" and its own are like {there!r}" if there is not None else " and it is empty")
        )
    vectors = pack.embedder.embed(list(judged.queries.values()))
    weights = np.asarray(WEIGHTS, np.float32)[:, None]
    for done, (name, question) in enumerate(judged.queries.items()):
        progress("tune", done, len(judged.queries))
        grades = judged.judgements[name]
        relevant = {numbers[d]: max(g, 0) for d, g in grades.items() if d in numbers}
        ideal = _dcg(np.array([sorted((max(g, 0) for g in grades.values()), reverse=True)[:DEPTH]]))
        dense = Dense(collection, vectors[done]).some(live)
        order = np.argsort(-dense, kind="stable")
        stretched = {fusion: comparable(dense, fusion) for fusion in FUSIONS}
        found = np.empty(len(grid.settings))
        for (k1, b), by_fusion in grid.blocks.items():
            sparse = sparse_scores(collection, question, Ranking(k1=k1, b=b).bm25)[live]
            kept = skyband(dense, order, sparse, owners, DEPTH)
            for fusion, columns in by_fusion.items():
                ours, theirs = stretched[fusion][kept], comparable(sparse, fusion)[kept]
                fused = weights * ours + (np.float32(1) - weights) * theirs
                found[columns] = _dcg(_gains(fused, owners[kept], relevant)) / ideal
        yield found
    progress("tune", len(judged.queries), len(judged.queries))


def _numbers(collection: Collection) -> dict[str, int]:
    """Number of each live document by its id, as `document_of_unit` counts them."""
    found = {}
    first = 0
    for segment in collection.segments:
        ids = segment.units.ids
        found.update({ids[i]: first + i for i in np.flatnonzero(segment.live_documents).tolist()})
        first += segment.entry.documents
    return found


def _gains(
    fused: NDArray[np.float32], owners: NDArray[np.int64], grades: Mapping[int, int]
) -> Gains:
    """(weights, DEPTH) grades of the best documents by each row of scores of units."""
    gains = np.zeros((len(fused), DEPTH))
    graded = np.array([grades.get(owner, 0) for owner in owners.tolist()], np.float64)
    order = np.argsort(-fused, axis=1, kind="stable")
    if len(np.unique(owners)) == len(owners):
        best = graded[order[:, :DEPTH]]
        gains[:, : best.shape[1]] = best
        return gains
    for row, ranked in zip(gains, order, strict=True):
        units: dict[int, int] = {}
        for unit in ranked.tolist():
            units.setdefault(int(owners[unit]), unit)
            if len(units) == DEPTH:
                break
        row[: len(units)] = graded[list(units.values())]
    return gains


def _dcg(gains: NDArray[Any]) -> Gains:
    """(n,) discounted cumulative gain of each row."""
    discounted: Gains = (gains / np.log2(np.arange(2, gains.shape[1] + 2))).sum(axis=1)
    return discounted
