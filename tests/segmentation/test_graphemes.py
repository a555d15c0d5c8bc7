from __future__ import annotations

import pytest
from hypothesis import given

from attar.segmentation.graphemes import cluster_ends
from tests.context.texts import texts


@pytest.mark.parametrize(
    ("text", "clusters"),
    [
        ("", []),
        ("ab", ["a", "b"]),
        ("a\r\nb", ["a", "\r\n", "b"]),
        ("e\u0301x", ["e\u0301", "x"]),
        ("👩‍👩‍👧‍👦👍🏽", ["👩‍👩‍👧‍👦", "👍🏽"]),
        ("🇩🇪🇫🇷🇮", ["🇩🇪", "🇫🇷", "🇮"]),
        ("각ᄀ", ["각", "ᄀ"]),
        ("क्षि", ["क्षि"]),
        ("กำ", ["กำ"]),
    ],
)
def test_what_a_reader_sees_as_one(text, clusters):
    ends = cluster_ends(text)
    starts = [0, *ends[:-1]] if ends else []
    assert [text[a:b] for a, b in zip(starts, ends, strict=True)] == clusters


@given(texts)
def test_never_cuts_inside_a_cluster_of_the_standard(text):
    regex = pytest.importorskip("regex")
    standard = {m.end() for m in regex.finditer(r"\X", text)}
    assert set(cluster_ends(text)) <= standard
