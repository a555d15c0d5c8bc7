"""What a list of messages takes of a reader's context."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from attar.context.messages.message import ChatMessage, texts
from attar.models.base import Tokenizer

Count: TypeAlias = Callable[[Sequence[ChatMessage]], int]


@dataclass(frozen=True)
class ChatCount:
    """Tokens of messages with what a chat template puts around them.

    `each` and `reply` are ChatML's: the two marks, the role and two line breaks, and the
    beginning of the answer. Templates differ: who needs more than a bound gives a function that
    applies the reader's own. What a message holds besides is counted as JSON; parts that are no
    text, images for one, are not counted.

    Args:
        tokenizer: the reader's.
        each: tokens around every message, its role among them.
        reply: tokens that open the answer.
    """

    tokenizer: Tokenizer
    each: int = 5
    reply: int = 3
    _known: dict[str, int] = field(default_factory=dict, repr=False, compare=False)

    def __call__(self, messages: Sequence[ChatMessage]) -> int:
        """Tokens of all of it."""
        return self.reply + sum(map(self._message, messages))

    def _message(self, message: ChatMessage) -> int:
        others = {k: v for k, v in message.items() if k not in ("role", "content") and v}
        rest = json.dumps(others, ensure_ascii=False, default=str) if others else ""
        return self.each + sum(map(self._text, (*texts(message), rest)))

    def _text(self, text: str) -> int:
        # The same text is counted with every trial of what may stay.
        if text not in self._known:
            self._known[text] = self.tokenizer.count(text)
        return self._known[text]
