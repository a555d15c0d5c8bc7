"""Stages, the chains they make with `>>`, and chains as text."""

from __future__ import annotations

import ast
from abc import ABC, abstractmethod
from dataclasses import MISSING, Field, dataclass, fields
from typing import Any, ClassVar

from attar.context.context import Context, Task
from attar.errors import UsageError
from attar.registry import REGISTRY


class Stage(ABC):
    """One step of a squeeze: a frozen dataclass whose `repr` is its recipe.

    A first field that is a tuple of strings is written as bare names joined with `+`; all others
    are written by keyword where they are not the default.
    """

    name: ClassVar[str]

    @abstractmethod
    def apply(self, context: Context, task: Task) -> Context:
        """Score units, or keep fewer of them, within the chain's one budget."""

    def __rshift__(self, other: Stage) -> Chain:
        """Feed what this stage gives into another."""
        return Chain((*_links(self), *_links(other)))

    def _knows(self, given: tuple[str, ...], *ways: str) -> None:
        """Refuse bare names that are none of these; several are joined with `+`."""
        if "+".join(given) not in ways:
            listed = " and ".join(part for part in (", ".join(ways[:-1]), ways[-1]) if part)
            raise UsageError(f"{self.name} knows {listed}, not {'+'.join(given)}")

    def __repr__(self) -> str:
        bare, others = _fields(type(self))
        written = ["+".join(getattr(self, field.name)) for field in bare]
        for field in others:
            value = getattr(self, field.name)
            if field.default is MISSING or value != field.default:
                written.append(f"{field.name}={value!r}")
        return f"{self.name}({', '.join(written)})"


@dataclass(frozen=True, repr=False)
class Chain(Stage):
    """Stages one after another.

    Args:
        stages: at least one.
    """

    stages: tuple[Stage, ...]

    name: ClassVar[str] = "chain"

    def apply(self, context: Context, task: Task) -> Context:
        """Apply each stage to what the one before it gave."""
        for stage in self.stages:
            context = stage.apply(context, task)
        return context

    def __repr__(self) -> str:
        return " >> ".join(map(repr, self.stages))


def _links(stage: Stage) -> tuple[Stage, ...]:
    return stage.stages if isinstance(stage, Chain) else (stage,)


def parse(recipe: str) -> Stage:
    """Read a recipe such as "rank(bm25+dense) >> extract(mmr)".

    Raises:
        UsageError: if it is not one, or names a stage or an argument that there is not.
    """
    try:
        tree = ast.parse(recipe.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(f"cannot read {recipe!r} as a recipe: {_HOW}") from error
    return _stage(tree, recipe)


_HOW = 'write stages joined with ">>", such as "rank(bm25+dense) >> extract(mmr)"'


def _fields(make: Any) -> tuple[list[Field[Any]], list[Field[Any]]]:
    """The field that is written as bare names, if there is one, and the others."""
    known = list(fields(make))
    names = bool(known) and isinstance(known[0].default, tuple) and _all_names(known[0].default)
    return known[:names], known[names:]


def _all_names(value: tuple[Any, ...]) -> bool:
    return all(isinstance(item, str) for item in value)


def _stage(tree: ast.expr, recipe: str) -> Stage:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.RShift):
        return _stage(tree.left, recipe) >> _stage(tree.right, recipe)
    if isinstance(tree, ast.Name):
        tree = ast.Call(tree, [], [])
    if not isinstance(tree, ast.Call) or not isinstance(tree.func, ast.Name) or len(tree.args) > 1:
        raise UsageError(f"cannot read {recipe!r} as a recipe: {_HOW}")
    make: Any = REGISTRY.get(tree.func.id, target="context").make
    bare, others = _fields(make)
    known = [field.name for field in others]
    given: dict[str, Any] = {}
    for argument in tree.args:
        if not bare:
            raise UsageError(
                f"the stage {tree.func.id!r} in {recipe!r} takes arguments by name only: "
                + ", ".join(f"{name}=..." for name in known)
            )
        given[bare[0].name] = tuple(_names(argument, recipe))
    for keyword in tree.keywords:
        if keyword.arg not in known:
            raise UsageError(
                f"the stage {tree.func.id!r} in {recipe!r} has no argument {keyword.arg!r};"
                f" it knows: {', '.join(known)}"
            )
        try:
            given[keyword.arg] = ast.literal_eval(keyword.value)
        except ValueError as error:
            raise UsageError(
                f"cannot read {recipe!r}: {keyword.arg} must be a number or a text in quotes"
            ) from error
    try:
        stage: Stage = make(**given)
    except TypeError as error:
        raise UsageError(f"cannot read {recipe!r}: {error}") from error
    return stage


def _names(tree: ast.expr, recipe: str) -> list[str]:
    if isinstance(tree, ast.BinOp) and isinstance(tree.op, ast.Add):
        return _names(tree.left, recipe) + _names(tree.right, recipe)
    if isinstance(tree, ast.Name):
        return [tree.id]
    raise UsageError(f"cannot read {recipe!r} as a recipe: {_HOW}")
