"""Python: whole statements under the lines that open their block, so that the output parses.

A class or function is opened by its decorators and signature and by the shortest simple statement
of its body, without which the block would be empty; the other statements of the body need these.
All other statements stay whole, an `if` or `try` with its branches too. Comments are rows of
their own.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from attar.context.kinds.row import Row

_LOOKS = re.compile(r"^(?:def|class|import|from|async def|@)\s?\w", re.MULTILINE)
_LINE = re.compile(r"[^\n\r]*(?:\r\n|\n|\r|\Z)")
_FEWEST_LINES = 3
# Standard deviations: signatures and imports say what there is.
_OPENS = 1.5
_IMPORTS = 1.0
_Block: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class _Lines(NamedTuple):
    """Whole lines of code, counted from 1, and the class or function that they are, if one."""

    first: int
    last: int
    block: _Block | None = None
    imports: bool = False


def recognises(text: str) -> bool:
    """Whether the text parses as Python and imports or defines something."""
    return bool(_LOOKS.search(text)) and text.count("\n") >= _FEWEST_LINES and parses(text)


def parses(text: str) -> bool:
    """Whether the text is Python by the grammar of the Python that runs this."""
    try:
        _parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True


def _parse(text: str) -> ast.Module:
    with warnings.catch_warnings():  # an invalid escape is the author's affair
        warnings.simplefilter("ignore")
        return ast.parse(text)


def divide(text: str) -> list[Row]:
    """Rows of a text that `parses`; none where its lines are joined or fed in unusual ways."""
    divider = _Divider(text)
    return [] if divider.unusual else divider.rows


class _Divider:
    """Emits the rows of a module in the order of its lines."""

    def __init__(self, text: str) -> None:
        self._text = text
        spans = [m.span() for m in _LINE.finditer(text)]
        self._starts = [a for a, _ in spans]
        self._ends = [a + len(text[a:b].rstrip()) for a, b in spans]
        self.rows: list[Row] = []
        self.unusual = "\f" in text
        self._group = 0
        self._line = 1  # the next that has no row yet
        self._body(self._statements(_parse(text).body), len(spans), needs=-1)

    def _body(self, statements: Sequence[_Lines], last: int, needs: int) -> None:
        """Rows of statements, and of the comments before them and up to line `last`."""
        for lines in statements:
            self._comments(lines.first - 1, needs)
            self._one(lines, needs)
        self._comments(last, needs)

    def _one(self, lines: _Lines, needs: int, door: int = -1) -> None:
        """Rows of one statement; what is inside of it needs `door` where that is given."""
        inside = self._statements(lines.block.body) if lines.block else []
        if lines.block is None or not self._on_own_line(inside[0].first, lines.block.body[0]):
            self._add(lines.first, lines.last, needs, _IMPORTS * lines.imports)
            return
        self._group += 1
        opening = len(self.rows)
        self._add(lines.first, inside[0].first - 1, needs, _OPENS)
        # Where a class holds nothing but methods, one of these is opened with it: all that is in
        # that method then needs the class, which needs the method's opening.
        door = opening if door < 0 else door
        simple = [i for i, s in enumerate(inside) if s.block is None] or range(len(inside))
        least = min(simple, key=lambda i: self._length(inside[i]))
        self._body(inside[:least], inside[least].first - 1, door)
        there = len(self.rows)
        self._one(inside[least], needs, door)
        self._body(inside[least + 1 :], lines.last, door)
        self.rows[opening] = replace(self.rows[opening], needs=there)
        self.rows[there] = replace(self.rows[there], bound=True)
        self._group += 1

    def _comments(self, last: int, needs: int) -> None:
        for line in range(self._line, last + 1):
            text = self._text[self._starts[line - 1] : self._ends[line - 1]].strip()
            self.unusual |= bool(text) and not text.startswith(("#", "\ufeff"))
            self._add(line, line, needs)

    def _add(self, first: int, last: int, needs: int, prior: float = 0.0) -> None:
        """One row of whole lines, unless they are blank."""
        start, end = self._starts[first - 1], self._ends[last - 1]
        self._line = last + 1
        if self._text[start:end].strip():
            self.rows.append(Row(start, end, self._group, needs=needs, atomic=True, prior=prior))

    def _length(self, lines: _Lines) -> int:
        return self._ends[lines.last - 1] - self._starts[lines.first - 1]

    def _on_own_line(self, first: int, statement: ast.stmt) -> bool:
        """Whether only indentation, or the sign of a decorator, stands before a statement."""
        start = self._starts[first - 1]
        return self._text[start : start + statement.col_offset].strip() == ""

    @staticmethod
    def _statements(body: Sequence[ast.stmt]) -> list[_Lines]:
        """The lines of each statement; statements that share a line are one."""
        found: list[_Lines] = []
        for statement in body:
            decorators = getattr(statement, "decorator_list", [])
            first = min([statement.lineno, *(d.lineno for d in decorators)])
            last = statement.end_lineno or first
            if found and first <= found[-1].last:
                found[-1] = _Lines(found[-1].first, max(last, found[-1].last))
            else:
                block = statement if isinstance(statement, _Block) else None
                imports = isinstance(statement, ast.Import | ast.ImportFrom)
                found.append(_Lines(first, last, block, imports))
        return found
