"""The probe of the stage `sentinel`, and which heads and layer rank best: a table and a file.

    python training/fit_probe.py --questions nq.jsonl --count 150 --out sentinel.safetensors

The questions are those of `python -m benchmarks.context_questions nq`. Of each head of SmolLM2, the
attention is taken that the question's tokens pay to each sentence of ten passages. The probe is a
softmax regression within each question on the logarithm of that attention in the first layers, with
an L2 penalty; figures are cross-validated over five parts.
"""

# ruff: noqa: T201  (a report on the terminal is what is wanted)
from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import save_file

from attar import models
from attar.context.attended import attended
from attar.context.context import Context, Task
from attar.context.counting import Counter
from attar.context.view import View
from attar.measure.questions import Question, read_questions

LEAST, PENALTY, FOLDS = 1e-6, 0.1, 5


class Item(NamedTuple):
    """One question: (units, layers, heads) attention, and which units hold the answer."""

    attention: NDArray[np.float64]
    gold: NDArray[np.int64]


def item(question: Question) -> Item:
    """Read one question's passages."""
    assert question.gold is not None
    view = View.read(question.passages)
    # Sentences are cut as for a budget of 6%, so that the answer's fits.
    context = Context.read(view, int(0.06 * len(view.text)))
    counter = Counter(models.tokenizer())
    task = Task(question.question, 0, counter, counter.starts(view.text))
    before = sum(len(p.text) + 2 for p in question.passages[: question.gold])
    at = before + question.passages[question.gold].text.index(question.answers[0])
    end = at + len(question.answers[0])
    gold = np.flatnonzero((context.units.start < end) & (context.units.end > at))
    return Item(attended(context, task, "default", asking=None).astype(np.float64), gold)


def fit(items: list[Item], depth: int) -> NDArray[np.float32]:
    """(depth, heads) weights of the logarithms."""
    rows = [np.log(i.attention[:, :depth] + LEAST).reshape(len(i.attention), -1) for i in items]
    centred = np.concatenate([r - r.mean(0) for r in rows])
    spread = centred.std(0) + 1e-9
    x = torch.tensor(centred / spread, dtype=torch.float32)
    own = torch.tensor(np.repeat(np.arange(len(rows)), [len(r) for r in rows]))
    y = torch.zeros(len(x))
    at = 0
    for one, row in zip(items, rows, strict=True):
        y[at + one.gold] = 1
        at += len(row)
    w = torch.zeros(x.shape[1], requires_grad=True)
    optimizer = torch.optim.LBFGS([w], max_iter=60, line_search_fn="strong_wolfe")

    def closure() -> torch.Tensor:
        optimizer.zero_grad()
        s = x @ w
        top = torch.full((len(rows),), -1e9).scatter_reduce(0, own, s.detach(), "amax")
        z = torch.zeros(len(rows)).scatter_add(0, own, (s - top[own]).exp()).log() + top
        loss = -(y * (s - z[own])).sum() / len(rows) + PENALTY * (w * w).sum()
        loss.backward()
        return loss

    optimizer.step(closure)
    heads = items[0].attention.shape[2]
    return (w.detach().numpy() / spread).reshape(depth, heads).astype(np.float32)


def reciprocal(scores: NDArray[np.float64], gold: NDArray[np.int64]) -> float:
    """Reciprocal rank of the best gold unit."""
    return 1.0 / (1 + int((scores > scores[gold].max()).sum()))


def cross_validated(items: list[Item], depth: int) -> float:
    """Mean reciprocal rank by probes that were fitted without the question's part."""
    found = []
    for part in range(FOLDS):
        probe = fit([i for n, i in enumerate(items) if n % FOLDS != part], depth)
        for one in items[part::FOLDS]:
            scores = np.tensordot(np.log(one.attention[:, :depth] + LEAST), probe, axes=2)
            found.append(reciprocal(scores, one.gold))
    return float(np.mean(found))


def main() -> None:
    """Print what each head, layer and depth is worth, and write the probe."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=Path, required=True)
    parser.add_argument("--count", type=int, default=150)
    parser.add_argument("--depth", type=int, default=16)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    items = [item(q) for q in read_questions(options.questions)[: options.count]]
    report(items)
    save_file({"probe": fit(items, options.depth)}, options.out)


def report(items: list[Item]) -> None:
    """Mean reciprocal ranks."""
    layers, heads = items[0].attention.shape[1:]
    one_head = {
        (layer, head): float(
            np.mean([reciprocal(i.attention[:, layer, head], i.gold) for i in items])
        )
        for layer in range(layers)
        for head in range(heads)
    }
    for pair in sorted(one_head, key=lambda p: -one_head[p])[:12]:
        print("head", pair, f"{one_head[pair]:.3f}")
    for layer in range(layers):
        ranks = [reciprocal(i.attention[:, layer].sum(1), i.gold) for i in items]
        print("layer", layer, f"{np.mean(ranks):.3f}")
    for depth in (layers // 3, layers // 2 + 1, layers * 2 // 3, layers):
        print("probe of", depth, "layers", f"{cross_validated(items, depth):.3f}")


if __name__ == "__main__":
    main()
