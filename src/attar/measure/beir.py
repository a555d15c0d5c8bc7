"""Test collections in BEIR's layout: corpus.jsonl, queries.jsonl and qrels.tsv in one folder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from attar.measure.judged import CollectionError, read_qrels, rows

__all__ = ["Collection", "CollectionError"]


@dataclass(frozen=True, slots=True)
class Collection:
    """Queries and judgements; the documents stay on disk.

    Args:
        folder: where it lies.
        queries: text by query id, only those that have a judgement.
        judgements: query id -> document id -> grade.
    """

    folder: Path
    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, int]]

    @classmethod
    def open(cls, folder: str | Path) -> Collection:
        """Read a collection's queries and judgements.

        Raises:
            CollectionError: if a file is missing or a line cannot be read.
        """
        path = Path(folder)
        for name in ("corpus.jsonl", "queries.jsonl"):
            if not (path / name).is_file():
                raise CollectionError(
                    f"{path} has no {name}: give a folder in BEIR's layout"
                    " (corpus.jsonl, queries.jsonl, qrels.tsv)"
                )
        judgements = _judgements(path)
        queries = {
            str(row["_id"]): str(row["text"])
            for _, row in rows(path / "queries.jsonl", ("_id", "text"))
            if str(row["_id"]) in judgements
        }
        if not queries:
            raise CollectionError(
                f"{path} has no query with a judgement: there is nothing to measure"
            )
        return cls(path, queries, {q: judgements[q] for q in queries})


def _judgements(folder: Path) -> dict[str, dict[str, int]]:
    # BEIR keeps one file per split; the test split is the one that papers report.
    names = ("qrels.tsv", "qrels/test.tsv")
    path = next((folder / n for n in names if (folder / n).is_file()), None)
    if path is None:
        raise CollectionError(
            f"{folder} has neither {names[0]} nor {names[1]}: judgements are needed"
        )
    return read_qrels(path)
