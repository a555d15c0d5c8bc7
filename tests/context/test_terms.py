from __future__ import annotations

import math

import numpy as np
import pytest

from attar.context.terms import Terms, words_of


def read(*units):
    text = " ".join(units)
    ends = np.cumsum([len(u) + 1 for u in units]) - 1
    return Terms.read(text, ends - [len(u) for u in units], ends)


def test_bm25_is_the_formula():
    terms = read("alpha beta beta", "beta gamma", "delta delta delta delta")
    found = terms.bm25("beta delta unknown", k1=1.2, b=0.75)
    mean = 3.0
    expected = []
    for tf_beta, tf_delta, length in ((2, 0, 3), (1, 0, 2), (0, 4, 4)):
        score = 0.0
        for tf, df in ((tf_beta, 2), (tf_delta, 1)):
            idf = math.log(1 + (3 - df + 0.5) / (df + 0.5))
            score += idf * tf * 2.2 / (tf + 1.2 * (0.25 + 0.75 * length / mean))
        expected.append(score)
    assert found == pytest.approx(expected)


def test_words_meet_in_their_stems_and_cases():
    assert read("The Connections", "nothing").bm25("CONNECTED")[0] > 0


def test_scripts_without_spaces_are_matched_by_pairs():
    assert words_of("平等a") == (["平", "平等", "等", "a"], [0, 0, 1, 2])
    scores = read("人人生而自由", "在尊严和权利上").bm25("尊严")
    assert scores[1] > scores[0]


def test_words_with_marks_stay_whole():
    assert words_of("अधिकारों के")[0] == ["अधिकारों", "के"]
    assert words_of("e\u0301te\u0301")[0] == ["e\u0301te\u0301".casefold()]


def test_groups_add_up():
    terms = read("a b", "b c", "d")
    grouped = terms.grouped(np.array([0, 0, 1]))
    assert grouped.counts.toarray().sum(axis=1).tolist() == [4, 1]


def test_tfidf_rows_have_unit_length_or_none():
    rows = read("alpha beta", "!!!", "beta gamma").tfidf()
    norms = np.sqrt((rows.toarray() ** 2).sum(axis=1))
    assert norms == pytest.approx([1, 0, 1], abs=1e-6)


def test_nothing_is_read():
    empty = np.empty(0, dtype=np.int64)
    terms = Terms.read("", empty, empty)
    assert terms.bm25("x").shape == (0,)
    assert read("!!!").bm25("x").tolist() == [0.0]
