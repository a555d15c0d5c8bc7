"""Code that is not Python stays syntactically closed; signatures stay where bodies go."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Passage, squeeze
from attar.context.kinds import grammars, tree_code
from attar.context.kinds.divide import divide, recognised
from tests.context.kinds.rows import check_rows, shown
from tests.context.small_tokenizers import byte_level
from tests.context.texts import is_subsequence

pytest.importorskip("tree_sitter")

LINE = "    total = total + read(index, 1) * 2;\n"
# For each language: what a file begins with, a function whose body goes in place of BODY, the end.
SHAPES = {
    "c": ("#include <stdio.h>\n\n", "static int work{0}(int a)\n{{\nBODY}}\n", ""),
    "cpp": (
        "#include <vector>\nnamespace app {\n",
        "template <class T>\nint work{0}(T a) {{\nBODY}}\n",
        "}\n",
    ),
    "csharp": ("using System;\nclass A {\n", "public int Work{0}(int a)\n{{\nBODY}}\n", "}\n"),
    "go": (
        'package main\n\nimport "fmt"\n\n',
        "// Does it.\nfunc Work{0}(a int) int {{\nBODY}}\n",
        "",
    ),
    "java": (
        "package a.b;\n\nclass A {\n",
        "@Override\npublic int work{0}(int a) {{\nBODY}}\n",
        "}\n",
    ),
    "javascript": ("import a from 'b';\n", "export function work{0}(a) {{\nBODY}}\n", ""),
    "php": ("<?php\n", "function work{0}($a) {{\nBODY}}\n", ""),
    "ruby": ("require 'set'\n\nmodule A\n", "  def work{0}(a)\nBODY  end\n", "end\n"),
    "rust": (
        "use std::io;\n\nimpl A {\n",
        "#[inline]\npub fn work{0}(a: u32) -> u32 {{\nBODY}}\n",
        "}\n",
    ),
    "typescript": (
        "import a from 'b';\nclass A<T> {\n",
        "work{0}(a: number): void {{\nBODY}}\n",
        "}\n",
    ),
}
many = settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))


def written(language, functions=8, lines=12):
    before, function, after = SHAPES[language]
    parts = []
    for number in range(functions):
        body = LINE * lines + LINE.replace("read", f"needle{number}")
        body = body.replace("total", "$total").replace("index", "$i") if language == "php" else body
        parts.append(function.format(number).replace("BODY", body))
    return before + "\n".join(parts) + after


@pytest.mark.parametrize("language", SHAPES)
def test_the_language_is_recognised(language):
    text = written(language)
    assert tree_code.parses(text, language)
    assert recognised(text) == f"code:{language}"


@pytest.mark.parametrize("language", SHAPES)
def test_what_answers_stands_in_its_function(language):
    text = written(language)
    rows = tree_code.divide(text, language)
    check_rows(text, rows)
    result = squeeze(text, "needle5", to="35%", tokenizer=byte_level())
    assert tree_code.parses(result.text, language)
    assert is_subsequence(result.text, text)
    lines = result.text.splitlines()
    at = next(i for i, line in enumerate(lines) if "needle5" in line)
    signature = next(line for line in text.splitlines() if "ork5(" in line)
    assert signature in lines[:at]
    assert result.tokens_after >= 0.9 * 0.35 * result.tokens_before


@many
@given(st.sampled_from(sorted(SHAPES)), st.integers(1, 5), st.integers(0, 9), st.integers(150, 900))
def test_every_output_parses(language, functions, lines, limit):
    text = written(language, functions, lines)
    kind = f"code:{language}"
    result = squeeze(
        [Passage(text, kind=kind)], "needle1", to=Budget(limit, "bytes"), tokenizer=byte_level()
    )
    assert len(result.text.encode()) <= limit
    assert tree_code.parses(result.text, language)


MIXED = """#ifndef A_H
#define A_H
/* One. */
int one(int a);
#ifdef TWO
int two(void) {
    if (a) {
        long_name_of_a_call(b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u);
    } else {
        another_long_name_of_a_call(b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
    }
    return needle;
}
#endif
#endif
"""


def test_conditions_of_the_preprocessor_are_closed():
    rows = tree_code.divide(MIXED, "c")
    check_rows(MIXED, rows)
    needed = dict(shown(MIXED, rows))
    assert needed["#ifndef A_H"] == "#endif"
    for limit in range(60, len(MIXED), 40):
        result = squeeze(
            [Passage(MIXED, kind="code:c")],
            "needle",
            to=Budget(limit, "bytes"),
            tokenizer=byte_level(),
        )
        assert result.text.count("#if") <= result.text.count("#endif")


def test_a_comment_belongs_to_the_definition_below_it():
    text = "package a\n\n// Does it.\n// Well.\nfunc F() {}\n\n// Alone.\n\nvar x = 1\n"
    rows = shown(text, tree_code.divide(text, "go"))
    assert ("// Does it.", "func F() {}") in rows
    assert ("// Well.", "func F() {}") in rows
    assert ("// Alone.", "") in rows


BROKEN = ["{", "}", "fn f() ", "int f() ", "x = 1;\n", "// c\n", "#if A\n", "#endif\n", "é", "("]
BROKEN += ["\ud800", "class A ", "'", '"', ")", "/*", "def f\n", "end\n", "\r\n", "\x00"]


@many
@given(
    st.sampled_from(sorted(SHAPES)),
    st.lists(st.sampled_from(BROKEN) | st.text(max_size=5), max_size=30),
)
def test_broken_code(language, parts):
    text = "".join(parts)
    check_rows(text, tree_code.divide(text, language))


def test_a_language_without_a_grammar_is_read_by_lines():
    text = "IDENTIFICATION DIVISION.\nPROGRAM-ID. HELLO.\n\nPROCEDURE DIVISION.\n"
    assert tree_code.divide(text, "cobol") is None
    rows = divide(text, "code:cobol", 1200)
    assert [text[r.start : r.end] for r in rows] == [x for x in text.split("\n") if x]


@pytest.mark.parametrize(
    "text", ["", "Words.\n" * 9, "a\nb\nc\nd\n", "class struggle is a topic\n" * 5]
)
def test_what_is_no_code(text):
    assert grammars.guess(text) == ""
