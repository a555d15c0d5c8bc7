import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.vectors.selection import cut_back, keep_greatest, pick_best


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-20, 20), min_size=1, max_size=90), st.data())
def test_the_greatest_are_brought_to_the_front(values, data):
    kept = data.draw(st.integers(1, len(values)))
    scores = np.array(values, np.float32)
    numbers = np.arange(len(values))
    least = keep_greatest(numbers, scores, len(values), kept)
    want = sorted(values, reverse=True)[:kept]
    assert sorted(scores[:kept].tolist(), reverse=True) == want
    assert least == want[-1]
    assert [values[i] for i in numbers] == scores.tolist()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-5, 5), max_size=60), st.integers(1, 12), st.integers(1, 12))
def test_cut_back_and_sorted_the_best_are_left(values, kept, k):
    scores = np.array([values or [0]], np.float32)
    rows, held = np.arange(scores.size)[None].copy(), np.array([len(values)])
    cut_back(rows, scores, held, kept)
    best, of = np.empty((1, k), np.int64), np.empty((1, k), np.float32)
    pick_best(rows, scores, held, best, of)
    count = min(len(values), kept, k)
    assert of[0, :count].tolist() == sorted(values, reverse=True)[:count]
    assert [values[i] for i in best[0, :count]] == of[0, :count].tolist()
    pairs = list(zip(-of[0, :count], best[0, :count], strict=True))
    assert pairs == sorted(pairs)
    assert (best[0, count:] == -1).all()
    assert np.isneginf(of[0, count:]).all()
