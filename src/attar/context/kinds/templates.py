"""Templates of log lines: what varies masked, then lines that differ in few words joined.

Masking what holds a digit or is a path is the first step of Logzip (Liu et al., ASE 2019). What it
leaves apart, such as the names of hosts, is joined as in Drain (He et al., ICWS 2017): lines of
the same program, with as many words and the same first one, are of one template if enough of
their words are the same.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

# What varies from line to line: anything with a digit, and paths.
_VARIES = re.compile(r"[^\s=:,()\[\]{}<>\"'|;]*[\d/\\][^\s=:,()\[\]{}<>\"'|;]*")
# Names of programs stand among so many words at the beginning, and end with a colon.
_HEADER = 8
# Share of the words that lines of one template have in common. Drain's own 0.5 joins what is told
# by one word, such as "succeeded" and "failed"; short lines are therefore joined only if equal.
_ALIKE = 0.7
_SHORTEST = 5
# A shape of so many lines is looked into for values that stand in one or two of them, in places
# that have at most this share of different values.
_ENOUGH_LINES = 20
_SELDOM = 2
_FEW = 0.1


def masked(line: str) -> str:
    """The line with `*` for all that holds a digit or is a path."""
    return " ".join(_VARIES.sub("*", line).split())


def shapes_of(lines: Sequence[str]) -> list[int]:
    """The number of each line's shape: lines that are the same once masked share one.

    But where few values stand in a place, such as states or codes, a line in which one stands
    that only one or two lines have is of a shape of its own: one 500 among a thousand 200s.
    """
    # An asterisk that stands in a line is no value.
    values = [_VARIES.findall(line) for line in lines]
    known: dict[tuple[object, ...], int] = {}
    shapes = [
        known.setdefault((masked(line), len(own)), len(known))
        for line, own in zip(lines, values, strict=True)
    ]
    members: dict[int, list[int]] = {}
    for number, shape in enumerate(shapes):
        members.setdefault(shape, []).append(number)
    for shape, numbers in members.items():
        for i, told in _odd([values[number] for number in numbers]).items():
            shapes[numbers[i]] = known.setdefault((shape, *told), len(known))
    return shapes


def _odd(rows: Sequence[Sequence[str]]) -> dict[int, list[tuple[int, str]]]:
    """Of lines with as many values each: the seldom values of those that have any, by place."""
    found: dict[int, list[tuple[int, str]]] = {}
    if len(rows) < _ENOUGH_LINES:
        return found
    for place, column in enumerate(zip(*rows, strict=True)):
        counts = Counter(column)
        if len(counts) <= _FEW * len(column):
            for i, value in enumerate(column):
                if counts[value] <= _SELDOM:
                    found.setdefault(i, []).append((place, value))
    return found


def templates(lines: Sequence[str]) -> list[int]:
    """The number of each line's template."""
    known: dict[str, int] = {}
    leaves: dict[tuple[str, int, str], list[tuple[int, list[str]]]] = {}
    found = []
    for line in lines:
        shape = masked(line)
        if shape not in known:
            known[shape] = _joined(shape, len(known), leaves)
        found.append(known[shape])
    return found


def _joined(
    shape: str, number: int, leaves: dict[tuple[str, int, str], list[tuple[int, list[str]]]]
) -> int:
    """The template that a masked line belongs to; its own `number` if there is none yet."""
    words = shape.split()
    program = next((i for i, word in enumerate(words[:_HEADER]) if word.endswith(":")), -1)
    said = words[program + 1 :] if program >= 0 else [w for w in words if w.strip("[]*:.,-")]
    name = words[program] if program >= 0 else ""
    leaf = leaves.setdefault((name, len(said), said[0] if said else ""), [])
    if len(said) >= _SHORTEST:
        for other, before in leaf:
            same = sum(a == b for a, b in zip(said, before, strict=True))
            if same >= _ALIKE * len(said):
                return other
    leaf.append((number, said))
    return number
