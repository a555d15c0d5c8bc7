import string
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from attar.models.wordpiece import WordPiece

PIECES = (
    "[UNK]",
    "fox",
    "fo",
    "##es",
    "##e",
    "e",
    "a",
    "##a",
    "run",
    "##ning",
    ".",
    "##",
    "#",
    "A",
)
TEXTS = st.lists(
    st.sampled_from([*PIECES, "foxes", "[CLS]", "Running.", "A" * 11, " ", "\n", "\t", "é", "\x0b"])
    | st.sampled_from(string.printable),
    max_size=12,
).map("".join)


def bert(*, lowercase: bool = True) -> Tokenizer:
    rust = Tokenizer(
        models.WordPiece(
            {piece: i for i, piece in enumerate(PIECES)},
            unk_token="[UNK]",
            max_input_chars_per_word=10,
        )
    )
    rust.normalizer = normalizers.BertNormalizer(lowercase=lowercase)
    rust.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    rust.add_special_tokens(["[CLS]"])
    return rust


def pieces(rust: Tokenizer) -> WordPiece:
    found = WordPiece.of(rust)
    assert found is not None
    return found


def expected(rust: Tokenizer, text: str) -> list[list[int]]:
    return [list(span) for span in rust.encode(text, add_special_tokens=False).offsets]


@pytest.mark.parametrize("lowercase", [True, False])
def test_tokens_are_those_of_the_tokenizer(lowercase: bool) -> None:
    rust = bert(lowercase=lowercase)
    plain = pieces(rust)

    @given(TEXTS)
    def check(text: str) -> None:
        spans, left_out, before = plain.spans(text)
        if text.isascii() and "[CLS]" not in text and text.isprintable():
            assert not len(left_out)
        # What was left out, tokenized by itself, belongs where it is said to.
        parts = [np.array(expected(rust, text[a:b])).reshape(-1, 2) + a for a, b in left_out]
        places = np.repeat(before, [len(part) for part in parts])
        if parts:
            spans = np.insert(spans, places, np.concatenate(parts), axis=0)
        assert spans.tolist() == expected(rust, text)

    check()


def test_words_are_left_out_whole() -> None:
    spans, left_out, before = pieces(bert()).spans("a fox,é foxes [CLS]a. e")
    assert left_out.tolist() == [[2, 7], [14, 21]]
    assert before.tolist() == [1, 3]
    assert spans.tolist() == [[0, 1], [8, 11], [11, 13], [22, 23]]


def other_model(rust: Tokenizer) -> None:
    rust.model = models.BPE()


def other_marks(rust: Tokenizer) -> None:
    rust.model = models.WordPiece({"a": 0, "~b": 1}, continuing_subword_prefix="~")


def other_normalizer(rust: Tokenizer) -> None:
    rust.normalizer = normalizers.Lowercase()


def uncleaned(rust: Tokenizer) -> None:
    rust.normalizer = normalizers.BertNormalizer(clean_text=False)


def other_words(rust: Tokenizer) -> None:
    rust.pre_tokenizer = pre_tokenizers.WhitespaceSplit()


def folded_token(rust: Tokenizer) -> None:
    rust.add_tokens([AddedToken("Mask", normalized=True)])


@pytest.mark.parametrize(
    "change", [other_model, other_marks, other_normalizer, uncleaned, other_words, folded_token]
)
def test_other_tokenizers_are_told_apart(change: Callable[[Tokenizer], None]) -> None:
    rust = bert()
    change(rust)
    assert WordPiece.of(rust) is None
