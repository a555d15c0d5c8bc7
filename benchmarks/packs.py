"""A pack beside everything in floats, on four classic collections.

    ATTAR_DATA=... python -m benchmarks.packs [cranfield cisi cacm npl]

The figures are those of `attar measure pack`; embeddings are kept between runs, so the seconds
of building leave them out.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from attar import models
from attar.measure.pack import measure_pack
from attar.pack.pack import VECTORS
from benchmarks.common import data, environment, save
from benchmarks.embeddings import CachedEmbedder

SETS = ("cranfield", "cisi", "cacm", "npl")


def main(names: list[str]) -> None:
    for name in names or SETS:
        with tempfile.TemporaryDirectory() as folder:
            measured = measure_pack(
                data("ir", name),
                Path(folder, "pack.attar"),
                embedder=CachedEmbedder(models.embedder(), name),
                vectors=VECTORS,
            ).to_dict()
        measured["seconds"].pop("embed", None)
        measured["seconds"].pop("build", None)
        ours, theirs = measured["pack"]["hybrid"], measured["reference"]["hybrid"]
        measured["kept"] = ours["ndcg@10"] / theirs["ndcg@10"]
        measured["ratio"] = measured["pack_bytes"] / measured["text_bytes"]
        save(f"pack-{name}", {**measured, "environment": environment("torch", "transformers")})
        print(
            f"{name}: {measured['ratio']:.3f} of the text; hybrid nDCG@10 {ours['ndcg@10']:.4f},"
            f" {measured['kept']:.1%} of {theirs['ndcg@10']:.4f}"
        )


if __name__ == "__main__":
    main(sys.argv[1:])
