from __future__ import annotations

import pytest

from attar.measure.answers import exact_match, f1, normalised, survives


def test_how_answers_are_compared():
    assert normalised("  The «Broncos», of  Denver! ") == "broncos of denver"
    assert exact_match("the Denver Broncos.", ["Denver Broncos", "Broncos"]) == 1
    assert exact_match("Denver", ["Denver Broncos"]) == 0


@pytest.mark.parametrize(
    ("given", "answers", "value"),
    [
        ("Denver Broncos", ["Denver Broncos"], 1),
        ("Denver", ["Denver Broncos"], 2 / 3),
        ("it was Denver that won", ["Denver", "Broncos"], 2 / 6),
        ("", ["Denver"], 0),
        ("the", ["a"], 1),
        ("won won", ["won"], 2 / 3),
    ],
)
def test_f1_counts_words_of_the_best_answer(given, answers, value):
    assert f1(given, answers) == pytest.approx(value)


def test_an_answer_survives_with_other_white_space():
    assert survives("... Denver\n  Broncos won", ["denver broncos"]) == 1
    assert survives("Broncos of Denver", ["denver broncos"]) == 0
    assert survives("", ["x"]) == 0
