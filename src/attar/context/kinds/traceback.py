"""Tracebacks: the message, the first frames and the last; those between are wanted least.

Python's, and those whose frames are lines that begin with "at" (Java, JavaScript, .NET), with a
number (Rust, gdb), or that name a function and, below it, a file (Go).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple, TypeAlias

from attar.context.kinds.lines import Line, lines_of
from attar.context.kinds.row import Row
from attar.context.protect import Range

_Role: TypeAlias = Literal["message", "header", "frame", "chain"]

_PYTHON = re.compile(r"(.*?)(?:Exception Group )?Traceback \(most recent call last\):\s*\Z")
_FRAME = re.compile(
    r"\s+File \".*\", line \d+"  # Python
    r"|\s+at \S+.*[):\d]\s*\Z"  # Java, JavaScript, .NET
    r"|#\d+ +(?:0x[0-9a-f]+ in |\w[\w:<>~]* \()"  # gdb
)
# Only under a header, since lists and code look the same.
_LISTED = re.compile(r"\s+\d+: +\S|(?:created by )?[\w.*/()\[\]-]+\.[\w.*()\[\]-]+|panic\(")
_CHAIN = re.compile(
    r"\s*(?:During handling of the above exception|The above exception was the direct cause)"
)
_HEADER = re.compile(r"goroutine \d+ \[|stack backtrace:|Stack trace:|Call Stack:", re.IGNORECASE)
_CAUSE = re.compile(r"\s*(?:Caused by|Suppressed): ")
_MORE = re.compile(r"\s+\.\.\. \d+ more|\s+\[Previous line repeated|\s*--- End of ")
_LIBRARY = re.compile(
    r"site-packages|dist-packages|lib/python|node_modules|node:internal|<frozen |"
    r"\bat (?:java|javax|jdk|sun|scala|kotlin|org\.junit)\.|\bat System\.|/rustc/|runtime/"
)
_LOOKS = re.compile(r"^\s+at \S|^#\d+ +\S|Traceback \(most|^goroutine \d|backtrace:", re.MULTILINE)
_FEWEST = 2
# Standard deviations of the scores.
_MESSAGE = 4.0
_END = 3.0
_FOREIGN = -0.7


class _Part(NamedTuple):
    """A stretch of lines with one role."""

    role: _Role
    first: int
    stop: int


def find(text: str) -> Iterator[Range]:
    """Where tracebacks stand, with the messages that belong to them."""
    if not _LOOKS.search(text):
        return
    lines = lines_of(text)
    at = 0
    while at < len(lines):
        parts = _parts(lines, at)
        if parts:
            at = parts[-1].stop
            yield lines[parts[0].first].start, lines[at - 1].end
        else:
            at += 1


def divide(text: str) -> list[Row]:
    """Rows of a stretch that `find` gives."""
    lines = lines_of(text)
    rows: list[Row] = []
    at = group = 0
    while at < len(lines):
        parts = _parts(lines, at) or [_Part("message", at, at + 1)]
        _emit(rows, lines, parts, group)
        at = parts[-1].stop
        group += 1
    return rows


def _emit(rows: list[Row], lines: Sequence[Line], parts: Sequence[_Part], group: int) -> None:
    """Frames need their header, and the header needs the message: it says what went wrong."""
    shown = [p for p in parts if any(x.text.strip() for x in lines[p.first : p.stop])]
    where = {part: len(rows) + i for i, part in enumerate(shown)}
    header = next((p for p in shown if p.role == "header"), None)
    message = next((p for p in shown if p.role == "message"), None)
    frames = [p for p in shown if p.role == "frame"]
    for part in shown:
        start, end = lines[part.first].start, lines[part.stop - 1].end
        needs, prior, bound = -1, 0.0, False
        if part.role == "message":
            prior = _MESSAGE
        elif part.role == "header":
            needs, bound = (where[message] if message else -1), message is not None
        elif part.role == "frame":
            above = header or message
            needs = where[above] if above else -1
            far = min(frames.index(part), len(frames) - 1 - frames.index(part))
            text = "".join(x.text for x in lines[part.first : part.stop])
            prior = _END / (1 + far) + _FOREIGN * bool(_LIBRARY.search(text))
        rows.append(Row(start, end, group, needs=needs, bound=bound, prior=prior))


def _parts(lines: Sequence[Line], at: int) -> list[_Part]:
    """The parts of one traceback whose message or header is line `at`; none if it is neither."""
    if _CHAIN.match(lines[at].text):
        return [_Part("chain", at, at + 1)]
    python = _PYTHON.match(lines[at].text)
    if python:
        return _python(lines, at, len(lines[at].text) - len(lines[at].text.lstrip()))
    parts: list[_Part] = []
    first = at
    if not lines[at].text.strip() or _FRAME.match(lines[at].text):
        return []
    if not _HEADER.match(lines[at].text):
        at += 1
        parts.append(_Part("message", first, at))
        while at < len(lines) and at - first < 3 and not lines[at].text.strip():
            at += 1  # Go leaves a line between panic and goroutine
    listed = at < len(lines) and _HEADER.match(lines[at].text) is not None
    if listed:
        parts.append(_Part("header", at, at + 1))
        at += 1
    frames = _frames(lines, at, listed)
    if len(frames) < _FEWEST or not parts:
        return []
    parts += frames
    return parts


def _python(lines: Sequence[Line], at: int, indent: int) -> list[_Part]:
    parts = [_Part("header", at, at + 1)]
    at += 1
    while at < len(lines) and _deeper(lines[at], indent):
        stop = at + 1
        while (
            stop < len(lines)
            and _deeper(lines[stop], indent)
            and not _FRAME.match(lines[stop].text)
        ):
            stop += 1
        parts.append(_Part("frame", at, stop))
        at = stop
    if len(parts) > 1 and at < len(lines) and lines[at].text.strip():
        parts.append(_Part("message", at, at + 1))
    return parts


def _frames(lines: Sequence[Line], at: int, listed: bool) -> list[_Part]:
    """Frames from line `at` on, each with the lines that are only below it."""
    parts: list[_Part] = []
    while at < len(lines):
        text = lines[at].text
        if _CAUSE.match(text) and parts:
            break
        frame = _FRAME.match(text) or (listed and _LISTED.match(text))
        if not (frame or (parts and _MORE.match(text))):
            break
        stop = at + 1
        while stop < len(lines) and _below(lines[stop], lines[at]):
            stop += 1
        parts.append(_Part("frame", at, stop))
        at = stop
    return parts


def _below(line: Line, frame: Line) -> bool:
    """Whether a line only adds to the frame above it: the file of a Go or Rust frame."""
    if not line.text.strip() or _MORE.match(line.text):
        return False
    deeper = _indent(line) > _indent(frame)
    at = re.match(r"\s+at ", line.text)
    rust = re.match(r"\s+\d+: ", frame.text)
    return deeper and (not at or bool(rust))


def _deeper(line: Line, indent: int) -> bool:
    return bool(line.text.strip()) and _indent(line) > indent


def _indent(line: Line) -> int:
    return len(line.text) - len(line.text.lstrip())
