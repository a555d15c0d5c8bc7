"""`attar tune` from files to the pack's manifest."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import DOCUMENTS, Run

pytestmark = pytest.mark.model

QUESTIONS = {
    "what makes lift": "guide/wings.md",
    "flaps at low speed": "guide/wings.md",
    "is black tea fermented": "tea.txt",
    "green tea": "tea.txt",
    "greatest common divisor": "code/gcd.py",
    "which function divides until nothing is left": "code/gcd.py",
}


def judged(folder: Path) -> Path:
    path = folder / "judged.jsonl"
    lines = [json.dumps({"query": q, "relevant": {d: 1}}) for q, d in QUESTIONS.items()]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_what_is_found_is_kept(run: Run, pack: Path, tmp_path: Path) -> None:
    before = (pack / "manifest.json").read_bytes()
    dry = run.json("tune", pack, "--queries", judged(tmp_path), "--dry-run")
    assert (pack / "manifest.json").read_bytes() == before
    assert set(dry) == {"queries", "ranking", "ndcg@10", "gain", "interval", "curves", "stored"}
    assert dry["queries"] == len(QUESTIONS)
    assert dry["stored"] is False
    data = run.json("tune", pack, "--queries", judged(tmp_path), "--plot", tmp_path / "curve.svg")
    assert data == {**dry, "stored": True}
    assert (tmp_path / "curve.svg").read_text().startswith("<svg")
    assert run.json("info", pack)["ranking"] == data["ranking"]
    assert f"ranking {data['ranking']['fusion']}" in run("info", pack)[1]
    assert run.json("verify", pack)["ok"]


def test_trec_files_and_tables_for_people(run: Run, pack: Path, tmp_path: Path) -> None:
    queries = "".join(f"{i}\t{q}\n" for i, q in enumerate(QUESTIONS))
    qrels = "".join(f"{i} 0 {d} 1\n" for i, d in enumerate(QUESTIONS.values()))
    (tmp_path / "queries.tsv").write_text(queries)
    (tmp_path / "qrels").write_text(qrels)
    options = ["--queries", tmp_path / "queries.tsv", "--qrels", tmp_path / "qrels"]
    status, out, err = run("tune", pack, *options, "--dry-run")
    assert status == 0, err
    assert "nDCG@10 over the weight" in out
    assert "held-out questions" in out
    assert run.json("tune", pack, *options, "--dry-run")["queries"] == len(QUESTIONS)


def test_wrong_calls(run: Run, pack: Path, tmp_path: Path) -> None:
    assert "Missing option '--queries'" in run.fails("tune", pack, status=2)
    assert "does not exist" in run.fails("tune", pack, "--queries", tmp_path / "no", status=2)
    path = judged(tmp_path)
    assert "no pack" in run.fails("tune", tmp_path / "no", "--queries", path, status=1)
    said = run.fails("tune", pack, "--queries", path, "--plot", tmp_path / "x.png", status=2)
    assert "SVG" in said
    path.write_text(path.read_text().splitlines()[0])
    assert "too few" in run.fails("tune", pack, "--queries", path, status=2)
    other = [json.dumps({"query": q, "relevant": ["elsewhere.md"]}) for q in QUESTIONS]
    path.write_text("\n".join(other))
    said = run.fails("tune", pack, "--queries", path, status=2)
    assert "elsewhere.md" in said
    assert next(iter(sorted(DOCUMENTS))) in said
