"""Chats as text: what the system and the last turn say is kept, older turns are wanted less."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from attar.context.kinds.row import Row, append

Inside: TypeAlias = Callable[[str], list[Row]]

_ROLES = "system|developer|user|assistant|tool|function|human|ai|bot|model|ipython"
# ChatML, Llama 3, Gemma and Phi; then names as people write them.
_SPECIAL = re.compile(
    rf"<\|im_start\|>[^\S\r\n]*({_ROLES})\b[^\r\n]*|<\|start_header_id\|>({_ROLES})<\|end_header_id\|>"
    rf"|<start_of_turn>({_ROLES})\b|<\|({_ROLES})\|>",
    re.IGNORECASE,
)
_NAMED = re.compile(
    rf"^(?:#{{1,4}}[^\S\r\n]*)?(?:\*\*)?({_ROLES})(?:\*\*)?:(?:\*\*)?(?=\s)",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSE = re.compile(r"<\|im_end\|>|<\|eot_id\|>|<end_of_turn>|<\|end\|>")
SYSTEM = frozenset(("system", "developer"))
# Standard deviations: the last turn but one is wanted so much more than the oldest, and what is
# added halves after so many turns.
_LATEST = 2.0
_HALVES_AFTER = 4


class _Turn(NamedTuple):
    """Where a turn's mark begins and ends, and where its text ends."""

    start: int
    body: int
    end: int
    role: str


def recognises(text: str) -> bool:
    """Whether the text begins with a turn and has turns of two roles at least."""
    turns = _turns(text)
    return (
        len(turns) > 1
        and not text[: turns[0].start].strip(" \t\r\n")
        and len({turn.role for turn in turns}) > 1
    )


def divide(text: str, inside: Inside) -> list[Row]:
    """Rows of all turns, each under the mark of its role; `inside` divides what a turn says."""
    rows: list[Row] = []
    turns = _turns(text)
    if not turns:
        return inside(text)
    if text[: turns[0].start].strip():
        append(rows, inside(text[: turns[0].start]), 0)
    last = len(turns) - 1
    if turns[last].role != "user" and not _said(text, turns[last]) and last:
        last -= 1  # a prompt often ends with the mark of the turn that is to be written
    for number, turn in enumerate(turns):
        keep = turn.role in SYSTEM or number >= last
        prior = age_prior(last - number)
        mark = len(rows)
        append(rows, [Row(0, turn.body - turn.start, 0, bound=not keep, keep=keep)], turn.start)
        found, shut = _split_close(text, turn)
        body = inside(text[turn.body : found])
        if shut:
            rows[mark] = _needing(rows[mark], mark + 1 + len(body))
        append(rows, (_wanted(row, prior, keep) for row in body), turn.body, needs=mark)
        if shut:
            append(rows, [Row(0, shut - found, 0, bound=True)], found)
            rest = text[shut : turn.end]
            append(rows, inside(rest) if rest.strip() else (), shut)
    return rows


def age_prior(age: int) -> float:
    """How much a turn is wanted that so many turns follow, in standard deviations of scores."""
    return _LATEST * float(0.5 ** (max(age, 0) / _HALVES_AFTER))


def _turns(text: str) -> list[_Turn]:
    found = list(_SPECIAL.finditer(text)) or list(_NAMED.finditer(text))
    if not found:
        return []
    ends = [*(m.start() for m in found[1:]), len(text)]
    return [
        _Turn(m.start(), m.end(), end, next(g for g in m.groups() if g).lower())
        for m, end in zip(found, ends, strict=True)
    ]


def _said(text: str, turn: _Turn) -> bool:
    return bool(text[turn.body : turn.end].strip())


def _split_close(text: str, turn: _Turn) -> tuple[int, int]:
    """Where a turn's closing mark begins and ends; its end and 0 if there is none."""
    shut = _CLOSE.search(text, turn.body, turn.end)
    return shut.span() if shut else (turn.end, 0)


def _needing(row: Row, other: int) -> Row:
    return replace(row, needs=other)


def _wanted(row: Row, prior: float, keep: bool) -> Row:
    return replace(row, prior=row.prior + prior, keep=row.keep or keep)
