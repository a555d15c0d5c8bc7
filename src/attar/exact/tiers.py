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
VERSIONS: Mapping[int, Coder] = MappingProxyType(
    {version: coder for coder in _ALL for version in (coder.plain, coder.version)}
)


def tier(name: str) -> Coder:
    """The tier of that name.

    Raises:
        UsageError: if there is none.
    """
    if name not in TIERS:
        raise UsageError(f"there is no text tier {name!r}: choose one of {', '.join(TIERS)}")
    return TIERS[name]
