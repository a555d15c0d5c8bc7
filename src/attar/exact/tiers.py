"""The tiers of text, by the names that users give them and the numbers that files hold."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from attar.errors import UsageError
from attar.exact.archive import Archive
from attar.exact.coder import Coder
from attar.exact.standard import Standard

_ALL: tuple[Coder, ...] = (Standard(), Archive())
TIERS: Mapping[str, Coder] = MappingProxyType({coder.name: coder for coder in _ALL})
# 1: the standard tier before repeats were taken out; the tables of such a file are all absent.
VERSIONS: Mapping[int, Coder] = MappingProxyType(
    {1: _ALL[0], **{coder.version: coder for coder in _ALL}}
)


def tier(name: str) -> Coder:
    """The tier of that name.

    Raises:
        UsageError: if there is none.
    """
    if name not in TIERS:
        raise UsageError(f"there is no text tier {name!r}: choose one of {', '.join(TIERS)}")
    return TIERS[name]
