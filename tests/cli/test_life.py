"""A pack's life from the command line: changed, compacted, taken apart and put together."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from .conftest import DOCUMENTS, Run

pytestmark = pytest.mark.model


def test_compact(run: Run, pack: Path) -> None:
    hits = run.json("search", pack, "lift of a wing", "--mode", "dense")
    run.json("delete", pack, "tea.txt")
    data = run.json("compact", pack)
    assert data["segments"] == 1
    assert data["bytes_before"] > data["pack_bytes"] == run.json("info", pack)["pack_bytes"]
    again = run.json("search", pack, "lift of a wing", "--mode", "dense")
    assert again == [h for h in hits if h["source"] != "tea.txt"]
    assert run.json("verify", pack)["ok"] is True
    assert "segments made" in run("compact", pack)[1]


def test_pack_again_reads_only_what_changed(run: Run, tmp_path: Path) -> None:
    folder, target = tmp_path / "docs", tmp_path / "docs.attar"
    folder.mkdir()
    for i in range(5):
        (folder / f"{i}.txt").write_text(f"Number {i} is about tea.")
    os_utime_past(folder)
    first = run.json("pack", folder, "-o", target)
    assert (first["files"], first["read"], first["added"], first["deleted"]) == (5, 5, 5, 0)
    again = run.json("pack", folder, "-o", target)
    assert (again["files"], again["read"], again["added"], again["deleted"]) == (5, 0, 0, 0)
    (folder / "3.txt").write_text("Now about coffee.")
    (folder / "0.txt").unlink()
    data = run.json("pack", folder, "-o", target)
    assert (data["files"], data["read"], data["added"], data["deleted"]) == (4, 1, 1, 2)
    assert data["documents"] == 4
    assert data["parts"]["sources"] > 0
    assert [h["id"] for h in run.json("search", target, "coffee", "--mode", "bm25")] == ["3.txt"]
    assert "read 1" in run("pack", folder, "-o", target)[1]


def test_export_gives_the_files_back(run: Run, pack: Path, documents: Path, tmp_path: Path) -> None:
    assert run.json("export", pack, tmp_path / "out") == {"documents": len(DOCUMENTS)}
    for name in DOCUMENTS:
        assert (tmp_path / "out" / name).read_bytes() == (documents / name).read_bytes()
    assert "not empty" in run.fails("export", pack, tmp_path / "out", status=1)
    assert "wrote 3" in run("export", pack, tmp_path / "all.jsonl", "--jsonl")[1]
    lines = (tmp_path / "all.jsonl").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["_id"] for line in lines} == set(DOCUMENTS)
    # The ending says it as well, and the lines make the same pack again.
    run.json("export", pack, tmp_path / "same.jsonl")
    assert (tmp_path / "same.jsonl").read_bytes() == (tmp_path / "all.jsonl").read_bytes()
    run.json("pack", tmp_path / "all.jsonl", "-o", tmp_path / "again.attar")
    run.json("export", tmp_path / "again.attar", tmp_path / "again.jsonl")
    assert (tmp_path / "again.jsonl").read_bytes() == (tmp_path / "all.jsonl").read_bytes()
    hit = run.json("search", tmp_path / "again.attar", "fermented", "--mode", "bm25")[0]
    assert hit["source"] == "tea.txt"


def os_utime_past(folder: Path) -> None:
    """A file that was written a moment ago is read again, because it may still be changing."""
    for path in folder.iterdir():
        os.utime(path, (1_600_000_000, 1_600_000_000))


def test_merge(run: Run, pack: Path, tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "tea.txt").write_text("Rooibos is no tea.\n")
    run.json("pack", tmp_path / "more", "-o", tmp_path / "more.attar")
    data = run.json("merge", pack, tmp_path / "more.attar", "-o", tmp_path / "both.attar")
    assert (data["documents"], data["segments"]) == (len(DOCUMENTS), 2)
    hits = run.json("search", tmp_path / "both.attar", "rooibos tea", "--mode", "bm25")
    assert [h["text"] for h in hits] == ["Rooibos is no tea."]
    assert "already exists" in run.fails("merge", pack, "-o", pack, status=1)
