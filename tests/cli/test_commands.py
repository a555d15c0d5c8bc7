"""The commands on real files with the default embedder, and the JSON that docs/json.md promises."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from .conftest import DOCUMENTS, Run

pytestmark = pytest.mark.model


def test_pack_accounts_for_every_byte(run: Run, documents: Path, tmp_path: Path) -> None:
    target = tmp_path / "new.attar"
    data = run.json("pack", documents, "-o", target)
    assert data["documents"] == len(DOCUMENTS)
    assert data["units"] >= data["documents"]
    assert data["pack_bytes"] == sum(data["parts"].values())
    assert data["pack_bytes"] == sum(f.stat().st_size for f in target.rglob("*") if f.is_file())
    assert [s["path"] for s in data["skipped"]] == ["picture.bin"]
    assert data["seconds"] > 0
    assert run.json("info", target)["parts"] == data["parts"]


@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25"])
def test_every_hit_cuts_its_text_out_of_the_file(run: Run, pack: Path, mode: str) -> None:
    for question in ("lift of a wing", "greatest common divisor", "fermented tea"):
        hits = run.json("search", pack, question, "--mode", mode)
        assert hits
        assert [h["score"] for h in hits] == sorted((h["score"] for h in hits), reverse=True)
        for hit in hits:
            assert set(hit) == {"id", "source", "start", "end", "score", "text"}
            assert DOCUMENTS[hit["source"]][hit["start"] : hit["end"]] == hit["text"]
    assert (
        run.json("search", pack, "greatest common divisor", "-k", 1)[0]["source"] == "code/gcd.py"
    )


def test_tables_are_for_people(run: Run, pack: Path) -> None:
    status, out, _ = run("search", pack, "lift of a wing", "--group")
    assert status == 0
    assert "guide/wings.md" in out
    assert "whole" in run("verify", pack)[1]
    assert "raw text" in run("info", pack)[1]


def test_add_replaces_and_delete_removes(run: Run, pack: Path, tmp_path: Path) -> None:
    more = tmp_path / "more"
    more.mkdir()
    (more / "tea.txt").write_text("Rooibos is an infusion and no tea.\n", encoding="utf-8")
    data = run.json("add", pack, more)
    assert data["documents"] == len(DOCUMENTS)
    assert run.json("search", pack, "rooibos", "--mode", "bm25")[0]["source"] == "tea.txt"
    assert run.json("search", pack, "fermented", "--mode", "bm25") == []
    assert run.json("delete", pack, "tea.txt", "not there") == {"deleted": 1}
    assert run.json("search", pack, "rooibos", "--mode", "bm25") == []
    assert run.json("verify", pack)["ok"] is True


def test_squeeze_from_standard_input(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "A wing makes lift. <keep>Tea is hot.</keep> " + "Nothing of note happens here. " * 50
    stdin = io.TextIOWrapper(io.BytesIO(text.encode()), encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", stdin)
    data = run.json(
        "squeeze", "-", "--to", "30 tokens", "--question", "What makes lift?",
        "--protect", "<keep>...</keep>", "--no-embedder",
    )  # fmt: skip
    assert data["tokens_after"] <= 30 < data["tokens_before"]
    assert "Tea is hot." in data["text"]
    assert "A wing makes lift." in data["text"]
    for span in data["spans"]:
        assert set(span) == {"source", "start", "end", "text"}
        assert text[span["start"] : span["end"]] == span["text"]


def test_ask_quotes_its_sources_exactly(run: Run, pack: Path) -> None:
    data = run.json(
        "ask", pack, "What raises the lift of a wing at low speed?", "--to", "60 tokens"
    )
    assert data["answer"]
    assert data["report"]["seconds"]
    sources = {s["source"] for s in data["sources"]}
    assert "guide/wings.md" in sources
    for s in data["sources"]:
        assert DOCUMENTS[s["source"]][s["start"] : s["end"]] == s["text"]


def test_ask_says_when_nothing_is_found(run: Run, pack: Path) -> None:
    data = run.json("ask", pack, "Who won the chess championship of 1972?")
    assert data["sources"] == []
    assert data["answer"]


def test_methods(run: Run) -> None:
    methods = run.json("methods")
    assert {"codec", "context"} <= {m["target"] for m in methods}
    assert all(m["summary"] for m in methods)
    status, out, _ = run("methods", "codec")
    assert status == 0
    assert "hadamard" in out


def test_measure_pack(run: Run, tmp_path: Path) -> None:
    texts = list(DOCUMENTS.values())
    rows = [{"_id": f"d{i}", "title": "", "text": t} for i, t in enumerate(texts)]
    (tmp_path / "corpus.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "queries.jsonl").write_text('{"_id": "q", "text": "green tea"}\n')
    (tmp_path / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\td1\t1\n")
    data = run.json("measure", "pack", tmp_path)
    for side in ("pack", "reference"):
        for mode in ("dense", "bm25", "hybrid"):
            figures = data[side][mode]
            assert set(figures) == {"ndcg@10", "recall@100", "query_ms"}
            assert figures["ndcg@10"] == 1.0
    assert data["text_bytes"] == sum(len(t.encode()) for t in texts)
    assert sum(data["bytes"].values()) == data["pack_bytes"]
