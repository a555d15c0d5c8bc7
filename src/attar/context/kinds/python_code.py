"""Python: whole statements under the lines that open their block, so that the output parses.

A class or function is opened by its decorators and signature and by the shortest simple statement
of its body, without which the block would be empty; the other statements of the body need these.
A long `if`, `for`, `while`, `with` or `try` is opened in the same way, and each further clause of
it needs the one before; a `try` is not kept without the clause that follows it. All other
statements stay whole. Comments are rows of their own.
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
# Characters from which a compound statement is divided; a shorter one says more as a whole.
_LONG = 300
_Block: TypeAlias = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_Try: TypeAlias = ast.Try | ast.TryStar


class _Lines(NamedTuple):
    """Whole lines of code, counted from 1, and the statement that they are, if just one."""

    first: int
    last: int
    node: ast.stmt | None = None


class _Clause(NamedTuple):
    """A line that opens a block, and the statements of it; none if they share that line."""

    first: int
    last: int
    inside: Sequence[_Lines]


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

    def _one(self, lines: _Lines, needs: int, door: int = -1) -> int:
        """Rows of one statement; what is inside of it needs `door` where that is given.

        Returns:
            The last of the rows that it cannot be without; that row holds `needs`.
        """
        clauses = self._clauses(lines)
        if not clauses:
            imports = isinstance(lines.node, ast.Import | ast.ImportFrom)
            return self._add(lines.first, lines.last, needs, _IMPORTS * imports)
        block = isinstance(lines.node, _Block)
        self._group += block
        # Where a class holds nothing but methods, one of these is opened with it: all that is in
        # that method then needs the class, which needs the method's opening.
        door = len(self.rows) if door < 0 else door
        last = self._clause(clauses[0], needs, door, _OPENS * block)
        rest = clauses[1:]
        if isinstance(lines.node, _Try):
            self._comments(rest[0].first - 1, door)
            there = len(self.rows)
            self.rows[last] = replace(self.rows[last], needs=there)
            last = self._clause(rest[0], needs, door)
            self.rows[there] = replace(self.rows[there], bound=True)
            rest = rest[1:]
        for clause in rest:
            self._comments(clause.first - 1, door)
            opening = len(self.rows)
            self._clause(clause, door, opening)
            door = opening
        self._group += block
        return last

    def _clause(self, clause: _Clause, needs: int, door: int, prior: float = 0.0) -> int:
        """Rows of a clause; returns as `_one` does."""
        inside = clause.inside
        if not inside:
            return self._add(clause.first, clause.last, needs, prior)
        opening = self._add(clause.first, inside[0].first - 1, needs, prior)
        simple = [i for i, s in enumerate(inside) if not self._clauses(s)] or range(len(inside))
        least = min(simple, key=lambda i: self._length(inside[i]))
        self._body(inside[:least], inside[least].first - 1, door)
        there = len(self.rows)
        last = self._one(inside[least], needs, door)
        self._body(inside[least + 1 :], clause.last, door)
        self.rows[opening] = replace(self.rows[opening], needs=there)
        self.rows[there] = replace(self.rows[there], bound=True)
        return last

    def _clauses(self, lines: _Lines) -> list[_Clause]:
        """What a statement is divided into; none if it stays whole."""
        node = lines.node
        if node is None or not (isinstance(node, _Block) or self._length(lines) >= _LONG):
            return []
        found: list[_Clause] = []
        first = lines.first
        bodies = [body for body in self._bodies(node) if body]
        for body in bodies:
            inside = self._statements(body)
            while found and self._line_text(first)[:1] in ("", "#"):
                first += 1
            own = self._on_own_line(inside[0].first, body[0])
            last = lines.last if body is bodies[-1] else inside[-1].last
            found.append(_Clause(first, last, inside if own else ()))
            first = last + 1
        return found if len(found) > 1 or any(clause.inside for clause in found) else []

    def _bodies(self, node: ast.stmt) -> list[list[ast.stmt]]:
        """The statements of each clause of a compound statement, in order."""
        match node:
            case ast.ClassDef() | ast.FunctionDef() | ast.AsyncFunctionDef():
                return [node.body]
            case ast.With() | ast.AsyncWith():
                return [node.body]
            case ast.For() | ast.AsyncFor() | ast.While():
                return [node.body, node.orelse]
            case ast.Try() | ast.TryStar():
                handlers = [handler.body for handler in node.handlers]
                return [node.body, *handlers, node.orelse, node.finalbody]
            case ast.If():
                bodies, rest = [node.body], node.orelse
                while branch := self._elif(rest):
                    bodies.append(branch.body)
                    rest = branch.orelse
                return [*bodies, rest]
        return []

    def _elif(self, statements: Sequence[ast.stmt]) -> ast.If | None:
        """The `if` that an `elif` stands for; None where the statements follow an `else`."""
        if len(statements) != 1 or not isinstance(statements[0], ast.If):
            return None
        starts = self._line_text(statements[0].lineno).startswith("elif")
        return statements[0] if starts else None

    def _comments(self, last: int, needs: int) -> None:
        for line in range(self._line, last + 1):
            text = self._line_text(line)
            self.unusual |= bool(text) and not text.startswith(("#", "\ufeff"))
            self._add(line, line, needs)

    def _add(self, first: int, last: int, needs: int, prior: float = 0.0) -> int:
        """One row of whole lines, unless they are blank; returns the number of the last row."""
        start, end = self._starts[first - 1], self._ends[last - 1]
        self._line = last + 1
        if self._text[start:end].strip():
            self.rows.append(Row(start, end, self._group, needs=needs, atomic=True, prior=prior))
        return len(self.rows) - 1

    def _line_text(self, line: int) -> str:
        return self._text[self._starts[line - 1] : self._ends[line - 1]].strip()

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
                found.append(_Lines(first, last, statement))
        return found
