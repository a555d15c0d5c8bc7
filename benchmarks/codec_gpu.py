"""Codecs through torch on a GPU: encode and decode beside the card's copy bandwidth.

    python -m benchmarks.codec_gpu [FOLDER]

Rows of 1024 unit Gaussian values on the card, 2 GB of them. GB/s are of float32 values that go in
or come out; `copy` is the same array copied on the card, bytes read and written. `same_codes` is
the share of code bytes that equal those of the numpy path. Writes results/codec-gpu.json, or
codec-gpu.json in FOLDER.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attar.codec import parse
from benchmarks.common import RESULTS

DIM, ROWS, REPEATS, CHECKED = 1024, 1 << 19, 5, 2048
RECIPES = (
    "uniform(bits=4)",
    "uniform(bits=4, group=64)",
    "uniform(bits=2, group=64, symmetric=True)",
    "uniform(bits=8)",
    "hadamard >> uniform(bits=4)",
    "lloydmax(bits=2)",
    "lloydmax(bits=4)",
    "hadamard >> lloydmax(bits=4)",
    "sign",
)


def seconds(work: Callable[[], Any]) -> float:
    """The fastest of some runs, by the card's own clock."""
    work()
    best = float("inf")
    for _ in range(REPEATS):
        start, end = (torch.cuda.Event(enable_timing=True) for _ in range(2))
        start.record()
        work()
        end.record()
        torch.cuda.synchronize()
        best = min(best, start.elapsed_time(end) / 1000)
    return best


def measure(text: str, x: torch.Tensor) -> dict[str, Any]:
    fitted = parse(text).fit(x[:4096])
    codes = fitted.encode(x)
    size = x.nbytes / 1e9
    few = x[:CHECKED]
    ours, theirs = fitted.encode(few).arrays(), fitted.encode(few.cpu().numpy()).arrays()
    same = [np.mean(ours[k].view(np.uint8) == theirs[k].view(np.uint8)) for k in ours]
    return {
        "bits": round(codes.bits, 4),
        "encode_GB_per_second": round(size / seconds(lambda: fitted.encode(x)), 1),
        "decode_GB_per_second": round(size / seconds(lambda: fitted.decode(codes)), 1),
        "same_codes": round(float(min(same)), 6),
    }


def main() -> None:
    if not torch.cuda.is_available():
        sys.exit("this needs a GPU that torch can use")
    x = torch.randn((ROWS, DIM), device="cuda", generator=torch.Generator("cuda").manual_seed(0))
    copy = 2 * x.nbytes / 1e9 / seconds(x.clone)
    figures: dict[str, Any] = {
        "environment": {
            "device": torch.cuda.get_device_name(),
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "rows": ROWS,
        "dimensions": DIM,
        "copy_GB_per_second": round(copy, 1),
        "recipes": {},
    }
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS
    for text in RECIPES:
        try:
            figures["recipes"][repr(parse(text))] = measure(text, x)
        except torch.cuda.OutOfMemoryError as error:
            figures["recipes"][repr(parse(text))] = {"error": str(error).splitlines()[0]}
            torch.cuda.empty_cache()
        print(text, figures["recipes"][repr(parse(text))], flush=True)
        (path / "codec-gpu.json").write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
