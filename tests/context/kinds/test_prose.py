"""Sentences and the headings that they stand under."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.context.kinds import prose


def shown(text, longest=1200):
    rows = prose.divide(text, longest)
    return [(text[r.start : r.end], r.head, r.bound) for r in rows]


@pytest.mark.parametrize("rule", ["===", "-----", "~~~~~"])
def test_an_underlined_line_is_a_heading_and_its_rule_is_dropped(rule):
    text = f"f(x)\n{rule}\n\nFirst one. Second one."
    assert shown(text) == [
        ("f(x)", -1, False),
        (rule, -1, True),
        ("First one.", 0, False),
        ("Second one.", 0, False),
    ]


def test_the_nearest_heading_counts():
    text = "# A\nOne.\n## B ##\nTwo."
    assert shown(text) == [
        ("# A", -1, False),
        ("One.", 0, False),
        ("## B ##", -1, False),
        ("Two.", 2, False),
    ]


@pytest.mark.parametrize("text", ["A long line of a paragraph\n---", "- item\n---", "#hash", "#"])
def test_what_is_no_heading(text):
    assert prose.headings(text) == []


@given(
    st.lists(
        st.sampled_from(["# a", "b", "===", "---", "\n", "\r\n", "c. d.", "| x |", "\u2028==="])
    )
)
def test_rows_hold_all_that_is_not_white_space(parts):
    text = "\n".join(parts)
    rows = prose.divide(text, 160)
    assert all(a.end <= b.start for a, b in pairwise(rows))
    assert "".join("".join(text[r.start : r.end].split()) for r in rows) == "".join(text.split())
