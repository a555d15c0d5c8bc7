"""Which messages of a chat stay or go together.

A question and its answer are an exchange, so that roles still take turns when one is gone. A
call of tools and what these gave are a round of it: gone together, and with their exchange.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attar.context.messages.message import (
    ChatMessage,
    answers_a_call,
    calls_tools,
    is_system,
)


@dataclass(frozen=True)
class Group:
    """Messages that stay or go together.

    Args:
        members: their numbers, in order.
        needs: the group without which this one cannot stay, one before it; -1 if none.
        kept: whether it always stays.
    """

    members: tuple[int, ...]
    needs: int
    kept: bool


def protected_messages(messages: Sequence[ChatMessage]) -> set[int]:
    """Those that stay as they are: the system's, what the user said last, and the last one."""
    users = [i for i, message in enumerate(messages) if message["role"] == "user"]
    system = {i for i, message in enumerate(messages) if is_system(message)}
    return system | set(users[-1:]) | ({len(messages) - 1} if messages else set())


def grouped(messages: Sequence[ChatMessage]) -> list[Group]:
    """All messages in their groups; a group comes behind the one that it needs."""
    members: list[list[int]] = []
    needs: list[int] = []
    exchange = turn = -1  # the groups that an answer and a tool's result belong to

    def begin(number: int, needed: int = -1) -> int:
        members.append([number])
        needs.append(needed)
        return len(members) - 1

    for number, message in enumerate(messages):
        if is_system(message):
            begin(number)
        elif calls_tools(message):
            turn = begin(number, exchange)
        elif answers_a_call(message) and turn >= 0:
            members[turn].append(number)
        elif message["role"] == "assistant" and exchange >= 0:
            members[exchange].append(number)
            turn = -1
        else:
            exchange, turn = begin(number), -1
    always = protected_messages(messages)
    kept = [not always.isdisjoint(own) for own in members]
    for group in reversed(range(len(members))):
        if kept[group] and needs[group] >= 0:
            kept[needs[group]] = True
    return [Group(tuple(m), n, k) for m, n, k in zip(members, needs, kept, strict=True)]
