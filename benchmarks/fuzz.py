"""Every parser of a file under a coverage-guided fuzzer, which knows where the bytes lead.

    pip install atheris
    python -m benchmarks.fuzz [--seconds 600] [PARSER ...]

The parsers are those of tests/faults/parsers.py, checksums out of the way. What makes one do
anything but return or raise a `PackError` is kept in tests/faults/cases and is a test from then
on. Writes results/fuzz.json.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

from benchmarks.common import RESULTS, environment, save

CASES = Path(__file__).parents[1] / "tests" / "faults" / "cases"
# Modules that look at the bytes of a file outside of compiled loops. Not `attar.exact.alphabet`:
# instrumented, it never lets go of what it has read, some 46 KB an input.
INSTRUMENTED = [
    "attar.exact.archive", "attar.exact.columns", "attar.exact.copies",
    "attar.exact.layout", "attar.exact.reader", "attar.exact.strings", "attar.exact.zstd",
    "attar.pack.deleted", "attar.pack.manifest", "attar.pack.sources", "attar.pack.units",
    "attar.codec.encoded", "attar.codec.fitted", "attar.codec.parse", "attar.codec.state",
    "attar.codec.storage", "attar.postings.container", "attar.postings.dictionary",
    "attar.postings.index", "attar.postings.lookup", "attar.postings.prefix_code",
    "attar.postings.reader", "attar.postings.weights", "attar.vectors.file",
]  # fmt: skip
MEMORY_MB = 2048


def child(parser: str, seconds: int, corpus: str) -> None:
    """Fuzz one parser in this process; libFuzzer ends it."""
    import atheris
    from tests.faults.parsers import accepts, seeds

    for name in INSTRUMENTED:
        instrument(importlib.import_module(name), atheris.instrument_func)
    for number, seed in enumerate(seeds(parser)):
        Path(corpus, f"seed-{number}").write_bytes(seed)
        accepts(parser, seed)  # compiles what is slow to compile before the clock runs
    options = [
        f"-max_total_time={seconds}",
        f"-rss_limit_mb={MEMORY_MB}",
        "-timeout=20",
        "-max_len=20000",
        "-print_final_stats=1",
        f"-artifact_prefix={corpus}/found-",
        corpus,
    ]
    atheris.Setup([sys.argv[0], *options], lambda data: accepts(parser, data))
    atheris.Fuzz()


def instrument(module: ModuleType, patch: Callable[[Any], object]) -> None:
    """Make all functions and methods of a module tell where they have been."""
    own = [x for x in vars(module).values() if getattr(x, "__module__", "") == module.__name__]
    members = [m for x in own if isinstance(x, type) for m in vars(x).values()]
    for x in [*own, *members]:
        found = getattr(x, "fget", None) or getattr(x, "func", None) or getattr(x, "__func__", x)
        if isinstance(found, FunctionType):
            patch(found)


def fuzz(parser: str, seconds: int) -> dict[str, object]:
    """Fuzz one parser in a process of its own, and keep what was found."""
    with tempfile.TemporaryDirectory() as corpus:
        command = [sys.executable, "-m", "benchmarks.fuzz", "--child", corpus]
        done = subprocess.run(
            [*command, "--seconds", str(seconds), parser], capture_output=True, check=False
        )
        said = done.stderr.decode("utf-8", "replace") + done.stdout.decode("utf-8", "replace")
        found = sorted(Path(corpus).glob("found-*"))
        for path in found:
            kept = CASES / parser / path.name.removeprefix("found-")[:24]
            kept.parent.mkdir(parents=True, exist_ok=True)
            kept.write_bytes(path.read_bytes())
    if done.returncode and not found:
        sys.exit(said[-4000:])
    runs = re.search(r"stat::number_of_executed_units:\s*(\d+)", said)
    places = re.findall(r"cov: (\d+)", said)
    return {
        "seconds": seconds,
        "inputs": int(runs[1]) if runs else None,
        "places_reached": int(places[-1]) if places else None,
        "found": [path.name.removeprefix("found-") for path in found],
        "trace": said[said.find("Traceback") :][:2000] if found else "",
    }


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("parsers", nargs="*", metavar="PARSER")
    arguments.add_argument("--seconds", type=int, default=600)
    arguments.add_argument("--jobs", type=int, default=1, help="parsers at a time")
    arguments.add_argument("--child", metavar="CORPUS", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    if given.child:
        child(given.parsers[0], given.seconds, given.child)
        return
    from tests.faults.parsers import PARSERS

    chosen = given.parsers or [*PARSERS]
    with ThreadPoolExecutor(given.jobs) as pool:
        running = pool.map(lambda parser: fuzz(parser, given.seconds), chosen)
        for parser, figures in zip(chosen, running, strict=True):
            print(parser, figures, flush=True)
            _keep(parser, figures)


def _keep(parser: str, figures: dict[str, object]) -> None:
    """Write one parser's figures; the others' stay."""
    path = RESULTS / "fuzz.json"
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    save("fuzz", {**results, "environment": environment("atheris"), parser: figures})


if __name__ == "__main__":
    main()
