"""Tokenizers that count without torch: `tokenizer.json` files, tiktoken, and a safe bound."""

from __future__ import annotations

import importlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import ModelError
from attar.models.words import WordTokens, divides_at_spaces

if TYPE_CHECKING:
    from tokenizers import Tokenizer as RustTokenizer

_SURROGATES = re.compile("[\ud800-\udfff]")
_BATCH = 256


def well_formed(text: str) -> str:
    """`text` with each lone surrogate as U+FFFD: the same length, and legal UTF-8.

    Unicode 15, D93b: how a conforming decoder shows what is no character.
    """
    return text if text.isascii() else _SURROGATES.sub("\ufffd", text)


@dataclass(frozen=True, eq=False)
class HFTokenizer:
    """A `tokenizer.json`, as a model of the Hugging Face world uses it on plain text.

    Args:
        name: what reopens it.
        frame: special tokens that the model puts around one input ([CLS] and [SEP], say).
    """

    name: str
    frame: int
    _rust: RustTokenizer = field(repr=False)
    _words: WordTokens | None = field(repr=False)  # where they tell a text's tokens exactly

    @classmethod
    def open(cls, path: Path, *, name: str = "") -> HFTokenizer:
        """Read a `tokenizer.json`, or the one in a folder.

        Raises:
            ModelError: if there is none, or it cannot be read.
        """
        from tokenizers import Tokenizer

        file = path / "tokenizer.json" if path.is_dir() else path
        if not file.is_file():
            raise ModelError(
                f"there is no tokenizer.json in {str(path)!r}: write one with"
                " transformers.AutoTokenizer.from_pretrained(...).save_pretrained(...)"
            )
        try:
            rust = Tokenizer.from_str(file.read_text(encoding="utf-8"))
        except Exception as error:
            raise ModelError(f"cannot read the tokenizer {str(file)!r}: {error}") from error
        frame = rust.num_special_tokens_to_add(False)
        # A saved tokenizer may cut and pad (MiniLM's cuts at 128), and a post-processor may
        # trim white space off the offsets: all wrong for counting what a text costs.
        rust.no_truncation()
        rust.no_padding()
        rust.post_processor = None
        words = WordTokens(rust) if divides_at_spaces(rust) else None
        return cls(name or str(path), frame, rust, words)

    @property
    def by_words(self) -> bool:
        """Whether a text always has the tokens of its words, cut at white space."""
        return self._words is not None

    def count(self, text: str) -> int:
        """Tokens in `text`, without special tokens and without any length limit."""
        text = well_formed(text)
        if self._words is not None:
            return self._words.count(text)
        return len(self._rust.encode(text, add_special_tokens=False))

    def count_many(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Tokens in each text, (n,); uses all cores unless TOKENIZERS_PARALLELISM is false."""
        if self._words is not None:
            return np.array([self.count(text) for text in texts], np.int64)
        counts = np.empty(len(texts), np.int64)
        for start in range(0, len(texts), _BATCH):  # bounded memory: an encoding is heavy
            some = [well_formed(text) for text in texts[start : start + _BATCH]]
            encodings = self._rust.encode_batch_fast(some, add_special_tokens=False)
            counts[start : start + len(some)] = [len(encoding) for encoding in encodings]
        return counts

    def offsets(self, text: str) -> NDArray[np.int64]:
        """Where each token lies, (n, 2), in characters of `text`."""
        text = well_formed(text)
        if self._words is not None:
            return self._words.offsets(text)
        encoding = self._rust.encode(text, add_special_tokens=False)
        return np.array(encoding.offsets, np.int64).reshape(-1, 2)

    def ids(self, text: str) -> list[int]:
        """The token ids of `text`, without special tokens."""
        ids: list[int] = self._rust.encode(well_formed(text), add_special_tokens=False).ids
        return ids

    def tokens(self, text: str) -> list[str]:
        """The tokens of `text` as the vocabulary spells them, without special tokens."""
        rust = self._rust.encode(well_formed(text), add_special_tokens=False)
        tokens: list[str] = rust.tokens
        return tokens


@dataclass(frozen=True)
class Utf8Bound:
    """One token a byte: no byte-level tokenizer gives more, so a budget counted so is kept.

    For models whose tokenizer is unknown. English text has about four bytes a token, so a
    budget is then used to about a quarter.
    """

    name: str = "utf-8"

    def count(self, text: str) -> int:
        """Bytes of `text` in UTF-8."""
        return len(text) if text.isascii() else len(well_formed(text).encode())

    def count_many(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Bytes of each text in UTF-8, (n,)."""
        return np.array([self.count(text) for text in texts], np.int64)

    def offsets(self, text: str) -> NDArray[np.int64]:
        """For each byte, (n, 2): start and end of its character."""
        start = byte_to_char(text)
        return np.stack([start, start + 1], axis=1)


@dataclass(frozen=True, eq=False)
class TiktokenTokenizer:
    """An encoding of OpenAI's models; special tokens in the text count as plain text."""

    name: str
    _encoding: Any = field(repr=False)

    @classmethod
    def open(cls, encoding: str) -> TiktokenTokenizer:
        """Open an encoding by name, such as "cl100k_base".

        Raises:
            ModelError: if tiktoken is not installed, or does not have the encoding.
        """
        try:
            tiktoken = importlib.import_module("tiktoken")
        except ImportError as error:
            raise ModelError(
                f"the tokenizer 'tiktoken:{encoding}' needs a package: pip install tiktoken"
            ) from error
        try:
            found = tiktoken.get_encoding(encoding)
        except ValueError as error:
            known = ", ".join(sorted(tiktoken.list_encoding_names()))
            raise ModelError(f"tiktoken has no encoding {encoding!r}; it has {known}") from error
        except OSError as error:
            raise ModelError(
                f"tiktoken cannot download the encoding {encoding!r}: go online once, or set"
                " TIKTOKEN_CACHE_DIR to a folder that holds it"
            ) from error
        return cls(f"tiktoken:{encoding}", found)

    def count(self, text: str) -> int:
        """Tokens in `text`."""
        return len(self._encoding.encode_ordinary(well_formed(text)))

    def count_many(self, texts: Sequence[str]) -> NDArray[np.int64]:
        """Tokens in each text, (n,)."""
        return np.array([self.count(text) for text in texts], np.int64)

    def offsets(self, text: str) -> NDArray[np.int64]:
        """Where each token lies, (n, 2), in characters of `text`."""
        ids = self._encoding.encode_ordinary(well_formed(text))
        sizes = np.array([len(self._encoding.decode_single_token_bytes(i)) for i in ids], np.int64)
        ends = np.cumsum(sizes)
        char = byte_to_char(text)
        return np.stack([char[ends - sizes], char[ends - 1] + 1], axis=1).reshape(-1, 2)


def byte_to_char(text: str) -> NDArray[np.int64]:
    """For each byte of `text` in UTF-8 (lone surrogates as U+FFFD), its character's index."""
    data = np.frombuffer(well_formed(text).encode(), np.uint8)
    # Continuation bytes are 10xxxxxx (RFC 3629); every other byte begins a character.
    return np.cumsum((data & 0xC0) != 0x80, dtype=np.int64) - 1
