"""Words left out of sentences: the stage `prune`, and one file for each method."""

from attar.context.prune import keepdrop, lingua, longlingua, perception, selective, tcra
from attar.context.prune.method import Method, Tokens
from attar.context.prune.recover import recover
from attar.context.prune.stage import Prune

__all__ = [
    "Method",
    "Prune",
    "Tokens",
    "keepdrop",
    "lingua",
    "longlingua",
    "perception",
    "recover",
    "selective",
    "tcra",
]
