"""A text of numbered sentences as stages see it."""

from __future__ import annotations

from attar.context import Context, Passage, Task
from attar.context.counting import Counter
from attar.context.view import View
from tests.context.small_tokenizers import byte_level


def read(*texts: str, question: str | None = None, limit: int = 40) -> tuple[Context, Task]:
    """Passages, all kept, and a task on them."""
    view = View.read([Passage(text) for text in texts])
    counter = Counter(byte_level())
    return Context.read(view), Task(question, limit, counter, counter.starts(view.text))


def kept(context: Context) -> list[str]:
    """The kept units' texts."""
    units = context.units
    return [
        context.view.text[a:b]
        for a, b, k in zip(units.start, units.end, context.kept, strict=True)
        if k
    ]
