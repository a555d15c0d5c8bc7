"""Numbers in few bytes are the numbers that they were made of."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attar.exact.narrow import Ascending, narrow


@given(st.lists(st.integers(-(1 << 63), (1 << 63) - 1), max_size=10))
def test_narrow_keeps_numbers(values: list[int]) -> None:
    assert narrow(np.array(values, np.int64)).tolist() == values


@given(
    st.lists(st.integers(0, 5) | st.integers(0, 1 << 40), max_size=300),
    st.integers(0, 1 << 42),
    st.integers(0, 300),
    st.integers(0, 300),
)
def test_ascending_numbers_are_those_of_an_array(
    steps: list[int], value: int, first: int, last: int
) -> None:
    numbers = np.cumsum(np.array(steps, np.int64))
    found = Ascending(numbers)
    assert len(found) == len(numbers)
    assert [found[i] for i in range(len(numbers))] == numbers.tolist()
    last = min(last, len(numbers))
    assert found.between(min(first, last), last).tolist() == numbers[first:last].tolist()
    for sought in (value, *numbers[first:last][:3].tolist(), *(numbers[first:last][:3] + 1)):
        assert found.below(int(sought)) == int((numbers < sought).sum())


def test_short_steps_take_two_bytes() -> None:
    assert Ascending(np.arange(0, 64_000_000, 1000, np.int64)).nbytes < 64_000 * 2.2
