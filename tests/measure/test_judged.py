"""Judged questions in every layout that is read; one sentence for those that are not."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attar.measure.judged import CollectionError, read_judged, read_qrels


def written(folder: Path, name: str, *lines: str) -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_lines_of_json_that_say_everything(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        "q.jsonl",
        '\ufeff{"query": "green tea", "relevant": {"tea.txt": 2, "other": 0}}',
        "",
        '{"query": "lift", "relevant": ["wings.md", "a b.md"]}',
        '{"query": "not judged", "relevant": []}',
    )
    judged = read_judged(path)
    assert judged.queries == {"1": "green tea", "3": "lift"}
    assert judged.judgements == {"1": {"tea.txt": 2, "other": 0}, "3": {"wings.md": 1, "a b.md": 1}}


@pytest.mark.parametrize(
    "queries",
    [
        ["q1\tgreen tea", "q2\tlift of a wing"],
        ['{"_id": "q1", "text": "green tea"}', '{"_id": "q2", "text": "lift of a wing"}'],
    ],
)
@pytest.mark.parametrize(
    "qrels",
    [
        ["q1 0 d1 2", "q1 0 d2 -1", "q3 0 d1 1"],
        ["query-id\tcorpus-id\tscore", "q1\td1\t2", "q1\td2\t-1"],
        ["q1\t0\td1\t2", "q1\t0\td2\t-1", "q2\t0\td2\t0"],
    ],
)
def test_questions_and_judgements_apart(
    tmp_path: Path, queries: list[str], qrels: list[str]
) -> None:
    judged = read_judged(written(tmp_path, "queries", *queries), written(tmp_path, "qrels", *qrels))
    assert judged.queries == {"q1": "green tea"}
    assert judged.judgements == {"q1": {"d1": 2, "d2": -1}}


def test_between_tabs_a_name_may_hold_blanks(tmp_path: Path) -> None:
    path = written(tmp_path, "qrels", "1\tmy notes/green tea.md\t3")
    assert read_qrels(path) == {"1": {"my notes/green tea.md": 3}}


@pytest.mark.parametrize(
    ("queries", "qrels", "said"),
    [
        (["q1\ttea"], None, r"--qrels"),
        ([], None, "queries without judgements"),
        (["{"], None, "line 1: not JSON"),
        (["{" * 3000], None, "line 1: not JSON"),
        (['{"query": "a"}'], None, r'line 1: expected an object with "query" and "relevant"'),
        (['{"query": "a", "relevant": 3}'], None, "line 1: .*list of document ids"),
        (['{"query": "a", "relevant": {"d": true}}'], None, "whole grades"),
        (['{"query": "a", "relevant": {"d": 0}}'], None, "nothing to measure"),
        (['{"_id": "1", "txt": "a"}'], ["1 0 d 1"], '"_id" and "text"'),
        (["no tab"], ["1 0 d 1"], "line 1: expected query-id, a tab"),
        (["1\t "], ["1 0 d 1"], "line 1: expected query-id, a tab"),
        (["1\ta"], ["1 0 d 1", "1 0 d"], "line 2: expected query-id"),
        (["1\ta"], ["1 0 d 1", "1 d x"], "line 2: expected query-id"),
        (["1\ta"], ["1 0 d 1", "1 0 d e f 1"], "line 2: expected query-id"),
        (["1\ta"], ["2 0 d 1"], "nothing to measure"),
    ],
)
def test_what_cannot_be_read_is_said(
    tmp_path: Path, queries: list[str], qrels: list[str] | None, said: str
) -> None:
    path = written(tmp_path, "queries", *queries)
    with pytest.raises(CollectionError, match=said):
        read_judged(path, None if qrels is None else written(tmp_path, "qrels", *qrels))


def test_files_that_are_no_text_or_not_there(tmp_path: Path) -> None:
    (tmp_path / "latin").write_bytes("fermé".encode("latin-1"))
    with pytest.raises(CollectionError, match="not UTF-8"):
        read_judged(tmp_path / "latin")
    with pytest.raises(CollectionError, match="cannot read"):
        read_judged(tmp_path / "nowhere")


def test_unicode_line_ends_end_no_line(tmp_path: Path) -> None:
    path = written(
        tmp_path, "q", json.dumps({"query": "a\u2028b\x85c", "relevant": ["d"]}, ensure_ascii=False)
    )
    assert read_judged(path).queries == {"1": "a\u2028b\x85c"}
