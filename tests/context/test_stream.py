"""Files in blocks: the same promises as for a text that is held."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.budget import Budget
from attar.context import Marks, squeeze, squeeze_file
from attar.context.blocks import blocks
from attar.context.protect import read
from attar.errors import BudgetError, UsageError
from tests.context.small_tokenizers import byte_level
from tests.context.texts import is_subsequence, texts

many = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
legal = texts.map(lambda text: text.encode("utf-8", "ignore").decode())


@many
@given(st.lists(st.text(max_size=40)), st.integers(1, 60), st.data())
def test_blocks_are_the_text_and_keep_what_is_protected_in_one(pieces, size, data):
    text = "".join(pieces)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + size)))
    found = list(blocks(pieces, [(start, end)], size))
    assert "".join(block.text for block in found) == text
    at = 0
    for block in found:
        assert block.start == at
        at += len(block.text)
    if start < end:
        inside = [b for b in found if b.protections]
        assert len(inside) == 1
        a, b = inside[0].protections[0]
        assert inside[0].text[a:b] == text[start:end]


@many
@given(
    st.lists(st.tuples(st.text("ab .\n", min_size=1, max_size=9), st.booleans())),
    st.integers(1, 20),
)
def test_a_pair_of_marks_is_in_one_block(parts, size):
    text = "".join(f"<<{part}>>" if keep else part for part, keep in parts)
    found = list(blocks([text[i : i + 3] for i in range(0, len(text), 3)], read("<<...>>"), size))
    assert "".join(block.text for block in found) == text
    protected = [p for b in found for p in Marks("<<", ">>").find(b.text)[1]]
    assert len(protected) == sum(keep for _, keep in parts)


@many
@given(legal, st.integers(0, 400), st.integers(20, 400), st.none() | st.just("free and equal"))
def test_never_exceeds_its_budget(tmp_path_factory, text, limit, block, question):
    path = tmp_path_factory.mktemp("stream") / "a.txt"
    path.write_bytes(text.encode())
    for budget in (Budget(limit, "bytes"), Budget(limit / 400, "ratio")):
        result = squeeze_file(path, question, to=budget, tokenizer=byte_level(), block=block)
        assert is_subsequence(result.text, text)
        for span in result.spans:
            assert text[span.start : span.end] == span.text
        if budget.unit == "bytes":
            assert len(result.text.encode()) <= limit
            assert result.text == text or len(text.encode()) > limit


def written(tmp_path, text):
    path = tmp_path / "long.txt"
    path.write_text(text, encoding="utf-8", newline="")
    return path


LONG = "\n\n".join(
    f"Paragraph {i} tells of thing{i}. It is about nothing else. So it goes." for i in range(600)
)


def test_what_fits_is_returned_unchanged(tmp_path):
    path = written(tmp_path, LONG)
    result = squeeze_file(path, to="100%", tokenizer=byte_level(), block=4000)
    assert result.text == LONG
    assert result.report.reversible


def test_the_question_finds_its_answer_in_any_block(tmp_path):
    path = written(tmp_path, LONG)
    for i in (2, 300, 599):
        result = squeeze_file(
            path, f"thing{i}?", to="200 tokens", tokenizer=byte_level(), block=4000
        )
        assert f"thing{i}." in result.text
        assert 190 <= byte_level().count(result.text) == result.tokens_after <= 200


def test_a_long_budget_is_shared(tmp_path):
    path = written(tmp_path, LONG)
    result = squeeze_file(path, "thing300", to="50%", tokenizer=byte_level(), block=4000)
    limit = byte_level().count(LONG) // 2
    assert 0.9 * limit <= byte_level().count(result.text) <= limit
    assert "thing300." in result.text
    assert {span.start // 10_000 for span in result.spans} == set(range(len(LONG) // 10_000 + 1))


def test_what_is_protected_stays(tmp_path):
    text = LONG.replace("thing555.", "<<thing555\n\nand more>>.")
    path = written(tmp_path, text)
    for protect in ("<<...>>", "thing555\n\nand more"):
        result = squeeze_file(
            path, "thing3", to="150 tokens", protect=protect, tokenizer=byte_level(), block=4000
        )
        assert "thing555\n\nand more" in result.text
    with pytest.raises(BudgetError, match="protected text alone"):
        squeeze_file(path, to="3 tokens", protect="<<...>>", tokenizer=byte_level(), block=4000)


def test_a_table_keeps_its_header(tmp_path):
    rows = [["id", "town", "note"], *([str(i), "Rome", f"see {i}"] for i in range(3000))]
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(rows)
    path = written(tmp_path, out.getvalue())
    result = squeeze_file(path, "see 2345", to="200 tokens", tokenizer=byte_level(), block=4000)
    kept = [row for row in csv.reader(io.StringIO(result.text)) if row]
    assert kept[0] == rows[0]
    assert rows[2346] in kept
    assert all(row in rows for row in kept)


def test_one_block_is_what_squeeze_gives(tmp_path):
    path = written(tmp_path, LONG)
    whole = squeeze(LONG, "thing7", to="300 tokens", tokenizer=byte_level())
    assert squeeze_file(path, "thing7", to="300 tokens", tokenizer=byte_level()).text == whole.text


def test_a_file_that_cannot_be_read(tmp_path):
    path = tmp_path / "latin.txt"
    path.write_bytes(b"abc \xff" * 100)
    with pytest.raises(UsageError, match="is not UTF-8"):
        squeeze_file(path, tokenizer=byte_level())
    with pytest.raises(UsageError, match="HTML"):
        squeeze_file(path, kind="html", tokenizer=byte_level())
    result = squeeze_file(written(tmp_path, LONG), to="20 tokens", tokenizer=byte_level())
    with pytest.raises(UsageError, match="read in parts"):
        result.html()


def test_an_effort_that_there_is_not(tmp_path):
    (tmp_path / "a.txt").write_text("One. Two.")
    with pytest.raises(UsageError, match="there is no effort 'most': it is default or high"):
        squeeze_file(tmp_path / "a.txt", tokenizer=byte_level(), effort="most")


@pytest.mark.model
def test_high_effort_brings_its_embedder(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("The tram stops here. " * 30 + "Snow lies on the roof. " + "It is late. " * 30)
    found = squeeze_file(path, "Where is the snow?", to="12 tokens", effort="high")
    assert "Snow lies on the roof." in found.text
    assert found.text == squeeze(path.read_text(), "Where is the snow?", to="12 tokens",
                                 effort="high").text  # fmt: skip
