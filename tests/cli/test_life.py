"""A pack's life from the command line: changed, compacted, taken apart and put together."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Run

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
