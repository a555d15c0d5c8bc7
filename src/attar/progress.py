"""How long work tells what it has done, without knowing who listens."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called now and then during long work.

    Args:
        step: what is being done, in a word or two ("embed", "read").
        done: how much of it is finished; never falls within one step.
        total: how much there is, or None when that is not known yet.
    """

    def __call__(self, step: str, done: int, total: int | None, /) -> None:
        """Take note of how far the work has come."""


def silent(step: str, done: int, total: int | None, /) -> None:
    """Listen to nothing: the default of every function that reports progress."""
