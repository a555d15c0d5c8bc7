"""JSON stays JSON at any budget that holds its brackets."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Passage, squeeze
from attar.context.kinds import json_text
from attar.errors import BudgetError
from tests.context.small_tokenizers import byte_level
from tests.context.texts import is_subsequence

PIECES = [
    "A word or two.",
    ' "So," he said. ',
    "\n\n",
    "# Title\n",
    "\\",
    "\u00e9t\u00e9",
    "x" * 90,
]
LONG = st.lists(st.sampled_from(PIECES), min_size=10, max_size=20).map("".join)
TEXTS = st.text(max_size=30) | st.sampled_from(["a, b] }", '"', "\\", "\u00a0 x", "word " * 60])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=8) | st.dictionaries(TEXTS, inner, max_size=8),
    max_leaves=30,
)
DOCUMENTS = (
    st.lists(VALUES | LONG, min_size=4)
    | st.dictionaries(TEXTS, VALUES | LONG, min_size=4)
    | st.lists(st.fixed_dictionaries({"role": TEXTS, "content": TEXTS | LONG}), min_size=3)
)
LAYOUTS = st.sampled_from([{}, {"indent": 2}, {"separators": (",", ":")}, {"indent": "\t"}])
many = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


@many
@given(DOCUMENTS, LAYOUTS, st.booleans(), st.integers(4, 400), st.none() | TEXTS)
def test_json_stays_valid_and_within_its_budget(value, layout, ascii_only, limit, question):
    text = json.dumps(value, ensure_ascii=ascii_only, **layout)
    if not json_text.recognises(text):
        return
    result = squeeze(
        [Passage(text, kind="json")], question, to=Budget(limit, "bytes"), tokenizer=byte_level()
    )
    assert len(result.text.encode("utf-8", "surrogatepass")) <= limit
    assert type(json.loads(result.text)) is type(value)
    assert is_subsequence(result.text, text)
    for span in result.spans:
        assert text[span.start : span.end] == span.text


@many
@given(DOCUMENTS, LAYOUTS, st.data())
def test_protected_text_survives_in_json(value, layout, data):
    text = json.dumps(value, **layout)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    limit = data.draw(st.integers(0, 500))
    try:
        result = squeeze(
            text, to=Budget(limit, "bytes"), protect=(start, end), tokenizer=byte_level()
        )
    except BudgetError as error:
        if not error.allowed == limit < error.needed:
            raise
        return
    assert text[start:end] in result.text
    assert len(result.text.encode()) <= limit
    kept = "".join(s.text for s in result.spans if s.protected)
    assert is_subsequence("".join(text[start:end].split()), kept)


def test_outliers_and_rare_values_survive():
    rows = [{"id": i, "state": "ok", "ms": 10 + i % 5} for i in range(300)]
    rows[140]["ms"] = 9000
    rows[217]["state"] = "lost"
    rows[250]["note"] = "by hand"
    result = squeeze(json.dumps({"rows": rows}), to="10%", tokenizer=byte_level())
    kept = json.loads(result.text)["rows"]
    assert all(rows[i] in kept for i in (0, 140, 217, 250))
    assert result.tokens_after >= 0.9 * result.tokens_before / 10


def test_the_question_decides_which_rows_stay():
    rows = [{"id": i, "name": f"thing{i}"} for i in range(300)]
    result = squeeze(json.dumps(rows), "thing211", to="5%", tokenizer=byte_level())
    assert rows[211] in json.loads(result.text)


@pytest.mark.parametrize("text", ["", "[1, 2", "{" * 40 + "}" * 40, "[" * 5000 + "]" * 5000])
def test_what_is_not_json_is_read_as_text(text):
    assert not json_text.recognises(text)
    assert squeeze(text, to="50%", tokenizer=byte_level()).tokens_after <= len(text)


def test_long_texts_are_cut_by_sentence_and_keys_stay():
    body = "\n\n".join(f'Fact {i} is about "thing{i}". It is so.' for i in range(60))
    text = json.dumps([{"title": "A", "text": body}, {"title": "B", "text": "Short."}])
    kept = json.loads(squeeze(text, "thing41", to="25%", tokenizer=byte_level()).text)
    assert 'Fact 41 is about "thing41".' in kept[0]["text"]
    assert "\n\n" in kept[0]["text"]
    assert is_subsequence(kept[0]["text"], body)


def test_of_messages_the_first_and_the_last_stay():
    said = "We spoke of point {0}. It was a long talk about matter {0}. Much was said. " * 5
    messages = [{"role": "system", "content": "Be kind. Say please."}]
    messages += [{"role": "user", "content": said.format(i)} for i in range(20)]
    messages += [{"role": "user", "content": "What now? And why?"}]
    text = json.dumps({"model": "m", "messages": messages})
    for share in ("10%", "30%", "60%"):
        kept = json.loads(squeeze(text, to=share, tokenizer=byte_level()).text)["messages"]
        assert kept[0] == messages[0]
        assert kept[-1] == messages[-1]
        assert all("role" in message for message in kept)
