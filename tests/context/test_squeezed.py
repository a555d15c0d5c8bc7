"""The way back: what a span was cut from, a page of all of it, and marks for cuts."""

from __future__ import annotations

import re
from html import unescape
from html.parser import HTMLParser

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Passage, Span, squeeze
from attar.errors import UsageError
from tests.context.small_tokenizers import byte_level
from tests.context.texts import is_subsequence, texts

many = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
PARAGRAPHS = [f"First of {i}. It tells of thing{i}. And so on, it goes." for i in range(30)]
TEXT = "\n\n".join(PARAGRAPHS)


class Reader(HTMLParser):
    """The text of each span of a page, with its class and title."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.found: list[tuple[str, str, str]] = []
        self._open: dict[str, str | None] = {}

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag == "span":
            self._open = dict(attrs)
            self.found.append((self._open["class"], self._open.get("title") or "", ""))

    def handle_data(self, data):
        if self.tags and self.tags[-1] == "span" and self.found:
            name, title, text = self.found[-1]
            self.found[-1] = (name, title, text + data)


def read(result):
    reader = Reader()
    reader.feed(result.html())
    return reader


def test_a_sentence_brings_back_its_paragraph():
    passages = [Passage(TEXT, "a.txt", 100), Passage(TEXT.upper(), "b.txt")]
    result = squeeze(passages, "thing17", to="60 tokens", tokenizer=byte_level())
    span = next(s for s in result.spans if "thing17" in s.text)
    whole = result.original(span)
    assert whole.text == PARAGRAPHS[17]
    assert TEXT[whole.start - 100 : whole.end - 100] == whole.text
    assert result.context.original(span) == whole


def test_a_statement_brings_back_its_function():
    text = "".join(
        f"def f{i}(a):\n    b = a + {i}\n    c = b\n    return c\n\n\n" for i in range(30)
    )
    result = squeeze(text, "b = a + 17", to="40 tokens", tokenizer=byte_level())
    span = next(s for s in result.spans if "a + 17" in s.text)
    assert result.original(span).text == "def f17(a):\n    b = a + 17\n    c = b\n    return c"


def test_a_span_of_another_text_is_an_error():
    result = squeeze(TEXT, to="60 tokens", tokenizer=byte_level())
    for span in (Span("", 0, 4, "none"), Span("", 10**6, 10**6 + 1, "x"), Span("", 0, 0, "")):
        with pytest.raises(UsageError, match="give a span of this result"):
            result.original(span)


@many
@given(texts, st.integers(0, 400), st.none() | st.just("free and equal"))
def test_every_span_is_within_its_original(text, limit, question):
    result = squeeze(text, question, to=Budget(limit, "bytes"), tokenizer=byte_level())
    for span in result.spans:
        whole = result.original(span)
        assert whole.start <= span.start <= span.end <= whole.end
        assert text[whole.start : whole.end] == whole.text


@many
@given(texts, st.integers(0, 400))
def test_the_page_holds_the_whole_input(text, limit):
    result = squeeze(text, to=Budget(limit, "bytes"), tokenizer=byte_level())
    page = result.html()
    page.encode("utf-8")
    body = page.partition("<section>")[2].partition("</section>")[0]
    shown = unescape(re.sub(r"<[^>]*>", "", body))
    legal = "".join(c if c >= " " or c in "\t\n\r" else "\ufffd" for c in text)
    assert shown.strip() == legal.encode("utf-8", "replace").decode().strip()
    assert "<script" not in page


def test_dropped_kept_and_protected_are_told_apart():
    text = TEXT.replace("thing3.", "thing3 [<b> & co].")
    result = squeeze(text, "thing17", to="60 tokens", protect="[<b> & co]", tokenizer=byte_level())
    found = read(result).found
    names = {"".join(t for n, _, t in found if n == name) for name in ("kept protected",)}
    assert names == {"[<b> & co]"}
    kept = next((title, t) for name, title, t in found if name == "kept" and "thing17" in t)
    assert kept[0].endswith("by score")
    assert any(name == "out" and "thing29" in t for name, _, t in found)


def test_a_page_of_nothing_and_of_many_passages():
    assert "<section>" in squeeze("", tokenizer=byte_level()).html()
    page = squeeze(["one", Passage("two", source="b<c")], tokenizer=byte_level()).html()
    assert page.count("<section>") == 2
    assert "b&lt;c" in page


@many
@given(texts, st.integers(0, 400), st.sampled_from(["[...]", "…", "<cut/>"]))
def test_marks_stand_where_something_was_cut_and_count(text, limit, mark):
    result = squeeze(text, to=Budget(limit, "bytes"), tokenizer=byte_level(), mark=mark)
    assert len(result.text.encode("utf-8", "surrogatepass")) <= limit or result.text == text
    if mark not in text:
        assert is_subsequence("".join(result.text.replace(mark, "").split()), "".join(text.split()))
        assert result.text.count(mark) <= max(0, len(result.spans) - 1)


def test_a_mark_between_lines_and_within_one():
    result = squeeze(TEXT, "thing3 thing17", to="70 tokens", tokenizer=byte_level(), mark="[...]")
    assert "[...]" in result.text
    assert "[...]" not in squeeze(TEXT, to="100%", tokenizer=byte_level(), mark="[...]").text
