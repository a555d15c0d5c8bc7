"""Every option of `attar search`, and several packs at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from .conftest import DOCUMENTS, Run

pytestmark = pytest.mark.model

QUESTION = "lift of a wing at low speed"


@pytest.fixture
def teas(run: Run, tmp_path: Path) -> Path:
    """Another pack, with a file of a name that the first has too."""
    folder = tmp_path / "teas"
    folder.mkdir()
    (folder / "tea.txt").write_text("Rooibos makes no lift.\n", encoding="utf-8")
    run.json("pack", folder, "-o", tmp_path / "teas.attar")
    return tmp_path / "teas.attar"


def places(hits: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(h["id"], h["start"]) for h in hits]


def test_fusion_and_weight_change_what_is_found(run: Run, pack: Path) -> None:
    dense = run.json("search", pack, QUESTION, "--mode", "dense")
    for fusion in ("minmax", "zscore", "rrf"):
        alone = run.json("search", pack, QUESTION, "--fusion", fusion, "--weight", 1)
        assert places(alone) == places(dense)
    scores = {
        (fusion, weight): run.json(
            "search", pack, QUESTION, "--fusion", fusion, "--weight", weight, "-k", 1
        )[0]["score"]
        for fusion in ("minmax", "rrf")
        for weight in (0.25, 0.75)
    }
    assert scores["minmax", 0.25] == scores["minmax", 0.75] == 1  # first in both rankings
    assert scores["rrf", 0.25] == pytest.approx(1 / 61)


def test_group_gives_each_document_once_or_its_passages_together(run: Run, pack: Path) -> None:
    every = run.json("search", pack, QUESTION, "-k", 100)
    once = run.json("search", pack, QUESTION, "-k", 100, "--group")
    assert len(once) == len({h["id"] for h in once}) == len(DOCUMENTS)
    together = run.json("search", pack, QUESTION, "-k", 100, "--group", "--passages", 9)
    assert sorted(places(together)) == sorted(places(every))
    seen = list(dict.fromkeys(h["id"] for h in together))
    assert [h["id"] for h in together] == sorted((h["id"] for h in together), key=seen.index)
    assert "--group" in run.fails("search", pack, QUESTION, "--passages", 2, status=2)


def test_diversity_only_changes_the_order(run: Run, pack: Path) -> None:
    plain = run.json("search", pack, QUESTION, "-k", 100)
    various = run.json("search", pack, QUESTION, "-k", 100, "--diversity", 1)
    assert sorted(places(plain)) == sorted(places(various))
    assert plain[0] == various[0]
    assert "range" in run.fails("search", pack, QUESTION, "--diversity", 2, status=2)


def test_several_packs_are_searched_as_one(run: Run, pack: Path, teas: Path) -> None:
    hits = run.json("search", pack, teas, "rooibos tea", "--mode", "bm25")
    assert {(h["pack"], h["id"]) for h in hits} == {(str(pack), "tea.txt"), (str(teas), "tea.txt")}
    status, out, _ = run("search", pack, teas, "--", "rooibos")
    assert status == 0
    assert f"{teas}: tea.txt" in out.replace("\n", "")
    assert "pack" not in run.json("search", teas, "rooibos")[0]


@pytest.mark.parametrize("command", ["search", "ask"])
def test_what_is_missing_is_said(run: Run, pack: Path, command: str) -> None:
    assert "no question" in run.fails(command, pack, status=2)
    assert "no pack: give one before" in run.fails(command, "what is lift?", status=2)
    said = run.fails(command, pack, "what", "is", "lift", status=2)
    assert "'what'" in said
    assert "quotes" in said
    assert "Missing argument 'QUESTION'" in run.fails(command, status=2)


def test_packs_that_do_not_fit_are_refused(run: Run, pack: Path, tmp_path: Path) -> None:
    (tmp_path / "tee.txt").write_text("Grüner Tee.", encoding="utf-8")
    run.json("pack", tmp_path / "tee.txt", "-o", tmp_path / "tee.attar", "--language", "german")
    said = run.fails("search", pack, tmp_path / "tee.attar", "tea", status=2)
    assert "terms cannot be compared" in said
