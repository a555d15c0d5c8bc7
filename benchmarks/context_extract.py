"""Does squeezing keep the sentence that holds the answer? XQuAD English, seeded.

    ATTAR_DATA=DATA python -m benchmarks.context_extract [--questions 200] [--no-dense]

Each question's paragraph stands among 9 and among 39 others, at a random place; the text is
squeezed to a share of its tokens (of the default language model). "Kept" means that the whole
gold sentence is in the output, "answer kept" that the answer is, where it stands in that sentence;
some sentences are longer than 6% of ten paragraphs. Beside it, sentences by BM25 alone and by
embedding alone, taken by score until the same budget. Writes
benchmarks/results/context_extract.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from attar import models
from attar.budget import Budget
from attar.context import Passage, Span, squeeze
from attar.segmentation.sentences import sentences
from benchmarks.common import data, environment, save

SEED = 20240607
SHARES = {10: (0.25, 0.125, 0.06), 40: (0.25, 0.125, 0.06, 0.03)}
RECIPES = {
    "default, model-free": None,
    "BM25 sentences": "rank(bm25, paragraph=0.0, neighbour=0.0) >> extract(top)",
}
DENSE_RECIPES = {
    "default, with MiniLM": None,
    "MiniLM sentences": "rank(dense, paragraph=0.0, neighbour=0.0) >> extract(top)",
}


class Remembering:
    """An embedder that embeds each text once: the same paragraphs come again and again."""

    def __init__(self) -> None:
        self._embedder = models.embedder()
        self._known: dict[str, NDArray[np.float32]] = {}
        self.name, self.digest = self._embedder.name, self._embedder.digest
        self.dim, self.max_tokens = self._embedder.dim, self._embedder.max_tokens
        self.tokenizer = self._embedder.tokenizer

    def embed(self, texts: Sequence[str], **_: object) -> NDArray[np.float32]:
        new = sorted({text for text in texts if text not in self._known})
        if new:
            self._known.update(zip(new, self._embedder.embed(new), strict=True))
        return np.stack([self._known[text] for text in texts])


class Case(NamedTuple):
    """A question, paragraphs, which is gold, and where in it the sentence and the answer stand."""

    question: str
    paragraphs: list[str]
    gold: int
    sentence: tuple[int, int]
    answer: tuple[int, int]

    def kept(self, spans: Sequence[Span], place: tuple[int, int]) -> bool:
        """Whether a stretch of the gold paragraph is kept."""
        start, end = place
        return any(s.passage == self.gold and s.start <= start and end <= s.end for s in spans)


def cases(path: Path, count: int, among: int) -> list[Case]:
    """Seeded questions, each with paragraphs of its own."""
    data = json.loads(path.read_text(encoding="utf-8"))["data"]
    paragraphs = [p["context"] for article in data for p in article["paragraphs"]]
    questions = [
        (i, qa)
        for i, p in enumerate(p for article in data for p in article["paragraphs"])
        for qa in p["qas"]
    ]
    rng = np.random.default_rng(SEED)
    found = []
    for number in rng.permutation(len(questions))[:count]:
        gold, qa = questions[number]
        others = [i for i in rng.permutation(len(paragraphs)) if i != gold][: among - 1]
        place = int(rng.integers(among))
        order = [*others[:place], gold, *others[place:]]
        at = qa["answers"][0]["answer_start"]
        sentence = next(s for s in sentences(paragraphs[gold]) if s[0] <= at < s[1])
        answer = (at, at + len(qa["answers"][0]["text"]))
        texts = [paragraphs[i] for i in order]
        found.append(Case(qa["question"], texts, place, sentence, answer))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--no-dense", action="store_true")
    parser.add_argument("--no-save", action="store_true")
    args = parser.parse_args()
    folder = data()
    tokenizer = models.tokenizer()
    embedder = None if args.no_dense else Remembering()
    runs = [(name, recipe, None) for name, recipe in RECIPES.items()]
    if embedder:
        runs += [(name, recipe, embedder) for name, recipe in DENSE_RECIPES.items()]
    rows = []
    for among, shares in SHARES.items():
        todo = cases(folder / "xquad" / "xquad.en.json", args.questions, among)
        for share in shares:
            for name, recipe, scorer in runs:
                kept, answered, used, seconds, tokens = [], [], [], 0.0, 0
                for case in todo:
                    began = time.process_time()
                    result = squeeze(
                        [Passage(p) for p in case.paragraphs],
                        case.question,
                        to=Budget(share, "ratio"),
                        tokenizer=tokenizer,
                        embedder=scorer,
                        recipe=recipe,
                    )
                    seconds += time.process_time() - began
                    tokens += result.tokens_before
                    used.append(result.tokens_after / result.tokens_before / share)
                    kept.append(case.kept(result.spans, case.sentence))
                    answered.append(case.kept(result.spans, case.answer))
                rows.append(
                    {
                        "paragraphs": among,
                        "share": share,
                        "method": name,
                        "gold_sentence_kept": float(np.mean(kept)),
                        "answer_kept": float(np.mean(answered)),
                        "budget_used_least": min(used),
                        "budget_used_most": max(used),
                        # Processor time; none where embeddings are remembered between cases.
                        "ms_per_1000_tokens": None if scorer else 1e6 * seconds / tokens,
                    }
                )
                print(json.dumps(rows[-1]), flush=True)
    found = {"data": "XQuAD English", "questions": args.questions, "seed": SEED}
    if not args.no_save:
        save("context_extract", {**found, "environment": environment("torch"), "rows": rows})


if __name__ == "__main__":
    main()
