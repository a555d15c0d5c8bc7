"""What helps a unit beside its own words: its paragraph, its neighbours, its passage."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from attar.context import Passage, squeeze
from attar.context.rank import _around, standardised
from attar.context.terms import Terms

# Functions of three modules with the same shape; names tell them apart.
MODULE = '''
import {name}

def open_{name}(path):
    """Open the {name} file."""
    handle = {name}.open(path)
    return handle

def close_{name}(handle):
    """Close the {name} file."""
    {name}.close(handle)
    return None
'''


def _modules(prior: float) -> list[Passage]:
    names = ("zebra", "walrus", "otter")
    return [
        Passage(MODULE.format(name=n), kind="code", prior=prior * (n == "walrus")) for n in names
    ]


def test_a_passage_that_is_wanted_more_is_kept_first() -> None:
    question = "def reopen(path): handle = open(path)"
    plain = squeeze(_modules(0.0), question, to="60 tokens")
    told = squeeze(_modules(4.0), question, to="60 tokens")
    assert told.text.count("walrus") > plain.text.count("walrus")
    assert told.tokens_after <= 60
    assert "walrus" not in squeeze(_modules(-4.0), question, to="60 tokens").text


def test_a_program_is_chosen_by_its_file() -> None:
    """A unit that holds no word of the question comes along with a file that holds many."""
    question = "otter handle of the otter"
    kept = squeeze(_modules(0.0), question, to="50 tokens").text
    assert kept.count("otter") > kept.count("zebra") + kept.count("walrus")


def test_a_prior_is_for_prose_too() -> None:
    texts = ["The cat sat there. It slept.", "The dog sat there. It barked."]
    for wanted, word in ((0, "cat"), (1, "dog")):
        given = [Passage(t, prior=5.0 * (i == wanted)) for i, t in enumerate(texts)]
        assert word in squeeze(given, "Who sat there?", to="8 tokens").text


@given(st.lists(st.floats(-5, 5), max_size=20))
def test_the_mean_of_what_stands_around(values: list[float]) -> None:
    scores = np.array(values, dtype=np.float64)
    plain = []
    for i in range(len(scores)):
        near = [(1 - abs(i - j) / 4, scores[j]) for j in range(len(scores)) if abs(i - j) < 4]
        plain.append(sum(w * s for w, s in near) / sum(w for w, _ in near))
    if len(scores):
        np.testing.assert_allclose(_around(scores), standardised(np.array(plain)), atol=1e-6)


def test_how_much_of_a_question_a_group_holds() -> None:
    text = "red fox. blue fox. green owl. owl owl."
    starts = np.array([0, 9, 19, 30])
    ends = np.array([8, 18, 29, 38])
    terms = Terms.read(text, starts, ends)
    held = terms.covered(np.array([0, 0, 1, 1]), "Does the red owl see a blue fox?")

    def idf(df: int) -> float:
        return float(np.log1p((4 - df + 0.5) / (df + 0.5)))

    first, second = idf(1) + idf(1) + idf(2), idf(2)
    np.testing.assert_allclose(held, [first / np.sqrt(5), second / np.sqrt(5)], rtol=1e-6)
    assert terms.covered(np.zeros(4, dtype=np.int64), "nothing of it").tolist() == [0.0]
