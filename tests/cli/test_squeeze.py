"""`attar squeeze`: pages, marks, kinds told by names, and files that are read block by block."""

from __future__ import annotations

import pytest

from attar.cli import squeeze

TEXT = "\n\n".join(
    f"Paragraph {i} tells of thing{i}. It is about nothing else." for i in range(300)
)


@pytest.fixture
def long(tmp_path):
    path = tmp_path / "long.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_a_page_and_marks(run, long, tmp_path):
    page = tmp_path / "page.html"
    status, out, _ = run(
        "squeeze", long, "--to", "60 tokens", "--question", "thing77", "--no-embedder",
        "--html", page, "--mark", "[...]",
    )  # fmt: skip
    assert status == 0
    assert "thing77." in out
    assert "[...]" in out
    shown = page.read_text(encoding="utf-8")
    assert 'class="out"' in shown
    assert "thing299" in shown


def test_a_long_file_is_read_in_blocks(run, long, monkeypatch):
    monkeypatch.setattr(squeeze, "LONG_FILE", 1000)
    args = ("squeeze", long, "--to", "60 tokens", "--question", "thing77", "--no-embedder")
    found = run.json(*args)
    assert "thing77." in found["text"]
    assert found["tokens_after"] <= 60
    assert "block by block" in run.fails(*args, "--show", status=2)


def test_a_name_tells_the_language(run, tmp_path):
    path = tmp_path / "a.h"
    path.write_text("int f(int a);\n" * 9 + "int g(int a) {\n    return a;\n}\n")
    found = run.json("squeeze", path, "--to", "20 tokens", "--question", "g", "--no-embedder")
    assert "int g(int a)" in found["text"]
