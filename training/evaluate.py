"""The bars: does the trained scorer keep the gold sentence, and does the reader gain?

    python training/evaluate.py --items FILE... --encoder MINILM --weights FILE... \
        --reader SMOLLM2 --read METHOD... --out FILE

Prints, for each file of tasks, how often the gold sentence is kept, and with `--reader` the mean
negative log-likelihood of the answer with 95% intervals of paired differences.
"""

# ruff: noqa: T201  (seeded draws and a report on the terminal are what is wanted)
from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from heads import SentenceHead
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor
from train_sentences import CLS, LONGEST_QUESTION, LONGEST_SENTENCE, SEP, ids_of
from transformers import AutoModel, AutoTokenizer

from attar.context.windows import pack

Item = dict[str, Any]
RATIOS = (0.25, 0.125, 0.06, 0.03)
FACTORS = (0.5, 1.0, 1.5)


class Scorer:
    """The trained scorer, as the package runs it: whole sentences in windows, one pass."""

    def __init__(self, encoder: Path, weights: Path, room: int = 320) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = AutoTokenizer.from_pretrained(encoder)
        tensors = {k: v.float() for k, v in load_file(weights).items()}
        model = AutoModel.from_pretrained(encoder, add_pooling_layer=False).float()
        for name in {k[:-2] for k in tensors if k.endswith(".a")}:
            model.get_submodule(name).weight.data += tensors[name + ".b"] @ tensors[name + ".a"]
        self.model = model.to(self.device).eval()
        self.head = SentenceHead()
        self.head.load_state_dict(
            {k.removeprefix("head."): v for k, v in tensors.items() if k.startswith("head.")}
        )
        self.head = self.head.to(self.device).eval()
        self.room = room

    @torch.inference_mode()
    def __call__(self, item: Item) -> NDArray[np.float64]:
        """A score for each unit."""
        question = ids_of(self.tokenizer, [item["question"]], LONGEST_QUESTION)[0]
        texts = [item["text"][a:b] for a, b in item["spans"]]
        units = ids_of(self.tokenizer, texts, LONGEST_SENTENCE)
        room = self.room - len(question) - 3
        windows = pack([len(u) for u in units], item["paragraph"], room)
        rows, slots = [], []
        for context, start, stop in windows:
            row, slot = [CLS, *question, SEP], [-1] * (len(question) + 2)
            for s in range(context, stop):
                row += units[s]
                slot += [s if s >= start else -1] * len(units[s])
            rows.append([*row, SEP])
            slots.append([*slot, -1])
        longest = max(map(len, rows))
        tokens = torch.tensor([r + [0] * (longest - len(r)) for r in rows], device=self.device)
        where = torch.tensor([r + [-1] * (longest - len(r)) for r in slots], device=self.device)
        types = torch.zeros_like(tokens)
        types[:, len(question) + 2 :] = 1
        mask = (tokens > 0).long()
        states: Tensor = self.model(
            input_ids=tokens, attention_mask=mask, token_type_ids=types * mask
        ).last_hidden_state
        inside = where >= 0
        return np.asarray(
            self.head(states[inside], where[inside], len(units)).double().cpu().numpy()
        )


def standardised(values: Any) -> NDArray[np.float64]:
    """Mean 0 and variance 1."""
    row = np.asarray(values, dtype=np.float64)
    return np.asarray((row - row.mean()) / max(row.std(), 1e-12))


def fill(scores: NDArray[np.float64], costs: list[int], limit: int) -> list[int]:
    """Best first; what does not fit is skipped."""
    kept, used = [], 0
    for i in np.argsort(-scores, kind="stable"):
        if used + costs[i] <= limit:
            kept.append(int(i))
            used += costs[i]
    return sorted(kept)


def text_of(item: Item, kept: list[int]) -> str:
    """Kept units with a blank between them, or a blank line between paragraphs."""
    parts: list[str] = []
    for n, i in enumerate(kept):
        a, b = item["spans"][i]
        if n:
            same = item["paragraph"][i] == item["paragraph"][kept[n - 1]]
            parts.append(" " if same else "\n\n")
        parts.append(item["text"][a:b])
    return "".join(parts)


