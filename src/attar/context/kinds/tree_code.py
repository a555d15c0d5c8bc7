"""Code in languages other than Python, by their grammars: statements under what opens their block.

A statement that holds blocks is a skeleton, all that stands outside of their braces, and what
stands inside. The skeleton is kept as a whole, what is inside needs it, and an empty block is
code in all of these languages: so whatever is kept is syntactically closed. What does not parse
is not divided.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import accumulate, pairwise
from typing import Any, NamedTuple

import numpy as np

from attar.context.kinds import grammars
from attar.context.kinds.row import Row

# Characters from which a statement with blocks is divided; a shorter one says more as a whole.
_LONG = 200
# Standard deviations: signatures and imports say what there is.
_OPENS = 1.5
_IMPORTS = 1.0
_BLOCK_TYPES = (
    "block compound_statement statement_block body_statement declaration_list class_body"
    " interface_body enum_body_declarations field_declaration_list constructor_body"
    " switch_block switch_body match_block trait_body"
)
_BLOCKS = frozenset(_BLOCK_TYPES.split())
_LISTS = frozenset(("statement_list",))
_DEFINING = (
    "function method class struct impl trait interface constructor namespace module mod_item"
    " record template export_statement"
)
_DEFINES = tuple(_DEFINING.split())
_USES = ("import", "use_", "using", "include", "package", "require")
# What stands before a definition and belongs to it.
_PREFIXES = frozenset(("attribute_item", "decorator", "annotation"))


class _Item(NamedTuple):
    """A statement with what belongs to it: attributes before it, a semicolon after it."""

    start: int
    end: int
    node: Any


class _Block(NamedTuple):
    """What stands inside of a block, and where, without its braces."""

    start: int
    end: int
    items: list[_Item]


def divide(text: str, language: str) -> list[Row] | None:
    """Rows of a text in a language; None if no grammar for it is installed.

    Args:
        text: code; what of it does not parse stays whole.
        language: by the name that a fence or a file's reader gives it; "" to find out.
    """
    language = language or grammars.guess(text)
    source = text.encode("utf-8", "surrogatepass")
    root = grammars.tree(source, language) if language else None
    if root is None:
        return None
    divider = _Divider(_characters(source))
    divider.items(_items(root.children), needs=-1)
    return _closed(text, divider.rows)


def parses(text: str, language: str) -> bool | None:
    """Whether a text is code without a mistake; None if no grammar for it is installed."""
    # A directive of C's preprocessor ends with its line.
    root = grammars.tree(text.encode("utf-8", "surrogatepass") + b"\n", language)
    return None if root is None else not root.has_error


class _Divider:
    """Emits rows in the order of the text; offsets of nodes are bytes, those of rows characters."""

    def __init__(self, characters: np.ndarray) -> None:
        self.rows: list[Row] = []
        self._at = characters
        self._group = 0

    def items(self, items: Sequence[_Item], needs: int) -> None:
        """Rows of statements side by side; a comment belongs to the definition below it."""
        comments: list[_Item] = []
        for item in items:
            if item.node.type.endswith("comment"):
                comments.append(item)
                continue
            defines = _defines(item.node)
            self._group += defines
            belongs = defines and bool(comments) and _touches(comments[-1], item)
            there = len(self.rows) + len(comments) if belongs else needs
            for comment in comments:
                self._add(comment.start, comment.end, there)
            comments = []
            self._item(item, needs, defines)
            self._group += defines
        for comment in comments:
            self._add(comment.start, comment.end, needs)

    def _item(self, item: _Item, needs: int, defines: bool) -> None:
        uses = item.node.type.startswith(_USES) or item.node.type.endswith("_include")
        prior = _OPENS if defines else _IMPORTS if uses else 0.0
        blocks = _blocks(item.node) if item.end - item.start >= _LONG else []
        if not blocks:
            self._add(item.start, item.end, needs, prior)
            return
        opening = len(self.rows)
        start = item.start
        skeleton: list[int] = []
        for block in blocks:
            skeleton.append(len(self.rows))
            self._add(start, block.start, -1, prior if len(skeleton) == 1 else 0.0)
            self.items(block.items, opening)
            start = block.end
        skeleton.append(len(self.rows))
        self._add(start, item.end, needs)
        for row, following in pairwise(skeleton):
            self.rows[row] = replace(self.rows[row], needs=following)
        for row in skeleton[0 if not defines else 1 :]:
            self.rows[row] = replace(self.rows[row], bound=True)

    def _add(self, start: int, end: int, needs: int, prior: float = 0.0) -> None:
        a, b = int(self._at[start]), int(self._at[end])
        self.rows.append(Row(a, b, self._group, needs=needs, atomic=True, prior=prior))


def _items(children: Sequence[Any]) -> list[_Item]:
    """Statements; marks between them belong to the one before, attributes to the one behind."""
    found: list[_Item] = []
    prefix = -1
    for child in children:
        if child.start_byte == child.end_byte:
            continue
        start = prefix if prefix >= 0 else child.start_byte
        if child.type in _PREFIXES:
            prefix = start
        elif (not child.is_named and found and prefix < 0) or (
            found and child.type.endswith("comment") and prefix >= 0
        ):
            found[-1] = found[-1]._replace(end=child.end_byte)
        else:
            found.append(_Item(start, child.end_byte, child))
            prefix = -1
    if prefix >= 0:
        found.append(_Item(prefix, children[-1].end_byte, children[-1]))
    return found


def _blocks(node: Any) -> list[_Block]:
    """The outermost blocks of a statement, in order; none if it has a mistake outside of them."""
    if node.type.startswith("preproc_if"):
        return _conditional(node)
    found: list[_Block] = []
    stack = list(reversed(node.children))
    while stack:
        child = stack.pop()
        if child.type == "ERROR" or child.is_missing:
            return []
        if child.type in _BLOCKS:
            found += _block(child)
        else:
            stack += reversed(child.children)
    return found


def _block(node: Any) -> list[_Block]:
    """What stands between braces, or within a body that has none; nothing if it is empty."""
    first, last = node.children[0], node.children[-1]
    inside = [child for child in node.children if child.type not in ("{", "}")]
    if len(inside) == 1 and inside[0].type in _LISTS:
        inside = inside[0].children
    if not inside or (first.type == "{") != (last.type == "}"):
        return []
    start = first.end_byte if first.type == "{" else node.start_byte
    return [_Block(start, last.start_byte if last.type == "}" else node.end_byte, _items(inside))]


def _conditional(node: Any) -> list[_Block]:
    """What stands between `#if` and `#endif`."""
    last = node.children[-1]
    row = node.children[min(1, len(node.children) - 1)].end_point.row
    inside = [c for c in node.children[1:-1] if c.start_point.row > row]
    if last.type != "#endif" or not inside:
        return []
    return [_Block(inside[0].start_byte, last.start_byte, _items(inside))]


def _defines(node: Any) -> bool:
    kind = node.type
    if not node.is_named or "expression" in kind or "call" in kind:
        return False
    return any(word in kind for word in _DEFINES)


def _touches(comment: _Item, item: _Item) -> bool:
    """Whether no blank line stands between a comment and what follows it."""
    return bool(item.node.start_point.row - comment.node.end_point.row <= 1)


def _characters(source: bytes) -> np.ndarray:
    """For each byte, and the end, the character that it belongs to."""
    begins = (np.frombuffer(source, dtype=np.uint8) & 0xC0) != 0x80
    return np.append(np.cumsum(begins) - 1, np.count_nonzero(begins))


def _closed(text: str, rows: Sequence[Row]) -> list[Row]:
    """The same rows without white space at their ends, and with all that lies between them."""
    found: list[Row] = []
    at = 0
    for number, row in enumerate(rows):
        stop = rows[number + 1].start if number + 1 < len(rows) else len(text)
        start = at if text[at : row.start].strip() else row.start
        piece = text[start : max(stop, row.end)]
        first = start + len(piece) - len(piece.lstrip())
        end = max(first, start + len(piece.rstrip()))
        start = first
        while start > at and text[start - 1] in " \t":  # indentation, where it is one
            start -= 1
        indented = start == at or text[start - 1] in "\r\n"
        found.append(replace(row, start=start if indented else first, end=end))
        at = max(at, end)
    return _written(text, found)


def _written(text: str, rows: Sequence[Row]) -> list[Row]:
    """The rows that hold more than white space; what needed another needs what that one needed."""
    kept = [bool(text[row.start : row.end].strip()) for row in rows]
    place = [0, *accumulate(kept)]

    def needed(number: int) -> int:
        while number >= 0 and not kept[number]:
            number = rows[number].needs
        return place[number] if number >= 0 else -1

    return [
        replace(row, needs=needed(row.needs)) for row, keep in zip(rows, kept, strict=True) if keep
    ]
