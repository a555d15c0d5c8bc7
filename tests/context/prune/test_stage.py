"""The promises of squeeze(), kept by every method of pruning."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Passage, Prune, Rank, parse, squeeze
from attar.errors import BudgetError, UsageError
from attar.registry import REGISTRY
from tests.context.small_tokenizers import all_kinds, byte_level
from tests.context.texts import is_subsequence, piece
from tests.models.conftest import token_classifier

PROSE = (
    "The Norman dynasty had a major political impact on medieval Europe. "
    "They were descended from raiders of Denmark and Norway. "
    "Under their leader Rollo they swore fealty to King Charles III.\n\n"
    "Cooking with butter is common in the north of the country. "
    "Football is played there on Sundays."
)
METHODS = ("lingua", "longlingua", "selective", "perception", "tcra", "keepdrop")
some = settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)


short = st.lists(piece, max_size=15).map("".join)


class Lengths:
    """An embedder without a model."""

    name = digest = "lengths"

    def embed(self, texts):
        rows = np.array([[len(t) % 7, len(t) % 5, 1.0] for t in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def recipes(lm_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Prune]:
    """Every method with a small model of its kind."""
    classifier = token_classifier(tmp_path_factory.mktemp("classifier"))
    other = {"tcra": "default", "keepdrop": str(classifier)}
    return {m: Prune((m,), model=other.get(m, str(lm_folder))) for m in METHODS}


def test_all_methods_are_listed():
    assert {m.name for m in REGISTRY.methods("prune")} == set(METHODS)


def test_a_recipe_reads_back():
    chain = Rank(("bm25", "dense")) >> Prune(("keepdrop",), coarse=2.0, model="org/name")
    written = "rank(bm25+dense) >> prune(keepdrop, coarse=2.0, model='org/name')"
    assert repr(chain) == written
    assert parse(written) == chain
    assert parse("prune(lingua)") == Prune()


@pytest.mark.parametrize(
    "recipe",
    [
        "prune(lngua)",
        "prune(lingua+tcra)",
        "prune(lingua, coarse=0.5)",
        "prune(lingua, coarse='2')",
        "prune(lingua, coarse=1e999)",
        "prune(lingua, model=3)",
    ],
)
def test_what_it_does_not_know_is_refused(recipe):
    with pytest.raises(UsageError):
        parse(recipe)


@pytest.mark.parametrize("method", METHODS)
def test_words_are_left_out_of_sentences(recipes, method):
    result = squeeze(
        PROSE, "Who led them?", to="40%", tokenizer=byte_level(), recipe=recipes[method],
        embedder=Lengths(),
    )  # fmt: skip
    assert result.tokens_after <= 0.4 * result.tokens_before
    assert is_subsequence(result.text, PROSE)
    assert len(result.spans) > 2
    assert set(re.findall(r"\w+", result.text)) <= set(re.findall(r"\w+", PROSE))  # whole words


@pytest.mark.parametrize("method", METHODS)
@some
@given(
    text=short,
    question=st.sampled_from(["Is it so?", "字", " lone \udfff"]),
    limit=st.integers(0, 400),
    tokenizer=st.sampled_from(all_kinds()),
    ranked=st.booleans(),
)
def test_budgets_and_spans_are_exact(recipes, method, text, question, limit, tokenizer, ranked):
    recipe = Rank() >> recipes[method] if ranked else recipes[method]
    result = squeeze(
        text, question, to=Budget(limit, "tokens"), tokenizer=tokenizer, recipe=recipe,
        embedder=Lengths(),
    )  # fmt: skip
    assert tokenizer.count(result.text) <= limit
    assert is_subsequence(result.text, text)
    at = 0
    for span in result.spans:
        assert text[span.start : span.end] == span.text
        found = result.text.index(span.text, at)
        assert result.text[at:found].strip() == ""
        at = found + len(span.text)
    if 200 <= limit < tokenizer.count(text):
        assert result.tokens_after >= 0.95 * limit


@some
@given(st.lists(st.tuples(piece, st.booleans()), max_size=12), st.integers(0, 500))
def test_protected_text_survives_byte_for_byte(recipes, parts, limit):
    marked = "".join(f"<<{text}>>" if keep else text for text, keep in parts)
    bare = "".join(text for text, _ in parts)
    if "<<" in bare or ">>" in bare or marked.count("<<") != sum(keep for _, keep in parts):
        return
    try:
        result = squeeze(
            marked, to=Budget(limit, "tokens"), protect="<<...>>", tokenizer=byte_level(),
            recipe=recipes["lingua"],
        )  # fmt: skip
    except BudgetError as error:
        if not error.allowed == limit < error.needed:
            raise
        return
    assert result.tokens_after <= limit
    at = 0
    for text, keep in parts:
        if keep:
            at = result.text.index(text, at) + len(text)


@pytest.mark.parametrize("method", METHODS)
def test_json_stays_json(recipes, method):
    import json

    rows = {"rows": [{"id": i, "words": PROSE[i * 9 : i * 9 + 40]} for i in range(20)]}
    result = squeeze(
        Passage(json.dumps(rows), kind="json"), "Norway", to="40%", tokenizer=byte_level(),
        recipe=recipes[method], embedder=Lengths(),
    )  # fmt: skip
    assert json.loads(result.text)["rows"]


def test_the_stages_before_say_what_is_read(recipes):
    text = " ".join(f"Fact {i} is about thing{i} and other matters." for i in range(60))
    recipe = Rank() >> recipes["longlingua"]
    result = squeeze(text, "thing41?", to="30 tokens", tokenizer=byte_level(), recipe=recipe)
    assert "41" in result.text
    assert len(set(re.findall(r"\d+", result.text))) <= 3


def test_where_none_has_ranked_the_method_ranks_paragraphs(recipes, monkeypatch):
    from attar.context.prune.lingua import Lingua

    monkeypatch.setattr(
        Lingua, "rank", lambda self, texts: np.array(["b9" in t for t in texts]) * 1.0
    )
    text = "\n\n".join(f"Block b{i} has words of its own in it." for i in range(12))
    result = squeeze(text, to="14 tokens", tokenizer=byte_level(), recipe=recipes["lingua"])
    assert set(re.findall(r"b\d+", result.text)) <= {"b9"}
    assert result.spans


def test_what_is_ruled_out_is_not_read(recipes):
    same = "The report says alpha beta gamma delta epsilon zeta eta theta iota and no more."
    text = " ".join([same] * 20) + " One thing is new."
    chain = parse("distinct") >> recipes["lingua"]
    result = squeeze(text, to="60 tokens", tokenizer=byte_level(), recipe=chain)
    assert result.text.count("alpha") <= 1
    assert squeeze(text, to="0 tokens", tokenizer=byte_level(), recipe=chain).text == ""


def test_the_same_input_gives_the_same_bytes(recipes):
    one, two = (
        squeeze(PROSE, "who?", to="30%", tokenizer=byte_level(), recipe=recipes["longlingua"]).text
        for _ in range(2)
    )
    assert one == two


@pytest.mark.model
def test_with_the_default_model():
    from attar import models

    result = squeeze(
        PROSE, "Whom did the Normans' leader swear loyalty to?", to="50%",
        tokenizer=models.tokenizer(), recipe="prune(longlingua)",
    )  # fmt: skip
    assert result.tokens_after <= 0.5 * result.tokens_before
    assert "Rollo" in result.text
