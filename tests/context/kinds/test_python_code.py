"""Python squeezed is Python: whole statements under their signatures."""

from __future__ import annotations

import ast
import inspect
import textwrap

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Passage, squeeze
from attar.context.kinds import python_code
from tests.context.small_tokenizers import byte_level
from tests.context.texts import is_subsequence

STATEMENTS = st.sampled_from(
    [
        "x = 1",
        "x = 1; y = 2  # two",
        "# a comment",
        "",
        "if x:\n    y = 2\nelse:\n    y = 3",
        "@wraps\n@other(1,\n  2)\ndef g(): return 1",
        'text = """a\n\nb"""',
        "class A: pass",
        "def h(a,\n      b=')'): return a",
        "import os",
        "'''Words, and\n\nmore words.'''",
    ]
)


def nested(inner):
    head = st.sampled_from(
        ["def f(a):", "class B:  # why", "@d\nasync def k(\n    a,\n):", "def m():\n    # note"]
    )
    return st.tuples(
        head, st.lists(inner, max_size=4), st.sampled_from([["pass"], ["class C:\n    z = 1"]])
    ).map(lambda p: p[0] + "\n" + textwrap.indent("\n".join([*p[1], *p[2]]), "    "))


MODULES = st.lists(st.recursive(STATEMENTS, nested, max_leaves=12), min_size=1, max_size=8)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(MODULES, st.sampled_from(["\n", "\n\n", "\r\n"]), st.integers(0, 400))
def test_python_parses_at_any_budget_that_holds_a_statement(parts, gap, limit):
    text = gap.join(parts) + "\n"
    assert python_code.parses(text)
    rows = python_code.divide(text)
    assert "".join("".join(text[r.start : r.end].split()) for r in rows) == "".join(text.split())
    result = squeeze(
        [Passage(text, kind="code")], to=Budget(limit, "bytes"), tokenizer=byte_level()
    )
    assert len(result.text.encode()) <= limit
    assert is_subsequence(result.text, text)
    if limit >= 120:
        ast.parse(result.text)


@pytest.mark.parametrize("module", [textwrap, inspect])
@pytest.mark.parametrize("share", ["10%", "25%", "60%"])
def test_real_modules_parse(module, share):
    text = inspect.getsource(module)[:40_000].rpartition("\n\n\n")[0] + "\n"
    result = squeeze(text, "wrap a paragraph", to=share, tokenizer=byte_level())
    ast.parse(result.text)
    assert result.tokens_after >= 0.9 * float(share[:-1]) / 100 * result.tokens_before


def test_what_answers_stands_under_its_signature():
    body = "".join(f"    step{i} = prepare(step{i - 1})\n" for i in range(1, 40))
    text = "import os\n\n\nclass Oven:\n    def bake(self, step0):\n" + textwrap.indent(
        body, "    "
    )
    text += "        needle = find(step39)\n        return needle\n"
    result = squeeze(text, "needle", to="25%", tokenizer=byte_level())
    assert "class Oven:\n    def bake(self, step0):" in result.text
    assert "needle = find(step39)" in result.text
    ast.parse(result.text)


CLAUSES = {
    "if": ["if a:", "elif b:  # why", "elif (c\n      or d):", "else:"],
    "try": ["try:", "except A:", "except B as b:", "else:", "finally:"],
    "finally": ["try:", "finally:"],
    "for": ["for a in b:", "else:"],
    "while": ["while a:", "else:"],
    "with": ["with a as b, c as d:"],
}


@pytest.mark.parametrize("outer", CLAUSES)
@pytest.mark.parametrize("inner", CLAUSES)
def test_long_compound_statements_are_divided_and_parse(outer, inner):
    def compound(heads, body):
        return "".join(f"{head}\n    # note\n{textwrap.indent(body, '    ')}" for head in heads)

    simple = "".join(f"value{i} = first(value{i - 1})\n" for i in range(1, 15))
    text = compound(CLAUSES[outer], compound(CLAUSES[inner], simple))
    rows = python_code.divide(text)
    assert "".join("".join(text[r.start : r.end].split()) for r in rows) == "".join(text.split())
    for share in range(10, 100, 10):
        limit = max(400, len(text) * share // 100)  # holds every clause that must be
        result = squeeze(
            [Passage(text, kind="code")],
            "value7",
            to=Budget(limit, "bytes"),
            tokenizer=byte_level(),
        )
        ast.parse(result.text)
        assert 0.8 * limit <= len(result.text.encode()) <= limit


@pytest.mark.parametrize("text", ["", "Not code, but words.\n" * 9, "import\n\n\n\n", "x\n" * 9])
def test_what_is_not_recognised(text):
    assert not python_code.recognises(text)
