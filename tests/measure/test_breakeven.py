from __future__ import annotations

from math import inf

import pytest

from attar.measure.breakeven import BreakEven


def test_the_line_through_what_was_timed():
    found = BreakEven.of([100, 200, 400], [0.3, 0.5, 0.9], 0.25)
    assert (found.fixed, found.per_token) == pytest.approx((0.1, 0.002))


@pytest.mark.parametrize(
    ("tokens", "seconds", "fixed", "per_token"),
    [
        ([100, 200], [0.2, 0.1], 0.15, 0),  # noise: longer is never faster
        ([100, 200], [0.1, 0.3], 0, 0.0014),  # nor does a start take less than no time
        ([100], [0.2], 0.2, 0),
        ([100, 100], [0.1, 0.3], 0.2, 0),
    ],
)
def test_neither_part_is_negative(tokens, seconds, fixed, per_token):
    found = BreakEven.of(tokens, seconds, 0.5)
    assert (found.fixed, found.per_token) == pytest.approx((fixed, per_token))


def test_where_it_pays():
    line = BreakEven(fixed=0.1, per_token=0.0001, ratio=0.5)
    # A token saves 0.5 / speed and costs 0.0001: from 5,000 a second on it never pays.
    assert line.fastest_reader == pytest.approx(5000)
    assert line.shortest_prompt(1000) == pytest.approx(0.1 / (0.0005 - 0.0001))
    assert line.shortest_prompt(5000) == inf
    assert BreakEven(0.1, 0.0001, 1.0).fastest_reader == 0
    assert BreakEven(0.1, 0.0, 0.5).fastest_reader == inf
    assert BreakEven(0.0, 0.0001, 0.5).shortest_prompt(1000) == 0
