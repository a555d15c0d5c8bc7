"""A list of chat messages into an exact budget."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.budget import Budget
from attar.context import protect as protection
from attar.context.context import Context
from attar.context.counting import Counter, utf8_length
from attar.context.fit import fit
from attar.context.messages.counted import ChatCount, Count
from attar.context.messages.message import ChatMessage, checked, texts
from attar.context.messages.thread import Thread, ThreadTask
from attar.context.protect import Protections
from attar.context.span import Span
from attar.context.squeeze import (
    Effort,
    chain_for,
    check_effort,
    default_tokenizer,
    embedder_for,
)
from attar.context.stage import Stage
from attar.context.view import View
from attar.errors import BudgetError
from attar.models.base import Embedder, Tokenizer
from attar.report import Part, Report


@dataclass(frozen=True, slots=True)
class SqueezedMessages:
    """What is left of a chat.

    Args:
        messages: those that are left, in the form in which they were given.
        numbers: which of the given ones these are, from 0.
        spans: what is left of the texts that were cut; the source of each is "messages[NUMBER]".
        tokens_before: tokens of all messages, with what the reader's template adds.
        tokens_after: the same of those that are left.
        report: sizes and seconds.
    """

    messages: list[dict[str, Any]]
    numbers: tuple[int, ...]
    spans: tuple[Span, ...]
    tokens_before: int
    tokens_after: int
    report: Report

    def to_dict(self) -> dict[str, Any]:
        """In plain types, by the keys that docs/json.md promises."""
        return {
            "messages": self.messages,
            "numbers": list(self.numbers),
            "tokens_before": self.tokens_before,
            "tokens_after": self.tokens_after,
            "spans": [span.to_dict() for span in self.spans],
        }


def squeeze_messages(
    messages: Sequence[ChatMessage],
    question: str | None = None,
    *,
    to: Budget | str = "4000 tokens",
    protect: Protections = (),
    tokenizer: Tokenizer | None = None,
    count: Count | None = None,
    embedder: Embedder | None = None,
    recipe: Stage | str | None = None,
    effort: Effort = "default",
    mark: str = "",
) -> SqueezedMessages:
    """Keep what matters of a chat within an exact budget, roles and order as they were.

    Messages are as in OpenAI's API: `role`, `content` (a text, a list of parts, or None) and
    whatever else; only texts are cut. What the system says, the user's last message and the last
    message stay as they are. Of the others, later ones are wanted more. A question stays or goes
    with its answer, and a call of tools with what they gave; of each message that stays, at least
    its first sentence does. Calls and parts that are no text are never cut.

    Args:
        messages: the chat, oldest first.
        question: what older turns are to help with; None takes the user's last message, and ""
            asks nothing.
        to: the budget for all that the reader is given: tokens, or per cent of the tokens now.
        protect: what must survive of the other messages, as for `squeeze`, but no offsets.
        tokenizer: the reader's; None takes the default language model's.
        count: what messages take, if the reader's template is known; None is
            `ChatCount(tokenizer)`.
        embedder: scores by meaning too.
        recipe: stages of your own.
        effort: "high" takes the chain that did best with small models.
        mark: written wherever something was cut between two kept stretches.

    Raises:
        BudgetError: if what is protected alone takes more than the budget, or the budget is in
            bytes.
        UsageError: for messages of another form, or a protection or recipe that cannot be read.
    """
    began = time.perf_counter()
    budget = Budget.parse(to)
    check_effort(effort)
    given = checked(messages)
    reader = tokenizer or default_tokenizer()
    tokens = count or ChatCount(reader)
    before = tokens(given)
    limit = budget.limit(before, "tokens")
    left, numbers = [dict(message) for message in given], list(range(len(given)))
    spans: tuple[Span, ...] = ()
    if before > limit:
        thread = Thread.read(given)
        fixed = tokens(thread.fixed())
        said = _asked(given) if question is None else question
        asked = said if said.strip() else None
        embedder = embedder_for(effort, embedder, recipe, asked)
        view = View.read(thread.passages, protection.read(protect), mark)
        if fixed > limit or not view.text.strip():
            raise _too_long(fixed, limit)
        counter = Counter(reader)
        starts = counter.starts(view.text)
        task = ThreadTask(
            asked, limit - fixed, counter, starts, embedder,
            thread=thread, tokens=tokens, fixed=fixed,
        )  # fmt: skip
        context = _fitted(view, task, chain_for(recipe, task, effort))
        left, numbers, spans = thread.left(context), thread.numbers(context), context.spans
    after = tokens(left)
    report = Report(
        f"chat squeezed to {budget}",
        (
            Part("tokens", before, after, "tokens"),
            Part("text", _bytes(given), _bytes(left), "bytes"),
        ),
        {"squeeze": time.perf_counter() - began},
        reversible=left == given,
    )
    return SqueezedMessages(left, tuple(numbers), spans, before, after, report)


def _fitted(view: View, task: ThreadTask, chain: Stage) -> Context:
    """Squeezed as the kinds of the texts ask; where that is too long, as plain text."""
    needed = 0
    longest = int(task.limit * len(view.text) / max(len(task.starts), 1))
    for plain in (False, True):
        context, brings = task.thread.context(Context.read(view, longest, plain))
        framed = replace(task, frames=_frames(task, brings, len(context.units)))
        try:
            return fit(chain.apply(context, framed), framed)
        except BudgetError as error:
            needed = int(error.needed or 0)
    raise _too_long(needed + task.fixed, task.limit + task.fixed)


def _frames(task: ThreadTask, brings: NDArray[np.int64], n: int) -> NDArray[np.int64]:
    """What the messages take that come with each unit, their texts left out."""
    frames = np.zeros(n, dtype=np.int64)
    nothing = task.tokens([])
    for group, unit in zip(task.thread.groups, brings.tolist(), strict=True):
        if unit >= 0 and not group.kept:
            frames[unit] = task.tokens(task.thread.empty(group)) - nothing
    return frames


def _asked(messages: Sequence[ChatMessage]) -> str:
    """What the user said last."""
    said = [texts(message) for message in messages if message["role"] == "user"]
    return "\n".join(said[-1]) if said else ""


def _too_long(needed: int, limit: int) -> BudgetError:
    return BudgetError(
        "the messages of the system, the user's last and the last one, with what else is"
        f" protected, take {needed} tokens, but the budget allows {limit}: protect less or allow"
        " more",
        needed=needed,
        allowed=limit,
    )


def _bytes(messages: Sequence[ChatMessage]) -> int:
    return sum(utf8_length(text) for message in messages for text in texts(message))
