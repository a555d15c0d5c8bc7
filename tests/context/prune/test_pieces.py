from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.context.prune.pieces import mean_by_piece, phrases, words
from attar.segmentation.graphemes import is_boundary
from tests.context.texts import texts


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("It's 3.14, she said.", ["It's", "3.14", ",", "she", "said", "."]),
        ("well-known (U.S.A)", ["well-known", "(", "U.S.A", ")"]),
        ("人人 and", ["人", "人", "and"]),
        ("cafe\u0301 b", ["cafe\u0301", "b"]),
        ("  \n ", []),
        ("a" * 100, ["a" * 40, "a" * 40, "a" * 20]),
    ],
)
def test_words(text, pieces):
    assert [text[a:b] for a, b in words(text)] == pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        (
            "The Norman dynasty had a major political impact on Europe.",
            ["The Norman dynasty", "had a major political impact", "on Europe", "."],
        ),
        ("of the, and", ["of the", ",", "and"]),
        ("", []),
    ],
)
def test_phrases(text, pieces):
    assert [text[a:b] for a, b in phrases(text)] == pieces


@given(texts, st.sampled_from([words, phrases]))
def test_pieces_hold_everything_and_cut_no_character(text, cut):
    at = 0
    for start, end in cut(text):
        assert at <= start < end
        assert text[at:start].strip() == ""
        assert is_boundary(text, start)
        assert is_boundary(text, end)
        at = end
    assert text[at:].strip() == ""


def _plainly(starts, ends, offsets, values):
    rows = []
    for start, end in zip(starts, ends, strict=True):
        own = [v for (a, b), v in zip(offsets, values, strict=True) if a < end and start < b]
        rows.append(np.mean(own, axis=0) if own else np.min(values, axis=0))
    return np.array(rows)


@given(st.data())
def test_a_piece_has_the_mean_of_its_tokens(data):
    edges = sorted(data.draw(st.sets(st.integers(0, 40), min_size=2)))
    starts, ends = np.array(edges[:-1]), np.array(edges[1:])
    kept = np.array(data.draw(st.lists(st.booleans(), min_size=len(starts), max_size=len(starts))))
    if not kept.any():
        return
    starts, ends = starts[kept], ends[kept]
    cuts = sorted(data.draw(st.sets(st.integers(0, 40), min_size=2)))
    offsets = np.stack([cuts[:-1], cuts[1:]], axis=1)
    values = np.arange(2.0 * len(offsets)).reshape(-1, 2)[::-1] ** 2
    found = mean_by_piece(starts, ends, offsets, values)
    np.testing.assert_allclose(found, _plainly(starts, ends, offsets, values))


def test_pieces_without_any_token():
    none = np.zeros((0, 2), np.int64)
    assert mean_by_piece(np.array([0]), np.array([3]), none, np.zeros((0, 1))).tolist() == [[0.0]]
