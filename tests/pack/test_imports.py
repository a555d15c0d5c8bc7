"""A search waits for nothing that it does not need."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

CODE = """
import sys
import attar

pack = attar.open(sys.argv[1])
assert pack.search("heat", 3, "hybrid", [1.0] * pack.collection.dim, group=True)
needless = {"torch", "scipy.linalg", "scipy.special", "scipy.sparse", "markdown_it"}
print(sorted((needless | {"attar.context"}) & set(sys.modules)))
"""


def test_what_a_search_does_not_load(made: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(made)], capture_output=True, text=True, check=False
    )
    assert done.stdout == "[]\n", done.stdout + done.stderr
