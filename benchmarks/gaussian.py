"""Every member of the codec room on unit Gaussian values, and the table in docs/codecs.md.

    python -m benchmarks.gaussian [--table | --only WORD]

Rows are 1024 wide; recipes learn from 8,192 of them and are measured on 1,024 others. Bits are
those really stored. Writes results/gaussian.json and docs/codecs.md; --table only writes the latter
again, --only measures the recipes that hold a word, and keeps the other figures. Processor seconds
of one thread are counted.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("NUMBA_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np

from attar.codec import parse
from attar.measure.codec import CodecFigures, Rows, measure_codec, plot
from attar.registry import REGISTRY
from benchmarks.common import RESULTS, environment, save

DIM, LEARN, TEST = 1024, 8192, 1024
PAGE = Path(__file__).parent.parent / "docs" / "codecs.md"
PICTURE = PAGE.parent / "codecs.svg"
MEMBERS_MARKS = "<!-- members: python -m benchmarks.gaussian -->", "<!-- end of members -->"
CARD_MARKS = "<!-- card: python -m benchmarks.gaussian --table -->", "<!-- end of card -->"

NO_ROWS = np.zeros((0, DIM), np.float32)

MEMBERS: dict[str, tuple[str, ...]] = {
    "uniform": (
        "uniform(bits=2)",
        "uniform(bits=3)",
        "uniform(bits=4)",
        "uniform(bits=4, group=64)",
    ),
    "lloydmax": tuple(f"lloydmax(bits={b})" for b in (1, 2, 3, 4)),
    "sign": ("sign", "sign(unbiased=True)"),
    "float": ("float(bits=4)", "float(bits=8)", "float(bits=16)"),
    "entropy": tuple(
        f"uniform(bits=8, group=0) >> entropy(bits={b - 0.025})" for b in (1, 2, 3, 4)
    ),
    "waterfill": ("waterfill(bits=2)",),
    "productquantizer": ("productquantizer(parts=128)", "productquantizer(parts=256)"),
    "residualquantizer": ("residualquantizer(stages=16)",),
    "additivequantizer": ("additivequantizer(stages=16)",),
    "lattice": ("lattice",),
    "trellis": ("trellis(bits=1)", "trellis(bits=2)", "trellis(bits=3)", "trellis(bits=4)"),
    "trellisfill": ("trellisfill(bits=1)", "trellisfill(bits=2)"),
    "outliers": ("outliers(share=0.02) + uniform(bits=2, group=64)",),
    "topk": ("topk(share=0.5)",),
    "lowrank": ("outliers(share=0.02) + uniform(bits=2, group=64) + lowrank(rank=4)",),
}
"""Recipes in which each member shows; transforms turn Gaussian rows into Gaussian rows."""

TRANSFORMS = {
    "center": "center >> sign",
    "hadamard": "hadamard >> uniform(bits=4, group=64)",
    "pca": "unit >> pca(256) >> waterfill(bits=2)",
    "rotation": "rotation(parts=48) >> productquantizer(parts=48)",
    "truncate": "truncate(256) >> uniform(bits=8)",
    "unit": "unit(length=True) >> hadamard >> lloydmax(bits=4)",
}

BARS = {
    "Trellis(bits=2)": "error at most 0.075",
    "LloydMax": "within 1% of 0.3634, 0.1175, 0.03454, 0.009497 at 1 to 4 bits",
    "Uniform >> Entropy": "within 1.7 dB of the bound at 3 and 4 bits",
}


def run(only: str) -> None:
    """Measure every recipe, or those that hold a word."""
    rows = Rows.gaussian(LEARN, DIM)
    rows = Rows(
        f"unit Gaussian values, rows of {DIM}", rows.learn, rows.test[:TEST], rows.variances
    )
    measured = []
    for text in [recipe for recipes in MEMBERS.values() for recipe in recipes if only in recipe]:
        measured.append(measure_codec(parse(text), rows))
        print(measured[-1], flush=True)
    path = RESULTS / "gaussian.json"
    before = json.loads(path.read_text(encoding="utf-8"))["recipes"] if only else {}
    figures = {
        "environment": environment(),
        "rows": {"dim": DIM, "learned_from": LEARN, "measured_on": TEST},
        "bars": BARS,
        "recipes": {**before, **{f.recipe: f.to_dict() for f in measured}},
    }
    save("gaussian", figures)


def members(figures: dict[str, Any]) -> Iterator[str]:
    """The table: a line for each recipe, what it is beside the first of each member."""
    heads = ["member", "what it does", "source", "recipe", "bits", "error", "over the bound"]
    heads += ["encode", "decode"]
    yield f"| {' | '.join(heads)} |"
    yield "|---|---|---|---|---:|---:|---:|---:|---:|"
    for name, recipes in MEMBERS.items():
        method = REGISTRY.get(name, target="codec")
        about = f"`{method.make.__name__}` | {method.summary} | {method.paper}"
        for text in recipes:
            f = figures["recipes"][repr(parse(text))]
            gap = "-" if f["gap_db"] is None else f"{f['gap_db']:.2f} dB"
            yield (
                f"| {about} | `{f['recipe']}` | {f['bits']:.3f} | {f['mse']:.4g} | {gap}"
                f" | {speed(f['encode_mvs'])} | {speed(f['decode_mvs'])} |"
            )
            about = " | | "
    for name, text in TRANSFORMS.items():
        method = REGISTRY.get(name, target="codec")
        yield (
            f"| `{method.make.__name__}` | {method.summary} | {method.paper} | `{parse(text)!r}`"
            " | | | | | |"
        )


def speed(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.2g}"


def card() -> Iterator[str]:
    """What results/codec-gpu.json says of the torch path on a card."""
    figures = json.loads((RESULTS / "codec-gpu.json").read_text(encoding="utf-8"))
    copy = figures["copy_GB_per_second"]
    yield f"| {figures['environment']['device']}, copying at {copy:,.0f} GB/s | encode | decode |"
    yield "|---|---:|---:|"
    for recipe, f in figures["recipes"].items():
        yield (
            f"| `{recipe}` | {f['encode_GB_per_second']:,.0f} | {f['decode_GB_per_second']:,.0f} |"
        )


def replaced(page: str, marks: tuple[str, str], lines: Iterator[str]) -> str:
    head, rest = page.split(marks[0])
    text = "\n".join(lines)
    return f"{head}{marks[0]}\n{text}\n{marks[1]}{rest.split(marks[1])[1]}"


def table() -> None:
    """Write both tables into docs/codecs.md, and draw docs/codecs.svg."""
    figures = json.loads((RESULTS / "gaussian.json").read_text(encoding="utf-8"))
    drawn = [CodecFigures(**f) for f in figures["recipes"].values() if f["bits"] < 5]
    gaussian = Rows(f"unit Gaussian values, rows of {DIM}", NO_ROWS, NO_ROWS, np.ones(DIM))
    PICTURE.write_text(plot(drawn, gaussian), encoding="utf-8")
    page = replaced(PAGE.read_text(encoding="utf-8"), MEMBERS_MARKS, members(figures))
    PAGE.write_text(replaced(page, CARD_MARKS, card()), encoding="utf-8")


if __name__ == "__main__":
    if "--table" not in sys.argv[1:]:
        run(sys.argv[2] if sys.argv[1:2] == ["--only"] else "")
    table()
