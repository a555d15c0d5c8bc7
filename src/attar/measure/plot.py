"""A plot as one small SVG file, written by hand: two axes, points and lines need no library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10, nan

ACROSS, DOWN = 530, 460
"""The area between the axes; the page grows with the legend."""

LEFT, TOP, BOTTOM = 80, 44, 56
LINE, LETTER = 17, 6.6
"""A line of the legend, and about how wide a letter is."""

COLOURS = ("#4477aa", "#ee6677", "#228833", "#aa8800", "#66ccee", "#aa3377", "#777777", "#000000")
"""Paul Tol's bright scheme, told apart by most colour-blind readers."""


@dataclass(frozen=True, slots=True)
class Series:
    """Points that belong together.

    Args:
        name: for the legend.
        points: (x, y) pairs.
        line: whether they are joined instead of marked.
    """

    name: str
    points: Sequence[tuple[float, float]]
    line: bool = False


@dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its label, and how values become places from 0 to 1.

    Args:
        label: with the unit.
        low: least value shown.
        high: greatest value shown.
        log: whether equal factors are equally far apart.
    """

    label: str
    low: float
    high: float
    log: bool = False

    @staticmethod
    def around(label: str, values: Sequence[float], *, log: bool = False) -> Axis:
        """The axis that shows all values, ending at round numbers."""
        usable = [v for v in values if v > 0] if log else list(values)
        if not usable:
            return Axis(label, 0.1, 1.0, log) if log else Axis(label, 0.0, 1.0)
        low, high = min(usable), max(usable)
        if log:
            # A value a little beyond a power of ten opens no decade of its own.
            least, most = floor(log10(low) + 0.01), ceil(log10(high) - 0.01)
            return Axis(label, 10.0**least, 10.0 ** max(most, least + 1), True)
        span = high - low or abs(high)
        step = _step(span if span > 1e-100 else 1.0)
        return Axis(label, floor(low / step) * step, ceil(high / step + 1e-9) * step)

    def place(self, value: float) -> float:
        """Where a value lies, 0 to 1; not a number where it cannot be shown."""
        if self.log:
            if value <= 0:
                return nan
            return log10(value / self.low) / log10(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def ticks(self) -> list[float]:
        """Round values along the axis."""
        if self.log:
            return [10.0**e for e in range(round(log10(self.low)), round(log10(self.high)) + 1)]
        step = _step(self.high - self.low)
        return [self.low + i * step for i in range(round((self.high - self.low) / step) + 1)]


def svg(title: str, x: Axis, y: Axis, series: Sequence[Series]) -> str:
    """The plot as the text of an SVG file; points are numbered as in the legend."""
    across, down = ACROSS, DOWN
    legend = 60 + LETTER * max((len(one.name) for one in series), default=0)
    width, height = round(LEFT + across + legend), TOP + max(down, LINE * len(series)) + BOTTOM

    def at(point: tuple[float, float]) -> tuple[float, float]:
        return LEFT + across * x.place(point[0]), TOP + down * (1 - y.place(point[1]))

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        f'<text x="{LEFT}" y="26" font-size="15">{escape(title)}</text>',
    ]
    for tick in x.ticks():
        left, _ = at((tick, y.low))
        out.append(f'<path d="M{left:.1f} {TOP}v{down}" stroke="#ddd"/>')
        out.append(_text(left, TOP + down + 18, f"{tick:g}", "middle"))
    for tick in y.ticks():
        _, top = at((x.low, tick))
        out.append(f'<path d="M{LEFT} {top:.1f}h{across}" stroke="#ddd"/>')
        out.append(_text(LEFT - 8, top + 4, f"{tick:g}", "end"))
    out.append(_text(LEFT + across / 2, TOP + down + 42, x.label, "middle"))
    middle = TOP + down / 2
    out.append(
        f'<text x="20" y="{middle}" text-anchor="middle" transform="rotate(-90 20 {middle})">'
        f"{escape(y.label)}</text>"
    )
    out.append(
        f'<rect x="{LEFT}" y="{TOP}" width="{across}" height="{down}" fill="none" stroke="#444"/>'
    )
    for number, one in enumerate(series):
        colour = COLOURS[number % len(COLOURS)]
        places = [p for p in map(at, one.points) if p == p and p[1] == p[1]]
        key = TOP + 8 + LINE * number
        beside = LEFT + across + 14
        if one.line:
            joined = " ".join(f"{a:.1f},{b:.1f}" for a, b in places)
            out.append(
                f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>'
            )
            out.append(f'<path d="M{beside} {key}h16" stroke="{colour}" stroke-width="2"/>')
        else:
            for a, b in places:
                out.append(f'<circle cx="{a:.1f}" cy="{b:.1f}" r="4" fill="{colour}"/>')
                out.append(_text(a + 6, b - 4, str(number), "start"))
            out.append(f'<circle cx="{beside + 8}" cy="{key}" r="4" fill="{colour}"/>')
        name = one.name if one.line else f"{number}  {one.name}"
        out.append(_text(beside + 22, key + 4, name, "start"))
    return "\n".join([*out, "</svg>", ""])


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(text)}</text>'


def _step(span: float) -> float:
    """A round step that gives about five to ten ticks."""
    size = 10.0 ** floor(log10(span))
    return next(size * part for part in (0.1, 0.2, 0.5, 1.0) if span / (size * part) <= 10)
