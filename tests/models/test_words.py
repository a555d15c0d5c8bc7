import pickle
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import AddedToken, Tokenizer, models, normalizers, pre_tokenizers

from attar.models import words
from attar.models.tokenizers import HFTokenizer, well_formed
from attar.models.words import WordTokens, divides_at_spaces

PIECES = ("[UNK]", "fox", "##es", "##e", "e", "a", "##a", "run", "##ning", ".", "東", "##ß", "σ")
# Characters that one step or another drops, joins, moves, divides or takes for a space.
ODD = (
    " \t\n\r\x0b\x0c\x1c\x85\xa0\u2028\u3000\u200b\u0301\u0345\xad\0\ufffd"
    "ÀΣσßİ東京한\u1100\u1161😀ﬁ"
)
TEXTS = st.lists(
    st.sampled_from([*ODD, *PIECES, "foxes", "[CLS]", "Running.", "a" * 120]) | st.characters(),
    max_size=12,
).map(lambda parts: well_formed("".join(parts)))


def wordpiece() -> Tokenizer:
    rust = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(PIECES)}))
    rust.normalizer = normalizers.BertNormalizer()
    rust.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    rust.add_special_tokens(["[CLS]"])
    return rust


def split_only() -> Tokenizer:
    rust = Tokenizer(models.WordPiece({piece: i for i, piece in enumerate(PIECES)}))
    steps = [normalizers.NFKD(), normalizers.Lowercase(), normalizers.StripAccents()]
    rust.normalizer = normalizers.Sequence(steps)
    rust.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return rust


@pytest.fixture(scope="module", params=[wordpiece, split_only])
def rust(request: pytest.FixtureRequest) -> Tokenizer:
    made: Tokenizer = request.param()
    return made


@pytest.fixture(scope="module")
def remembering(rust: Tokenizer) -> WordTokens:
    assert divides_at_spaces(rust)
    return WordTokens(rust)


@given(TEXTS)
def test_tokens_are_those_of_the_tokenizer(
    rust: Tokenizer, remembering: WordTokens, text: str
) -> None:
    expected = rust.encode(text, add_special_tokens=False).offsets
    for one in (remembering, WordTokens(rust)):  # a word known and a word new
        assert one.offsets(text).tolist() == [list(span) for span in expected]
        assert one.count(text) == len(expected)


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(words, "_MOST_WORDS", 3)
    monkeypatch.setattr(words, "_MOST_CHARACTERS", 20)
    monkeypatch.setattr(words, "_SLAB", 8)
    rust = wordpiece()
    tokens = WordTokens(rust)
    for text in ("a fox runs", "foxes running " * 3, "aa " * 40 + "a" * 40, "one two three four"):
        assert tokens.count(text) == len(rust.encode(text))
        assert tokens.count(text) == len(rust.encode(text))
        assert len(tokens._known) <= 3
        assert sum(map(len, tokens._known)) <= 20


def test_it_is_pickled_without_what_it_remembers() -> None:
    tokens = WordTokens(wordpiece())
    before = len(pickle.dumps(tokens))
    assert tokens.count("a foxe running") == 5
    again = pickle.loads(pickle.dumps(tokens))
    assert len(pickle.dumps(again)) == before
    assert np.array_equal(again.offsets("a foxe running"), tokens.offsets("a foxe running"))


def test_tokenizers_that_look_across_spaces_are_told_apart() -> None:
    assert divides_at_spaces(wordpiece())
    spaced = wordpiece()
    spaced.add_tokens(["two words"])
    assert not divides_at_spaces(spaced)
    padded = wordpiece()  # of an ideograph the normalizer makes " 東 "
    padded.add_tokens([AddedToken("東京", normalized=True)])
    assert not divides_at_spaces(padded)
    greedy = wordpiece()
    greedy.add_tokens([AddedToken("mask", lstrip=True)])
    assert not divides_at_spaces(greedy)
    joined = wordpiece()
    joined.normalizer = normalizers.Replace(" a", "b")
    assert not divides_at_spaces(joined)
    by_bytes = wordpiece()
    by_bytes.pre_tokenizer = pre_tokenizers.ByteLevel()
    assert not divides_at_spaces(by_bytes)
    pairs = Tokenizer(models.BPE())
    pairs.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    assert not divides_at_spaces(pairs)


def test_a_tokenizer_file_is_read_so(tmp_path: Path) -> None:
    wordpiece().save(str(tmp_path / "tokenizer.json"))
    found = HFTokenizer.open(tmp_path)
    assert found._words is not None
    text = "Running\ud800 foxes."
    ids = found.ids(text)
    assert found.count(text) == len(found.offsets(text)) == len(ids)
    assert found.count_many([text, "", "a"]).tolist() == [len(ids), 0, 1]
