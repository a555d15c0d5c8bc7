from hypothesis import given
from hypothesis import strategies as st

from attar.measure.plot import Axis

NUMBERS = st.lists(st.floats(-1e6, 1e6), max_size=6)


@given(NUMBERS)
def test_an_axis_shows_all_values_between_round_ends(values):
    axis = Axis.around("x", values)
    assert all(-1e-6 <= axis.place(v) <= 1 + 1e-6 for v in values)
    assert 2 <= len(axis.ticks()) <= 14


@given(st.lists(st.floats(1e-9, 1e9), max_size=6))
def test_a_logarithmic_axis_ends_at_powers_of_ten(values):
    axis = Axis.around("y", values, log=True)
    assert all(-0.02 <= axis.place(v) <= 1.02 for v in values)
    assert all(f"{t:.0e}".startswith("1e") for t in axis.ticks())
