"""Does the trained token classifier keep what the reader needs, without knowing the question?

    python training/evaluate_tokens.py --items FILE --encoder MINILM --weights FILE \
        --reader SMOLLM2 --out FILE

Words are dropped from the whole text, or from the sentences that the untrained ranking chose at
twice the budget. Beside it: the text's beginning, sentences chosen without the question, words at
random, and words by self-information under the reader (Selective Context, arXiv 2310.06201).
"""

# ruff: noqa: S311, T201  (seeded draws and a report on the terminal are what is wanted)
from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path
from typing import Any

import numpy as np
import torch
from evaluate import fill, text_of
from heads import TokenHead
from numpy.typing import NDArray
from reader import Reader
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

from attar.context import squeeze
from attar.models import tokenizer

ROOM = 254


class Keeper:
    """The trained classifier: a keep-probability for each word of a text."""

    def __init__(self, encoder: Path, weights: Path) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = AutoTokenizer.from_pretrained(encoder)
        tensors = {k: v.float() for k, v in load_file(weights).items()}
        model = AutoModel.from_pretrained(encoder, add_pooling_layer=False).float()
        for name in {k[:-2] for k in tensors if k.endswith(".a")}:
            model.get_submodule(name).weight.data += tensors[name + ".b"] @ tensors[name + ".a"]
        self.model, self.head = model.to(self.device).eval(), TokenHead()
        self.head.load_state_dict(
            {k.removeprefix("head."): v for k, v in tensors.items() if k.startswith("head.")}
        )
        self.head = self.head.to(self.device).eval()

    @torch.inference_mode()
    def __call__(self, text: str) -> NDArray[np.float64]:
        """The greatest probability of each word's tokens."""
        found = self.tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        starts = [m.start() for m in re.finditer(r"\S+", text)]
        owner = np.searchsorted(starts, [a for a, _ in found.offset_mapping], "right") - 1
        ids = found.input_ids
        parts = [ids[at : at + ROOM] for at in range(0, len(ids), ROOM)]
        longest = max(map(len, parts)) + 2
        batch = torch.zeros(len(parts), longest, dtype=torch.long)
        for k, part in enumerate(parts):
            batch[k, : len(part) + 2] = torch.tensor([101, *part, 102])
        batch = batch.to(self.device)
        states = self.model(input_ids=batch, attention_mask=(batch > 0).long()).last_hidden_state
        logits = self.head(states).cpu().numpy()
        flat = np.concatenate([logits[k, 1 : len(p) + 1] for k, p in enumerate(parts)])
        words = np.full(len(starts), -30.0)
        np.maximum.at(words, owner, flat)
        return np.asarray(1 / (1 + np.exp(-words)), dtype=np.float64)


def prune(text: str, scores: NDArray[np.float64], reader: Reader, limit: int) -> str:
    """The best words, in order, whose tokens fit."""
    words = re.findall(r"\S+", text)
    sizes = [len(ids) for ids in reader.ids([" " + w for w in words])]
    kept, used = [], 0
    for i in np.argsort(-scores, kind="stable"):
        if used + sizes[i] <= limit:
            kept.append(int(i))
            used += sizes[i]
    return " ".join(words[i] for i in sorted(kept))


def surprise(texts: list[str], reader: Reader) -> list[NDArray[np.float64]]:
    """Mean self-information of each word's tokens, in windows of the reader."""
    rows, owners = [], []
    encoded = reader.tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)
    for text, ids, offsets in zip(texts, encoded.input_ids, encoded.offset_mapping, strict=True):
        starts = [m.start() for m in re.finditer(r"\S+", text)]
        last = [max(a, b - 1) for a, b in offsets]
        owners.append((np.searchsorted(starts, last, "right") - 1, len(starts)))
        rows.append(([0], ids))
    found = []
    for nll, (owner, count) in zip(reader.tokens(rows), owners, strict=True):
        total = np.bincount(owner.clip(0), nll.numpy(), minlength=count)
        found.append(total / np.maximum(1, np.bincount(owner.clip(0), minlength=count)))
    return found


def main() -> None:
    """Print and write the reader's likelihoods."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("items", "encoder", "weights", "reader", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--count", type=int, default=200)
    options = parser.parse_args()
    items: list[dict[str, Any]] = [json.loads(line) for line in options.items.open()]
    items = items[: options.count]
    reader, keeper = Reader(options.reader, torch.float32), Keeper(options.encoder, options.weights)
    counter = tokenizer(str(options.reader))
    texts = [i["text"] for i in items]
    rng = random.Random(3)
    word = {
        "random words": [np.array([rng.random() for _ in t.split()]) for t in texts],
        "self-information": surprise(texts, reader),
        "trained": [keeper(t) for t in texts],
    }
    contexts: dict[str, list[str]] = {"full": texts, "empty": [""] * len(texts)}
    for ratio in (0.5, 0.25):
        limits = [int(i["tokens"] * ratio) for i in items]
        contexts[f"head @{ratio}"] = [
            t[: int(counter.offsets(t)[n][0])] for t, n in zip(texts, limits, strict=True)
        ]
        contexts[f"sentences, no question @{ratio}"] = [
            squeeze(t, to=f"{n} tokens", tokenizer=counter).text
            for t, n in zip(texts, limits, strict=True)
        ]
        for name, scores in word.items():
            contexts[f"{name} @{ratio}"] = [
                prune(t, s, reader, n) for t, s, n in zip(texts, scores, limits, strict=True)
            ]
    for ratio in (0.125, 0.06):
        default = [np.asarray(i["scores"]["default"]) for i in items]
        both = list(zip(items, default, strict=True))
        limits = [int(i["tokens"] * ratio) for i in items]
        contexts[f"default @{ratio}"] = [
            text_of(i, fill(s, i["costs"], n)) for (i, s), n in zip(both, limits, strict=True)
        ]
        wider = [
            text_of(i, fill(s, i["costs"], int(n * 1.5)))
            for (i, s), n in zip(both, limits, strict=True)
        ]
        for name, scores in (
            ("self-information", surprise(wider, reader)),
            ("trained", [keeper(t) for t in wider]),
        ):
            contexts[f"default @{1.5 * ratio:g} then {name} @{ratio}"] = [
                prune(t, s, reader, n) for t, s, n in zip(wider, scores, limits, strict=True)
            ]
    rows = [
        (context, item["question"], item["answer"])
        for group in contexts.values()
        for context, item in zip(group, items, strict=True)
    ]
    nll = np.array(reader.answers(rows)).reshape(len(contexts), len(items))
    result = {}
    for (name, group), values in zip(contexts.items(), nll, strict=True):
        kept = np.mean([i["answer"] in t for i, t in zip(items, group, strict=True)])
        got = np.mean([counter.count(t) / i["tokens"] for i, t in zip(items, group, strict=True)])
        se = values.std(ddof=1) / len(values) ** 0.5
        result[name] = {"nll": float(values.mean()), "survives": float(kept), "ratio": float(got)}
        result[name]["each"] = np.round(values, 4).tolist()  # type: ignore[assignment]
        print(f"{name:44s} {values.mean():.3f} ± {1.96 * se:.3f}  {kept:.3f}  {got:.3f}")
    options.out.write_text(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
