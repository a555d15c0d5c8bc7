from __future__ import annotations

import pytest

from attar.context import Truncate, parse, squeeze
from attar.errors import UsageError
from tests.context.small_tokenizers import byte_level

SENTENCES = [f"This is sentence number {i}." for i in range(40)]
TEXT = " ".join(SENTENCES)


@pytest.mark.parametrize(
    ("recipe", "first", "last"),
    [("truncate", 1, 0), ("truncate(end)", 0, 1), ("truncate(start+end)", 1, 1)],
)
def test_what_stays(recipe, first, last):
    result = squeeze(TEXT, to="30%", tokenizer=byte_level(), recipe=recipe)
    assert (SENTENCES[0] in result.text) == first
    assert (SENTENCES[-1] in result.text) == last
    assert SENTENCES[20] not in result.text
    assert result.tokens_after <= 0.3 * result.tokens_before


def test_the_beginning_is_the_beginning():
    result = squeeze(TEXT, to="100 tokens", tokenizer=byte_level(), recipe=Truncate())
    assert TEXT.startswith(result.text)


def test_it_reads_back_and_refuses_what_is_no_end():
    assert parse(repr(Truncate(("start", "end")))) == Truncate(("start", "end"))
    with pytest.raises(UsageError):
        parse("truncate(middle)")
    assert squeeze("", to="0 tokens", tokenizer=byte_level(), recipe="truncate").text == ""
