"""A chat as one text in units, and back: which messages are left, and what they take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.context.context import Context, Task
from attar.context.kinds.chat import age_prior
from attar.context.messages.counted import Count
from attar.context.messages.groups import Group, grouped, protected_messages
from attar.context.messages.linked import linked
from attar.context.messages.message import ChatMessage, texts, with_texts
from attar.context.span import Passage


@dataclass(frozen=True)
class Thread:
    """The messages of a chat, and the texts in them that may be cut.

    Args:
        messages: all of them.
        groups: which stay or go together.
        passages: the texts that may be cut, in order.
        message: (passages,) the message of each.
        own: the passages of each message that has any.
    """

    messages: Sequence[ChatMessage]
    groups: Sequence[Group]
    passages: tuple[Passage, ...]
    message: NDArray[np.int64]
    own: Mapping[int, Sequence[int]]

    @classmethod
    def read(cls, messages: Sequence[ChatMessage]) -> Thread:
        """Texts of all messages but the protected ones."""
        always = protected_messages(messages)
        passages: list[Passage] = []
        own: dict[int, list[int]] = {}
        for number, message in enumerate(messages):
            if number in always:
                continue
            for text in texts(message):
                own.setdefault(number, []).append(len(passages))
                passages.append(Passage(text, source=f"messages[{number}]"))
        numbers = [number for number, of in own.items() for _ in of]
        of_message = np.array(numbers, dtype=np.int64)
        return cls(messages, grouped(messages), tuple(passages), of_message, own)

    def context(self, given: Context) -> tuple[Context, NDArray[np.int64]]:
        """The units tied to each other and wanted by age, and those that bring each group."""
        of = self._messages_of(given)
        units, brings = linked(given.units, of, self.groups)
        last = len(self.messages) - 1
        ages = np.array([age_prior(last - number) for number in of.tolist()])
        return replace(given, units=replace(units, prior=units.prior + ages)), brings

    def fixed(self) -> list[dict[str, Any]]:
        """What always stays, the texts that may be cut left out."""
        return self._left({}, set())

    def empty(self, group: Group) -> list[dict[str, Any]]:
        """The messages of a group, the texts that may be cut left out."""
        return [self._with(number, {}) for number in group.members]

    def left(self, context: Context) -> list[dict[str, Any]]:
        """The messages of which something is kept, with what is kept of them."""
        return self._left(
            dict(context.by_passage), set(self._messages_of(context)[context.kept].tolist())
        )

    def numbers(self, context: Context) -> list[int]:
        """Which messages these are."""
        return self._staying(set(self._messages_of(context)[context.kept].tolist()))

    def _messages_of(self, context: Context) -> NDArray[np.int64]:
        return self.message[context.view.passage_of(context.units.start)]

    def _staying(self, said: set[int]) -> list[int]:
        """Messages of groups that always stay, or that say something, or that cannot."""
        stays: list[bool] = []
        for group in self.groups:
            mute = self.own.keys().isdisjoint(group.members)
            stays.append(
                group.kept
                or not said.isdisjoint(group.members)
                or (mute and (group.needs < 0 or stays[group.needs]))
            )
        chosen = (g.members for g, stay in zip(self.groups, stays, strict=True) if stay)
        return sorted(number for members in chosen for number in members)

    def _left(self, kept: dict[int, str], said: set[int]) -> list[dict[str, Any]]:
        return [self._with(number, kept) for number in self._staying(said)]

    def _with(self, number: int, kept: dict[int, str]) -> dict[str, Any]:
        """A message with what is kept of its passages."""
        message = self.messages[number]
        if number not in self.own:
            return dict(message)
        return with_texts(message, [kept.get(passage, "") for passage in self.own[number]])


@dataclass(frozen=True, kw_only=True)
class ThreadTask(Task):
    """Counts what is kept as messages, beyond what always stays.

    Args:
        thread: the chat.
        tokens: counts messages.
        fixed: tokens of what always stays.
        frames: what each unit takes beside its text: the messages that come with it.
    """

    thread: Thread
    tokens: Count
    fixed: int
    frames: NDArray[np.int64] | None = None

    def costs(self, context: Context) -> NDArray[np.int64]:
        """Estimated cost of each unit, with the frames of the messages that it brings."""
        costs = super().costs(context)
        if self.frames is None or len(self.frames) != len(costs):  # cut into words
            return costs
        return costs + self.frames

    def count(self, context: Context) -> int:
        """The exact length of what is kept."""
        return self.tokens(self.thread.left(context)) - self.fixed
