"""Train the token classifier (LLMLingua-2's task): which words of a text would be missed?

    python training/train_tokens.py --labels FILE --encoder MINILM --out FILE

A word's target is the share of its text's words that are missed less, each by reader's token
(see `label.py words`); a threshold on the probability is then a rate.
"""

# ruff: noqa: S311, T201  (seeded draws and a report on the terminal are what is wanted)
from __future__ import annotations

import argparse
import json
import random
import re
import time
from pathlib import Path

import numpy as np
import torch
from heads import TokenHead
from lora import adapt, save
from torch import Tensor, nn
from transformers import AutoModel, AutoTokenizer

ROOM = 256


def rows_of(labels: Path, encoder: Path) -> list[tuple[list[int], list[float]]]:
    """Token numbers and targets of each text; -1 where nothing was measured."""
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    rows = [json.loads(line) for line in labels.open()]
    encoded = tokenizer(
        [r["text"] for r in rows], add_special_tokens=False, return_offsets_mapping=True
    )
    found = []
    for row, ids, offsets in zip(rows, encoded.input_ids, encoded.offset_mapping, strict=True):
        starts = np.array([m.start() for m in re.finditer(r"\S+", row["text"])])
        value = np.array([np.nan if v is None else v for v in row["value"]])
        value = value / np.maximum(1, np.array(row["tokens"]))
        order = np.argsort(np.argsort(np.where(np.isnan(value), -np.inf, value)))
        share = np.where(np.isnan(value), -1.0, (order + 0.5) / len(order))
        owner = np.searchsorted(starts, [a for a, _ in offsets], "right") - 1
        found.append((ids[: ROOM - 2], share[owner].tolist()[: ROOM - 2]))
    return found


def batch_of(rows: list[tuple[list[int], list[float]]], device: str) -> tuple[Tensor, Tensor]:
    """Padded token numbers and targets."""
    longest = max(len(ids) for ids, _ in rows) + 2
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    target = torch.full((len(rows), longest), -1.0)
    for k, (tokens, share) in enumerate(rows):
        ids[k, : len(tokens) + 2] = torch.tensor([101, *tokens, 102])
        target[k, 1 : len(tokens) + 1] = torch.tensor(share)
    return ids.to(device), target.to(device)


def main() -> None:
    """Train, report rank correlation on held-out texts, and write deltas and head."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("labels", "encoder", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--rank", type=int, default=16)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    rows = rows_of(options.labels, options.encoder)
    random.Random(options.seed).shuffle(rows)
    held, rows = rows[: len(rows) // 20], rows[len(rows) // 20 :]
    encoder = AutoModel.from_pretrained(options.encoder, add_pooling_layer=False).float()
    encoder, head = adapt(encoder, options.rank).to(device), TokenHead().to(device)
    weights = [p for m in (encoder, head) for p in m.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=options.rate, weight_decay=0.01)
    steps = options.epochs * (len(rows) // options.size)
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / max(1, steps // 16), 1 - s / max(1, steps))
    )
    began = time.perf_counter()

    def logits(ids: Tensor) -> Tensor:
        with torch.autocast(device, torch.bfloat16):
            states = encoder(input_ids=ids, attention_mask=(ids > 0).long()).last_hidden_state
            return head(states).float()

    def correlation() -> float:
        encoder.eval()
        head.eval()
        found = []
        with torch.inference_mode():
            for at in range(0, len(held), 256):
                ids, target = batch_of(held[at : at + 256], device)
                score = logits(ids)
                for s, t in zip(score.cpu().numpy(), target.cpu().numpy(), strict=True):
                    inside = t >= 0
                    found.append(np.corrcoef(s[inside], t[inside])[0, 1])
        encoder.train()
        head.train()
        return float(np.nanmean(found))

    for epoch in range(options.epochs):
        random.Random(options.seed + epoch).shuffle(rows)
        total = []
        for at in range(0, len(rows) - options.size + 1, options.size):
            ids, target = batch_of(rows[at : at + options.size], device)
            inside = target >= 0
            loss = nn.functional.binary_cross_entropy_with_logits(
                logits(ids)[inside], target[inside]
            )
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(weights, 1.0)
            optimizer.step()
            schedule.step()
            total.append(float(loss.detach()))
        print(
            f"epoch {epoch}: {np.mean(total):.4f}, held-out correlation {correlation():.3f},"
            f" {time.perf_counter() - began:.0f} s",
            flush=True,
        )
    save(options.out, encoder, head, {"task": "tokens", "rank": str(options.rank)})


if __name__ == "__main__":
    main()
