"""What is new about records."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.context import Passage, squeeze
from attar.context.kinds import json_lines
from attar.context.kinds.novelty import New, novelty
from tests.context.kinds.rows import check_rows
from tests.context.small_tokenizers import byte_level

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


def records(count):
    return [{"id": i, "state": "ready", "note": "word " * 40, "size": i % 5} for i in range(count)]


def test_fields_that_are_new():
    rows = records(50)
    rows[9]["state"] = "lost"
    rows[20]["size"] = 10**6
    news = novelty(rows)
    assert news[9].fields == {"state"}
    assert news[20].fields == {"size"}
    assert news[0].fields == news[1].fields == frozenset()
    assert min(news[9].wanted, news[20].wanted) > news[0].wanted > news[1].wanted
    assert news[9].rest < news[9].wanted


def test_of_records_that_are_as_new_the_short_ones_first():
    rows = records(50)
    rows[9]["state"], rows[20]["state"] = "lost", "found"
    news = novelty(rows, [400 if i == 9 else 100 for i in range(50)])
    assert news[20].wanted > news[9].wanted > news[0].wanted


@given(st.lists(VALUES, max_size=12))
def test_every_record_has_a_figure(rows):
    news = novelty(rows, [1 + i for i in range(len(rows))])
    assert len(news) == len(rows)
    assert all(new.rest <= new.wanted < 10 for new in news)


def test_few_records_are_all_as_new():
    assert novelty([1, 2, 3]) == [New(0.0)] * 3


@pytest.mark.parametrize("array", [True, False])
def test_new_members_come_before_the_rest_of_their_records(array):
    rows = records(60)
    for i in range(12):
        rows[i * 5]["state"] = "state " + chr(97 + i) * 5
    text = json.dumps(rows) if array else "\n".join(map(json.dumps, rows))
    result = squeeze(Passage(text), to="9%", tokenizer=byte_level())
    kept = json.loads(result.text) if array else [*map(json.loads, result.text.splitlines())]
    states = {row.get("state") for row in kept}
    assert states >= {"state " + chr(97 + i) * 5 for i in range(12)}
    assert any("note" not in row for row in kept)


@given(st.lists(st.dictionaries(st.text(max_size=3), st.text(max_size=400)) | st.none()))
def test_rows_of_json_lines(values):
    text = "\n".join(json.dumps(value) for value in values)
    check_rows(text, json_lines.divide(text))
