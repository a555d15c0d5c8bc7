"""The size of a pack of manual pages, in both tiers of text.

    python -m benchmarks.pack_manual [--megabytes 30] [--tiers standard archive]

Every page is a document of its plain text, all languages and programs mixed. Vectors are drawn at
random (`benchmarks.standin`): what a coded vector takes does not depend on which it is. Needs no
data but /usr/share/man. Writes results/pack-manual.json.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Any

from attar.pack import Pack
from benchmarks.build import apart
from benchmarks.common import environment, save
from benchmarks.manual import documents
from benchmarks.standin import DrawnEmbedder

TIERS = ("standard", "archive")


def measure(folder: str, megabytes: int, tier: str) -> dict[str, Any]:
    """A pack of so much text, every file of it counted."""
    pack = Pack.create(folder, embedder=DrawnEmbedder(), text=tier)
    report = pack.add(documents(megabytes))
    info = pack.info()
    return {
        "documents": info.documents,
        "units": info.units,
        "text_bytes": info.text_bytes,
        "pack_bytes": info.pack_bytes,
        "ratio": info.pack_bytes / info.text_bytes,
        "bytes": dict(info.parts),
        "recipe": info.recipe,
        "seconds": dict(report.seconds),
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--megabytes", type=int, default=30)
    arguments.add_argument("--tiers", nargs="+", default=TIERS, choices=TIERS)
    chosen = arguments.parse_args()
    results: dict[str, Any] = {
        "embedder": "a stand-in that draws vectors at random; their codes are as long as any",
        "environment": environment(),
    }
    with tempfile.TemporaryDirectory() as place:
        for tier in chosen.tiers:
            folder = str(Path(place, f"{tier}.attar"))
            results[tier] = apart(measure, folder, chosen.megabytes, tier)
            print(f"{tier}: {results[tier]['ratio']:.4f} of the text")
            save("pack-manual", results)


if __name__ == "__main__":
    main()
