"""One message of a chat in OpenAI's layout: the texts in it, and the same with other texts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from attar.context.kinds.chat import SYSTEM
from attar.errors import UsageError

ChatMessage: TypeAlias = Mapping[str, Any]
"""`role`, `content` (a text, a list of parts or None), and whatever else, `tool_calls` for one."""

_ANSWERS = ("tool", "function")


def checked(messages: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The messages, if that is what they are.

    Raises:
        UsageError: if one is no mapping, has no role, or has a content of another form.
    """
    for number, message in enumerate(messages):
        if not isinstance(message, Mapping) or not isinstance(message.get("role"), str):
            raise UsageError(f"message {number} has no role: give role and content of each")
        content = message.get("content")
        parts = content if isinstance(content, list | tuple) else ()
        if not isinstance(content, str | list | tuple | None) or not all(
            isinstance(part, Mapping) for part in parts
        ):
            raise UsageError(
                f"the content of message {number} must be a text, a list of parts or none"
            )
    return list(messages)


def texts(message: ChatMessage) -> list[str]:
    """The texts of a message, in order: its content, or those of its parts that are texts."""
    content = message.get("content")
    if isinstance(content, str):
        return [content]
    return [part["text"] for part in content or () if _is_text(part)]


def with_texts(message: ChatMessage, found: Sequence[str]) -> dict[str, Any]:
    """The same message with other texts; a part of which nothing is left is left out."""
    content = message.get("content")
    if isinstance(content, str):
        return {**message, "content": found[0]}
    if not content:
        return dict(message)
    rest = iter(found)
    parts = [{**part, "text": next(rest)} if _is_text(part) else part for part in content]
    return {**message, "content": [p for p in parts if not _is_text(p) or p["text"]]}


def is_system(message: ChatMessage) -> bool:
    """Whether it says how to behave."""
    return message["role"] in SYSTEM


def calls_tools(message: ChatMessage) -> bool:
    """Whether messages with answers to its calls belong to it."""
    return bool(message.get("tool_calls") or message.get("function_call"))


def answers_a_call(message: ChatMessage) -> bool:
    """Whether it is what a tool gave."""
    return message["role"] in _ANSWERS


def _is_text(part: Mapping[str, Any]) -> bool:
    return isinstance(part.get("text"), str) and part.get("type", "text") in ("text", "input_text")
