from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.measure.ir import alpha_ndcg, ndcg, recall

ids = st.lists(st.sampled_from("abcdefghij"), unique=True)
judged = st.dictionaries(st.sampled_from("abcdefghij"), st.integers(-1, 4), max_size=10)


def test_ndcg_by_hand() -> None:
    judgements = {"a": 3, "b": 2, "c": 0}
    got = 2 / math.log2(2) + 0 + 3 / math.log2(4)
    best = 3 / math.log2(2) + 2 / math.log2(3)
    assert ndcg(["b", "c", "a"], judgements) == pytest.approx(got / best)


def test_only_the_first_k_count() -> None:
    assert ndcg(["x"] * 10 + ["a"], {"a": 1}, k=10) == 0
    assert recall(["x", "a"], {"a": 1, "b": 1}, k=1) == 0
    assert recall(["x", "a"], {"a": 1, "b": 1}, k=2) == 0.5


def test_nothing_relevant() -> None:
    assert ndcg(["a"], {}) == 0
    assert ndcg(["a"], {"a": 0}) == 0
    assert recall(["a"], {"a": 0}) == 0


@given(ids, judged)
def test_ranges_and_the_best_ranking(ranking: list[str], judgements: dict[str, int]) -> None:
    best = sorted(judgements, key=lambda d: -judgements[d])
    assert 0 <= ndcg(ranking, judgements) <= ndcg(best, judgements) + 1e-12
    assert ndcg(best, judgements) == pytest.approx(
        1.0 if any(g > 0 for g in judgements.values()) else 0.0
    )
    assert 0 <= recall(ranking, judgements) <= 1


def test_alpha_ndcg_by_hand() -> None:
    topics = [{"a", "b"}, {"c"}]
    # The second document on one topic is worth half of the first.
    got = 1 / math.log2(2) + 0.5 / math.log2(3) + 1 / math.log2(4)
    best = 1 / math.log2(2) + 1 / math.log2(3) + 0.5 / math.log2(4)
    assert alpha_ndcg(["a", "b", "c"], topics) == pytest.approx(got / best)
    assert alpha_ndcg(["a", "c", "b"], topics) == pytest.approx(1)
    assert alpha_ndcg(["x"] * 10 + ["a"], topics) == 0
    assert alpha_ndcg(["a"], []) == 0


@given(ids, st.lists(st.sets(st.sampled_from("abcdefghij")), max_size=4))
def test_without_novelty_it_is_ndcg(ranking: list[str], topics: list[set[str]]) -> None:
    grades = {d: sum(d in topic for topic in topics) for d in "abcdefghij"}
    assert alpha_ndcg(ranking, topics, alpha=0) == pytest.approx(ndcg(ranking, grades))
