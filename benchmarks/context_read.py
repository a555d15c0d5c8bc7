"""What does a reader make of what is left? Recipes beside full text, gold passage and truncation.

    ATTAR_DATA=DATA python -m benchmarks.context_read xquad [--count 24] [--budgets 12.5%,6%]

Sets are those of `benchmarks.context_questions`; the reader is the default language model. What
was read before is remembered, so a larger --count only reads what is new, and a run that was cut
off goes on. Writes benchmarks/results/context_read-SET.json, with "closed": the share of the loss
between the better of the two baselines (BM25 sentences, MiniLM sentences) and the gold passage that
a recipe takes away.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from attar import models
from attar.budget import Budget
from attar.measure.context import measure_context
from attar.measure.context_figures import ContextFigures, ContextMeasurement
from attar.measure.estimate import Estimate
from attar.measure.memo import Memo
from attar.measure.questions import read_questions
from attar.measure.reader import Reader
from attar.measure.squeezing import Recipe
from benchmarks.common import environment, save
from benchmarks.context_questions import entries, write

BM25 = "rank(bm25, paragraph=0.0, neighbour=0.0) >> extract(top)"
DENSE = "rank(dense, paragraph=0.0, neighbour=0.0) >> extract(top)"
RECIPES = ("default", "model-free", "high", BM25, DENSE)
SUMMARY = "Summarise what the text above says about the question."


def measured(args: argparse.Namespace) -> ContextMeasurement:
    """The set, squeezed and read."""
    with tempfile.TemporaryDirectory() as folder, Memo.default() as memo:
        path = Path(folder, "questions.jsonl")
        write(path, entries(args.set, args.count, args.among, args.most_words))
        reader = Reader(models.language_model(), memo)
        if args.set == "qmsum":
            reader = Reader(models.language_model(), memo, SUMMARY)
        return measure_context(
            read_questions(path),
            [Recipe.named(text) for text in args.recipes or RECIPES],
            [Budget.parse(text) for text in args.budgets.split(",")],
            reader,
            models.embedder(),
            generate=args.answers,
            full=not args.no_full,
            data=args.set,
            progress=_say,
        )


def closed(figures: Sequence[ContextFigures], budget: str) -> dict[str, float]:
    """Of the way from the better baseline to the gold passage, the share that each recipe goes."""
    at = {f.name: f.loss for f in figures if str(f.budget) == budget and f.loss}
    gold = next((f.loss for f in figures if f.name == "gold passage"), None)
    baselines = [at[name].mean for name in (BM25, DENSE) if name in at]
    if gold is None or not baselines:
        return {}
    best = min(baselines)
    return {name: (best - loss.mean) / (best - gold.mean) for name, loss in at.items()}


def pairs(figures: Sequence[ContextFigures], budget: str) -> dict[str, dict[str, Estimate]]:
    """Paired differences of the loss of each recipe to each baseline: below 0 is better."""
    at = [f for f in figures if str(f.budget) == budget]
    names = (BM25, DENSE, "truncate(start)")
    return {
        one.name: {
            other.name: Estimate.of_difference(one.losses, other.losses)
            for other in at
            if other.name in names and other is not one
        }
        for one in at
    }


def _say(step: str, done: int, total: int | None, /) -> None:
    if done == total:
        print(step, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", choices=("xquad", "xquad-hard", "kv", "nq", "qmsum"))
    parser.add_argument("--count", type=int, default=24)
    parser.add_argument("--among", type=int, default=10)
    parser.add_argument("--most-words", type=int, default=4000)
    parser.add_argument("--budgets", default="12.5%,6%")
    parser.add_argument("--recipes", nargs="*")
    parser.add_argument("--answers", action="store_true", help="let the reader write answers too")
    parser.add_argument("--no-full", action="store_true", help="the full text takes longest")
    parser.add_argument("--no-save", action="store_true")
    args = parser.parse_args()
    found = measured(args)
    result = {**found.to_dict(), "environment": environment("torch", "transformers"), "at": {}}
    for budget in args.budgets.split(","):
        shares = closed(found.figures, budget)
        differences = pairs(found.figures, budget)
        result["at"][budget] = {
            name: {
                "closed": shares.get(name),
                "to": {k: [e.mean, e.low, e.high] for k, e in others.items()},
            }
            for name, others in differences.items()
        }
        for one in found.figures:
            if str(one.budget) == budget and one.loss:
                close = f"closed {shares[one.name]:.2f}" if one.name in shares else ""
                print(f"{budget:6s} {one.loss.mean:.3f} {one.survival} {close:12s} {one.name}")
    for one in found.figures:
        if one.budget is None and one.loss:
            print(f"       {one.loss.mean:.3f} {one.name}")
    if not args.no_save:
        save(f"context_read-{args.set}", result)


if __name__ == "__main__":
    main()
