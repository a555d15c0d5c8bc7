"""What was compressed, from what to what, at what measured cost."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Any, Literal


@dataclass(frozen=True, slots=True)
class Part:
    """One component's size before and after.

    Args:
        name: which component ("text", "vectors", "prompt").
        before: its size before, counted from buffers or files; None if it did not exist before
            (an index has no size before it is built).
        after: its size after.
        unit: what is counted.
    """

    name: str
    before: int | None
    after: int
    unit: Literal["tokens", "bytes"] = "bytes"


@dataclass(frozen=True, slots=True)
class Loss:
    """One measured cost of a saving.

    Args:
        metric: the metric's usual name ("nDCG@10", "mean squared error").
        value: the figure with compression.
        reference: the figure without, measured in the same run; None where there is none.
        data: what it was measured on.
    """

    metric: str
    value: float
    reference: float | None
    data: str


def _freeze(seconds: Mapping[str, float]) -> Mapping[str, float]:
    return MappingProxyType(dict(seconds))


@dataclass(frozen=True, slots=True)
class Report:
    """What a saving did and cost. `loss` holds only figures that were measured.

    Args:
        what: one line: what was compressed and how.
        parts: sizes by component, before and after.
        seconds: wall-clock seconds by step.
        reversible: whether what was there before can be had back, bit for bit.
        loss: measured losses; empty means "not measured" and nothing else.
    """

    what: str
    parts: Sequence[Part] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    reversible: bool = False
    loss: Sequence[Loss] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "parts", tuple(self.parts))
        object.__setattr__(self, "loss", tuple(self.loss))
        object.__setattr__(self, "seconds", _freeze(self.seconds))

    def size(self, unit: Literal["tokens", "bytes"]) -> tuple[int, int]:
        """Sums of what the parts took before and after, in `unit`."""
        parts = [p for p in self.parts if p.unit == unit]
        return sum(p.before or 0 for p in parts), sum(p.after for p in parts)

    def to_dict(self) -> dict[str, Any]:
        """The report in plain types, ready for `json.dumps`."""
        return {
            "what": self.what,
            "parts": [asdict(p) for p in self.parts],
            "seconds": dict(self.seconds),
            "reversible": self.reversible,
            "loss": [asdict(x) for x in self.loss] or "not measured",
        }

    def to_json(self) -> str:
        """The report as one line of JSON."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    def __str__(self) -> str:
        rows = [("part", "before", "after", "ratio")]
        for p in self.parts:
            before = "-" if p.before is None else f"{p.before:,}"
            ratio = f"{p.after / p.before:.1%}" if p.before else "-"
            rows.append((p.name, before, f"{p.after:,} {p.unit}", ratio))
        widths = [max(len(r[i]) for r in rows) for i in range(4)]
        lines = [self.what]
        if self.parts:
            lines += [
                f"  {a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d:>{widths[3]}}"
                for a, b, c, d in rows
            ]
        if self.seconds:
            lines.append("  " + ", ".join(f"{k} {v:.2f} s" for k, v in self.seconds.items()))
        lines.append("  reversible" if self.reversible else "  not reversible")
        for x in self.loss:
            against = "" if x.reference is None else f" (uncompressed {x.reference:.4g})"
            lines.append(f"  {x.metric} {x.value:.4g}{against} on {x.data}")
        if not self.loss and not self.reversible:
            lines.append("  loss: not measured")
        return "\n".join(lines)
