"""Real tokenizers of several kinds, small enough to train in a test."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, trainers

_TEXT = [
    "The quick brown fox jumps over the lazy dog. The dog sleeps, and the fox runs on and on.",
    "Die Würde des Menschen ist unantastbar. Sie zu achten ist Verpflichtung aller Gewalt.",
    "Все люди рождаются свободными и равными в своём достоинстве и правах.",
    "人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心。",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में जन्मजात स्वतन्त्रता और समानता प्राप्त है।",
    "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.",
] * 4


class Trained:
    """A tokenizer of the `tokenizers` package behind Attar's protocol."""

    def __init__(self, name: str, rust: Tokenizer) -> None:
        self.name = name
        self._rust = rust

    def _encode(self, text: str):
        legal = re.sub("[\ud800-\udfff]", "\ufffd", text)
        return self._rust.encode(legal, add_special_tokens=False)

    def count(self, text: str) -> int:
        return len(self._encode(text))

    def offsets(self, text: str) -> NDArray[np.int64]:
        return np.array(self._encode(text).offsets, dtype=np.int64).reshape(-1, 2)

    def __repr__(self) -> str:
        return self.name


@cache
def byte_level() -> Trained:
    """Byte-level BPE as in GPT-2: its tokens may split a character."""
    rust = Tokenizer(models.BPE())
    rust.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=700, initial_alphabet=alphabet, show_progress=False)
    rust.train_from_iterator(_TEXT, trainer)
    return Trained("byte-level BPE", rust)


@cache
def word_piece() -> Trained:
    """WordPiece as in BERT: lower case, no accents, white space and controls dropped."""
    rust = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=40))
    rust.normalizer = normalizers.BertNormalizer()
    rust.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trainer = trainers.WordPieceTrainer(
        vocab_size=500, special_tokens=["[UNK]"], show_progress=False
    )
    rust.train_from_iterator(_TEXT, trainer)
    return Trained("WordPiece", rust)


@cache
def metaspace() -> Trained:
    """Unigram with a mark for the space, one put before the text: as in T5; NFKC first."""
    rust = Tokenizer(models.Unigram())
    rust.normalizer = normalizers.NFKC()
    rust.pre_tokenizer = pre_tokenizers.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300, special_tokens=["<unk>"], unk_token="<unk>", show_progress=False
    )
    rust.train_from_iterator(_TEXT, trainer)
    return Trained("Unigram", rust)


@cache
def characters() -> Trained:
    """One token a character, whatever it is."""
    rust = Tokenizer(models.WordLevel({"?": 0}, unk_token="?"))
    rust.pre_tokenizer = pre_tokenizers.Split(Regex(r"[\s\S]"), "isolated")
    return Trained("characters", rust)


class Utf8:
    """One token a byte: the bound for readers whose tokenizer is unknown."""

    name = "UTF-8 bytes"

    def count(self, text: str) -> int:
        return len(text.encode("utf-8", "surrogatepass"))

    def offsets(self, text: str) -> NDArray[np.int64]:
        rows = [(i, i + 1) for i, c in enumerate(text) for _ in c.encode("utf-8", "surrogatepass")]
        return np.array(rows, dtype=np.int64).reshape(-1, 2)

    def __repr__(self) -> str:
        return self.name


def all_kinds() -> list[Trained | Utf8]:
    return [byte_level(), word_piece(), metaspace(), characters(), Utf8()]
