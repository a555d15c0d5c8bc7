"""What the language model is told: short, since small models lose the thread of long orders."""

from __future__ import annotations

from collections.abc import Sequence

from attar.models.base import Message

NOTHING_FOUND = "Nothing in the pack seems to be about this question."

_SYSTEM = (
    "Answer the question in one or two sentences, using only the numbered sources."
    " If the sources do not contain the answer, say that they do not."
)


def messages(question: str, texts: Sequence[tuple[int, str]]) -> list[Message]:
    """The turns of a chat that asks `question` about numbered texts.

    Args:
        question: what the user asked.
        texts: the number and text of each source.
    """
    sources = "\n\n".join(f"[{number}] {text}" for number, text in texts)
    return [
        {"role": "system", "content": _SYSTEM},
        {"role": "user", "content": f"Sources:\n{sources}\n\nQuestion: {question}"},
    ]
