"""Test collections in BEIR's layout: corpus.jsonl, queries.jsonl and qrels.tsv in one folder."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attar.errors import AttarError


class CollectionError(AttarError):
    """A folder does not hold a test collection that can be read."""


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
            for row in _rows(path / "queries.jsonl", ("_id", "text"))
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
    found: dict[str, dict[str, int]] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        fields = line.split("\t")
        if number == 1 and not fields[-1].strip().lstrip("-").isdigit():
            continue  # the header
        try:
            query, document, grade = fields
            found.setdefault(query, {})[document] = int(grade)
        except ValueError:
            raise CollectionError(
                f"{path}, line {number}: expected query-id, corpus-id and score between tabs"
            ) from None
    return found


def _rows(path: Path, keys: tuple[str, ...]) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except json.JSONDecodeError as error:
                raise CollectionError(f"{path}, line {number}: not JSON ({error.msg})") from None
            if not isinstance(row, dict) or any(key not in row for key in keys):
                raise CollectionError(f"{path}, line {number}: expected an object with {keys}")
            yield row
