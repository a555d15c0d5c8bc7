"""Unified diffs: changed lines under the header of their hunk and the names of their file.

Lines that did not change are wanted least. What is left of a hunk is for reading: its header
still tells how many lines the whole hunk had, so that `patch` would refuse it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from attar.context.kinds.lines import Line, lines_of
from attar.context.kinds.row import Row
from attar.context.protect import Range

_LOOKS = re.compile(r"^@@ -\d+(?:,\d+)? \+\d+", re.MULTILINE)
_HUNK = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_GIT = re.compile(r"diff --(?:git|cc|combined) |Index: ")
_EXTENDED = re.compile(
    r"(?:index|old mode|new mode|new file mode|deleted file mode|similarity index|"
    r"dissimilarity index|rename from|rename to|copy from|copy to|Binary files|={10,}\Z)"
)
# Standard deviations: what changed is what a diff is read for.
_CHANGED = 1.0
_UNCHANGED = -1.0
_HASHES = -2.0
# Changed lines side by side are one row up to so many characters.
_LONGEST_CHANGE = 600


def find(text: str) -> Iterator[Range]:
    """Where diffs stand: headers of files, and hunks for as many lines as they announce."""
    if not _LOOKS.search(text):
        return
    lines = lines_of(text)
    at = 0
    while at < len(lines):
        first = at
        hunks = 0
        while (body := _names_end(lines, at)) > at or _HUNK.match(_text(lines, at)):
            at = body
            while _HUNK.match(_text(lines, at)):
                at = _hunk_end(lines, at)
                hunks += 1
        if hunks:
            yield lines[first].start, lines[at - 1].end
        else:
            at = max(at, first + 1)


def divide(text: str) -> list[Row]:
    """Rows of a stretch that `find` gives."""
    lines = lines_of(text)
    rows: list[Row] = []
    group = at = 0
    names = -1
    while at < len(lines):
        body = _names_end(lines, at)
        if body > at:
            names = _file(rows, lines[at:body], group)
            at = body
        elif _HUNK.match(lines[at].text):
            end = _hunk_end(lines, at)
            _hunk(rows, lines[at:end], group, names)
            at = end
        else:  # blank
            at += 1
        group += 1
    return rows


def _file(rows: list[Row], lines: Sequence[Line], group: int) -> int:
    """Rows of a file's header; returns the one that names the file."""
    named = next((i for i, line in enumerate(lines) if _opens(lines, i)), 0)
    there = len(rows) + named
    for number, line in enumerate(lines[:named] or lines):
        if number == named:
            rows.append(Row(line.start, line.end, group))
        elif line.text.strip():
            wanted = _HASHES if line.text.startswith(("index ", "diff ", "===")) else _UNCHANGED
            rows.append(Row(line.start, line.end, group, needs=there, prior=wanted))
    if named:
        rows.append(Row(lines[named].start, lines[named + 1].end, group))
    return there


def _hunk(rows: list[Row], lines: Sequence[Line], group: int, names: int) -> None:
    header = len(rows)
    rows.append(Row(lines[0].start, lines[0].end, group, needs=names, bound=True))
    change: list[Line] = []
    for line in lines[1:]:
        changed = line.text[:1] in ("+", "-", "\\")
        if change and not (changed and line.end - change[0].start <= _LONGEST_CHANGE):
            rows.append(_row(change, group, header, _CHANGED))
            change = []
        if changed:
            change.append(line)
        elif line.text.strip():
            rows.append(_row([line], group, header, _UNCHANGED))
    if change:
        rows.append(_row(change, group, header, _CHANGED))


def _row(lines: Sequence[Line], group: int, needs: int, prior: float) -> Row:
    return Row(lines[0].start, lines[-1].end, group, needs=needs, prior=prior)


def _names_end(lines: Sequence[Line], at: int) -> int:
    """Behind the header of a file that begins at line `at`; `at` if none does."""
    if _GIT.match(_text(lines, at)):
        at += 1
        while _EXTENDED.match(_text(lines, at)):
            at += 1
    return at + 2 if _opens(lines, at) else at


def _opens(lines: Sequence[Line], at: int) -> bool:
    """Whether two lines name the file before and after."""
    return _text(lines, at).startswith("--- ") and _text(lines, at + 1).startswith("+++ ")


def _hunk_end(lines: Sequence[Line], at: int) -> int:
    """Behind the lines that a hunk announces, or those of them that are there."""
    counts = _HUNK.match(lines[at].text)
    before, after = (int(n or 1) for n in counts.groups()) if counts else (0, 0)
    at += 1
    while at < len(lines):
        mark = lines[at].text[:1]
        if mark == "\\":
            at += 1
            continue
        if before <= 0 and after <= 0:
            break
        if mark not in ("+", "-", " ", ""):
            break  # fewer lines than announced
        before -= mark != "+"
        after -= mark != "-"
        at += 1
    return at


def _text(lines: Sequence[Line], at: int) -> str:
    return lines[at].text if at < len(lines) else ""
