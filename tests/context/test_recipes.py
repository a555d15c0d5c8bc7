"""What squeeze() promises, for chains of every stage that needs no model."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Marks, expand, squeeze
from attar.errors import BudgetError
from tests.context.small_tokenizers import all_kinds
from tests.context.texts import is_subsequence, sentence, texts

RECIPES = [
    "truncate(start)",
    "truncate(start+end)",
    "rank(bm25) >> extract(mig)",
    "rank(centroid+lead) >> extract(mig, redundancy=2.0)",
    "distinct >> rank(lead) >> extract(mmr)",
    "tfidf(keep=0.3) >> rank(bm25) >> quota(passages)",
    "rank(bm25) >> cut(elbow, least=0.0) >> extract(top)",
    "rank(bm25) >> quota(headings, even=0.9) >> metatokens(least=1)",
    "distinct >> cut(elbow) >> metatokens",
]
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


asked = sentence.filter(str.strip)  # nothing asked is no question, which some stages need


@many
@given(texts, asked, st.integers(0, 400), st.sampled_from(all_kinds()), st.sampled_from(RECIPES))
def test_budgets_hold_and_nothing_is_invented(text, question, limit, tokenizer, recipe):
    result = squeeze(text, question, to=Budget(limit, "tokens"), tokenizer=tokenizer, recipe=recipe)
    assert result.tokens_after == tokenizer.count(result.text) <= limit
    assert is_subsequence(expand(result.text) if "meta" in recipe else result.text, text)
    for span in result.spans:
        assert text[span.start : span.end] == span.text


@many
@given(texts, st.integers(0, 300), st.sampled_from(all_kinds()), st.sampled_from(RECIPES))
def test_protected_text_survives(text, limit, tokenizer, recipe):
    marked = f"{text}\n<keep>Keep: {text[:20]}</keep> {text}"
    marks = Marks("<keep>", "</keep>")
    try:
        result = squeeze(
            marked, "q", to=Budget(limit, "tokens"), protect=marks, tokenizer=tokenizer,
            recipe=recipe,
        )  # fmt: skip
    except BudgetError:
        return
    assert f"Keep: {text[:20]}" in result.text


@pytest.mark.parametrize("recipe", RECIPES)
def test_several_passages_and_none(recipe):
    passages = ["One two three. Four five six.", "", "One two three. Seven eight nine."]
    for limit in (0, 1, 5, 1000):
        result = squeeze(passages, "seven", to=f"{limit} tokens", recipe=recipe,
                         tokenizer=all_kinds()[0])  # fmt: skip
        assert result.tokens_after <= limit
    assert squeeze([], "seven", to="5 tokens", recipe=recipe, tokenizer=all_kinds()[0]).text == ""
