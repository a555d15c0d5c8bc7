from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

from attar.models.tokenizers import HFTokenizer, Utf8Bound
from attar.pack import counts
from attar.pack.chunk import chunk
from attar.pack.counts import Counts
from attar.pack.document import Document

LETTERS = "abxe.,漢字ก"
TEXTS = st.lists(
    st.sampled_from(
        [*LETTERS, *" \t\n\r\x0b\x0c\x85\xa0\u2028\u3000\0\u0301É", "ab", "x" * 9, "\r\n", " ab. "]
    ),
    max_size=40,
).map("".join)


@cache
def pieces() -> HFTokenizer:
    """WordPiece as BERT has it, of single letters and a few pairs."""
    vocabulary = ["[UNK]", *LETTERS, *(f"##{c}" for c in LETTERS), "ab", "##ab"]
    rust = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(vocabulary)}))
    rust.normalizer = normalizers.BertNormalizer()
    rust.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    with TemporaryDirectory() as folder:
        rust.save(str(Path(folder, "tokenizer.json")))
        return HFTokenizer.open(Path(folder))


def counted(text: str) -> int:
    return len(pieces()._rust.encode(text, add_special_tokens=False))


@given(TEXTS, st.integers(0, 40), st.integers(0, 40), st.sampled_from([3, 1 << 18]))
def test_a_span_alone_has_the_tokens_of_the_tokenizer(text: str, a: int, b: int, slab: int) -> None:
    start, end = sorted((min(a, len(text)), min(b, len(text))))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(counts, "_SLAB", slab)
        assert Counts(text, pieces()).alone(start, end) == counted(text[start:end])
        assert Counts(text, Utf8Bound()).alone(start, end) == len(text[start:end].encode())


@given(TEXTS, st.integers(1, 12))
def test_chunks_have_no_more_tokens_than_they_may(text: str, limit: int) -> None:
    for found in chunk(Document("d", "d", text), pieces(), limit):
        piece = text[found.start : found.end]
        assert counted(piece) <= limit or len(piece) == 1


def test_a_span_counts_the_tokens_that_end_in_it() -> None:
    found = Counts("aba xx.", pieces())  # ab ##a x ##x .
    assert [found.between(0, end) for end in range(8)] == [0, 0, 1, 2, 2, 3, 4, 5]
    assert found.between(4, 7) == 3
    assert list(found.wrapped(0, 7, 3)) == [(0, 4), (4, 7)]
    assert list(Counts("", pieces()).wrapped(0, 0, 3)) == []
