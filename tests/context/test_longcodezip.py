"""LongCodeZip: blocks by jumps of surprisal, shares by worth, and a knapsack."""

from __future__ import annotations

import ast
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.context import LongCodeZip, Passage, Rank, parse, squeeze
from attar.context.longcodezip import jumps, picked, shares
from attar.errors import UsageError
from tests.context.small_tokenizers import byte_level

floats = st.floats(-5, 5)


def test_a_block_begins_where_a_statement_surprises_more_than_its_neighbours():
    assert jumps(np.array([1.0, 1, 5, 1, 1, 1.1, 1, 4, 4, 1]), 0.5).tolist() == [2]
    assert jumps(np.array([1.0, 5, 1]), 0.0).tolist() == [1]
    assert jumps(np.zeros(5), 0.5).tolist() == jumps(np.ones(2), 0.5).tolist() == []


@given(
    st.lists(st.tuples(floats, st.integers(0, 300)), max_size=12),
    st.integers(0, 1000),
    st.floats(0, 1),
)
def test_shares_use_the_budget_and_no_group_more_than_it_has(groups, limit, tilt):
    worth = np.array([w for w, _ in groups])
    sizes = np.array([n for _, n in groups], dtype=np.int64)
    room = shares(worth, sizes, limit, tilt)
    assert (room >= 0).all()
    assert (room <= sizes).all()
    assert room.sum() <= max(limit, 0)
    if tilt < 1:
        assert room.sum() >= min(limit, sizes.sum()) - len(groups)


def test_what_is_worth_more_gets_more():
    room = shares(np.array([0.0, 1.0, 2.0]), np.array([100, 100, 100]), 150, 0.5)
    assert room.tolist() == [25, 50, 75]


@given(st.lists(st.tuples(st.integers(1, 30), floats), min_size=1, max_size=7), st.integers(0, 90))
def test_the_knapsack_is_the_best_of_all_choices(blocks, room):
    sizes = np.array([n for n, _ in blocks], dtype=np.int64)
    values = np.array([v for _, v in blocks])
    gains = values - values.min() + 0.1 * (np.ptp(values) or 1.0)
    taken = picked(sizes, values, room)
    assert sizes[taken].sum() <= room
    best = max(
        sum(gains[i] for i in range(len(blocks)) if choice[i])
        for choice in product((False, True), repeat=len(blocks))
        if sum(sizes[i] for i in range(len(blocks)) if choice[i]) <= room
    )
    assert gains[taken].sum() == pytest.approx(best)


def test_recipes():
    chain = Rank() >> LongCodeZip(("functions",), reach=2.0)
    assert repr(chain) == "rank(bm25) >> longcodezip(functions, reach=2.0)"
    assert parse(repr(chain)) == chain
    for recipe in ("longcodezip(lines)", "longcodezip(blocks, reach=0)"):
        with pytest.raises(UsageError, match="longcodezip"):
            parse(recipe)
    with pytest.raises(UsageError, match="needs a question"):
        squeeze("words " * 90, to="9 tokens", recipe="longcodezip", tokenizer=byte_level())


@pytest.mark.model
@pytest.mark.parametrize("parts", ["blocks", "functions"])
def test_the_function_that_the_question_goes_on_with_is_kept(parts):
    other = "def step{0}(a):\n    b = a * {0}\n    c = b + {0}\n    return c\n\n\n"
    wanted = (
        "def parse_colour(text):\n    text = text.removeprefix('#')\n    return int(text, 16)\n"
    )
    text = "".join(other.format(i) for i in range(12)) + wanted
    result = squeeze(
        Passage(text, kind="code"),
        "colour = parse_colour('#ff0000')\n",
        to="20%",
        recipe=f"rank(bm25) >> longcodezip({parts})",
    )
    assert "def parse_colour(text):" in result.text
    ast.parse(result.text)
    assert result.tokens_after <= 0.2 * result.tokens_before
