"""The promises of squeeze(): exact budgets, protected text, honest offsets."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Marks, Passage, squeeze
from attar.errors import BudgetError, UsageError
from tests.context.small_tokenizers import Utf8, all_kinds, byte_level, characters
from tests.context.texts import is_subsequence, piece, sentence, texts

many = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
tokenizers = st.sampled_from(all_kinds())
questions = st.none() | sentence
WORDS = byte_level()


def check_spans(result, sources):
    """Every span cuts its text out of its source; between spans stands white space only."""
    at = 0
    for span in result.spans:
        assert span.text
        assert sources[span.passage][span.start : span.end] == span.text
        found = result.text.index(span.text, at)
        assert result.text[at:found].strip() == ""
        at = found + len(span.text)
    assert result.text[at:].strip() == ""


def row(text, tokenizer):
    """The size of the longest row, if the text has a table: rows are kept whole or not at all."""
    if "|---" not in text:
        return 0
    return max(tokenizer.count(line) for line in text.splitlines())


@many
@given(texts, questions, st.integers(0, 600), tokenizers)
def test_never_exceeds_its_token_budget_and_uses_it(text, question, limit, tokenizer):
    result = squeeze(text, question, to=Budget(limit, "tokens"), tokenizer=tokenizer)
    before = tokenizer.count(text)
    assert result.tokens_before == before
    assert result.tokens_after == tokenizer.count(result.text) <= limit
    assert is_subsequence(result.text, text)
    check_spans(result, [text])
    if before <= limit:
        assert result.text == text
    elif limit >= 200:
        assert result.tokens_after >= 0.95 * limit - row(text, tokenizer)


@many
@given(texts, questions, st.floats(0, 1), tokenizers)
def test_never_exceeds_its_share(text, question, share, tokenizer):
    result = squeeze(text, question, to=Budget(share, "ratio"), tokenizer=tokenizer)
    limit = Budget(share, "ratio").limit(tokenizer.count(text), "tokens")
    assert tokenizer.count(result.text) <= limit
    if 200 <= limit < tokenizer.count(text):
        assert tokenizer.count(result.text) >= 0.95 * limit - row(text, tokenizer)


@many
@given(texts, st.integers(0, 2000))
def test_never_exceeds_its_bytes(text, limit):
    result = squeeze(text, to=Budget(limit, "bytes"), tokenizer=WORDS)
    size = Utf8().count(text)
    assert Utf8().count(result.text) <= limit
    if size <= limit:
        assert result.text == text
    elif limit >= 200:
        assert Utf8().count(result.text) >= 0.95 * limit - row(text, Utf8())


@many
@given(
    st.lists(st.tuples(texts, st.integers(0, 10**6))), questions, st.integers(0, 500), tokenizers
)
def test_passages_keep_their_offsets(parts, question, limit, tokenizer):
    passages = [Passage(text, f"file{i}", start) for i, (text, start) in enumerate(parts)]
    result = squeeze(passages, question, to=Budget(limit, "tokens"), tokenizer=tokenizer)
    assert tokenizer.count(result.text) <= limit
    for span in result.spans:
        passage = passages[span.passage]
        assert span.source == passage.source
        assert passage.text[span.start - passage.start : span.end - passage.start] == span.text
    whole = "\n\n".join(p.text for p in passages if p.text)
    assert is_subsequence(result.text, whole)
    kept = dict(result.passages)
    assert {s.passage for s in result.spans} <= set(kept)
    assert all(is_subsequence(kept[i], passages[i].text) for i in kept)


@many
@given(st.lists(st.tuples(piece, st.booleans()), max_size=40), st.integers(0, 600), tokenizers)
def test_protected_text_survives_byte_for_byte(parts, limit, tokenizer):
    marked = "".join(f"<<{text}>>" if keep else text for text, keep in parts)
    bare = "".join(text for text, _ in parts)
    edges = "".join(text[:1] + text[-1:] for text, _ in parts)
    if "<<" in bare or ">>" in bare or "<" in edges or ">" in edges:
        return
    try:
        result = squeeze(marked, to=Budget(limit, "tokens"), protect="<<...>>", tokenizer=tokenizer)
    except BudgetError as error:
        if not error.allowed == limit < error.needed:
            raise
        return
    assert tokenizer.count(result.text) <= limit
    at = 0
    for text, keep in parts:
        if keep:
            at = result.text.index(text, at) + len(text)
    check_spans(result, [marked])
    assert is_subsequence(result.text, bare)
    assert is_subsequence(
        "".join(text for text, keep in parts if keep),
        "".join(span.text for span in result.spans if span.protected),
    )


def test_a_budget_below_the_protected_text_names_both_numbers():
    text = "Some words. " * 50 + "Keep these five words please. " + "More words. " * 50
    with pytest.raises(BudgetError, match="protected text alone takes") as caught:
        squeeze(text, to="3 tokens", protect="Keep these five words please.", tokenizer=WORDS)
    assert caught.value.allowed == 3
    assert caught.value.needed == WORDS.count("Keep these five words please.")


@pytest.mark.parametrize(
    "protect",
    ["KEEP 17", re.compile(r"KEEP \d+"), (240, 247), [(240, 247)], ["absent", "KEEP 17"]],
)
def test_what_may_be_protected(protect):
    text = "0123456789ab " * 18 + "Then, KEEP 17 and go. " + "0123456789ab " * 40
    assert text[240:247] == "KEEP 17"
    result = squeeze(text, to="20 tokens", protect=protect, tokenizer=WORDS)
    assert "KEEP 17" in result.text
    assert [s.text for s in result.spans if s.protected] == ["KEEP 17"]


def test_marks_are_removed_and_may_be_nested():
    text = "a <k>b <k>c</k> d</k> e. " + "Filler text of many words. " * 40
    result = squeeze(text, to="20 tokens", protect=Marks("<k>", "</k>"), tokenizer=WORDS)
    assert "b c d" in result.text
    assert "k>" not in result.text
    whole = squeeze(text, to="100%", protect="<k>...</k>", tokenizer=WORDS)
    assert whole.text == text.replace("<k>", "").replace("</k>", "")


@pytest.mark.parametrize(
    ("text", "says"),
    [("a <k>b", "'<k>' at character 2 has no '</k>'"), ("a</k>", "'</k>' at character 1 has no")],
)
def test_a_mark_without_its_partner_is_an_error(text, says):
    with pytest.raises(UsageError, match=says):
        squeeze(text, protect="<k>...</k>", tokenizer=WORDS)


@pytest.mark.parametrize("protect", ["", [""], [3], [(2, 1)], [(0, 99)], [None], Marks])
def test_protections_that_cannot_be(protect):
    with pytest.raises((UsageError, TypeError)):
        squeeze("short", protect=protect, tokenizer=WORDS)


@pytest.mark.parametrize("text", ["", " ", "\n\n\t ", "\ud800", "x", [], [Passage("")]])
def test_small_inputs(text):
    for budget in ("0 tokens", "1 tokens", "50%", "0 bytes", "100 tokens"):
        for question in (None, "", "what?"):
            result = squeeze(text, question, to=budget, tokenizer=WORDS)
            assert result.tokens_after == WORDS.count(result.text)
    if isinstance(text, str):
        assert squeeze(text, to="100 tokens", tokenizer=WORDS).text == text


def test_one_endless_line_is_cut_inside_it():
    text = "x" * 5000
    assert len(squeeze(text, to="300 tokens", tokenizer=characters()).text) >= 285


def test_clusters_stay_whole_where_they_can():
    family = "👩‍👩‍👧‍👦"
    result = squeeze(family * 400, to="1000 bytes", tokenizer=WORDS)
    assert result.text == family * (1000 // len(family.encode()))


def test_what_was_cut_leaves_the_break_that_it_held():
    same = "Needle in paragraph {}. Hay that is long and says nothing at all to anyone here."
    text = "\n\n".join(same.format(i) for i in range(3))
    result = squeeze(text, "needle paragraph", to="70 bytes", tokenizer=WORDS)
    assert result.text == "\n\n".join(f"Needle in paragraph {i}." for i in range(3))


def test_the_question_decides():
    text = " ".join(f"Fact {i} is about thing{i}." for i in range(200))
    for i in (3, 77, 199):
        assert f"thing{i}." in squeeze(text, f"thing{i}?", to="40 tokens", tokenizer=WORDS).text


def test_html_markup_is_not_kept():
    html = (
        "<html><head><title>T</title></head><script>var x = 1 < 2;</script>"
        "<p>First <b>bold</b> words.</p><p>Second.</p><!-- no --></html>"
    )
    result = squeeze([Passage(html, "a.html", 100, kind="html")], to="99%", tokenizer=WORDS)
    assert result.text == "First bold words.\nSecond."
    for span in result.spans:
        assert html[span.start - 100 : span.end - 100] == span.text


def test_the_same_input_gives_the_same_bytes():
    text = " ".join(f"Sentence {i % 7} speaks of {i % 5}." for i in range(300))
    first = squeeze(text, "speaks of 3", to="25%", tokenizer=WORDS)
    assert all(
        squeeze(text, "speaks of 3", to="25%", tokenizer=WORDS).text == first.text for _ in "ab"
    )


def test_the_report_counts_what_was_returned():
    text = " ".join(f"Sentence {i} speaks of {i % 5}." for i in range(300))
    result = squeeze(text, to="100 tokens", tokenizer=WORDS)
    assert result.report.size("tokens") == (result.tokens_before, result.tokens_after)
    assert result.report.size("bytes") == (len(text.encode()), len(result.text.encode()))
    assert not result.report.reversible
    assert squeeze("Short.", tokenizer=WORDS).report.reversible


def test_a_guessed_kind_does_not_waste_the_budget():
    literal = (
        "import os\n\nTABLE = {\n" + "".join(f"    {i}: 'entry {i}',\n" for i in range(800)) + "}\n"
    )
    guessed = squeeze(Passage(literal), to="400 tokens", tokenizer=byte_level())
    assert 380 <= guessed.tokens_after <= 400
    given = squeeze(Passage(literal, kind="code"), to="400 tokens", tokenizer=byte_level())
    assert given.text.strip() == "import os"
