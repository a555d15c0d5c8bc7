from __future__ import annotations

import json

import pytest

from attar.measure.questions import QuestionsError, read_questions

GOOD = {
    "question": "Who?",
    "passages": ["Ann.", {"text": "Bo.", "source": "b.md", "kind": "markdown"}],
    "answers": ["Ann"],
    "gold": 0,
    "more": "is ignored",
}


def write(tmp_path, *lines):
    path = tmp_path / "q.jsonl"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_what_is_read(tmp_path):
    found = read_questions(write(tmp_path, json.dumps(GOOD), "", json.dumps(GOOD)))
    assert len(found) == 2
    assert [p.text for p in found[0].passages] == ["Ann.", "Bo."]
    assert found[0].passages[1].kind == "markdown"
    assert (found[0].answers, found[0].gold) == (("Ann",), 0)


@pytest.mark.parametrize(
    ("change", "what"),
    [
        ({"question": " "}, "question"),
        ({"question": 5}, "question"),
        ({"answers": []}, "answers"),
        ({"answers": "Ann"}, "answers"),
        ({"passages": []}, "passages"),
        ({"passages": [7]}, "passage 0"),
        ({"passages": [{"source": "x"}]}, "passage 0"),
        ({"gold": 2}, "gold"),
        ({"gold": "0"}, "gold"),
    ],
)
def test_what_is_not_as_described_is_named_with_its_line(tmp_path, change, what):
    path = write(tmp_path, json.dumps(GOOD), json.dumps({**GOOD, **change}))
    with pytest.raises(QuestionsError, match=rf"line 2.*{what}"):
        read_questions(path)


@pytest.mark.parametrize("lines", [(), ("{",), ("[1]",), ("null",), ("[" * 100_000,)])
def test_what_is_no_dataset(tmp_path, lines):
    with pytest.raises(QuestionsError):
        read_questions(write(tmp_path, *lines))


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "q.jsonl"
    path.write_bytes(b"\xff\xfe{")
    with pytest.raises(QuestionsError, match="cannot read"):
        read_questions(path)
    with pytest.raises(QuestionsError, match="cannot read"):
        read_questions(tmp_path / "none.jsonl")
