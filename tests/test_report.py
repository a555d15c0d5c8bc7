from __future__ import annotations

import dataclasses
import json

import pytest

from attar.report import Loss, Part, Report

REPORT = Report(
    what="a prompt squeezed to 300 tokens",
    parts=[Part("prompt", 1200, 300, "tokens"), Part("index", None, 52_000)],
    seconds={"rank": 0.25},
    loss=[Loss("nDCG@10", 0.4, 0.5, "cranfield, 225 queries")],
)


def test_json_holds_everything() -> None:
    data = json.loads(REPORT.to_json())
    assert data["parts"][0] == {"name": "prompt", "before": 1200, "after": 300, "unit": "tokens"}
    assert data["loss"] == [
        {"metric": "nDCG@10", "value": 0.4, "reference": 0.5, "data": "cranfield, 225 queries"}
    ]
    assert data["seconds"] == {"rank": 0.25}
    assert data["reversible"] is False


def test_no_loss_says_not_measured_and_nothing_else() -> None:
    report = Report("x")
    assert report.to_dict()["loss"] == "not measured"
    assert "not measured" in str(report)


def test_table() -> None:
    text = str(REPORT)
    assert "25.0%" in text
    assert "52,000 bytes" in text
    assert "uncompressed 0.5" in text


def test_sizes_sum_by_unit() -> None:
    assert REPORT.size("tokens") == (1200, 300)
    assert REPORT.size("bytes") == (0, 52_000)


def test_frozen() -> None:
    seconds = {"a": 1.0}
    report = Report("x", seconds=seconds)
    seconds["a"] = 2.0
    assert report.seconds["a"] == 1.0
    with pytest.raises(dataclasses.FrozenInstanceError):
        report.what = "y"  # type: ignore[misc]
    with pytest.raises(TypeError):
        report.seconds["a"] = 3.0  # type: ignore[index]
