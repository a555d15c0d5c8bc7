from __future__ import annotations

from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import UsageError
from attar.postings import BM25
from attar.postings.bm25 import Variant
from attar.postings.scoring import contribution

from .plain import plain_component, plain_idf

bm25s = st.builds(
    BM25,
    st.sampled_from(get_args(Variant)),
    k1=st.floats(0.01, 10),
    b=st.floats(0, 1),
    delta=st.floats(0, 5),
    absent=st.sampled_from(["formula", "zero"]),
)


@settings(deadline=None)
@given(bm25s, st.integers(1, 10**6), st.data())
def test_idf(bm25: BM25, n: int, data: st.DataObject) -> None:
    df = data.draw(st.integers(1, n))
    assert bm25.idf(df, n) == pytest.approx(max(0.0, plain_idf(bm25.variant, df, n)))
    assert bm25.idf(0, n) == 0


@settings(deadline=None)
@given(bm25s, st.integers(1, 10**6), st.integers(1, 10**6), st.floats(1, 1e5))
def test_component_and_curve(bm25: BM25, tf: int, length: int, mean: float) -> None:
    expected = plain_component(bm25, tf, length, mean)
    assert bm25.component(tf, length / mean) == pytest.approx(expected)
    curve = bm25.curve(mean)
    value = contribution(tf, length, 2.0**40, tuple(curve)) / 2.0**40
    assert value + bm25.absent_component() == pytest.approx(expected, abs=1e-9)
    if bm25.absent == "formula":
        assert bm25.absent_component() == pytest.approx(plain_component(bm25, 0, length, mean))


@settings(deadline=None)
@given(bm25s, st.integers(1, 1000), st.integers(1, 1000))
def test_more_occurrences_and_shorter_documents_score_more(
    bm25: BM25, tf: int, length: int
) -> None:
    here = bm25.component(tf, length / 10)
    assert bm25.component(tf + 1, length / 10) >= here
    assert np.nextafter(here, np.inf) >= bm25.component(tf, (length + 1) / 10)


@pytest.mark.parametrize(
    "wrong", [{"variant": "bm26"}, {"k1": -1}, {"b": 1.1}, {"delta": float("nan")}, {"absent": "x"}]
)
def test_wrong_parameters_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        BM25(**wrong)
