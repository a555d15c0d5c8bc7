"""Which grammar reads a language, and which language a text is written in."""

from __future__ import annotations

import importlib
import re
from functools import cache
from importlib.util import find_spec
from typing import Any, NamedTuple


class _Grammar(NamedTuple):
    """Where a grammar is, and by which lines one knows its language."""

    module: str
    function: str
    looks: re.Pattern[str]


def _grammar(module: str, looks: str, function: str = "language") -> _Grammar:
    return _Grammar(f"tree_sitter_{module}", function, re.compile(looks, re.MULTILINE))


_SCRIPT = (
    r"^(?:import [^;\n]* from ['\"]|export (?:default |const |class |(?:async )?function )"
    r"|(?:const|let|var) [\w${},\[\] ]+ = |(?:async )?function\*? \w+\()"
)
# Of those that accept a text the first is taken: what C reads is C, though C++ reads it too.
_GRAMMARS = {
    "go": _grammar("go", r"^package \w+$"),
    "rust": _grammar(
        "rust", r"^\s*(?:pub(?:\([\w ]+\))? )?(?:(?:async )?fn|impl|mod|use|trait) .*[{;]$"
    ),
    "java": _grammar("java", r"^(?:package|import(?: static)?) [\w.*]+;$|^\s*public .*\{$"),
    "csharp": _grammar("c_sharp", r"^using [\w.= ]+;$|^namespace [\w.]+"),
    "php": _grammar("php", r"^<\?php", "language_php"),
    "c": _grammar("c", r"^#\s*(?:include [<\"]|define \w|ifn?def \w)"),
    "cpp": _grammar("cpp", r"^#\s*(?:include [<\"]|pragma once)|^(?:namespace|template|class)\b"),
    "javascript": _grammar("javascript", _SCRIPT),
    "typescript": _grammar(
        "typescript", _SCRIPT + r"|^(?:export )?(?:interface|type|enum) \w+", "language_typescript"
    ),
    "tsx": _grammar("typescript", _SCRIPT, "language_tsx"),
    "ruby": _grammar("ruby", r"^\s*(?:def|module|class) [\w.:?!]+|^require(?:_relative)? ['\"]"),
}
_ALSO = {
    "c++": "cpp",
    "cc": "cpp",
    "cuda": "cpp",
    "golang": "go",
    "js": "javascript",
    "jsx": "javascript",
    "node": "javascript",
    "rb": "ruby",
    "rs": "rust",
    "ts": "typescript",
    "c#": "csharp",
    "cs": "csharp",
}
_FEWEST_LINES = 3
_GLANCE = 10_000


def canonical(language: str) -> str:
    """The name under which a language is known here."""
    return _ALSO.get(language, language)


def tree(source: bytes, language: str) -> Any | None:
    """The root of the syntax tree, or None if no grammar for the language is installed."""
    parser = _parser(canonical(language))
    return None if parser is None else parser.parse(source).root_node


def guess(text: str) -> str:
    """The language that a text is written in without a mistake; "" if there is none."""
    if text.count("\n") < _FEWEST_LINES:
        return ""
    # To recover from mistakes takes a parser long, so what is of another language is found out by
    # its beginning.
    cut = text.rfind("\n\n", 0, _GLANCE) if len(text) > _GLANCE else -1
    beginning = text[:cut] if cut > 0 else ""
    for language, grammar in _GRAMMARS.items():
        if not grammar.looks.search(text):
            continue
        if beginning and _mistaken(beginning, language, whole=False):
            continue
        if not _mistaken(text, language, whole=True):
            return language
    return ""


def _mistaken(text: str, language: str, *, whole: bool) -> bool:
    """Whether a text cannot be of a language; of a beginning, the last statement may be cut."""
    root = tree(text.encode("utf-8", "surrogatepass"), language)
    if root is None or not root.named_child_count:
        return True
    return bool(root.has_error if whole else any(c.has_error for c in root.children[:-1]))


@cache
def _parser(language: str) -> Any | None:
    grammar = _GRAMMARS.get(language)
    if grammar is None or find_spec("tree_sitter") is None or find_spec(grammar.module) is None:
        return None
    from tree_sitter import Language, Parser

    make = getattr(importlib.import_module(grammar.module), grammar.function)
    return Parser(Language(make()))
