"""What `attar tune` gains on four classic collections, on questions that had no part in it.

    ATTAR_DATA=... python -m benchmarks.tuning [cranfield cisi cacm npl]

Each pack is tuned by its own questions, in cross-validation. Embeddings are kept between runs.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from attar import models
from attar.measure.judged import read_judged
from attar.measure.tuning import tune
from attar.pack import Pack, read
from benchmarks.common import data, environment, save
from benchmarks.embeddings import CachedEmbedder

SETS = ("cranfield", "cisi", "cacm", "npl")


def main(names: list[str]) -> None:
    results = {}
    for name in names or SETS:
        folder = data("ir", name)
        judged = read_judged(folder / "queries.jsonl", folder / "qrels.tsv")
        with tempfile.TemporaryDirectory() as place:
            embedder = CachedEmbedder(models.embedder(), name)
            with Pack.create(Path(place, "pack.attar"), embedder=embedder) as pack:
                pack.add(read(folder))
                found = tune(pack, judged)
        results[name] = found.to_dict()
        print(
            f"{name}: defaults {found.default:.4f}, held out {found.held_out:.4f}, best"
            f" {found.best:.4f}; {found.chosen}"
        )
    if not names:
        save("tuning", {"sets": results, "environment": environment()})


if __name__ == "__main__":
    main(sys.argv[1:])
