"""All kinds, whole, broken and one in another."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Passage, squeeze
from attar.context.kinds.divide import divide, recognised
from tests.context.kinds.rows import check_rows
from tests.context.small_tokenizers import byte_level
from tests.context.texts import is_subsequence

STRUCTURES = [
    "| a | b |\n|---|---|\n| 1 | 2 |\n| 3 | 4 |\n",
    "a,b,c\n1,2,3\n4,5,6\n7,8,9\n2,2,2\n",
    'a\tb\n"x\ny"\t1\n',
    "```python\ndef f(x):\n    y = x\n    return y\n```\n",
    "~~~~\nplain lines\n\nin a fence\n~~~~\n",
    "```json\n[1, 2]\n",
    "diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@ def f\n one\n-two\n+2\n three\n",
    "@@ -1,9 +1,9 @@\n one\n-two\n",
    "--- a\n+++ b\n",
    'Traceback (most recent call last):\n  File "a.py", line 1, in f\n    g()\n    ^^^\n'
    '  File "b.py", line 2, in g\nKeyError: 1\n',
    "Traceback (most recent call last):\n",
    "java.lang.Error: no\n\tat a.b.C.d(E.java:1)\n\tat a.F.g(H.java:2)\nCaused by: x\n\tat a(b)\n",
    "panic: no\n\ngoroutine 1 [running]:\nmain.f(0x1)\n\t/a/b.go:1\nmain.main()\n\t/a/b.go:9\n",
    "User: What is it?\nAssistant: It is so.\n",
    "<|im_start|>system\nBe kind.<|im_end|>\n<|im_start|>user\nHello.",
    '{"a": 1, "b": "x"}\n{"a": 2, "b": "y"}\n{"a": 3}\n',
    '[{"role": "user", "content": "Yes. No."}, {"role": "assistant"}]',
    "# Heading\n",
    "Words, in a sentence. And more words.\n",
    "2024-01-01 10:00:01 INFO started 17\n",
    "fn main() {\n    let x = 1;\n}\n",
    "\n",
    "    indented\n",
    "\r\n",
    "\u2028| x |\x85",
    "\ud800```\x00",
]
TEXTS = st.lists(st.sampled_from(STRUCTURES) | st.text(max_size=20), max_size=12).map("".join)
KINDS = st.sampled_from(
    ["text", "markdown", "json", "jsonl", "csv", "log", "chat", "code", "code:python", "code:rust",
     "prose", "unknown"]
)  # fmt: skip
many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(TEXTS, KINDS)
def test_rows_hold_all_that_is_not_white_space(text, kind):
    check_rows(text, divide(text, kind, 160))


@many
@given(TEXTS, KINDS, st.integers(0, 500), st.none() | st.sampled_from(["words", "KeyError x"]))
def test_any_mixture_stays_within_its_budget(text, kind, limit, question):
    if kind == "chat":  # keeps what it must, or says that it cannot
        kind = "text"
    result = squeeze(
        [Passage(text, kind=kind)], question, to=Budget(limit, "bytes"), tokenizer=byte_level()
    )
    assert len(result.text.encode("utf-8", "surrogatepass")) <= limit
    assert is_subsequence(result.text, text)
    for span in result.spans:
        assert text[span.start : span.end] == span.text


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Some words. " * 20, "markdown"),
        ('{"a": [1, 2, 3], "b": "some text here"}', "json"),
        ('{"a": 1}\n{"a": 2}\n{"a": 3}\n', "jsonl"),
        ("import os\n\n\ndef f():\n    return os\n", "code"),
        ("System: Be kind.\n\nUser: Hello.\nAssistant: Hi.\n", "chat"),
        ("name,age\nBob,1\nEve,2\nMax,3\nAnn,4\n", "csv"),
        ("", "markdown"),
    ],
)
def test_what_a_text_is_taken_for(text, kind):
    assert recognised(text) == kind
