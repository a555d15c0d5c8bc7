"""What was kept and what was dropped, as a page that needs nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

import numpy as np

from attar.context.context import Context
from attar.context.protect import Range
from attar.report import Report

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; font: 16px/1.5 system-ui, sans-serif; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
pre.code { font: 14px/1.5 ui-monospace, monospace; }
.out { opacity: .35; }
.kept { font-style: normal; }
.protected { text-decoration: underline; text-decoration-thickness: 2px; }
span[title]:hover { outline: 1px solid; }
header { border-bottom: 1px solid; margin-bottom: 1rem; }
h2 { font-size: 1rem; }
"""
_CODE = ("code", "json", "log", "csv")


def page(context: Context, report: Report, question: str | None) -> str:
    """HTML of the whole input: dropped text dimmed, protected text underlined.

    Hovering over a sentence, row or statement shows its place among all by score, and what it
    costs is part of the report above. Nothing is loaded from elsewhere and no script is run.
    """
    asked = f"<p>Question: {_shown(question)}</p>" if question else ""
    body = "".join(_passages(context))
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{_shown(report.what)}</title><style>{_STYLE}</style></head><body>"
        f"<header><h1>{_shown(report.what)}</h1>{asked}<ul>{_sizes(report)}</ul></header>\n"
        f"{body}</body></html>\n"
    )


def _sizes(report: Report) -> str:
    return "".join(
        f"<li>{_shown(p.name)}: {p.before:,} to {p.after:,} {_shown(p.unit)}</li>"
        for p in report.parts
    )


def _passages(context: Context) -> Iterator[str]:
    """A section for each passage, of its stretches in order."""
    view = context.view
    places = _places(context)
    pieces = list(_pieces(context))
    for number, passage in enumerate(view.passages):
        inside = view.extent(number)
        kind = passage.kind.partition(":")[0]
        title = f"<h2>{_shown(passage.source)}</h2>" if passage.source else ""
        shown = "".join(
            _piece(view.text[max(a, inside[0]) : min(b, inside[1])], unit, kept, places, context)
            for a, b, unit, kept in pieces
            if a < inside[1] and inside[0] < b
        )
        name = "code" if kind in _CODE else "text"
        yield f'<section>{title}<pre class="{name}" dir="auto">{shown}</pre></section>\n'


def _piece(text: str, unit: int, kept: str, places: dict[int, str], context: Context) -> str:
    title = f' title="{places[unit]}"' if unit in places else ""
    return f'<span class="{kept}"{title}>{_shown(text)}</span>'


def _pieces(context: Context) -> Iterator[tuple[int, int, int, str]]:
    """Stretches of the view's text: where, of which unit (-1 if none), and what became of it."""
    units = context.units
    edges = {0, len(context.view.text), *units.start.tolist(), *units.end.tolist()}
    for start, end in (*context.ranges, *context.view.protected):
        edges |= {start, end}
    marks = sorted(edges)
    owner = np.searchsorted(units.start, marks, side="right") - 1
    kept, protected = _Within(context.ranges), _Within(context.view.protected)
    for a, b, unit in zip(marks, marks[1:], owner.tolist(), strict=False):
        of = unit if unit >= 0 and a < units.end[unit] else -1
        inside = kept.holds(a)
        name = "out" if not inside else "kept protected" if protected.holds(a) else "kept"
        yield a, b, of, name


class _Within:
    """Whether a place lies in one of some ranges, which are in order."""

    def __init__(self, ranges: list[Range] | tuple[Range, ...]) -> None:
        self._starts = np.array([a for a, _ in ranges], dtype=np.int64)
        self._ends = np.array([b for _, b in ranges], dtype=np.int64)

    def holds(self, place: int) -> bool:
        i = int(np.searchsorted(self._starts, place, side="right")) - 1
        return i >= 0 and place < self._ends[i]


def _places(context: Context) -> dict[int, str]:
    """For each unit its place by score, the best first; nothing where no unit was scored."""
    scores = context.scores
    n = len(scores)
    if not n or bool((scores == scores[0]).all()):
        return {}
    order = np.argsort(-scores, kind="stable")
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(1, n + 1)
    return {
        i: "always kept" if np.isposinf(scores[i]) else f"place {place[i]:,} of {n:,} by score"
        for i in range(n)
    }


def _shown(text: str) -> str:
    """Text as HTML; what no page may hold is shown as a replacement character."""
    bad = {i: "\ufffd" for i in range(32) if i not in (9, 10, 13)}
    return escape(text.translate(bad).encode("utf-8", "replace").decode("utf-8"))
