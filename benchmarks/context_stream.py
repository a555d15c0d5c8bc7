"""Memory and time of squeezing a long file, with a budget that is small and one that is not.

    python -m benchmarks.context_stream [--megabytes 50]

The file is the standard library's sources, shuffled, as often as it takes. Each run is a process
of its own; its peak of resident memory is compared with that of a run on the first megabyte, so
that what grows with the file is told apart from interpreter, tokenizer and one block. Writes
benchmarks/results/context_stream.json.
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from attar import models
from attar.context import squeeze_file
from benchmarks.common import environment, save

SEED = 20240607
BUDGETS = ("2000 tokens", "10%")
QUESTION = "How is a temporary directory removed when its files are read-only?"


def write(path: Path, size: int) -> None:
    """A file of so many bytes, the same each time."""
    rng = random.Random(SEED)  # noqa: S311 - an order, not a secret
    sources = sorted(Path(sysconfig.get_paths()["stdlib"]).glob("*.py"))
    with path.open("wb") as out:
        while out.tell() < size:
            rng.shuffle(sources)
            for source in sources:
                out.write(source.read_bytes().decode("utf-8", "replace").encode() + b"\n\n")
                if out.tell() >= size:
                    break


def one(path: Path, budget: str) -> dict[str, float]:
    """Squeeze a file in this process."""
    tokenizer = models.tokenizer()
    tokenizer.count("warm")
    began = time.process_time()
    result = squeeze_file(path, QUESTION, to=budget, tokenizer=tokenizer)
    return {
        "seconds": time.process_time() - began,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "tokens_before": result.tokens_before,
        "tokens_after": result.tokens_after,
        "tokens_counted_at_once": tokenizer.count(result.text),
    }


def main() -> None:
    """Run both budgets on a short and on the long file and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--one", nargs=2, metavar=("FILE", "BUDGET"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(one(Path(args.one[0]), args.one[1])))
        return
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        # A share of a long file takes two passes, the first only to count: a fifth tells as much.
        long = {args.megabytes // 5: BUDGETS[1:], args.megabytes: BUDGETS[:1]}
        for megabytes, budgets in {2: BUDGETS, **long}.items():
            path = Path(folder, f"{megabytes}.txt")
            write(path, megabytes * 1_000_000)
            for budget in budgets:
                command = [sys.executable, "-m", "benchmarks.context_stream"]
                out = subprocess.run(
                    [*command, "--one", str(path), budget], check=True, capture_output=True
                ).stdout
                found = json.loads(out)
                seconds = found.pop("seconds")
                found["ms_per_1000_tokens"] = round(1e6 * seconds / found["tokens_before"], 2)
                found["peak_mb"] = round(found["peak_mb"], 1)
                rows.append({"megabytes": megabytes, "budget": budget, **found})
                print(rows[-1], flush=True)
    save("context_stream", {"seed": SEED, "environment": environment(), "rows": rows})


if __name__ == "__main__":
    main()
