from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.models.conftest import lm_folder

__all__ = ["lm_folder"]

BM25 = "rank(bm25) >> extract(top)"


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    entries = [
        {
            "question": f"Who has key {i}?",
            "passages": [f"Key {j} is with Ann{j}. It is cold." for j in range(4)],
            "answers": [f"Ann{i}"],
            "gold": i,
        }
        for i in range(2)
    ]
    path = tmp_path / "keys.jsonl"
    path.write_text("".join(json.dumps(e) + "\n" for e in entries), encoding="utf-8")
    return path


@pytest.fixture
def reader(lm_folder: Path, tmp_path: Path) -> Path:
    """The small model with a window that holds a prompt; its positions are rotary."""
    folder = tmp_path / "reader"
    shutil.copytree(lm_folder, folder)
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["max_position_embeddings"] = 2048
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTAR_CACHE", str(tmp_path / "cache"))


def test_json_table_and_plot(run, dataset, reader, tmp_path):
    call = [
        "measure", "context", dataset, "--reader", reader, "--no-embedder",
        "--recipes", "model-free", "--recipes", BM25, "--budgets", "50%, 30 tokens",
    ]  # fmt: skip
    found = run.json(*call, "--plot", tmp_path / "loss.svg")
    assert (found["data"], found["questions"]) == ("keys", 2)
    names = [(f["name"], f["budget"]) for f in found["figures"]]
    assert ("empty", None) in names
    assert ("gold passage", None) in names
    for budget in ("50%", "30 tokens"):
        for name in ("truncate(start)", "model-free", BM25):
            assert (name, budget) in names
    squeezed = [f for f in found["figures"] if f["budget"]]
    assert all(f["met"] == 1 and len(f["losses"]) == 2 for f in squeezed)
    assert all(set(f["break_even"]["shortest_prompt"]) == {"100", "1000", "10000", "100000"}
               for f in squeezed)  # fmt: skip
    assert (tmp_path / "loss.svg").read_text(encoding="utf-8").startswith("<svg")
    assert (tmp_path / "cache" / "measure" / "context.sqlite").is_file()

    status, out, err = run(*call)
    assert status == 0, err
    assert "gold passage" in out
    assert "saves time" in out


def test_figures_may_be_left_out(run, dataset, reader):
    found = run.json(
        "measure", "context", dataset, "--reader", reader, "--no-embedder", "--no-loss",
        "--no-answers", "--limit", 1, "--budgets", "50%", "--fresh",
    )  # fmt: skip
    assert found["questions"] == 1
    assert all(f["loss"] is None and f["exact"] is None for f in found["figures"])


def test_errors_are_one_sentence(run, dataset, tmp_path):
    (tmp_path / "bad.jsonl").write_text('{"question": "Who?"}\n', encoding="utf-8")
    assert "line 1" in run.fails("measure", "context", tmp_path / "bad.jsonl", status=1)
    fails = run.fails("measure", "context", dataset, "--recipes", "rnk(bm25)", status=2)
    assert "rnk" in fails
    assert "budget" in run.fails("measure", "context", dataset, "--budgets", "5 apples", status=2)
    assert ".svg" in run.fails("measure", "context", dataset, "--plot", "x.png", status=2)


def test_effort_is_an_option_of_squeeze(run, dataset):
    assert "high" in run("squeeze", "--help")[1]
    run.fails("squeeze", dataset, "--to", "50%", "--effort", "higher", status=2)
