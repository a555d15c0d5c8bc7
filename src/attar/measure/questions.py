"""Questions with passages and answers, one JSON object a line: what squeezing is measured on."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attar.context import Passage
from attar.errors import AttarError


class QuestionsError(AttarError):
    """A file of questions that cannot be read; the message says which line, and why."""


@dataclass(frozen=True, slots=True)
class Question:
    """One question, what a reader is given, and what it should answer.

    Args:
        question: what is asked.
        passages: the text, in the order of the prompt.
        answers: right answers, the best first; at least one.
        gold: number of the passage that holds the answer, or None where that is not known.
    """

    question: str
    passages: tuple[Passage, ...]
    answers: tuple[str, ...]
    gold: int | None = None


def read_questions(path: str | Path) -> list[Question]:
    """Read a JSONL file of questions; docs/measure-context.md describes it.

    Raises:
        QuestionsError: if there is none, a line is not as described, or the file is empty.
    """
    found = []
    try:
        with Path(path).open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    found.append(_question(line, f"{path}, line {number}"))
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionsError(f"cannot read {path}: {error}") from error
    if not found:
        raise QuestionsError(f"{path} holds no questions: write one JSON object a line")
    return found


def _question(line: str, where: str) -> Question:
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise QuestionsError(f"{where} is not JSON: {error}") from error
    if not isinstance(entry, Mapping):
        raise QuestionsError(f"{where} is not a JSON object")
    question = entry.get("question")
    if not isinstance(question, str) or not question.strip():
        raise QuestionsError(f'{where}: "question" must be a text')
    answers = entry.get("answers")
    if not isinstance(answers, list) or not any(isinstance(a, str) and a.strip() for a in answers):
        raise QuestionsError(f'{where}: "answers" must be a list with at least one text')
    passages = entry.get("passages")
    if not isinstance(passages, list) or not passages:
        raise QuestionsError(f'{where}: "passages" must be a list with at least one text or object')
    gold = entry.get("gold")
    if gold is not None and (not isinstance(gold, int) or not 0 <= gold < len(passages)):
        raise QuestionsError(f'{where}: "gold" must be the number of a passage, from 0')
    return Question(
        question,
        tuple(_passage(p, i, where) for i, p in enumerate(passages)),
        tuple(a for a in answers if isinstance(a, str) and a.strip()),
        gold,
    )


def _passage(entry: Any, number: int, where: str) -> Passage:
    if isinstance(entry, str):
        return Passage(entry, source=str(number))
    if isinstance(entry, Mapping) and isinstance(entry.get("text"), str):
        fields = {k: entry[k] for k in ("source", "kind") if isinstance(entry.get(k), str)}
        return Passage(entry["text"], **fields)
    raise QuestionsError(
        f'{where}: passage {number} must be a text, or an object with "text" and, if wanted,'
        ' "source" and "kind"'
    )
