"""What can go wrong, each as one clear sentence for the person who reads it.

Every error that Attar raises on purpose is an `AttarError`. Its message says what happened,
where, and what to do. The command line prints the message and exits with `exit_status`:
2 when the call was wrong, 1 when the work failed.
"""

from __future__ import annotations


class AttarError(Exception):
    """Base of all errors raised on purpose; the message is meant for the user."""

    exit_status = 1


class UsageError(AttarError, ValueError):
    """The call itself is wrong: an unknown name, an impossible argument, a recipe with a typo."""

    exit_status = 2


class BudgetError(UsageError):
    """A budget that cannot be met.

    Attributes:
        needed: what the smallest possible result takes, in the budget's unit; None if unknown.
        allowed: what the budget allows, in the same unit; None if unknown.
    """

    def __init__(
        self, message: str, *, needed: float | None = None, allowed: float | None = None
    ) -> None:
        super().__init__(message)
        self.needed = needed
        self.allowed = allowed


class MissingExtraError(AttarError, ImportError):
    """A part of Attar needs packages that are not installed."""

    def __init__(self, what: str, extra: str) -> None:
        super().__init__(
            f"{what} needs packages that are not installed: pip install 'attar[{extra}]'"
        )
        self.extra = extra


class ModelError(AttarError):
    """A model cannot be found, loaded or reached."""


class PackError(AttarError):
    """A pack cannot be opened, read or written."""


class DamagedPackError(PackError):
    """A file of a pack does not hold what was written to it: cut short, flipped, or forged."""


class NewerFormatError(PackError):
    """A file was written by a later version of Attar than this one can read."""


class OldFormatError(PackError):
    """A file was written by so early a version of Attar that this one does not read it."""


class LockedPackError(PackError):
    """Another process is writing to the pack."""
