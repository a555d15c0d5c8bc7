"""Questions, and what is known to answer them: TREC's files, BEIR's, or one file of JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attar.errors import AttarError


class CollectionError(AttarError):
    """Questions or judgements cannot be read."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Questions that have a relevant document.

    Args:
        queries: text by query id.
        judgements: query id -> document id -> grade; a grade above 0 is relevant.
    """

    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, int]]


def read_judged(queries: Path, qrels: Path | None = None) -> Judged:
    """Read questions and judgements.

    Args:
        queries: either alone, JSON lines such as {"query": "...", "relevant": {"a.md": 2}}, where
            `relevant` is grades by document id or a list of ids; or, with `qrels`, JSON lines
            such as {"_id": "1", "text": "..."}, or lines of query id, tab and text.
        qrels: lines of TREC (query, iteration, document, grade) or BEIR (query, document, grade;
            perhaps under a header), between tabs, or between blanks where there is no tab.

    Raises:
        CollectionError: if a line cannot be read, or no question has a relevant document.
    """
    if qrels is None:
        texts, judgements = _self_contained(queries)
    else:
        judgements = read_qrels(qrels)
        texts = dict(_records(queries) if _is_json(queries) else _tabbed(queries))
    kept = {q: t for q, t in texts.items() if any(g > 0 for g in judgements.get(q, {}).values())}
    if not kept:
        raise CollectionError(
            f"{queries} has no query with a relevant document: there is nothing to measure"
        )
    return Judged(kept, {q: judgements[q] for q in kept})


def read_qrels(path: Path) -> dict[str, dict[str, int]]:
    """Read judgements in TREC's or BEIR's columns: query id -> document id -> grade.

    Raises:
        CollectionError: naming the first line that cannot be read.
    """
    found: dict[str, dict[str, int]] = {}
    for number, line in _lines(path):
        fields = [f.strip() for f in line.split("\t")] if "\t" in line else line.split()
        if number == 1 and not fields[-1].lstrip("-").isdigit():
            continue  # the header
        try:
            query, *_, document, grade = fields
            if len(fields) not in (3, 4):
                raise ValueError
            found.setdefault(query, {})[document] = int(grade)
        except ValueError:
            raise CollectionError(
                f"{path}, line {number}: expected query-id, corpus-id and score between tabs,"
                " or the four columns of TREC"
            ) from None
    return found


def rows(path: Path, keys: tuple[str, ...]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Number and object of each line of JSON; blank lines are passed over.

    Raises:
        CollectionError: naming the first line that is no object with these keys.
    """
    for number, line in _lines(path):
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            reason = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            raise CollectionError(f"{path}, line {number}: not JSON ({reason})") from None
        if not isinstance(row, dict) or any(key not in row for key in keys):
            named = " and ".join(f'"{key}"' for key in keys)
            raise CollectionError(f"{path}, line {number}: expected an object with {named}")
        yield number, row


def _self_contained(path: Path) -> tuple[dict[str, str], dict[str, dict[str, int]]]:
    if not _is_json(path):
        raise CollectionError(
            f"{path} has queries without judgements: give a file of those (--qrels), or JSON lines"
            ' such as {"query": "...", "relevant": {"a.md": 1}}'
        )
    texts: dict[str, str] = {}
    judgements: dict[str, dict[str, int]] = {}
    for number, row in rows(path, ("query", "relevant")):
        name = str(number)
        texts[name] = str(row["query"])
        relevant = row["relevant"]
        if isinstance(relevant, list):
            relevant = {str(document): 1 for document in relevant}
        if not isinstance(relevant, dict) or any(type(g) is not int for g in relevant.values()):
            raise CollectionError(
                f'{path}, line {number}: "relevant" must be a list of document ids, or whole'
                " grades by document id"
            )
        judgements[name] = relevant
    return texts, judgements


def _records(path: Path) -> Iterator[tuple[str, str]]:
    for _, row in rows(path, ("_id", "text")):
        yield str(row["_id"]), str(row["text"])


def _tabbed(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in _lines(path):
        name, tab, text = line.partition("\t")
        if not tab or not text.strip():
            raise CollectionError(f"{path}, line {number}: expected query-id, a tab and the query")
        yield name.strip(), text.strip()


def _is_json(path: Path) -> bool:
    return next((line for _, line in _lines(path)), "").lstrip().startswith("{")


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Numbers and texts of the lines that are not blank."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, line.rstrip("\r\n")
    except UnicodeDecodeError:
        raise CollectionError(f"{path} is not UTF-8 text: convert it first") from None
    except OSError as error:
        raise CollectionError(f"cannot read {path}: {error.strerror or error}") from error
