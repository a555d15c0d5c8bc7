"""Write the README's table of figures from the results that are kept.

    python -m benchmarks.table

No figure is typed by hand: a row appears when its result file is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.common import RESULTS

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- figures: python -m benchmarks.table -->", "<!-- end of figures -->"


def result(name: str) -> Any:
    """A kept result, or None."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def packs() -> Iterator[str]:
    """Size and quality of packs beside everything in floats."""
    found = [
        (name, r) for name in ("cranfield", "cisi", "cacm", "npl") if (r := result(f"pack-{name}"))
    ]
    if not found:
        return
    yield "A whole pack (text, vectors, postings) beside the raw text, and hybrid search on it"
    yield "beside float32 vectors and float BM25 with the same fusion, in the same run:"
    yield ""
    yield "| collection | pack / text | nDCG@10 | uncompressed | kept | Recall@100 | uncompressed |"
    yield "|---|---|---|---|---|---|---|"
    for name, r in found:
        ours, theirs = r["pack"]["hybrid"], r["reference"]["hybrid"]
        yield (
            f"| {name}, {r['documents']:,} documents | {r['ratio']:.1%} | {ours['ndcg@10']:.4f} |"
            f" {theirs['ndcg@10']:.4f} | {r['kept']:.1%} |"
            f" {ours['recall@100']:.4f} | {theirs['recall@100']:.4f} |"
        )
    yield ""
    yield "`attar measure pack $ATTAR_DATA/ir/cranfield`, or all four: `python -m benchmarks.packs`"


def main() -> None:
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    table = "\n".join(packs())
    README.write_text(f"{before}{BEGIN}\n\n{table}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
