"""LLMLingua-2: a classifier of the user's own says which words are kept."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from attar.context.context import Task
from attar.context.prune.method import Method, Tokens
from attar.errors import UsageError
from attar.registry import register

if TYPE_CHECKING:
    from attar.models.classifier import TokenClassifier


@register(
    "keepdrop",
    target="prune",
    needs=("encoder",),
    paper="LLMLingua-2 (Pan et al., Findings of ACL 2024, arXiv 2403.12968)",
)
class KeepDrop(Method):
    """Keep the words that a token classifier was trained to keep; ask no question.

    None comes with Attar: the one that was trained for it lost to whole sentences.

    Args:
        model: a transformers folder or hub id of a token classifier whose label 1 means "keep".
        task: what is squeezed.
    """

    everywhere = True

    def __init__(self, model: str, task: Task) -> None:
        if model == "default":
            raise UsageError(
                "prune(keepdrop) needs a token classifier: give its folder or hub id, as in"
                ' prune(keepdrop, model="org/name")'
            )
        self._classifier = _opened(model)

    def weigh(self, texts: Sequence[str]) -> list[Tokens]:
        """The probability of label 1 of each token."""
        return [
            Tokens(offsets, chances[:, 1:2]) for offsets, chances in self._classifier.chances(texts)
        ]


@lru_cache(maxsize=1)
def _opened(name: str) -> TokenClassifier:
    from attar.models.classifier import TokenClassifier

    return TokenClassifier.open(name)
