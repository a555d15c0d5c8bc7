from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.select import elbow


@pytest.mark.parametrize(
    ("scores", "standing_out"),
    [
        ([9, 8.9, 1, 0.9, 0.8, 0.7], 2),
        ([0.1, 10, 0.2, 0.1, 0.15], 1),
        ([5, 4, 3, 2, 1], 5),
        ([3, 3, 3], 3),
        ([7], 1),
        ([7, 1], 2),
        ([], 0),
    ],
)
def test_what_stands_out(scores, standing_out):
    assert elbow(scores) == standing_out


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=40), st.floats(0.1, 50))
def test_order_and_scale_do_not_matter(scores, scale):
    found = elbow(scores)
    assert 1 <= found <= len(scores)
    assert elbow(scores[::-1]) == found
    doubled = np.asarray(scores) * 2.0
    assert elbow(doubled) == found or np.ptp(scores) < 1e-9
