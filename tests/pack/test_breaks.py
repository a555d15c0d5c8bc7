from __future__ import annotations

import itertools

import pytest

from attar.pack.breaks import last_boundary, may_break
from attar.segmentation.graphemes import is_boundary


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("ab", ["a", "b"]),
        ("\r\n\n", ["\r\n", "\n"]),
        ("e\u0301a", ["e\u0301", "a"]),
        ("👩\u200d💻👍🏽", ["👩\u200d💻", "👍🏽"]),
        ("🇫🇷🇩🇪🇮", ["🇫🇷", "🇩🇪", "🇮"]),
        ("क्षि", ["क्षि"]),
        ("กำลัง", ["กำ", "ลั", "ง"]),
        ("\u1112\u1161\u11ab한", ["\u1112\u1161\u11ab", "한"]),
        ("❤\ufe0f!", ["❤\ufe0f", "!"]),
        ("ｶﾞｷ", ["ｶﾞ", "ｷ"]),
    ],
)
def test_clusters_as_the_standard_has_them(text: str, clusters: list[str]) -> None:
    cuts = [i for i in range(len(text) + 1) if is_boundary(text, i)]
    assert [text[a:b] for a, b in itertools.pairwise(cuts)] == clusters


def test_the_last_boundary_is_not_inside_a_cluster() -> None:
    assert last_boundary("ae\u0301b", 0, 2) == 1
    assert last_boundary("e\u0301", 0, 1) == 0


@pytest.mark.parametrize(
    ("text", "allowed"),
    [("ab", False), ("a b", True), ("漢字", True), ("字。", False), ("「漢", False), ("漢a", True)],
)
def test_lines_break_at_spaces_and_ideographs(text: str, allowed: bool) -> None:
    assert may_break(text, 1) is allowed
