"""Stages that rule units out: distinct, tfidf and cut."""

from __future__ import annotations

import numpy as np
import pytest

from attar.context import Cut, Distinct, Rank, TfidfFilter, parse, squeeze
from attar.errors import UsageError
from tests.context.asked import kept, read
from tests.context.small_tokenizers import byte_level

WORDS = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa"]
SAME = f"The report says {' '.join(WORDS)} and nothing else of note."


@pytest.mark.parametrize(
    "stage", [Distinct(), Distinct(0.5), TfidfFilter(), TfidfFilter(0.2), Cut(), Cut(least=0.0)]
)
def test_recipes_read_back(stage):
    assert parse(repr(stage)) == stage


@pytest.mark.parametrize(
    "recipe",
    ["distinct(threshold=0)", "distinct(0.5)", "tfidf(keep=2)", "cut(knee)", "cut(elbow, least=2)"],
)
def test_what_cannot_be_is_refused(recipe):
    with pytest.raises(UsageError):
        parse(recipe)


@pytest.mark.parametrize("stage", [Distinct(), TfidfFilter(), Cut()])
def test_nothing_is_left_as_it_is(stage):
    context, task = read("")
    assert len(stage.apply(context, task).units) == 0


def test_a_repetition_goes_and_the_first_stays():
    context, task = read(f"{SAME} Something new.", f"{SAME} Something newer still.")
    found = kept(Distinct().apply(context, task))
    assert found == [SAME, "Something new.", "Something newer still."]


def test_a_protected_repetition_stays():
    text = f"{SAME} First. {SAME} Last words."
    start = text.rindex(SAME)
    result = squeeze(
        text,
        to="70%",
        protect=(start, start + len(SAME)),
        tokenizer=byte_level(),
        recipe="distinct >> extract(top)",
    )
    assert SAME in result.text


def test_what_is_ruled_out_is_not_taken_back():
    text = " ".join([SAME] * 30) + " One thing is new."
    result = squeeze(
        text, to="50%", tokenizer=byte_level(), recipe="distinct >> rank(lead) >> extract"
    )
    assert result.text.count(SAME) == 1
    assert "One thing is new." in result.text
    assert result.tokens_after < 0.2 * result.tokens_before


def test_the_order_of_stages_does_not_bring_it_back():
    text = " ".join([SAME] * 30) + " One thing is new."
    for recipe in ("distinct >> rank(bm25) >> extract(mig)", "rank(bm25) >> distinct >> quota"):
        result = squeeze(text, "alpha", to="50%", tokenizer=byte_level(), recipe=recipe)
        assert result.text.count(SAME) == 1


def test_sentences_of_common_words_go_first():
    common = "It is what it is and that is that. "
    rare = "Photosynthesis converts carbon dioxide. Mitochondria oxidise pyruvate. "
    context, task = read(common * 10 + rare, limit=10)
    found = kept(TfidfFilter(keep=0.3).apply(context, task))
    assert "Photosynthesis converts carbon dioxide." in found
    assert "Mitochondria oxidise pyruvate." in found
    assert len(found) < 12


def test_the_filter_leaves_enough_for_the_budget():
    text = " ".join(f"Sentence {i} speaks of {w}." for i, w in enumerate(WORDS * 30))
    result = squeeze(text, to="70%", tokenizer=byte_level(), recipe="tfidf(keep=0.1) >> rank(lead)")
    assert result.tokens_after >= 0.95 * 0.7 * result.tokens_before


def test_the_cut_stops_where_scores_fall():
    text = " ".join(f"Nothing of interest happened on day {i}." for i in range(40))
    text += " The treaty was signed in Utrecht. The treaty ended the war."
    recipe = "rank(bm25, paragraph=0.0, neighbour=0.0) >> cut(elbow, least=0.0) >> extract(top)"
    result = squeeze(
        text, "Who signed the treaty?", to="50%", tokenizer=byte_level(), recipe=recipe
    )
    assert "Utrecht" in result.text
    assert result.tokens_after < 0.15 * result.tokens_before
    whole = squeeze(
        text, "Who signed the treaty?", to="50%", tokenizer=byte_level(),
        recipe="rank(bm25) >> extract(top)",
    )  # fmt: skip
    assert whole.tokens_after >= 0.95 * 0.5 * whole.tokens_before


def test_without_scores_nothing_is_cut():
    context, task = read("One. Two. Three. Four.")
    assert np.isfinite(Cut(least=0.0).apply(context, task).scores).all()
    ranked = Rank(("lead",)).apply(context, task)
    assert Cut(least=0.0).apply(ranked, task).kept.any()
