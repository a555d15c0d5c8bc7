import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer

from attar.errors import ModelError
from attar.models import Tokenizer as TokenizerProtocol
from attar.models import tokenizer
from attar.models.tokenizers import (
    HFTokenizer,
    TiktokenTokenizer,
    Utf8Bound,
    byte_to_char,
    well_formed,
)

ANY = st.text(st.characters(), max_size=80)  # lone surrogates too
FULL = st.lists(st.integers(0, 0x10FFFF).map(chr), max_size=40).map("".join)


@pytest.fixture(scope="module")
def bpe(tokenizer_folder: Path) -> HFTokenizer:
    return HFTokenizer.open(tokenizer_folder)


@pytest.fixture(scope="module")
def plain(tokenizer_folder: Path) -> Tokenizer:
    found = Tokenizer.from_file(str(tokenizer_folder / "tokenizer.json"))
    found.no_truncation()
    return found


@given(FULL)
def test_well_formed_keeps_the_length_and_encodes(text: str) -> None:
    fixed = well_formed(text)
    assert len(fixed) == len(text)
    assert fixed.encode().decode() == fixed
    assert all(a == b or 0xD800 <= ord(b) <= 0xDFFF for a, b in zip(fixed, text, strict=True))


@given(ANY)
def test_count_is_that_of_the_model(bpe: HFTokenizer, plain: Tokenizer, text: str) -> None:
    expected = plain.encode(well_formed(text), add_special_tokens=False).ids
    assert bpe.count(text) == len(expected)
    assert bpe.ids(text) == expected


@given(ANY | FULL)
def test_offsets_cover_a_byte_level_text(bpe: HFTokenizer, text: str) -> None:
    spans = bpe.offsets(text)
    assert spans.shape == (bpe.count(text), 2)
    assert spans.dtype == np.int64
    covered = np.zeros(len(text), bool)
    for start, end in spans:
        assert 0 <= start < end <= len(text)
        covered[start:end] = True
    assert covered.all()
    assert (np.diff(spans[:, 0]) >= 0).all()
    assert (np.diff(spans[:, 1]) >= 0).all()
    assert (spans[1:, 0] >= spans[:-1, 1] - 1).all()  # they meet, or share one split character


def test_offsets_of_split_characters_carry_the_character(bpe: HFTokenizer) -> None:
    assert bpe.offsets("\U0001f9ff").tolist() == [[0, 1]] * bpe.count("\U0001f9ff")
    assert bpe.count("\U0001f9ff") > 1


def test_offsets_keep_white_space(bpe: HFTokenizer) -> None:
    text = "  two  spaces \n"
    assert "".join(text[a:b] for a, b in bpe.offsets(text)) == text


@given(st.lists(ANY, max_size=8))
def test_count_many_is_count(bpe: HFTokenizer, texts: list[str]) -> None:
    assert bpe.count_many(texts).tolist() == [bpe.count(text) for text in texts]
    assert Utf8Bound().count_many(texts).tolist() == [Utf8Bound().count(text) for text in texts]


@given(ANY | FULL)
def test_bytes_bound_every_byte_level_tokenizer(bpe: HFTokenizer, text: str) -> None:
    bound = Utf8Bound()
    assert bpe.count(text) <= bound.count(text) == len(well_formed(text).encode())
    spans = bound.offsets(text)
    assert spans.shape == (bound.count(text), 2)
    assert sorted(set(map(tuple, spans.tolist()))) == [(i, i + 1) for i in range(len(text))]


def test_byte_to_char() -> None:
    assert byte_to_char("aé😀").tolist() == [0, 1, 1, 2, 2, 2, 2]
    assert byte_to_char("").tolist() == []


def test_empty_text(bpe: HFTokenizer) -> None:
    for one in (bpe, Utf8Bound()):
        assert one.count("") == 0
        assert one.offsets("").shape == (0, 2)
        assert one.count_many([]).shape == (0,)
        assert isinstance(one, TokenizerProtocol)


def test_special_tokens_of_the_frame_are_not_counted(embedder_folder: Path) -> None:
    wordpiece = HFTokenizer.open(embedder_folder)
    assert wordpiece.frame == 2
    assert wordpiece.count("fox") == len(wordpiece.offsets("fox"))
    assert wordpiece.count("") == 0
    assert wordpiece.count("fox " * 500) == 500 * wordpiece.count("fox")


def test_names(tokenizer_folder: Path) -> None:
    name = str(tokenizer_folder)
    assert tokenizer(name).name == name
    assert tokenizer(name + "/tokenizer.json").count("fox") == tokenizer(name).count("fox")
    assert isinstance(tokenizer("http://localhost:1/v1#x"), Utf8Bound)
    assert tokenizer(tokenizer("utf-8").name) == Utf8Bound()


def test_a_folder_without_tokenizer_says_so(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"no tokenizer\.json in"):
        tokenizer(str(tmp_path))


def test_a_broken_tokenizer_says_so(tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_text(json.dumps({"model": 3}))
    with pytest.raises(ModelError, match="cannot read the tokenizer"):
        tokenizer(str(tmp_path))
    (tmp_path / "tokenizer.json").write_bytes(b"\xff\xfe")
    with pytest.raises(ModelError, match="cannot read the tokenizer"):
        tokenizer(str(tmp_path))


class _ByteEncoding:
    """tiktoken's interface over pairs of bytes, which split most characters."""

    def encode_ordinary(self, text: str) -> list[int]:
        data = text.encode()
        return [int.from_bytes(b"\1" + data[i : i + 2]) for i in range(0, len(data), 2)]

    def decode_single_token_bytes(self, token: int) -> bytes:
        return token.to_bytes(3).lstrip(b"\0")[1:]


@given(ANY | FULL)
def test_tiktoken_offsets_give_whole_characters(text: str) -> None:
    pairs = TiktokenTokenizer("pairs", _ByteEncoding())
    spans = pairs.offsets(text)
    owner = byte_to_char(text)
    assert pairs.count(text) == len(spans) == -(-len(owner) // 2)
    for token, (start, end) in enumerate(spans):
        mine = owner[2 * token : 2 * token + 2]
        assert (start, end) == (mine[0], mine[-1] + 1)


def test_tiktoken_missing_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "tiktoken", None)
    with pytest.raises(ModelError, match="pip install tiktoken"):
        tokenizer("tiktoken:cl100k_base")
