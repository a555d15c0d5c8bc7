from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attar.context.windows import Window, pack


@given(
    st.lists(st.tuples(st.integers(0, 150), st.booleans()), max_size=60),
    st.integers(1, 300),
)
def test_windows_cover_every_sentence_once_and_hold_what_they_may(rows, room):
    lengths = [length for length, _ in rows]
    groups = [sum(new for _, new in rows[: i + 1]) for i in range(len(rows))]
    windows = pack(lengths, groups, room)
    assert [i for w in windows for i in range(w.start, w.stop)] == list(range(len(rows)))
    for context, start, stop in windows:
        assert start - 1 <= context <= start < stop
        assert sum(lengths[context:stop]) <= room or stop - context == 1
        assert groups[context] == groups[start]


def test_a_window_begins_with_the_sentence_before_it_of_the_same_paragraph():
    assert pack([10] * 5, [0, 0, 0, 0, 0], 40) == [Window(0, 0, 4), Window(3, 4, 5)]
    assert pack([10] * 5, [0, 0, 0, 0, 1], 40) == [Window(0, 0, 4), Window(4, 4, 5)]
    assert pack([10, 10, 20], [0, 0, 0], 30) == [Window(0, 0, 2), Window(2, 2, 3)]
