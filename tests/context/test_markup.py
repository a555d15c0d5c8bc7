"""HTML: markup goes, tables become lines with their header, everything else is copied."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Passage, squeeze
from tests.context.small_tokenizers import byte_level

ROW = "<tr>\n  <td><b>Bob{0}</b> Jr</td>\n  <td><p>Rome</p> <p>{0}</p></td>\n</tr>\n"
PAGE = (
    "<h1>Towns</h1><p>Words before.</p><table class='x'>\n<caption>List</caption>"
    "<thead><tr>\n <th>Name</th> <th>Town</th></tr></thead><tbody>\n"
    + "".join(ROW.format(i) for i in range(40))
    + "</tbody></table><p>After. It goes on.</p>"
)


def squeezed(html, question=None, to="100%"):
    return squeeze([Passage(html, kind="html")], question, to=to, tokenizer=byte_level())


def test_a_table_becomes_lines():
    lines = squeezed(PAGE).text.splitlines()
    assert lines[:5] == ["Towns", "Words before.", "List", "Name\tTown", "Bob0 Jr\tRome 0"]
    assert lines[-1] == "After. It goes on."


def test_rows_by_relevance_under_their_header():
    result = squeezed(PAGE, "Where lives Bob17?", "60 tokens")
    lines = result.text.splitlines()
    assert lines.index("Name\tTown") < lines.index("Bob17 Jr\tRome 17")
    for span in result.spans:
        assert PAGE[span.start : span.end] == span.text


def test_a_table_that_only_lays_out_a_page_is_no_table():
    html = "<table><tr><td>One thing.</td><td>Another thing.</td></tr></table>"
    assert squeezed(html).text == "One thing.\nAnother thing."


def test_protected_markup_stays():
    html = PAGE.replace("<b>Bob3</b>", "{{<b>Bob3</b>}}")
    result = squeeze(
        [Passage(html, kind="html")], to="80 tokens", protect="{{...}}", tokenizer=byte_level()
    )
    assert "<b>Bob3</b>" in result.text


TAGS = ["<table>", "</table>", "<tr>", "</tr>", "<td>", "<th>x</th>", "</td>", "a word", " ", "\n",
        "<p>", "<b>b</b>", "<!-- c", "-->", "<table", "<caption>", "&amp;"]  # fmt: skip


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(TAGS), max_size=40), st.integers(0, 120))
def test_broken_tables(parts, limit):
    html = "".join(parts)
    result = squeeze(
        [Passage(html, kind="html")], to=Budget(limit, "bytes"), tokenizer=byte_level()
    )
    assert len(result.text.encode()) <= limit
    at = 0
    for span in result.spans:
        assert html[span.start : span.end] == span.text
        found = result.text.index(span.text, at)
        assert not result.text[at:found].strip()
        at = found + len(span.text)


@pytest.mark.parametrize("count", [3000])
def test_many_unclosed_tables_take_no_longer(count):
    assert squeezed("<table><tr><td>a" * count, to="50%").tokens_after > 0
