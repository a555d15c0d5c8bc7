from __future__ import annotations

from pathlib import Path

import pytest

from attar.measure.beir import Collection, CollectionError


def write(folder: Path, corpus: str = "", queries: str = "", qrels: str | None = None) -> Path:
    (folder / "corpus.jsonl").write_text(corpus, encoding="utf-8")
    (folder / "queries.jsonl").write_text(queries, encoding="utf-8")
    if qrels is not None:
        (folder / "qrels.tsv").write_text(qrels, encoding="utf-8")
    return folder


HEADER = "query-id\tcorpus-id\tscore\n"


def test_only_judged_queries(tmp_path: Path) -> None:
    queries = '{"_id": "1", "text": "wing"}\n\n{"_id": "2", "text": "not judged"}\n'
    data = Collection.open(write(tmp_path, "", queries, HEADER + "1\td1\t3\n1\td2\t-1\n"))
    assert data.queries == {"1": "wing"}
    assert data.judgements == {"1": {"d1": 3, "d2": -1}}


def test_judgements_by_split(tmp_path: Path) -> None:
    write(tmp_path, "", '{"_id": "1", "text": "wing"}')
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels" / "test.tsv").write_text("1\td1\t1\n")
    assert Collection.open(tmp_path).judgements == {"1": {"d1": 1}}


@pytest.mark.parametrize(
    ("queries", "qrels", "says"),
    [
        ('{"_id": "1", "text": "a"}', None, "judgements are needed"),
        ("not json", HEADER + "1\td\t1\n", r"queries\.jsonl, line 1: not JSON"),
        ('{"_id": "1"}', HEADER + "1\td\t1\n", "line 1: expected an object"),
        ('{"_id": "1", "text": "a"}', HEADER + "1\td\n", r"qrels\.tsv, line 2"),
        ('{"_id": "1", "text": "a"}', HEADER + "2\td\t1\n", "nothing to measure"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    tmp_path: Path, queries: str, qrels: str | None, says: str
) -> None:
    with pytest.raises(CollectionError, match=says) as error:
        Collection.open(write(tmp_path, "", queries, qrels))
    assert "\n" not in str(error.value)


def test_not_a_collection(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match=r"has no corpus\.jsonl"):
        Collection.open(tmp_path)
