"""Tables: the header stays with any row, and rows are kept by relevance."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.context import Passage, squeeze
from attar.context.kinds import delimited, pipe_table
from tests.context.kinds.rows import check_rows
from tests.context.small_tokenizers import byte_level

NAMES = ["Rome", "Oslo", "Bern", "Riga", "Kyiv"]


def written(records, delimiter=","):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator="\n").writerows(records)
    return out.getvalue()


def records(count):
    return [["id", "town", "note"]] + [
        [i, NAMES[i % 5], f"see {i}, and more"] for i in range(count)
    ]


def read(text, delimiter=","):
    return [row for row in csv.reader(io.StringIO(text), delimiter=delimiter) if row]


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_the_header_and_the_rows_asked_for_stay(delimiter):
    text = written(records(200), delimiter)
    assert delimited.recognises(text)
    result = squeeze(text, "see 117", to="10%", tokenizer=byte_level())
    kept = read(result.text, delimiter)
    given = read(text, delimiter)
    assert kept[0] == given[0]
    assert given[118] in kept
    assert all(row in given for row in kept)
    assert result.tokens_after >= 0.9 * result.tokens_before / 10


def test_rare_rows_stay_without_a_question():
    rows = [["id", "state", "ms"]] + [[i, "ok", 10 + i % 3] for i in range(300)]
    rows[77][1] = "lost"
    rows[201][2] = 99999
    kept = read(squeeze(written(rows), to="8%", tokenizer=byte_level()).text)
    assert [str(v) for v in rows[77]] in kept
    assert [str(v) for v in rows[201]] in kept


def test_line_breaks_inside_quotes_end_no_record():
    text = written([["a", "b"]] + [[f"one\ntwo, {i}", 'say "x"'] for i in range(50)])
    kept = read(squeeze(text, "two 31", to="20%", tokenizer=byte_level()).text)
    assert ["one\ntwo, 31", 'say "x"'] in kept
    assert all(len(row) == 2 for row in kept)


@given(st.lists(st.lists(st.text(max_size=8), min_size=2, max_size=4), max_size=12))
def test_whatever_is_in_it_all_of_it_is_in_rows(table):
    text = written(table)
    check_rows(text, delimited.divide(text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a,b\n",
        "Roses are red, I think,\nviolets, too, are blue,\nand, well, so\nit, is, so\nno, no, no",
        "1,2\n3,4\n5,6\n7,8\n9,0\n",
        "name,name\na,b\nc,d\ne,f\ng,h\n",
        'a,b\n"never closed,1\n2,3\n4,5\n6,7\n',
        "a,b\n1,2,3\n4\n5,6,7,8\n9\n",
    ],
)
def test_what_is_no_table(text):
    assert not delimited.recognises(text)
    assert squeeze(text, to="50%", tokenizer=byte_level()).tokens_after <= len(text)


def test_a_table_in_prose_keeps_its_header_and_rule():
    rows = "".join(f"| {i} | {NAMES[i % 5]} | item{i} |\n" for i in range(60))
    table = "| id | town | what |\n|:---|------|-----:|\n" + rows
    text = "# Towns\n\nBefore the table.\n\n" + table + "\nAfter the table.\n"
    result = squeeze(text, "item41", to="150 tokens", tokenizer=byte_level())
    lines = result.text.splitlines()
    at = lines.index("| id | town | what |")
    assert lines[at + 1] == "|:---|------|-----:|"
    assert f"| 41 | {NAMES[1]} | item41 |" in lines[at + 2 :]


@pytest.mark.parametrize(
    "text",
    ["a | b\n--- | ---\n", "| a |\n|---|\n", "|||\n---\n", "a|b\n---|---|---\n1|2\n", "|-\n" * 9],
)
def test_what_is_no_pipe_table(text):
    assert not list(pipe_table.find(text))


@settings(max_examples=50)
@given(
    st.lists(
        st.sampled_from(["|", "-", "a", " ", "\n", "\\|", ":", "\r\n", "|--|--|\n", "|a|b|\n"])
    )
)
def test_pipes_and_dashes_of_any_kind(parts):
    text = "".join(parts)
    for start, end in pipe_table.find(text):
        check_rows(text[start:end], pipe_table.divide(text[start:end]))


def test_a_kind_that_is_given_is_believed():
    text = "only\none\ncolumn\n" * 30
    result = squeeze(Passage(text, kind="csv"), to="20 tokens", tokenizer=byte_level())
    assert result.text.startswith("only\n")
