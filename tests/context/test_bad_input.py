"""What goes wrong in practice: each case is squeezed or answered with one clear error."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Marks, Passage, squeeze
from attar.context.counting import Counter
from attar.errors import AttarError, BudgetError, UsageError
from tests.context.small_tokenizers import all_kinds, byte_level
from tests.context.texts import is_subsequence

ROWS = json.dumps([{"id": i, "name": f"thing{i}"} for i in range(40)])
TEXTS = {
    "empty": "",
    "white": " \t\r\n\u2028\u00a0" * 30,
    "endless line": "x" * 3000,
    "endless words": "word " * 700,
    "endless ideographs": "字" * 900,
    "JSON cut off": ROWS[:-30],
    "JSON with a comma too many": ROWS.replace("}]", "},]"),
    "JSON deep": "[" * 1200 + "]" * 1200,
    "mixed scripts": "Ein Satz. Вот так. 这是。 यह है। هذا هو. אחד. 끝. " * 12,
    "combining marks": "e\u0301\u0302\u0303 o\u0308\u0304. " * 80,
    "emoji": "👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇩🇪🇫🇷 " * 40,
    "lone surrogates": "\ud800 a \udfff. " * 60,
    "controls": "\x00\x01 b \x7f\x85\x1b[0m. " * 50,
    "right to left": "\u202e שלום עולם. \u202c مرحبا. \u200f " * 30,
    "line ends": "a.\r\n\rb.\n\rc.\x0b\x0c\x85d.\u2029 " * 40,
    "CSV cut in quotes": "a,b\n" + '1,"x\n' * 80,
    "fence never closed": "Words.\n```python\ndef f(:\n" * 20,
    "half a diff": "--- a\n+++ b\n@@ -1,99 +1,99 @@\n-x\n" * 20,
    "half a traceback": "Traceback (most recent call last):\n  File \"a\", line 1\n" * 20,
    "chat of one role": "User: a\nUser: b\nUser: c\n" * 20,
    "markup cut off": "<table><tr><th>a</th><tr><td>b <p title='" * 20,
}  # fmt: skip
KINDS = ["text", "prose", "markdown", "html", "json", "csv", "log", "code", "code:c", "chat"]
QUESTIONS = [None, "", "Was ist das?", "这是什么", "\ud800", "?" * 500, "thing7"]
many = settings(max_examples=400, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(
    st.sampled_from(sorted(TEXTS)),
    st.sampled_from(KINDS),
    st.sampled_from(QUESTIONS),
    st.sampled_from([0, 1, 2, 7, 50, 200, 10**6]),
    st.sampled_from(["tokens", "bytes"]),
    st.sampled_from(all_kinds()),
    st.data(),
)
def test_budgets_offsets_and_protected_text_are_exact(
    name, kind, question, limit, unit, tokenizer, data
):
    def count(text):
        return Counter(tokenizer, unit).count(text)

    text = TEXTS[name]
    protected = []
    if data.draw(st.booleans()):
        for _ in range(data.draw(st.integers(1, 3))):  # they may overlap
            start = data.draw(st.integers(0, len(text)))
            protected.append((start, min(len(text), start + data.draw(st.integers(0, 40)))))
    try:
        result = squeeze(
            Passage(text, kind=kind),
            question,
            to=Budget(limit, unit),
            protect=protected,
            tokenizer=tokenizer,
        )
    except BudgetError as error:
        asked = any(b > a for a, b in protected) or kind == "chat"
        if not (asked and error.needed > error.allowed == limit):
            raise
        return
    assert count(result.text) <= limit
    assert result.tokens_after == tokenizer.count(result.text)
    for span in result.spans:
        assert text[span.start : span.end] == span.text
    if kind != "html":
        assert is_subsequence(result.text, text)
        assert all(text[a:b] in result.text for a, b in protected)
        assert result.text == text or count(text) > limit


@given(st.lists(st.sampled_from(["<<", ">>", "<", ">", "a", " b. ", "\n"]), max_size=30))
def test_marks_of_any_order(parts):
    text = "".join(parts)
    try:
        pairs = Marks("<<", ">>").find(text)[1]
    except UsageError:
        with pytest.raises(UsageError, match="at character"):
            squeeze(text, protect="<<...>>", tokenizer=byte_level())
        return
    result = squeeze(text, to="100%", protect="<<...>>", tokenizer=byte_level())
    assert is_subsequence(result.text, text)
    for start, end in pairs:
        inner = text[start:end].replace("<<", "").replace(">>", "")
        assert inner in result.text


def test_a_megabyte_that_is_not_json():
    text = ROWS[:-1] + ", " + "x" * 1_000_000
    result = squeeze(text, to="300 tokens", tokenizer=byte_level())
    assert result.tokens_after <= 300


@pytest.mark.parametrize("to", ["-1 tokens", "", "many", "300 parsecs", "nan%"])
def test_a_budget_that_is_none(to):
    with pytest.raises(AttarError) as caught:
        squeeze("text", to=to, tokenizer=byte_level())
    assert "\n" not in str(caught.value)
