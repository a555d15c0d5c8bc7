"""Pruning beside LLMLingua and LongLLMLingua: the reader's loss, and the time it takes.

    ATTAR_DATA=DATA python -m benchmarks.context_lingua PYTHON [--count 20] [--timed 3]

XQuAD English, each paragraph among nine others. PYTHON is the interpreter of an environment with
LLMLingua 0.2.2 (see `context_lingua_peer.py`). Both sides use the same language model, SmolLM2
135M, on one thread; the same model reads what is left. LLMLingua's texts are remembered between
runs, so that a larger --count only asks for what is new. The first --timed questions are squeezed
by Attar, the peer and Attar again, one right after the other, at every run; seconds are processor
time. Writes benchmarks/results/context_lingua.json.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from attar import models
from attar.budget import Budget
from attar.context import Passage, squeeze
from attar.measure.answers import survives
from attar.measure.estimate import Estimate
from attar.measure.memo import Memo
from attar.measure.reader import Reader
from attar.models.smollm import model_folder
from benchmarks.common import cache, environment, save
from benchmarks.context_questions import SEED, entries

PEER = Path(__file__).with_name("context_lingua_peer.py")
PAIRS = (
    ("llmlingua", "prune(lingua)", 0.25),
    ("longllmlingua", "prune(longlingua)", 0.25),
    ("longllmlingua", "prune(longlingua)", 0.125),
)
"""What is compared: the peer's method, Attar's recipe, and the share of the tokens."""
OTHERS = (
    ("rank(bm25) >> prune(longlingua)", 0.125),
    ("rank(bm25) >> extract(mmr)", 0.125),
)
Entry = Mapping[str, Any]


class Peer:
    """LLMLingua in a process of its own.

    Args:
        process: `context_lingua_peer.py`.
        memo: where its texts are kept.
    """

    def __init__(self, process: subprocess.Popen[str], memo: Memo) -> None:
        self._process = process
        self._memo = memo

    @classmethod
    @contextmanager
    def started(cls, python: str, memo: Memo) -> Iterator[Peer]:
        """Start it with the default language model in a form that it can read."""
        with tempfile.TemporaryDirectory() as folder:
            for name in ("model.safetensors", "tokenizer.json", "tokenizer_config.json"):
                Path(folder, name).symlink_to(model_folder() / name)
            config = json.loads((model_folder() / "config.json").read_text(encoding="utf-8"))
            # What transformers 4 calls these.
            config["rope_theta"] = config.pop("rope_parameters")["rope_theta"]
            config["torch_dtype"] = config.pop("dtype")
            Path(folder, "config.json").write_text(json.dumps(config), encoding="utf-8")
            with subprocess.Popen(
                [python, "-W", "ignore", str(PEER), folder],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            ) as process:
                yield cls(process, memo)
                process.terminate()

    def text(self, entry: Entry, method: str, tokens: int) -> str:
        """What is left of the passages."""
        key = ["llmlingua 0.2.2", method, tokens, entry["question"], entry["passages"]]
        return str(self._memo.get(key, lambda: self.squeezed(entry, method, tokens)["text"]))

    def squeezed(self, entry: Entry, method: str, tokens: int) -> dict[str, Any]:
        """Text and seconds, measured now."""
        asked = {
            "method": method,
            "paragraphs": entry["passages"],
            "question": entry["question"],
            "tokens": tokens,
        }
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        while line := self._process.stdout.readline():
            if line.startswith('{"text"'):
                found: dict[str, Any] = json.loads(line)
                return found
        raise SystemExit("LLMLingua has stopped: run context_lingua_peer.py by hand to see why")


class Bench:
    """Questions, and what is measured of a text that is left of one."""

    def __init__(self, found: list[Entry], memo: Memo) -> None:
        self.entries = found
        self.model = models.language_model()
        self.reader = Reader(self.model, memo)
        count = self.model.tokenizer.count
        self.tokens = [count("\n\n".join(entry["passages"])) for entry in found]

    def squeezed(self, entry: Entry, recipe: str, share: float) -> str:
        return squeeze(
            [Passage(text) for text in entry["passages"]],
            entry["question"],
            to=Budget(share, "ratio"),
            tokenizer=self.model.tokenizer,
            recipe=recipe,
        ).text

    def row(self, name: str, share: float | None, texts: list[str]) -> dict[str, Any]:
        """Means over the questions, with the losses of each."""
        losses = [
            self.reader.loss(text, entry["question"], entry["answers"][0])
            for text, entry in zip(texts, self.entries, strict=True)
        ]
        after = [self.model.tokenizer.count(text) for text in texts]
        there = [
            survives(text, entry["answers"][:1])
            for text, entry in zip(texts, self.entries, strict=True)
        ]
        row = {
            "method": name,
            "share": share,
            "loss": round(float(np.mean(losses)), 4),
            "answer_survives": float(np.mean(there)),
            "share_used": round(sum(after) / sum(self.tokens), 4),
            "losses": [round(loss, 4) for loss in losses],
        }
        print({k: v for k, v in row.items() if k != "losses"}, flush=True)
        return row

    def timed(self, peer: Peer, method: str, recipe: str, share: float, count: int) -> Any:
        """Seconds for 1,000 tokens of both sides, on the same questions, in turn."""
        ours, theirs = 0.0, 0.0
        for entry, tokens in list(zip(self.entries, self.tokens, strict=True))[:count]:
            for turn in range(3):
                if turn == 1:
                    theirs += peer.squeezed(entry, method, int(tokens * share))["seconds"]
                    continue
                began = time.process_time()
                self.squeezed(entry, recipe, share)
                ours += (time.process_time() - began) / 2
        per_1000 = 1000 / sum(self.tokens[:count])
        found = {
            "questions": count,
            "attar_seconds_per_1000_tokens": round(ours * per_1000, 3),
            "peer_seconds_per_1000_tokens": round(theirs * per_1000, 3),
            "times_as_fast": round(theirs / ours, 2),
        }
        print(found, flush=True)
        return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("python", help="the interpreter that has LLMLingua 0.2.2")
    parser.add_argument("--count", type=int, default=20)
    parser.add_argument("--timed", type=int, default=3)
    args = parser.parse_args()
    import torch

    torch.set_num_threads(1)
    with Memo(cache("context_lingua.sqlite")) as memo, Peer.started(args.python, memo) as peer:
        bench = Bench(entries("xquad", args.count), memo)
        rows = [bench.row("nothing", None, [""] * args.count)]
        compared = []
        for method, recipe, share in PAIRS:
            theirs = [
                peer.text(entry, method, int(tokens * share))
                for entry, tokens in zip(bench.entries, bench.tokens, strict=True)
            ]
            ours = [bench.squeezed(entry, recipe, share) for entry in bench.entries]
            rows.append(bench.row(method, share, theirs))
            rows.append(bench.row(recipe, share, ours))
            difference = Estimate.of_difference(rows[-1]["losses"], rows[-2]["losses"])
            compared.append(
                {
                    "peer": method,
                    "attar": recipe,
                    "share": share,
                    "loss_more_than_peer": [
                        round(x, 4) for x in (difference.mean, difference.low, difference.high)
                    ],
                    "time": bench.timed(peer, method, recipe, share, args.timed),
                }
            )
        for recipe, share in OTHERS:
            texts = [bench.squeezed(entry, recipe, share) for entry in bench.entries]
            rows.append(bench.row(recipe, share, texts))
    save(
        "context_lingua",
        {
            "data": "XQuAD English, the gold paragraph among 9 others",
            "questions": args.count,
            "seed": SEED,
            "threads": 1,
            "machine": environment("torch", "transformers"),
            "compared": compared,
            "rows": rows,
        },
    )


if __name__ == "__main__":
    main()
