"""Names and the methods they stand for; other packages add theirs by entry point.

    @register("hadamard", target="codec", paper="QuaRot (arXiv 2404.00456)")
    class Hadamard: ...

A package that wants its methods listed names a module in its own `pyproject.toml`, and the
decorators in it run when somebody first asks for a name:

    [project.entry-points."attar.methods"]
    mine = "my_package.codecs"
"""

from __future__ import annotations

import difflib
import importlib.metadata
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, TypeVar

from attar.errors import AttarError, UsageError

Need: TypeAlias = Literal["tokenizer", "encoder", "language model", "gpu"]
T = TypeVar("T")

GROUP = "attar.methods"


@dataclass(frozen=True, slots=True)
class Method:
    """One registered method, as `attar methods` lists it.

    Args:
        name: what the user types.
        target: what it compresses or where it fits ("codec", "context", "reader").
        make: the class or function behind the name.
        needs: what it cannot work without, beyond numpy.
        paper: where it comes from, or "" for house-made pieces.
        summary: one line of what it does.
    """

    name: str
    target: str
    make: Callable[..., Any]
    needs: tuple[Need, ...] = ()
    paper: str = ""
    summary: str = ""


class RegistryError(AttarError):
    """A package registered something that cannot be: a name twice, or a module that fails."""


@dataclass
class Registry:
    """The methods known so far, by target and name."""

    _methods: dict[tuple[str, str], Method] = field(default_factory=dict)
    _loaded: bool = False
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def register(
        self, name: str, *, target: str, needs: tuple[Need, ...] = (), paper: str = ""
    ) -> Callable[[T], T]:
        """Decorate a class or function so that `name` stands for it among `target` methods.

        Raises:
            RegistryError: if the name is already taken by something else.
        """

        def add(thing: T) -> T:
            assert callable(thing)
            key = (target, name)
            known = self._methods.get(key)
            if known is not None and _identity(known.make) != _identity(thing):
                raise RegistryError(
                    f"the {target} method {name!r} is registered twice: by"
                    f" {_identity(known.make)} and by {_identity(thing)}"
                )
            summary = (getattr(thing, "__doc__", None) or "").strip().split("\n")[0]
            self._methods[key] = Method(name, target, thing, needs, paper, summary)
            return thing

        return add

    def get(self, name: str, *, target: str) -> Method:
        """The method of that name.

        Raises:
            UsageError: if there is none; the message names the nearest that there are.
        """
        # Whoever asks has mostly imported the room that registers it: then no other need be.
        if (target, name) not in self._methods:
            self._load()
        found = self._methods.get((target, name))
        if found is not None:
            return found
        names = sorted(n for t, n in self._methods if t == target)
        near = difflib.get_close_matches(name, names, n=3, cutoff=0.5)
        hint = (
            f"did you mean {' or '.join(map(repr, near))}?"
            if near
            else f"known: {', '.join(names)}"
        )
        raise UsageError(f"there is no {target} method {name!r}; {hint}")

    def methods(self, target: str | None = None) -> list[Method]:
        """All methods, or those of one target, by target and name."""
        self._load()
        return [m for (t, _), m in sorted(self._methods.items()) if target in (None, t)]

    def _load(self) -> None:
        with self._lock:
            if self._loaded:
                return
            for entry in sorted(
                importlib.metadata.entry_points(group=GROUP), key=lambda e: e.value
            ):
                try:
                    entry.load()
                except ImportError as error:
                    raise RegistryError(
                        f"the methods of {entry.value!r} cannot be loaded: {error};"
                        " repair or uninstall the package that brings them"
                    ) from error
            self._loaded = True


def _identity(thing: object) -> str:
    return f"{getattr(thing, '__module__', '?')}.{getattr(thing, '__qualname__', repr(thing))}"


REGISTRY = Registry()
register = REGISTRY.register
