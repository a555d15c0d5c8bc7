"""Recipes from text: what `repr` gives, and what people type."""

from __future__ import annotations

import ast
import dataclasses
import difflib
from typing import Any, cast

from attar.codec.base import Recipe
from attar.errors import UsageError
from attar.registry import REGISTRY

MAX_LENGTH = 4096
"""Longer texts are not recipes; a bound keeps a hostile header from a deep parse."""


def parse(text: str | Recipe) -> Recipe:
    """Read a recipe such as "hadamard >> uniform(bits=3)"; a recipe passes through.

    Names are found in any case; arguments are literals. Nothing is evaluated.

    Raises:
        UsageError: with the place of the mistake and, for a name, the nearest known one.
    """
    if isinstance(text, Recipe):
        return text
    if len(text) > MAX_LENGTH:
        raise UsageError(f"a recipe of {len(text)} characters is too long to be one")
    try:
        tree = ast.parse(text.strip(), mode="eval").body
        return _build(tree, text)
    except SyntaxError as error:
        where = f" at position {error.offset}" if error.offset else ""
        raise UsageError(f"cannot read the recipe {text!r}: {error.msg}{where}") from error
    except (ValueError, RecursionError, MemoryError) as error:
        if isinstance(error, UsageError):
            raise
        raise UsageError(f"cannot read {text[:60]!r} as a recipe") from error


def _build(node: ast.expr, text: str) -> Recipe:
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.RShift):
        return _build(node.left, text) >> _build(node.right, text)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _build(node.left, text) + _build(node.right, text)
    if isinstance(node, ast.Name):
        return _make(node, [], [], text)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        return _make(node.func, node.args, node.keywords, text)
    raise _error(node, text, 'write names joined by ">>" and "+", such as "hadamard >> sign"')


def _make(name: ast.Name, args: list[ast.expr], keywords: list[ast.keyword], text: str) -> Recipe:
    try:
        make = REGISTRY.get(name.id.lower(), target="codec").make
    except UsageError as error:
        raise _error(name, text, str(error)) from error
    fields = [f.name for f in dataclasses.fields(cast("Any", make))]
    values = {}
    if len(args) > len(fields):
        raise _error(args[len(fields)], text, f"{name.id} takes at most {len(fields)} arguments")
    for field, node in zip(fields, args, strict=False):
        values[field] = _literal(node, text)
    for keyword in keywords:
        if keyword.arg not in fields:
            near = difflib.get_close_matches(str(keyword.arg), fields, n=1, cutoff=0.3)
            hint = (
                f"did you mean {near[0]!r}?" if near else f"it takes {', '.join(fields) or 'none'}"
            )
            raise _error(keyword.value, text, f"{name.id} has no argument {keyword.arg!r}; {hint}")
        if keyword.arg in values:
            raise _error(keyword.value, text, f"{name.id} is given {keyword.arg!r} twice")
        values[keyword.arg] = _literal(keyword.value, text)
    try:
        recipe = make(**values)
    except UsageError as error:
        raise _error(name, text, str(error)) from error
    except TypeError as error:
        raise _error(name, text, f"the arguments of {name.id} are not of the right kind") from error
    assert isinstance(recipe, Recipe)
    return recipe


def _literal(node: ast.expr, text: str) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError as error:
        raise _error(
            node, text, "an argument must be a plain number, text, True or None"
        ) from error


def _error(node: ast.expr, text: str, why: str) -> UsageError:
    return UsageError(f"in the recipe {text!r} at position {node.col_offset + 1}: {why}")
