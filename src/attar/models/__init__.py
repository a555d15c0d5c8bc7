"""Embedders, language models and tokenizers: local, or behind an OpenAI-compatible URL.

A name is `"default"`, a folder, a hub id (`"org/name"`) or a URL (`"http://host:8000/v1#model"`).
"""

from attar.models.base import Embedder, LanguageModel, Message, Tokenizer
from attar.models.names import embedder, language_model, tokenizer

__all__ = [
    "Embedder",
    "LanguageModel",
    "Message",
    "Tokenizer",
    "embedder",
    "language_model",
    "tokenizer",
]
