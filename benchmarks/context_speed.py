"""How long does squeezing take? One core, every text embedded anew.

    ATTAR_DATA=DATA OMP_NUM_THREADS=1 python -m benchmarks.context_speed [--questions 20]

XQuAD English, ten paragraphs, to 12.5%: processor time and wall-clock time for 1,000 tokens of
input, median over questions, and the same for a text of ten times the length. Writes
benchmarks/results/context_speed.json.
"""

from __future__ import annotations

import argparse
import statistics
import time

from attar import models
from attar.context import Passage, squeeze
from attar.models.base import Embedder
from benchmarks.common import environment, save
from benchmarks.context_questions import Entry, entries


def timed(found: list[Entry], embedder: Embedder | None, high: bool) -> dict[str, float]:
    """Milliseconds for 1,000 tokens."""
    wall, processor = [], []
    for number, entry in enumerate([found[0], *found]):
        passages = [Passage(text) for text in entry["passages"]]
        began, spent = time.perf_counter(), time.process_time()
        result = squeeze(
            passages,
            entry["question"],
            to="12.5%",
            embedder=embedder,
            effort="high" if high else "default",
        )
        if number:  # the first one loads models
            wall.append(1e6 * (time.perf_counter() - began) / result.tokens_before)
            processor.append(1e6 * (time.process_time() - spent) / result.tokens_before)
    return {
        "wall_ms_per_1000_tokens": statistics.median(wall),
        "processor_ms_per_1000_tokens": statistics.median(processor),
    }


def main() -> None:
    import torch

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--questions", type=int, default=20)
    args = parser.parse_args()
    torch.set_num_threads(1)
    embedder = models.embedder()
    rows = []
    for among in (10, 100):
        found = entries("xquad", args.questions if among == 10 else 3, among)
        for name, given, high in (
            ("default, model-free", None, False),
            ("default, with MiniLM", embedder, False),
            ('effort="high"', embedder, True),
        ):
            rows.append({"paragraphs": among, "method": name, **timed(found, given, high)})
            print(rows[-1], flush=True)
    save("context_speed", {"rows": rows, "environment": environment("torch")})


if __name__ == "__main__":
    main()
