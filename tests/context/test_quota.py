from __future__ import annotations

import pytest

from attar.context import Quota, parse, squeeze
from attar.errors import UsageError
from tests.context.small_tokenizers import byte_level

ANSWERS = " ".join(f"The key of room {i} hangs here." for i in range(20))
OTHERS = [" ".join(f"Topic {p} has its item {i}." for i in range(20)) for p in "abc"]


def squeezed(recipe: str):
    return squeeze(
        [ANSWERS, *OTHERS], "Which key of which room hangs here?", to="25%",
        tokenizer=byte_level(), recipe=recipe,
    )  # fmt: skip


def test_each_passage_has_its_share():
    alone = squeezed("rank(bm25) >> extract(top)")
    assert [number for number, _ in alone.passages] == [0]
    shared = squeezed("rank(bm25) >> quota(passages)")
    assert [number for number, _ in shared.passages] == [0, 1, 2, 3]
    assert len(shared.passages[0][1]) > 2 * len(shared.passages[1][1])
    even = squeezed("rank(bm25) >> quota(passages, even=1.0)")
    lengths = [byte_level().count(text) for _, text in even.passages]
    assert max(lengths) < 2 * min(lengths)


def test_headings_are_sections():
    text = "\n\n".join(
        f"# Part {p}\n\n" + " ".join(f"Line {i} of {p} is long enough." for i in range(12))
        for p in "XYZ"
    )
    result = squeeze(
        text, "What is X?", to="40%", tokenizer=byte_level(),
        recipe="rank(bm25) >> quota(headings, even=1.0)",
    )  # fmt: skip
    assert all(f"of {p} is" in result.text for p in "XYZ")


def test_it_reads_back_and_keeps_budgets():
    assert parse(repr(Quota(("headings",), even=0.25))) == Quota(("headings",), even=0.25)
    for recipe in ("quota(chapters)", "quota(passages, even=2)"):
        with pytest.raises(UsageError):
            parse(recipe)
    for share in ("0 tokens", "1 tokens", "40 tokens", "99%"):
        result = squeeze([ANSWERS, *OTHERS], to=share, tokenizer=byte_level(), recipe="quota")
        assert result.tokens_after <= result.tokens_before
    assert squeeze("", to="0 tokens", tokenizer=byte_level(), recipe="quota").text == ""
