"""Repeated runs written once: short references and a legend, reversible (meta-tokens)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from attar.context.context import Context, Task
from attar.context.counting import Counter
from attar.context.stage import Stage
from attar.errors import UsageError
from attar.registry import register

MARKS = "§¤†‡¶¦"
"""One that does not occur in the text begins every reference."""
_LENGTHS = (64, 48, 32, 24, 20, 16, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3, 2)
"""Words of the runs that are looked for, longest first; gaps are closed by the shorter ones."""
_MOST = 702
"""References: one or two letters."""
_WORD = re.compile(r"[^\S\n]?\S+")
_LEGEND = re.compile(r"(?P<name>(?P<mark>[§¤†‡¶¦])[A-Z]{1,2})=(?P<run>[^\n]+)\n")


@register(
    "metatokens",
    target="context",
    needs=("tokenizer",),
    paper="Meta-tokens (Harvill et al., arXiv 2506.00307)",
)
@dataclass(frozen=True, repr=False)
class MetaTokens(Stage):
    """Write runs of words that are repeated as references, explained in a legend above the text.

    "§A=connection refused by peer" stands above, and §A in the text. Only where this takes fewer
    tokens of the reader, the legend counted, and never in protected text. `expand` gives back the
    text as it was. This stage writes: its result is no subsequence of the input. It keeps all
    units that are kept, so it stands behind `extract`, and what it saves is filled with more text.

    Args:
        least: tokens that a run must save before it gets a reference.
    """

    least: int = 4

    name: ClassVar[str] = "metatokens"

    def __post_init__(self) -> None:
        if not isinstance(self.least, int) or self.least < 1:
            raise UsageError(f"least of metatokens is a whole number from 1 up, not {self.least!r}")

    def apply(self, context: Context, task: Task) -> Context:
        """Let the text be written shorter from here on."""
        counter, least = task.counter, self.least

        def write(text: str, protected: Sequence[str]) -> str:
            return shortened(text, counter, protected, least)

        return replace(context, writer=write)


def shortened(text: str, counter: Counter, protected: Sequence[str] = (), least: int = 4) -> str:
    """The text with a legend, or as it is where that is no shorter.

    Args:
        text: any text.
        counter: counts as the budget does.
        protected: texts of which no occurrence is touched.
        least: what a run must save.
    """
    mark = next((m for m in MARKS if m not in text), None)
    if mark is None or not text or _LEGEND.match(text):
        return text
    body = text
    legend: list[str] = []
    barrier = [part for part in protected if part]
    for run in _runs(text):
        name = mark + _letters(len(legend))
        places = list(_places(body, run, barrier, mark))
        saved = (counter.count(run) - counter.count(f" {name}")) * len(places)
        entry = f"{name}={run[1:]}\n"
        if saved - counter.count(entry) < least:
            continue
        legend.append(entry)
        parts, at = [], 0
        for place in places:
            parts += [body[at:place], run[:1], name]
            at = place + len(run)
        body = "".join([*parts, body[at:]])
        if len(legend) == _MOST:
            break
    written = "".join([*legend, "\n", body])
    fewer = legend and counter.count(written) < counter.count(text)
    return written if fewer and expand(written) == text else text


def expand(text: str) -> str:
    """The text that `metatokens` was given; one without a legend is returned as it is."""
    runs: dict[str, str] = {}
    at = 0
    while match := _LEGEND.match(text, at):
        runs[match["name"]] = match["run"]
        at = match.end()
    if not runs or not text.startswith("\n", at):
        return text
    mark = re.escape(next(iter(runs))[0])
    reference = re.compile(rf"{mark}[A-Z]{{1,2}}(?!\S)")
    return reference.sub(lambda match: runs.get(match[0], match[0]), text[at + 1 :])


def _runs(text: str) -> Iterator[str]:
    """Runs of words within a line that occur twice or more, the longest first."""
    lines: list[list[tuple[int, int]]] = []
    at = 0
    for line in text.split("\n"):
        lines.append([(m.start() + at, m.end() + at) for m in _WORD.finditer(line)])
        at += len(line) + 1
    seen: set[str] = set()
    for length in _LENGTHS:
        counts: dict[str, int] = {}
        for words in lines:
            for i in range(len(words) - length + 1):
                run = text[words[i][0] : words[i + length - 1][1]]
                if run[0].isspace() and run[-1] not in "=":
                    counts[run] = counts.get(run, 0) + 1
        often = [run for run, count in counts.items() if count > 1]
        # A run that overlaps itself or another is dealt with where it is replaced.
        for run in sorted(often, key=lambda r: -counts[r] * len(r)):
            if run not in seen:
                seen.add(run)
                yield run


def _places(body: str, run: str, protected: Sequence[str], mark: str) -> Iterator[int]:
    """Where the run begins in the text: whole words, not within protected text."""
    kept = [(found, found + len(part)) for part in protected for found in _all(body, part)]
    at = 0
    while (found := body.find(run, at)) >= 0:
        end = found + len(run)
        whole = end == len(body) or body[end].isspace()
        if whole and mark not in run and not any(a < end and found < b for a, b in kept):
            yield found
            at = end
        else:
            at = found + 1


def _all(text: str, part: str) -> Iterator[int]:
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def _letters(number: int) -> str:
    """A, B, ..., Z, AA, AB, ..."""
    first, second = divmod(number, 26)
    return (chr(64 + first) if first else "") + chr(65 + second)
