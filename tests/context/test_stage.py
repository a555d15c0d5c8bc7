from __future__ import annotations

import pytest

from attar.context import Chain, Extract, Rank, parse, squeeze
from attar.errors import UsageError
from tests.context.small_tokenizers import byte_level


@pytest.mark.parametrize(
    "stage",
    [
        Rank(),
        Rank(("bm25", "dense"), neighbour=0.0),
        Extract(("top",)),
        Extract(("mig",), redundancy=0.25),
        Rank(("centroid", "lead")) >> Extract(redundancy=1.5),
        Rank() >> Rank(("lead",)) >> Extract(),
    ],
)
def test_a_recipe_reads_back(stage):
    assert parse(repr(stage)) == stage


def test_a_recipe_is_what_one_types():
    assert repr(Rank(("bm25", "dense")) >> Extract()) == "rank(bm25+dense) >> extract(mmr)"
    assert parse("rank >> extract") == Rank() >> Extract()
    chain = parse("rank(bm25) >> extract(top) >> rank(lead)")
    assert isinstance(chain, Chain)
    assert len(chain.stages) == 3


@pytest.mark.parametrize(
    "recipe",
    [
        "",
        "rank(",
        "rank(bm26)",
        "rnk(bm25)",
        "rank(bm25, 3)",
        "rank(bm25, weight=1)",
        "rank('bm25')",
        "rank(bm25) + extract(mmr)",
        "rank(bm25, neighbour=neighbour)",
        "extract(mmr+top)",
        "extract(best)",
        "upr(5)",
        "upr(default)",
        "rank(**{})",
        "a" * 10_000 + "(" * 1_000,
    ],
)
def test_what_is_no_recipe_is_one_clear_error(recipe):
    with pytest.raises(UsageError):
        parse(recipe)


def test_squeeze_takes_a_recipe():
    text = " ".join(f"Sentence {i} is about topic{i}." for i in range(100))
    for recipe in ("rank(bm25) >> extract(top)", Rank() >> Extract(("top",)), "extract", "rank"):
        result = squeeze(text, "topic7", to="60 tokens", tokenizer=byte_level(), recipe=recipe)
        assert result.tokens_after <= 60


def test_what_a_scorer_needs_is_said():
    text = "One sentence. " * 50
    with pytest.raises(UsageError, match="needs an embedder"):
        squeeze(text, "q", to="9 tokens", tokenizer=byte_level(), recipe="rank(dense) >> extract")
    with pytest.raises(UsageError, match="needs a question"):
        squeeze(text, to="9 tokens", tokenizer=byte_level(), recipe="rank(bm25) >> extract")
