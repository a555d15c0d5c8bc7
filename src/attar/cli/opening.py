"""What `search` and `ask` share: one pack or several, and a question behind them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from attar.errors import UsageError

if TYPE_CHECKING:
    from attar.pack import Pack, Packs

F = TypeVar("F", bound=Callable[..., Any])


def asked(function: F) -> F:
    """Give a command its arguments `packs` and `question`, as `cp` takes files and a target."""
    # That a pack is missing is said by `opened`, which knows what the one argument looks like.
    packs = click.argument("packs", metavar="PACK...", nargs=-1, type=click.Path())
    return packs(click.argument("question")(function))


def opened(packs: Sequence[str], question: str) -> Pack | Packs:
    """Open the packs that a question goes to.

    Raises:
        UsageError: if there is no pack, or the packs look like words of the question.
        PackError: as `attar.open`.
    """
    from attar import pack as room

    if not packs and Path(question).is_dir():
        raise UsageError(f'there is no question: give one behind the pack, {question} "..."')
    if not packs:
        raise UsageError(f"there is no pack: give one before the question, docs.attar {question!r}")
    for path in packs[1:]:
        if not Path(path).exists():
            raise UsageError(
                f"there is no pack at {path!r}: if it is a word of the question, put the whole"
                " question in quotes"
            )
    return room.open(packs[0] if len(packs) == 1 else packs)
