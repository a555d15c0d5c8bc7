"""JSON: members of objects and elements of arrays, by their exact places in the text.

The text is scanned, not parsed: a file that breaks off in the middle is still divided.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from attar.pack.splitters.unit import Unit, short

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|[{}\[\],:]|[^\s"{}\[\],:]+', re.S)
_DEEPEST = 8  # what lies deeper is divided by lines


@dataclass(slots=True)
class _Open:
    """A value, member or element whose end has not been seen."""

    start: int
    heading: str = ""
    end: int = 0
    children: list[Unit] = field(default_factory=list)
    inside: _Open | None = None

    def close(self) -> Unit:
        by_lines = self.end and not self.children
        return Unit(
            self.start,
            self.end,
            self.heading,
            tuple(self.children),
            by="lines" if by_lines else "sentences",
        )


def split_json(text: str) -> Unit:
    """Divide a JSON text into members, which are sections under their keys, and elements."""
    root = _Open(0)
    stack = [root]  # containers that are open, down to _DEEPEST
    item: _Open | None = None  # the member or element being read
    too_deep = 0
    key = ""
    for token in _TOKEN.finditer(text):
        char = text[token.start()]
        if too_deep:
            too_deep += (char in "{[") - (char in "}]")
        elif char in "{[":
            item = item or _Open(token.start())
            if len(stack) > _DEEPEST:
                too_deep = 1
            else:
                stack.append(item)
                item = None
        elif char in "}]":
            if item is not None:
                stack[-1].children.append(item.close())
            item = stack.pop() if len(stack) > 1 else _Open(token.start())
        elif char == "," and item is not None:
            item.end = token.end()
            stack[-1].children.append(item.close())
            item = None
            continue
        elif char == ":" and item is not None:
            item.heading = short(_unquoted(key))
        else:
            key = token[0]
            item = item or _Open(token.start())
        if item is not None:
            item.end = token.end()
    return _finish(stack, item, len(text))


def _finish(stack: list[_Open], item: _Open | None, end: int) -> Unit:
    while True:
        if item is not None:
            item.end = item.end or end
            stack[-1].children.append(item.close())
        if len(stack) == 1:
            break
        item = stack.pop()
        item.end = end
    stack[0].end = end
    return _spread(stack[0].close())


def _spread(unit: Unit) -> Unit:
    """Give brackets to the first and last child, so that children cover their parent."""
    children = [_spread(child) for child in unit.children]
    if not children:
        return unit
    spans = [unit.start, *(c.start for c in children[1:]), unit.end]
    covering = tuple(
        _stretch(child, a, b) for child, a, b in zip(children, spans, spans[1:], strict=False)
    )
    return Unit(unit.start, unit.end, unit.heading, covering, unit.by)


def _stretch(unit: Unit, start: int, end: int) -> Unit:
    children = unit.children
    if len(children) == 1:
        children = (_stretch(children[0], start, end),)
    elif children:
        first = _stretch(children[0], start, children[0].end)
        last = _stretch(children[-1], children[-1].start, end)
        children = (first, *children[1:-1], last)
    return Unit(start, end, unit.heading, children, unit.by)


def _unquoted(key: str) -> str:
    try:
        return str(json.loads(key))
    except ValueError:
        return key.strip('"')
