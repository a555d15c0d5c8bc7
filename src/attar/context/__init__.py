"""The text of a prompt: exact budgets, protected text, and where every kept span came from."""

from attar.context.context import Context, Task
from attar.context.exit import Exit
from attar.context.extract import Extract
from attar.context.protect import Marks
from attar.context.prune import Prune
from attar.context.rank import Rank
from attar.context.span import Passage, Span
from attar.context.squeeze import Squeezed, squeeze
from attar.context.stage import Chain, Stage, parse
from attar.context.truncate import Truncate

__all__ = [
    "Chain",
    "Context",
    "Exit",
    "Extract",
    "Marks",
    "Passage",
    "Prune",
    "Rank",
    "Span",
    "Squeezed",
    "Stage",
    "Task",
    "Truncate",
    "parse",
    "squeeze",
]
