"""Squeezing tasks with the untrained default's scores: one paragraph answers, the others do not.

    python training/items.py xquad FILE --others 9 --count 400 --seed 7 --out FILE
    python training/items.py held-out FOLDER --others 9 --count 400 --seed 7 --out FILE

Units, costs and scores are those of `attar.context`; each line of the output is one question.
"""

# ruff: noqa: S311  (seeded draws and a report on the terminal are what is wanted)
from __future__ import annotations

import argparse
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar.context import Context, Passage, Rank, Task
from attar.context.counting import Counter
from attar.context.terms import stem, words_of
from attar.context.view import View
from attar.models import embedder, tokenizer
from attar.models.base import Embedder
from attar.segmentation.sentences import sentences


@dataclass(frozen=True)
class Candidate:
    """A question that may become a task."""

    paragraph: int
    question: str
    answer: str
    at: int  # where the answer, or the sentence that holds it, begins in its paragraph


class Remembering:
    """An embedder that embeds each text once: tasks share paragraphs."""

    def __init__(self, inner: Embedder) -> None:
        self.inner = inner
        self.known: dict[str, NDArray[np.float32]] = {}

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Rows of `texts`."""
        new = [t for t in dict.fromkeys(texts) if t not in self.known]
        if new:
            self.known.update(zip(new, self.inner.embed(new), strict=True))
        return np.stack([self.known[t] for t in texts])


def xquad(file: Path) -> tuple[list[str], list[str], list[Candidate]]:
    """Paragraphs, their articles, and questions."""
    texts, articles, asked = [], [], []
    for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answer = qa["answers"][0]
                row = Candidate(len(texts), qa["question"], answer["text"], answer["answer_start"])
                asked.append(row)
            texts.append(paragraph["context"])
            articles.append(article["title"])
    return texts, articles, asked


def held_out(folder: Path) -> tuple[list[str], list[str], list[Candidate]]:
    """The questions that `train_sentences.py` does not train on, where a sentence is marked."""
    from train_sentences import Corpus

    paragraphs = [json.loads(line) for line in (folder / "paragraphs.jsonl").open()]
    rows = [json.loads(line) for line in (folder / "questions.jsonl").open()]
    names = [p["article"] for p in paragraphs]
    sources = [p["source"] for p in paragraphs]
    corpus = Corpus([], [], [], names, sources, [], rows, {})
    _, held = corpus.held_out()
    numbers = sorted({rows[i]["paragraph"] for i in held if rows[i]["gold"]})
    texts = [" ".join(paragraphs[n]["sentences"]) for n in numbers]
    asked = []
    for i in held:
        if rows[i]["gold"]:
            parts = paragraphs[rows[i]["paragraph"]]["sentences"]
            at = sum(len(s) + 1 for s in parts[: rows[i]["gold"][0]])
            place = numbers.index(rows[i]["paragraph"])
            asked.append(Candidate(place, rows[i]["question"], rows[i]["answer"], at))
    return texts, [names[n] for n in numbers], asked


_LITTLE = frozenset(
    """a an the of in on at to for from by with and or is are was were be been being what which who
    whom whose when where why how many much did do does has have had that this these those it its
    as than not no into about during after before between under over there their his her he she
    they them i you we""".split()  # noqa: SIM905
)


def shared(row: Candidate, text: str) -> int:
    """Content words that the question shares with the sentence that answers it, stemmed."""
    gold = next((text[a:b] for a, b in sentences(text) if a <= row.at < b), "")
    asked = set(stem([w for w in words_of(row.question)[0] if w not in _LITTLE]))
    return len(asked & set(stem(words_of(gold)[0])))


def main() -> None:
    """Draw tasks, score their units, and write them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["xquad", "held-out"])
    parser.add_argument("source", type=Path)
    parser.add_argument("--others", type=int, default=9)
    parser.add_argument("--count", type=int, default=400)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", type=int, help="questions that share at most so many words")
    parser.add_argument("--embedder", default="default")
    parser.add_argument("--tokenizer", default="default")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    texts, articles, asked = (xquad if options.kind == "xquad" else held_out)(options.source)
    if options.only is not None:
        asked = [row for row in asked if shared(row, texts[row.paragraph]) <= options.only]
    rng = random.Random(options.seed)
    remembering = Remembering(embedder(options.embedder))
    counter = Counter(tokenizer(options.tokenizer))
    chains = {
        "bm25": Rank(("bm25",), paragraph=0, neighbour=0),
        "dense": Rank(("dense",), paragraph=0, neighbour=0),
        "words": Rank(("bm25",)),
        "default": Rank(("bm25", "dense")),
    }
    with options.out.open("w", encoding="utf-8") as file:
        for row in rng.sample(asked, min(options.count, len(asked))):
            own = row.paragraph
            same = [n for n, a in enumerate(articles) if a == articles[own] and n != own]
            same = rng.sample(same, min(4, len(same)))
            rest = [n for n, a in enumerate(articles) if a != articles[own]]
            chosen = [own, *same, *rng.sample(rest, options.others - len(same))]
            rng.shuffle(chosen)
            view = View.read([Passage(texts[n]) for n in chosen])
            context = Context.read(view)
            task = Task(row.question, 1, counter, counter.starts(view.text), remembering)  # type: ignore[arg-type]
            before = sum(len(texts[n]) + 2 for n in chosen[: chosen.index(own)])
            start, end = context.units.start, context.units.end
            gold = int(np.searchsorted(start, before + row.at, "right")) - 1
            item = {
                "question": row.question,
                "answer": row.answer,
                "text": view.text,
                "spans": np.stack([start, end], axis=1).tolist(),
                "paragraph": np.unique(context.units.paragraph, return_inverse=True)[1].tolist(),
                "gold": gold,
                "gold_paragraph": texts[own],
                "costs": task.costs(context).tolist(),
                "tokens": counter.count(view.text),
                "scores": {
                    name: np.round(chain.apply(context, task).scores, 4).tolist()
                    for name, chain in chains.items()
                },
            }
            file.write(json.dumps(item, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
