from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.select import near_duplicates


def plain(units, threshold):
    """Resemblance of every pair, by sets of three words in a row."""
    sets = [
        {tuple(u[i : i + min(3, len(u))]) for i in range(len(u) - min(3, len(u)) + 1)}
        if u
        else set()
        for u in units
    ]
    first = []
    for i, own in enumerate(sets):
        kept = [j for j in range(i) if first[j] == j]
        same = [
            j
            for j in kept
            if own and sets[j] and len(own & sets[j]) / len(own | sets[j]) >= threshold
        ]
        first.append(same[0] if same else i)
    return first


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 3), max_size=12), max_size=8))
def test_exact_repetitions_are_always_found(units):
    found = near_duplicates([np.array(u, int) for u in units], threshold=1.0)
    assert found.tolist() == plain(units, 1.0)


def test_nearly_the_same_is_found_and_half_the_same_is_not():
    words = list(range(40))
    nearly = [*words[:39], 99]
    half = [*words[:20], *range(200, 220)]
    units = [words, nearly, half, words, [], []]
    found = near_duplicates([np.array(u, int) for u in units])
    assert found.tolist() == plain(units, 0.8) == [0, 0, 2, 0, 4, 5]


def test_the_same_words_in_another_order_are_something_else():
    found = near_duplicates([np.array([1, 2, 3, 4]), np.array([4, 3, 2, 1])])
    assert found.tolist() == [0, 1]
