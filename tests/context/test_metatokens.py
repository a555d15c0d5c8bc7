from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.context import MetaTokens, expand, parse, squeeze
from attar.context.counting import Counter
from attar.context.metatokens import MARKS, shortened
from attar.errors import UsageError
from tests.context.small_tokenizers import byte_level
from tests.context.texts import texts

COUNTER = Counter(byte_level())
LOG = "\n".join(
    f"10:0{i % 10} connection refused by the remote peer after {i} retries" for i in range(60)
)


def test_a_log_is_shorter_and_comes_back():
    written = shortened(LOG, COUNTER)
    assert COUNTER.count(written) < 0.6 * COUNTER.count(LOG)
    assert written.startswith("§A=connection refused by the remote peer after\n")
    assert expand(written) == LOG


@settings(max_examples=100, deadline=None)
@given(texts, st.integers(1, 4), st.sampled_from(["bytes", "tokens"]))
def test_it_is_lossless_and_never_longer(text, times, unit):
    repeated = f"{text} " * times
    counter = Counter(byte_level(), unit)
    written = shortened(repeated, counter)
    assert counter.count(written) <= counter.count(repeated)
    assert expand(written) == repeated


words = st.lists(st.sampled_from(["a b c", "the same words again", "\n", "x=1", " ", "§", "¤A"]))


@settings(max_examples=200, deadline=None)
@given(words)
def test_marks_line_ends_and_equals_signs_come_back(parts):
    text = " ".join(parts * 3)
    assert expand(shortened(text, COUNTER, least=1)) == text


def test_protected_text_is_not_touched():
    protected = "alert: connection refused by the remote peer after 99 retries"
    text = f"{LOG}\n{protected}\n{LOG}"
    written = shortened(text, COUNTER, [protected])
    assert protected in written
    assert expand(written) == text


def test_what_saves_nothing_is_left_as_it_is():
    for text in ("", "Every word differs here.", "a b\n" * 3, MARKS + LOG):
        assert shortened(text, COUNTER) == text
        assert expand(text) == text
    # What looks as if it had a legend is not written again, so that `expand` is sure.
    twice = f"§A=something\n\n{LOG}"
    assert shortened(twice, COUNTER) == twice


def test_the_room_it_saves_is_filled():
    plain = squeeze(LOG, to="300 tokens", tokenizer=byte_level(), recipe="truncate")
    result = squeeze(LOG, to="300 tokens", tokenizer=byte_level(), recipe="truncate >> metatokens")
    assert result.tokens_after <= 300
    back = expand(result.text)
    assert len(back) > 1.3 * len(plain.text)
    assert byte_level().count(result.text) == result.tokens_after
    assert all(LOG[s.start : s.end] == s.text for s in result.spans)


def test_what_is_kept_whole_is_reversible():
    text = LOG + "\n"
    limit = byte_level().count(text) - 1
    result = squeeze(text, to=f"{limit} tokens", tokenizer=byte_level(), recipe="metatokens")
    assert expand(result.text).strip() == LOG


def test_it_reads_back():
    assert parse("metatokens") == MetaTokens()
    assert parse(repr(MetaTokens(least=9))) == MetaTokens(least=9)
    with pytest.raises(UsageError):
        parse("metatokens(least=0)")