def methods_of(items: list[Item], scorers: dict[str, Scorer]) -> dict[str, list[Any]]:
    """Scores of each method for each item."""
    found: dict[str, list[Any]] = {
        name: [standardised(item["scores"][name]) for item in items]
        for name in ("bm25", "dense", "words", "default")
    }
    for name, scorer in scorers.items():
        raw = [scorer(item) for item in items]
        base = scorer.head.base.item()
        for factor in FACTORS:
            found[f"{name}x{factor:g}"] = [
                base * np.asarray(item["scores"]["default"]) + factor * r
                for item, r in zip(items, raw, strict=True)
            ]
        found[name] = [standardised(r) for r in raw]
    return found


def main() -> None:
    """Print tables and write all numbers."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=Path, nargs="+", required=True)
    parser.add_argument("--weights", type=Path, nargs="*", default=[])
    parser.add_argument("--encoder", type=Path, required=True)
    parser.add_argument("--reader", type=Path)
    parser.add_argument("--read", nargs="*", default=[], help="methods that the reader reads")
    parser.add_argument("--ratios", type=float, nargs="*", default=[0.125, 0.06])
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    scorers = {w.stem: Scorer(options.encoder, w) for w in options.weights}
    result: dict[str, Any] = {}
    reader = None
    if options.reader:
        from reader import Reader

        reader = Reader(options.reader, torch.float32)
    for file in options.items:
        items = [json.loads(line) for line in file.open()]
        methods = methods_of(items, scorers)
        print(f"\n{file.stem}: {len(items)} questions; gold kept at {RATIOS}")
        table: dict[str, Any] = {}
        for name, scores in methods.items():
            row = []
            for ratio in RATIOS:
                hits = [
                    i["gold"] in fill(s, i["costs"], int(i["tokens"] * ratio))
                    for i, s in zip(items, scores, strict=True)
                ]
                row.append(float(np.mean(hits)))
            top = float(
                np.mean(
                    [int(np.argmax(s)) == i["gold"] for i, s in zip(items, scores, strict=True)]
                )
            )
            table[name] = {"kept": row, "first": top}
            print(f"{name:28s} " + " ".join(f"{x:.4f}" for x in row) + f"  first {top:.3f}")
        result[file.stem] = {"kept": table}
        if reader:
            result[file.stem]["reader"] = read(items, methods, options, reader.answers)
        options.out.write_text(json.dumps(result, indent=1))


def read(
    items: list[Item], methods: dict[str, list[Any]], options: argparse.Namespace,
    answers: Callable[[list[tuple[str, str, str]]], list[float]],
) -> dict[str, Any]:  # fmt: skip
    """The reader's likelihood of the answers, and differences to the untrained default."""
    contexts: dict[str, list[str]] = {
        "empty": ["" for _ in items],
        "full": [i["text"] for i in items],
        "gold paragraph": [i["gold_paragraph"] for i in items],
        "gold sentence": [text_of(i, [i["gold"]]) for i in items],
    }
    for ratio in options.ratios:
        for name in options.read:
            contexts[f"{name} @{ratio:g}"] = [
                text_of(i, fill(s, i["costs"], int(i["tokens"] * ratio)))
                for i, s in zip(items, methods[name], strict=True)
            ]
    rows = [
        (context, item["question"], item["answer"])
        for texts in contexts.values()
        for context, item in zip(texts, items, strict=True)
    ]
    nll = np.array(answers(rows)).reshape(len(contexts), len(items))
    found: dict[str, Any] = {}
    names = list(contexts)
    for name, values in zip(names, nll, strict=True):
        base = f"default @{name.split('@')[1]}" if "@" in name else "gold paragraph"
        difference = values - nll[names.index(base)]
        half = 1.96 * difference.std(ddof=1) / len(difference) ** 0.5
        found[name] = {
            "nll": float(values.mean()), "to": base,
            "difference": float(difference.mean()), "half": float(half),
            "each": np.round(values, 4).tolist(),
        }  # fmt: skip
        print(f"{name:36s} {values.mean():.3f}  {difference.mean():+.3f} ± {half:.3f} to {base}")
    return found


if __name__ == "__main__":
    main()
