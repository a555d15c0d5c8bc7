"""What every benchmark needs: where the data lies, where results go, what machine this was."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import sys
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def data(*parts: str) -> Path:
    """A folder or file of the data folder that ATTAR_DATA names; leaves with a sentence if none."""
    root = os.environ.get("ATTAR_DATA")
    if not root:
        sys.exit("set ATTAR_DATA to the folder with the benchmark data")
    path = Path(root, *parts)
    if not path.exists():
        sys.exit(f"{path} is not there: ATTAR_DATA must name the folder with the benchmark data")
    return path


def cache(*parts: str) -> Path:
    """A place for what is costly to make again (embeddings); outside the repository."""
    root = os.environ.get("ATTAR_BENCH_CACHE") or Path.home() / ".cache" / "attar" / "bench"
    path = Path(root, *parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def environment(*packages: str) -> dict[str, Any]:
    """The machine and the versions that a figure depends on."""
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        **{
            name: importlib.metadata.version(name)
            for name in ("attar", "numpy", "numba", *packages)
        },
    }


def save(name: str, figures: dict[str, Any]) -> Path:
    """Write a result as results/NAME.json."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next(
        (x.split(":", 1)[1].strip() for x in lines if x.startswith("model name")), "unknown"
    )
