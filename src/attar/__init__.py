"""Attar: compress what a retrieval-augmented language-model stack stores and moves.

Every saving is reported with what it cost::

    with attar.Pack.create("docs.attar") as pack:
        pack.add(attar.read("docs"))
        for hit in pack.search("how is lift made?"):
            print(hit.source, hit.start, hit.end, hit.text)
        print(attar.ask(pack, "How is lift made?", to="300 tokens").text)
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from attar._version import __version__
from attar.budget import Budget
from attar.errors import AttarError, BudgetError
from attar.report import Report

if TYPE_CHECKING:
    from attar.answer.answer import Answer
    from attar.answer.ask import ask
    from attar.context import Passage, Squeezed, squeeze_messages
    from attar.context.squeeze import squeeze
    from attar.models.names import embedder, language_model, tokenizer
    from attar.pack import Document, Hit, Pack
    from attar.pack.packs import open_packs as open
    from attar.pack.read import read

# Where the rest lives; imported when first asked for, so that `import attar` is instant.
_ROOMS = {
    "Answer": "answer",
    "Document": "pack",
    "Hit": "pack",
    "Pack": "pack",
    "Passage": "context",
    "Squeezed": "context",
    "ask": "answer",
    "embedder": "models",
    "language_model": "models",
    "open": "pack",
    "read": "pack",
    "squeeze": "context",
    "squeeze_messages": "context",
    "tokenizer": "models",
}

__all__ = [
    "Answer",
    "AttarError",
    "Budget",
    "BudgetError",
    "Document",
    "Hit",
    "Pack",
    "Passage",
    "Report",
    "Squeezed",
    "__version__",
    "ask",
    "embedder",
    "language_model",
    "open",
    "read",
    "squeeze",
    "squeeze_messages",
    "tokenizer",
]


def __getattr__(name: str) -> Any:
    if name in _ROOMS:
        return getattr(importlib.import_module(f"attar.{_ROOMS[name]}"), name)
    raise AttributeError(f"module 'attar' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
