"""Compiled loops run whatever becomes of the place where they are kept."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

MODULE = """
    from attar.kernel import kernel

    @kernel(nogil=True)
    def total(n):
        s = 0
        for i in range(n):
            s += i
        return s

    print(total(10))
    """


MATRICES = """
    import sys
    import numba
    import numpy as np
    from sums import total

    total(3)
    assert "scipy.linalg" not in sys.modules

    @numba.njit
    def product(a, b):
        return a @ b

    print(product(np.eye(3), np.full((3, 2), 7.5)).sum())
    """


def run(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    module = folder / "sums.py"
    if not module.exists():
        module.write_text(textwrap.dedent(MODULE), encoding="utf-8")
    return subprocess.run(
        [sys.executable, "-B", str(module)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def kept(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.suffix in (".nbi", ".nbc"))


def test_compiled_code_is_kept(tmp_path: Path) -> None:
    assert run(tmp_path).stdout == "45\n"
    files = {p: p.read_bytes() for p in kept(tmp_path)}
    assert len(files) == 2
    assert run(tmp_path).stdout == "45\n"
    assert {p: p.read_bytes() for p in kept(tmp_path)} == files


@pytest.mark.parametrize("length", [0, 1, 100, -1])
@pytest.mark.parametrize("suffix", [".nbi", ".nbc"])
def test_a_kept_file_that_was_cut_short(tmp_path: Path, suffix: str, length: int) -> None:
    run(tmp_path)
    (path,) = (p for p in kept(tmp_path) if p.suffix == suffix)
    path.write_bytes(path.read_bytes()[:length])
    done = run(tmp_path)
    assert done.stdout == "45\n", done.stderr


def test_no_place_to_keep_anything(tmp_path: Path) -> None:
    # Files stand where the folders should be: not even the superuser writes there.
    (tmp_path / "__pycache__").touch()
    (tmp_path / "home").touch()
    home = str(tmp_path / "home")
    done = run(tmp_path, HOME=home, XDG_CACHE_HOME=home)
    assert done.stdout == "45\n", done.stderr
    assert not kept(tmp_path)


def test_matrices_are_multiplied_by_whoever_does(tmp_path: Path) -> None:
    run(tmp_path)
    (tmp_path / "products.py").write_text(textwrap.dedent(MATRICES), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-B", "products.py"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == "45\n45.0\n", done.stderr
