"""Run every benchmark, one process each, and write the README's table from the results."""

from __future__ import annotations

import subprocess
import sys

from benchmarks import table

SCRIPTS = (
    "packs",
    "stores",
    "build",
    "pack_manual",
    "text_tiers",
    "postings",
    "context_extract",
    "context_exact",
    "context_hard",
    "context_logs",
    "context_stream",
    "vectors",
    "vectors_million",
    "gaussian",
)


def main() -> int:
    failed = [
        s for s in SCRIPTS if subprocess.run([sys.executable, "-m", f"benchmarks.{s}"]).returncode
    ]
    table.main()
    if failed:
        print("failed:", ", ".join(failed))
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main())
