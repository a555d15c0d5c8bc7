"""Diffs: what changed stays, under its file and its hunk."""

from __future__ import annotations

import difflib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.context import squeeze
from attar.context.kinds import diff
from tests.context.kinds.rows import check_rows, shown
from tests.context.small_tokenizers import byte_level

GIT = """diff --git a/one.py b/one.py
index 83db48f..bf2a3c1 100644
--- a/one.py
+++ b/one.py
@@ -1,4 +1,4 @@ def f():
 first
-second
+2nd
 third
 fourth
diff --git a/old b/new
similarity index 100%
rename from old
rename to new
"""


def made(count):
    before = [f"line {i} of the file\n" for i in range(count)]
    after = list(before)
    for i in range(20, count, 50):
        after[i] = f"line {i} was changed\n"
    return "".join(difflib.unified_diff(before, after, "a/file.txt", "b/file.txt"))


def test_rows_of_a_diff():
    stretches = list(diff.find(GIT))
    assert [GIT[a:b] for a, b in stretches] == [GIT.rstrip("\n")]
    part = GIT.rstrip("\n")
    rows = diff.divide(part)
    check_rows(part, rows)
    names, hunk = "--- a/one.py\n+++ b/one.py", "@@ -1,4 +1,4 @@ def f():"
    assert shown(part, rows) == [
        ("diff --git a/one.py b/one.py", names),
        ("index 83db48f..bf2a3c1 100644", names),
        (names, ""),
        (hunk, names),
        (" first", hunk),
        ("-second\n+2nd", hunk),
        (" third", hunk),
        (" fourth", hunk),
        ("diff --git a/old b/new", ""),
        ("similarity index 100%", "diff --git a/old b/new"),
        ("rename from old", "diff --git a/old b/new"),
        ("rename to new", "diff --git a/old b/new"),
    ]


def test_changes_stay_and_what_did_not_change_goes():
    text = made(1000)
    result = squeeze(text, to="45%", tokenizer=byte_level())
    assert "+++ b/file.txt" in result.text
    lines = [x for x in result.text.splitlines()[2:] if not x.startswith("@@")]
    changed = [x for x in text.splitlines()[2:] if x[0] in "+-"]
    assert [x for x in lines if x[:1] in "+-"] == changed


def test_the_question_decides_which_change_stays():
    text = made(1000)
    result = squeeze(text, "line 520", to="80 tokens", tokenizer=byte_level())
    assert "+line 520 was changed" in result.text
    assert result.text.startswith("--- a/file.txt")


def test_a_hunk_ends_where_it_said():
    text = "--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y\n-- a list\n-- goes on\n"
    assert [text[a:b] for a, b in diff.find(text)] == ["--- a\n+++ b\n@@ -1 +1 @@\n-x\n+y"]


@pytest.mark.parametrize(
    "text", ["", "--- a\n+++ b\n", "+ plus\n- minus\n", "@@ -1 @@\n", "diff --git"]
)
def test_what_is_no_diff(text):
    assert not list(diff.find(text))


PIECES = [
    "--- a\n",
    "+++ b\n",
    "@@ -1,2 +1,2 @@\n",
    " x\n",
    "-y\n",
    "+z\n",
    "\n",
    "\\ No newline\n",
    "diff --git a b\n",
    "index 1\n",
    "words\n",
    "@@ -0,0 +1 @@",
    "\r",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_broken_diffs(parts):
    text = "".join(parts)
    at = 0
    for start, end in diff.find(text):
        assert at <= start < end
        check_rows(text[start:end], diff.divide(text[start:end]))
        at = end
