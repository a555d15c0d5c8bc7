from __future__ import annotations

import sys
from pathlib import Path

from attar.cli.stdlib_docs import write_documents


def test_real_documentation_the_same_each_time(tmp_path: Path) -> None:
    before = set(sys.modules)
    count = write_documents(tmp_path / "a")
    assert "turtle" not in set(sys.modules) - before, "a module written in Python was imported"
    files = sorted((tmp_path / "a").iterdir())
    assert len(files) == count > 150
    math = (tmp_path / "a" / "math.rst").read_text(encoding="utf-8")
    assert "greatest common divisor" in math.lower()
    dumps = (tmp_path / "a" / "json.rst").read_text(encoding="utf-8")
    assert "json.dumps(obj, *, skipkeys=False" in dumps
    write_documents(tmp_path / "b")
    assert all(f.read_bytes() == (tmp_path / "b" / f.name).read_bytes() for f in files)
