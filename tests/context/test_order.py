"""Passages in another order: budgets are exact, and spans still say where everything stood."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Order, Passage, parse, squeeze
from attar.errors import BudgetError, UsageError
from tests.context.small_tokenizers import all_kinds, byte_level
from tests.context.texts import is_subsequence, texts

FILL = "Nothing of interest is said in this sentence. " * 6
PLACES = ["Oslo", "Rome", "Bern", "Kyiv", "Lima"]
ASKED = "How many live in Bern?"
PASSAGES = [Passage(f"{FILL}Many live in {p}. {FILL}", source=p, start=7) for p in PLACES]


def test_the_most_wanted_comes_first():
    recipe = "rank(bm25) >> extract(top) >> order"
    result = squeeze(PASSAGES, ASKED, to="70%", recipe=recipe, tokenizer=byte_level())
    assert result.spans[0].source == "Bern"
    assert result.reordered
    assert not result.report.reversible
    assert not squeeze(PASSAGES, ASKED, to="70%", tokenizer=byte_level()).reordered


def test_the_most_wanted_at_both_ends():
    recipe = "rank(bm25, paragraph=0.0) >> order(ends)"
    asked = "Bern Bern Bern Lima?"
    result = squeeze(PASSAGES, asked, to="80%", recipe=recipe, tokenizer=byte_level())
    assert {result.spans[0].source, result.spans[-1].source} == {"Bern", "Lima"}


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(texts, max_size=6),
    st.integers(0, 300),
    st.sampled_from(["first", "ends"]),
    st.sampled_from(all_kinds()),
)
def test_promises(given_, limit, way, tokenizer):
    recipe = f"rank(centroid+lead) >> extract >> order({way})"
    passages = [Passage(text, source=str(i)) for i, text in enumerate(given_)]
    try:
        result = squeeze(
            passages, to=Budget(limit, "tokens"), recipe=recipe, tokenizer=tokenizer,
            protect="equal in dignity",
        )  # fmt: skip
    except BudgetError:
        assert any("equal in dignity" in text for text in given_)
        return
    assert tokenizer.count(result.text) <= limit
    at = 0
    for span in result.spans:
        assert given_[span.passage][span.start : span.end] == span.text
        assert not result.text[at : result.text.index(span.text, at)].strip()
        at = result.text.index(span.text, at) + len(span.text)
    assert not result.text[at:].strip()
    seen = [span.passage for span in result.spans]
    assert sorted(set(seen)) == sorted({n for i, n in enumerate(seen) if seen[i - 1 : i] != [n]})
    for number, kept in result.passages:
        assert is_subsequence(kept, given_[number])


def test_recipes():
    assert parse("order(ends)") == Order(("ends",))
    with pytest.raises(UsageError, match="first and ends"):
        parse("order(middle)")
