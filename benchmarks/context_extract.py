"""Does squeezing keep the sentence that holds the answer? XQuAD English, seeded.

    ATTAR_DATA=DATA python -m benchmarks.context_extract [--questions 200] [--no-dense]

Each question's paragraph stands among 9 and among 39 others, at a random place; the text is
squeezed to a share of its tokens (of the default language model). "Kept" means that the whole
gold sentence is in the output; beside it, sentences by BM25 alone and by embedding alone, taken
by score until the same budget, and the beginning of the text. Writes
benchmarks/results/context_extract.json.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar import models
from attar.budget import Budget
from attar.context import Passage, squeeze
from attar.segmentation.sentences import sentences
from benchmarks.common import data

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


def cases(path: Path, count: int, among: int) -> list[tuple[str, list[str], int, tuple[int, int]]]:
    """Question, paragraphs, which of them is gold, and the gold sentence's place in it."""
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
        found.append((qa["question"], [paragraphs[i] for i in order], place, sentence))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--no-dense", action="store_true")
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
                kept, used, seconds, tokens = [], [], 0.0, 0
                for question, paragraphs, place, (start, end) in todo:
                    began = time.process_time()
                    result = squeeze(
                        [Passage(p) for p in paragraphs],
                        question,
                        to=Budget(share, "ratio"),
                        tokenizer=tokenizer,
                        embedder=scorer,
                        recipe=recipe,
                    )
                    seconds += time.process_time() - began
                    tokens += result.tokens_before
                    used.append(result.tokens_after / result.tokens_before / share)
                    kept.append(
                        any(
                            s.passage == place and s.start <= start and end <= s.end
                            for s in result.spans
                        )
                    )
                rows.append(
                    {
                        "paragraphs": among,
                        "share": share,
                        "method": name,
                        "gold_sentence_kept": float(np.mean(kept)),
                        "budget_used_least": min(used),
                        "budget_used_most": max(used),
                        # Processor time; none where embeddings are remembered between cases.
                        "ms_per_1000_tokens": None if scorer else 1e6 * seconds / tokens,
                    }
                )
                print(json.dumps(rows[-1]), flush=True)
    result = {"data": "XQuAD English", "questions": args.questions, "seed": SEED, "rows": rows}
    out = Path(__file__).parent / "results" / "context_extract.json"
    out.parent.mkdir(exist_ok=True)
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
