import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.errors import UsageError
from attar.postings import Analyzer, words
from attar.postings.front_coding import MAX_TERM
from attar.postings.vocabulary import Vocabulary, to_bytes
from attar.postings.words import SEPARATOR, TEXT, TOKENS, Script, Words

TEXTS = st.text(
    st.sampled_from("aAb_9 .-\n\0ßÉŁ漢字ก\u0301²Ⅷ\ud800") | st.characters(), max_size=20
)
PLAIN = Analyzer("none", stem=False, stopwords=False)


def terms_of(found: Words, pieces: list[bytes], weights: list[int]) -> list[list[str]]:
    """The terms of each piece."""
    ends = np.cumsum([len(piece) for piece in pieces], dtype=np.int64)
    numbers, stops = found.numbers(b"".join(pieces), ends, np.array(weights, np.int64))
    parts = np.split(numbers, stops[:-1]) if pieces else []
    return [[found.terms[i].decode() for i in part.tolist()] for part in parts]


@given(st.lists(st.tuples(TEXTS, st.integers(0, 3)), max_size=8), st.booleans())
def test_the_words_of_texts_are_those_of_the_analyzer(
    texts: list[tuple[str, int]], small: bool
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        if small:
            patch.setattr(words, "_ROOM", 1)
        found = Words(str, TEXT)
    expected = [[w for w in PLAIN.words(text) for _ in range(weight)] for text, weight in texts]
    pieces, weights = [PLAIN.encoded(text) for text, _ in texts], [weight for _, weight in texts]
    for _ in range(2):  # words that are new, and words that are known
        assert terms_of(found, pieces, weights) == expected
    assert len(found) == len({word for text, _ in texts for word in PLAIN.words(text)})


@given(st.lists(st.lists(st.text(max_size=5), max_size=5), max_size=5))
def test_tokens_may_hold_anything(documents: list[list[str]]) -> None:
    pieces = [bytes([SEPARATOR]).join(map(to_bytes, tokens)) for tokens in documents]
    expected = [[to_bytes(t).decode() for t in tokens if t] for tokens in documents]
    assert terms_of(Words(str, TOKENS), pieces, [1] * len(pieces)) == expected


@pytest.mark.parametrize("script", [TEXT, TOKENS])
def test_many_words_are_told_apart(script: Script) -> None:
    found = Words(str, script)
    many = [f"w{i}" for i in range(70_000)]
    piece = " ".join(many).encode() if script is TEXT else b"\xff".join(w.encode() for w in many)
    assert terms_of(found, [piece, piece], [1, 1]) == [many, many]


def test_words_share_terms_and_some_are_left_out() -> None:
    found = Words(lambda word: "" if word == "the" else word[:3], TEXT)
    assert terms_of(found, [b"The index, the INDEXES", b"of an_index"], [1, 2]) == [
        ["", "ind", "", "ind"],
        ["of", "of", "an_", "an_"],
    ]
    assert found.terms == [b"", b"ind", b"of", b"an_"]
    assert len(found) == 5


def test_terms_have_numbers() -> None:
    vocabulary = Vocabulary()
    assert [vocabulary[term] for term in ("a", "", "b\ud800", "a", "b?")] == [1, 0, 2, 1, 2]
    assert vocabulary.terms == [b"", b"a", b"b?"]
    with pytest.raises(UsageError, match="is longer than"):
        vocabulary["x" * (MAX_TERM + 1)]
