"""Questions that words alone do not answer, and records of which one is asked for: what survives?

    ATTAR_DATA=DATA python -m benchmarks.context_hard [--high]

XQuAD English, all 1,190 questions among nine other paragraphs: those of which no content word
occurs in the gold sentence, as measured by stems; kept is the whole gold sentence. Key-value
records of lost_in_the_middle: kept is the value asked for, at 10% of the tokens. Writes
benchmarks/results/context_hard.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from attar import models
from attar.context import Passage, Squeezed, squeeze
from attar.measure.recall import Recall
from attar.models.base import Embedder
from benchmarks.common import save
from benchmarks.context_questions import SEED, entries

BM25 = "rank(bm25, paragraph=0.0, neighbour=0.0) >> extract(top)"
DENSE = "rank(dense, paragraph=0.0, neighbour=0.0) >> extract(top)"
Entry = Mapping[str, Any]


def sentence_kept(entry: Entry, result: Squeezed) -> bool:
    """Whether the whole gold sentence is there."""
    start, end = entry["gold_sentence"]
    spans = [s for s in result.spans if s.passage == entry["gold"]]
    return any(s.start <= start and end <= s.end for s in spans)


def answer_kept(entry: Entry, result: Squeezed) -> bool:
    """Whether the answer stands in the text."""
    return entry["answers"][0] in result.text


def share(
    found: Sequence[Entry],
    budget: str,
    recipe: str | None,
    embedder: Embedder | None,
    high: bool,
    kept: Callable[[Entry, Squeezed], bool],
) -> float:
    """The share of the questions of which that is kept which matters."""
    return float(
        np.mean(
            [
                kept(
                    entry,
                    squeeze(
                        [Passage(text) for text in entry["passages"]],
                        entry["question"],
                        to=budget,
                        embedder=embedder,
                        recipe=recipe,
                        effort="high" if high else "default",
                    ),
                )
                for entry in found
            ]
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--high", action="store_true", help="measure effort='high' too")
    parser.add_argument("--records", type=int, default=100)
    args = parser.parse_args()
    embedder = Recall(models.embedder())
    methods: list[tuple[str, str | None, Embedder | None, bool]] = [
        ("default, model-free", None, None, False),
        ("default, with MiniLM", None, embedder, False),
        ("BM25 sentences", BM25, None, False),
        ("MiniLM sentences", DENSE, embedder, False),
    ]
    if args.high:
        methods.append(('effort="high"', None, embedder, True))
    rows = []
    hard = entries("xquad-hard", 1190)
    for budget in ("25%", "12.5%", "6%"):
        for name, recipe, given, high in methods:
            value = share(hard, budget, recipe, given, high, sentence_kept)
            rows.append({"set": "xquad-hard", "budget": budget, "method": name, "kept": value})
            print(rows[-1], flush=True)
    records = entries("kv", args.records)
    for name, recipe, given, high in methods[:1]:
        value = share(records, "10%", recipe, given, high, answer_kept)
        rows.append({"set": "kv", "budget": "10%", "method": name, "kept": value})
        print(rows[-1], flush=True)
    save(
        "context_hard",
        {"seed": SEED, "questions": len(hard), "records": len(records), "rows": rows},
    )


if __name__ == "__main__":
    main()
