"""Real documents that every Python installation has: the docstrings of its standard library.

One reStructuredText file a module: its own docstring, then those of its public classes,
functions and methods under their signatures. Modules written in Python are parsed, not
imported, so that making the documents runs none of their code.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
import sysconfig
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

Entry: TypeAlias = tuple[str, str]  # a heading and the docstring under it

# Not what a reader of the library's documentation looks for.
_LEFT_OUT = {"antigravity", "this", "idlelib", "lib2to3", "turtledemo", "test", "ensurepip"}


def write_documents(folder: Path) -> int:
    """Write one .rst file a module into `folder`; returns how many there are.

    The same Python gives the same files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for name in sorted(sys.stdlib_module_names):
        if name.startswith("_") or name in _LEFT_OUT:
            continue
        entries = list(_entries(name))
        if not entries:
            continue
        lines: list[str] = []
        for depth, (heading, text) in enumerate(entries):
            lines += [heading, ("=" if depth == 0 else "-") * len(heading), "", text, ""]
        (folder / f"{name}.rst").write_text("\n".join(lines), encoding="utf-8", newline="")
        count += 1
    return count


def _entries(name: str) -> Iterator[Entry]:
    source = _source(name)
    if source is None:
        yield from _from_import(name)
        return
    tree = ast.parse(source.read_bytes())
    yield name, ast.get_docstring(tree) or ""
    yield from _from_tree(name, tree)


def _source(name: str) -> Path | None:
    library = Path(sysconfig.get_path("stdlib"))
    for path in (library / f"{name}.py", library / name / "__init__.py"):
        if path.is_file():
            return path
    return None


def _from_tree(prefix: str, tree: ast.Module | ast.ClassDef) -> Iterator[Entry]:
    for node in tree.body:
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node)
            if node.name.startswith("_") or not text:
                continue
            name = f"{prefix}.{node.name}"
            if isinstance(node, ast.ClassDef):
                yield f"class {name}", text
                yield from _from_tree(name, node)
            else:
                yield f"{name}({ast.unparse(node.args)})", text


def _from_import(name: str) -> Iterator[Entry]:
    """The same for a module written in C, which has no source to parse."""
    try:
        with warnings.catch_warnings():  # some are deprecated, which is no news to a reader
            warnings.simplefilter("ignore", DeprecationWarning)
            module = importlib.import_module(name)
    except ImportError:  # not built into this Python (tkinter, dbm.gnu on some systems)
        return
    yield name, inspect.getdoc(module) or ""
    for key, thing in sorted(vars(module).items()):
        text = inspect.getdoc(thing) if callable(thing) and not key.startswith("_") else None
        if not text or getattr(thing, "__module__", None) not in (name, None):
            continue
        try:
            signature = str(inspect.signature(thing))
        except (TypeError, ValueError):
            signature = "()"
        yield f"{'class ' if inspect.isclass(thing) else ''}{name}.{key}{signature}", text
