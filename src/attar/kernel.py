"""Compiled loops, kept between runs where there is a place to keep them."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from importlib import import_module
from typing import Any, Final, TypeVar, cast

import numba
from numba.core.caching import FunctionCache
from numba.np import linalg

LEAF: Final[dict[str, Any]] = {"_nrt": False, "error_model": "numpy"}
"""Options of a kernel that makes no arrays and is called for each few dozen numbers: without them,
each call costs two atomic counts for each array that it is given."""

Function = TypeVar("Function", bound=Callable[..., Any])

# What a cut-off or foreign file of the cache gives to whoever unpickles it.
_UNREADABLE = (OSError, EOFError, pickle.UnpicklingError, ValueError, AttributeError, ImportError)


def kernel(**options: Any) -> Callable[[Function], Function]:
    """Decorate a function as `numba.njit(cache=True)` does, but let no trouble with the cache out.

    numba keeps compiled code beside the source, or in the user's cache folder. With
    `cache=True` alone a full disk fails a search that writes nothing, a file of the cache that
    a pulled plug cut short fails every later run, and a system where neither folder may be
    written to fails the import. Here each of these costs the time to compile, and no more.

    Args:
        options: of `numba.njit`.
    """

    def decorate(function: Function) -> Function:
        compiled: Any = numba.njit(**options)(function)
        with suppress(RuntimeError):  # there is no folder that could be written to
            compiled._cache = _Cache(function)  # type: ignore[no-untyped-call]
        return cast(Function, compiled)

    return decorate


@cache
def _set_up() -> None:
    """Have numba set itself up without a look whether scipy's linear algebra is there.

    It is there, and takes 90 ms and 8 MB to load, which a search would wait for; numba looks for it
    again wherever matrices are multiplied.
    """
    look = getattr(linalg, "ensure_blas", None)
    if look is None or "numba.np.arraymath" in sys.modules:
        return
    linalg.ensure_blas = lambda: None
    try:
        module: Any = import_module("numba.np.arraymath")
        module.ensure_blas = look
    finally:
        linalg.ensure_blas = look


class _Cache(FunctionCache):
    """numba's own, where failing to read or write is the same as having nothing."""

    def load_overload(self, signature: Any, target: Any) -> Any:
        """What was compiled before, if it is there and whole."""
        _set_up()
        with suppress(*_UNREADABLE):
            return super().load_overload(signature, target)  # type: ignore[no-untyped-call]
        return None

    def save_overload(self, signature: Any, compiled: Any) -> None:
        """Keep what was compiled, if there is room."""
        with suppress(*_UNREADABLE):
            super().save_overload(signature, compiled)  # type: ignore[no-untyped-call]
