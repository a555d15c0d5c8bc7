"""A text into an exact budget: the one call."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal, TypeAlias, get_args

from attar.budget import Budget
from attar.context import protect as protection
from attar.context.context import Context, Task
from attar.context.counting import Counter, utf8_length
from attar.context.exit import Exit
from attar.context.extract import Extract
from attar.context.fit import PROMISED_FROM, fit
from attar.context.protect import Protection, Protections
from attar.context.rank import Rank
from attar.context.span import Passage
from attar.context.squeezed import Squeezed
from attar.context.stage import Stage, parse
from attar.context.view import SEPARATOR, View
from attar.errors import BudgetError, UsageError
from attar.models.base import Embedder, Tokenizer
from attar.report import Part, Report

Effort: TypeAlias = Literal["default", "high"]
HIGH = Rank(("bm25", "dense")) >> Exit() >> Extract()
"""What `effort="high"` takes; the figures that chose it are in docs/decisions.md."""

_LEAST_USE = 0.5
"""Share of a budget under which a syntax that nobody asked for is given up: a reader gains more
from a part than from an empty shell that parses. Of the standard library's modules only those of
one huge literal fall under it."""


def squeeze(
    passages: str | Passage | Sequence[str | Passage],
    question: str | None = None,
    *,
    to: Budget | str = "300 tokens",
    protect: Protections = (),
    tokenizer: Tokenizer | None = None,
    embedder: Embedder | None = None,
    recipe: Stage | str | None = None,
    effort: Effort = "default",
    mark: str = "",
) -> Squeezed:
    """Keep the sentences that matter, in their order, within an exact budget.

    Several passages are one text with a blank line between them. What fits is returned
    unchanged, except for protection marks and, in passages of kind "html", markup: these are
    never kept. Otherwise whole sentences are kept while they fit; from a budget of 200 on, at
    least 95% of it is used, if need be with the beginning of one more sentence, except in what
    must stay whole: of JSON whole members, and of long texts in it sentences; of code whole
    statements under the lines that open their block; of tables whole rows under their header. What
    is kept of these still parses wherever the budget holds one and nothing protected forbids. Of
    a chat, what the system and the last turn say is protected. In passages whose kind is not
    given, they are cut like plain text if whole ones would leave more than half of such a budget
    unused (one literal of a megabyte, say). Where text was cut, what stands in its place is
    described at `gaps.joiner`: a blank line, a line break, one space or nothing, whichever the
    cut text held, so that the result is a subsequence of the
    input.

    Args:
        passages: a text, or texts with their sources, in order.
        question: what the reader will be asked; None keeps what stands for the whole.
        to: the budget, in tokens, bytes (of UTF-8) or per cent of the input's tokens.
        protect: what must survive byte for byte: texts (wherever they occur), compiled patterns,
            `(start, end)` in characters of a single text, or a pair of marks such as
            "<keep>...</keep>", which are removed themselves. A text with "..." inside is such
            a pair.
        tokenizer: the reader's; None takes the default language model's.
        embedder: scores sentences by meaning too; None scores them by words alone.
        recipe: stages of your own, such as "rank(bm25) >> extract(top)".
        effort: "high" takes the chain that did best with small models (`HIGH`), and the default
            embedder if none is given; it needs a question to make a difference.
        mark: written wherever something was cut between two kept stretches, "[...]" for one. It
            counts towards the budget; what is kept of JSON or code is then no more JSON or code.

    Raises:
        BudgetError: if the protected text alone is longer than the budget, or the budget is of
            another unit.
        UsageError: for a protection or a recipe that cannot be read.
    """
    began = time.perf_counter()
    budget = Budget.parse(to)
    given = _passages(passages)
    question = question if question and question.strip() else None
    check_effort(effort)
    embedder = embedder_for(effort, embedder, recipe, question)
    counter = Counter(
        tokenizer or default_tokenizer(), "bytes" if budget.unit == "bytes" else "tokens"
    )
    protections = protection.read(protect)
    view = View.read(given, protections, mark)
    before = _before(given, view, protections)
    tokens_before = counter.tokenizer.count(before)
    bytes_before = utf8_length(before)
    limit = budget.limit(bytes_before if counter.unit == "bytes" else tokens_before, counter.unit)
    read = time.perf_counter()

    total = counter.count(view.text)
    if total > limit:
        # Of a sentence that is longer than the budget, the best part is kept.
        longest = int(limit * len(view.text) / total)
        task = Task(question, limit, counter, counter.starts(view.text), embedder)
        guessed = all(p.kind == "text" for p in given)
        context = fitted(view, longest, chain_for(recipe, task, effort), task, guessed)
    else:
        context = Context.read(view).everything()
    text = context.text
    tokens_after = counter.tokenizer.count(text)
    report = Report(
        f"prompt squeezed to {budget}",
        (
            Part("tokens", tokens_before, tokens_after, "tokens"),
            Part("text", bytes_before, utf8_length(text), "bytes"),
        ),
        {"read": read - began, "squeeze": time.perf_counter() - read},
        reversible=context.plain == SEPARATOR.join(p.text for p in given),
    )
    return Squeezed(
        text,
        context.spans,
        tokens_before,
        tokens_after,
        report,
        context.by_passage,
        context,
        question,
    )


def fitted(view: View, longest: int, chain: Stage, task: Task, guessed: bool) -> Context:
    """Squeezed as its kinds ask; where nothing could be kept so, as plain text.

    Likewise where the kinds are only guessed, and would waste most of the budget.
    """
    context = Context.read(view, longest)
    strict = bool(context.units.atomic.any())
    ruled = bool(context.units.ruled.any())
    try:
        fitted = fit(chain.apply(context, task), task)
    except BudgetError:  # what the protected text needs beside it may be what is too long
        if not guessed if ruled else not strict:
            raise
    else:
        used = task.counter.count(fitted.text)
        wasted = guessed and task.limit >= PROMISED_FROM and used < _LEAST_USE * task.limit
        if not strict or (fitted.kept.any() and not wasted):
            return fitted
    return fit(chain.apply(Context.read(view, longest, plain=True), task), task)


def _passages(given: str | Passage | Sequence[str | Passage]) -> list[Passage]:
    items = [given] if isinstance(given, str | Passage) else list(given)
    passages = [Passage(item) if isinstance(item, str) else item for item in items]
    for passage in passages:
        if not isinstance(passage, Passage):
            kind = type(passage).__name__
            raise UsageError(
                f"cannot squeeze a {kind}: give a text or passages, and the messages of a chat to"
                " squeeze_messages()"
            )
    return passages


def _before(given: Sequence[Passage], view: View, protections: Sequence[Protection]) -> str:
    """The input as it was given, without protection marks but with markup."""
    if all(p.kind != "html" for p in given):
        return view.text
    return View.read([replace(p, kind="text") for p in given], protections).text


def chain_for(recipe: Stage | str | None, task: Task, effort: Effort) -> Stage:
    """The recipe asked for, or the one that did best for what is at hand."""
    if isinstance(recipe, Stage):
        return recipe
    if recipe is not None:
        return parse(recipe)
    if task.question is None:
        return Rank(("centroid", "lead")) >> Extract()
    if effort == "high":
        return HIGH
    return Rank(("bm25",) if task.embedder is None else ("bm25", "dense")) >> Extract()


def check_effort(effort: str) -> None:
    """Refuse what is no effort.

    Raises:
        UsageError: if it is none.
    """
    if effort not in get_args(Effort):
        raise UsageError(f"there is no effort {effort!r}: it is {' or '.join(get_args(Effort))}")


def embedder_for(
    effort: Effort, given: Embedder | None, recipe: Stage | str | None, question: str | None
) -> Embedder | None:
    """The embedder that was given, or the default one where `effort="high"` scores with it."""
    if given is not None or effort != "high" or recipe is not None or question is None:
        return given
    from attar import models

    return models.embedder("default")


def default_tokenizer() -> Tokenizer:
    """The default language model's."""
    from attar import models

    return models.tokenizer("default")
