from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.pack.html import html_title, visible
from attar.pack.view import view


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("", ""),
        ("plain", "plain"),
        ("a<b>b</b>c", "abc"),
        ("<p>one</p><p>two</p>", "one\ntwo"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<tr><td>1</td><td>2</td></tr>", "1 2"),
        ("x &lt; y &amp;&amp; &#8364; &eacute &nope;", "x < y && € é &nope;"),
        ("<!-- no --> yes <!-- never", "yes"),
        ("<script>a < b</script>c<style>d</style>", "c"),
        ("<SCRIPT>a</Script >b", "b"),
        ("if a < b and b > c", "if a < b and b > c"),
        ('<a title="1 > 2" href=x>link</a>', "link"),
        ("<a title=it's>one</a> it's", "one it's"),
        ("<!DOCTYPE html><?xml?>t", "t"),
        ("<title>T</title>body", "body"),
        ("one\n   two\t three", "one\ntwo three"),
        ("<unclosed", "<unclosed"),
    ],
)
def test_html_is_seen_as_a_browser_shows_it(source: str, seen: str) -> None:
    assert view("html", source) == seen


@settings(deadline=None)
@given(st.text())
def test_other_kinds_are_seen_as_they_are(text: str) -> None:
    assert view("text", text) == text
    assert view("code:python", text) == text


@settings(deadline=None)
@given(st.lists(st.sampled_from(["<p>", "</b>", "&amp;", "&#65", "word", " ", "<", "é", "&"])))
def test_every_visible_stretch_has_its_place_in_the_source(parts: list[str]) -> None:
    source = "".join(parts)
    page = visible(source)
    for i, char in enumerate(page.text):
        if char.isspace():
            continue
        start, end = page.source(i, i + 1)
        assert char in view("html", source[start:end])
        if source[start] != "&":
            assert source[start:end] == char


def test_titles() -> None:
    assert html_title("<head><TITLE lang=en>A &amp;\n B</title>") == "A & B"
    assert html_title("<p>none</p>") == ""
    assert html_title("<title>open") == "open"


@pytest.mark.parametrize(
    "hostile", ["<", "<a", "<!--", "<script>", "&", "<a '", '<a ="', "</", "<title>", "&#"]
)
def test_hostile_pages_take_linear_time(hostile: str) -> None:
    assert visible(hostile * 30_000) is not None
