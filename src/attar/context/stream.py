"""A file of any length into an exact budget, in memory that its length does not matter to."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from os import PathLike

from attar.budget import Budget
from attar.context import protect as protection
from attar.context.blocks import BLOCK, Block, blocks
from attar.context.context import Task
from attar.context.counting import Counter, CountUnit, utf8_length
from attar.context.kinds.divide import recognised
from attar.context.protect import Protections
from attar.context.span import Passage
from attar.context.squeeze import (
    Effort,
    chain_for,
    check_effort,
    default_tokenizer,
    embedder_for,
    fitted,
)
from attar.context.squeezed import Squeezed
from attar.context.stage import Stage
from attar.context.view import View
from attar.errors import UsageError
from attar.models.base import Embedder, Tokenizer
from attar.progress import Progress, silent
from attar.report import Part, Report

_READ = 1 << 18
# A budget of more than a block's characters over this is long: a token has some four of them, and
# what is kept of all blocks is to be held beside one.
_LONG = 8


def squeeze_file(
    path: str | PathLike[str],
    question: str | None = None,
    *,
    to: Budget | str = "300 tokens",
    protect: Protections = (),
    tokenizer: Tokenizer | None = None,
    embedder: Embedder | None = None,
    recipe: Stage | str | None = None,
    effort: Effort = "default",
    kind: str = "text",
    block: int = BLOCK,
    progress: Progress = silent,
) -> Squeezed:
    """Squeeze a UTF-8 text file, of which a block at a time is held, and what is kept.

    Each block is squeezed to the whole budget, and what the blocks leave is squeezed together, as
    often as it fills a block. A budget that is longer than a block is shared between the blocks by
    their length instead. Tokens of the input are counted block by block, as are those of a result
    that is longer than a block; the tokens of a shorter result are those of its text.

    What spans several blocks is not seen as one: a JSON document or a module of code of more than
    a block is kept by lines; logs, CSV, JSON Lines and prose are kept as `squeeze` keeps them. A
    protected text that is longer than 65,536 characters is sure to be whole only between marks.

    Args:
        path: the file.
        question: as for `squeeze`, like all that follows but the last three.
        to: the budget.
        protect: what must survive byte for byte.
        tokenizer: the reader's.
        embedder: scores sentences by meaning too.
        recipe: stages of your own.
        effort: "high" takes the chain that did best with small models.
        kind: the kind of the text, as in a `Passage`; "html" is not read in blocks.
        block: characters of a block.
        progress: told how many characters have been read.

    Raises:
        BudgetError: if the protected text alone is longer than the budget.
        UsageError: if the file is not UTF-8, or for a protection or recipe that cannot be read.
    """
    if kind == "html":
        raise UsageError("HTML is not squeezed in blocks: read the file and give it to squeeze()")
    check_effort(effort)
    began = time.perf_counter()
    budget = Budget.parse(to)
    unit: CountUnit = "bytes" if budget.unit == "bytes" else "tokens"
    counter = Counter(tokenizer or default_tokenizer(), unit)
    protections = protection.read(protect)
    asked = question if question and question.strip() else None
    embedder = embedder_for(effort, embedder, recipe, asked)
    guessed = kind == "text"
    kind = _recognised(path) if guessed else kind
    bare = Passage("", source=str(path), kind=kind)

    def views() -> Iterator[tuple[Block, View]]:
        for part in blocks(_pieces(path), protections, block):
            read = Passage(part.text, source=bare.source, start=part.start, kind=kind)
            yield part, View.read([read], part.protections)
            progress("read", part.start + len(part.text), None)

    def squeezed(view: View, limit: int) -> View:
        total = counter.count(view.text)
        if total <= limit:
            return replace(view, passages=(bare,))
        longest = int(limit * len(view.text) / total)
        task = Task(asked, limit, counter, counter.starts(view.text), embedder)
        chain = chain_for(recipe, task, effort)
        context = fitted(view, longest, chain, task, guessed)
        return replace(view.narrowed(context.ranges), passages=(bare,))

    sizes: list[int] = []
    if budget.unit == "ratio" or budget.limit(0, unit) > block // _LONG:
        sizes = [counter.count(view.text) for _, view in views()]
    limit = budget.limit(sum(sizes), unit)
    shared = sum(sizes) > limit > block // _LONG
    before = Counts()
    found: list[tuple[str, View]] = []
    gap = ""
    spent = held = 0
    for number, (part, view) in enumerate(views()):
        before += Counts.of(view.text, counter.tokenizer)
        room = limit * sum(sizes[: number + 1]) // sum(sizes) - spent if shared else limit
        kept = squeezed(view, room)
        while shared and (over := counter.count(gap + kept.text) - room) > 0:
            kept = squeezed(kept, max(counter.count(kept.text) - over, 0))
            gap = gap if kept.text else ""
        spent += counter.count(gap + kept.text) if shared else 0
        if kept.text:
            found.append((gap, kept))
            gap = _break_behind(kept, part)
        held += len(kept.text)
        if held > block and not shared:
            found = [("", squeezed(View.chained(bare, found), limit))]
            held = len(found[0][1].text)
    view = View.chained(bare, found)
    if not shared:
        view = squeezed(view, limit)
    return _result(view, before, budget, spent if shared else None, counter, began, asked)


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens and bytes of what has been read."""

    tokens: int = 0
    bytes: int = 0

    @classmethod
    def of(cls, text: str, tokenizer: Tokenizer) -> Counts:
        """Those of one text."""
        return cls(tokenizer.count(text), utf8_length(text))

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.tokens + other.tokens, self.bytes + other.bytes)


def _result(
    view: View,
    before: Counts,
    budget: Budget,
    spent: int | None,
    counter: Counter,
    began: float,
    question: str | None,
) -> Squeezed:
    known = spent is not None and counter.unit == "tokens"
    tokens = spent if spent is not None and known else counter.tokenizer.count(view.text)
    size = utf8_length(view.text)
    report = Report(
        f"prompt squeezed to {budget}",
        (
            Part("tokens", before.tokens, tokens, "tokens"),
            Part("text", before.bytes, size, "bytes"),
        ),
        {"read and squeeze": time.perf_counter() - began},
        reversible=size == before.bytes,
    )
    spans = view.spans([(0, len(view.text))])
    passages = ((0, view.text),) if spans else ()
    return Squeezed(view.text, spans, before.tokens, tokens, report, passages, None, question)


def _pieces(path: str | PathLike[str]) -> Iterator[str]:
    """The text of a file, piece by piece, line ends as they are.

    Raises:
        UsageError: if it is not UTF-8.
    """
    with open(path, encoding="utf-8", newline="") as file:
        try:
            while piece := file.read(_READ):
                yield piece
        except UnicodeDecodeError:
            raise UsageError(f"{path} is not UTF-8 text: convert it first") from None


def _recognised(path: str | PathLike[str]) -> str:
    """The kind that the beginning of a file tells, if it is one that a cut leaves as it is."""
    kind = recognised("".join(islice(_pieces(path), 1)).rpartition("\n")[0])
    return kind if kind in ("csv", "jsonl", "log") else "text"


def _break_behind(kept: View, part: Block) -> str:
    """White space from what was cut at the end of a block: line breaks, two at most, or a blank."""
    size = len(kept.text)
    if kept.text[-1].isspace():
        return ""
    dropped = part.text[kept.spans([(size - 1, size)])[-1].end - part.start :]
    breaks = "".join(c for c in dropped[len(dropped.rstrip()) :] if c == "\n")[:2]
    return breaks or next((c for c in dropped if c.isspace()), "")
