"""Places of a joined text, found in what is kept of it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import DamagedPackError
from attar.exact.columns import encode_ints
from attar.exact.copies import Copies


@st.composite
def texts(draw: st.DrawFn) -> tuple[str, str, Copies]:
    """A kept text, the joined one, and the copies that make the one of the other."""
    kept = draw(st.text("abcdefghij", min_size=1, max_size=60))
    cuts = sorted(draw(st.lists(st.integers(0, len(kept)), max_size=8)))
    joined, at = "", 0
    rows: list[tuple[int, int, int]] = []
    for cut in cuts:
        source = draw(st.integers(0, len(kept) - 1))
        length = draw(st.integers(1, len(kept) - source))
        rows.append((cut - at, length, source))
        joined += kept[at:cut] + kept[source : source + length]
        at = cut
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return kept, joined + kept[at:], Copies(*columns)


@settings(max_examples=200, deadline=None)
@given(made=texts(), data=st.data())
def test_runs_are_cut_out_of_what_is_kept(
    made: tuple[str, str, Copies], data: st.DataObject
) -> None:
    kept, joined, copies = made
    start = data.draw(st.integers(0, len(joined)))
    end = data.draw(st.integers(start, len(joined)))
    pieces = list(copies.pieces(start, end))
    assert "".join(kept[a:b] for a, b in pieces) == joined[start:end]
    assert all(a < b for a, b in pieces)
    assert len(joined) == len(kept) + copies.total


@settings(max_examples=100, deadline=None)
@given(made=texts())
def test_places_never_go_back(made: tuple[str, str, Copies]) -> None:
    kept, joined, copies = made
    places = copies.kept_place(np.arange(len(joined) + 1))
    assert places[0] == 0
    assert places[-1] == len(kept)
    assert set(np.diff(places).tolist()) <= {0, 1}
    for i in np.flatnonzero(np.diff(places)).tolist():  # what is kept where it stands
        assert joined[i] == kept[places[i]]


@settings(max_examples=60, deadline=None)
@given(made=texts())
def test_columns_are_read_back(made: tuple[str, str, Copies]) -> None:
    kept, _, copies = made
    again, end = Copies.decode(b"--" + copies.encode(), 2, len(kept))
    assert end == 2 + len(copies.encode())
    for name in ("gap", "length", "source"):
        np.testing.assert_array_equal(getattr(again, name), getattr(copies, name))


@pytest.mark.parametrize(
    ("gap", "length", "source"),
    [
        ([0], [5], [6]),  # beyond the end
        ([0], [11], [0]),
        ([11], [1], [0]),
        ([0], [0], [0]),
        ([0], [1], [-1]),
        ([-1], [1], [0]),
        ([6, 6], [1, 1], [0, 0]),  # more kept before it than there is
        ([0, 0], [1], [0, 0]),
        ([0], [1 << 62], [1 << 62]),
    ],
)
def test_impossible_copies(gap: list[int], length: list[int], source: list[int]) -> None:
    data = b"".join(encode_ints(np.array(c, np.int64)) for c in (gap, length, source))
    with pytest.raises(DamagedPackError):
        Copies.decode(data, 0, 10)
