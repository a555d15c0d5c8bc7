from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import UsageError
from attar.postings import Analyzer, analyzer, languages
from attar.postings.segment import Segmenter


def test_english() -> None:
    text = "The wings' FLUTTER, don't you see? x of 1950s aeroplanes"
    assert Analyzer().tokens(text) == ["wing", "flutter", "see", "1950s", "aeroplan"]
    assert Analyzer(stem=False).tokens("the Wings") == ["wings"]
    assert Analyzer(stopwords=False).tokens("the wings") == ["the", "wing"]
    assert Analyzer("none").tokens("the Wings") == ["the", "wings"]


def test_folding() -> None:
    assert Analyzer("none").tokens("Straße ﬁnal Ａ１ ÉTÉ") == ["strasse", "final", "a1", "été"]
    assert Analyzer("german").tokens("Häuser und Haus") == Analyzer("german").tokens("Haus Haus")


def test_scripts_without_spaces_become_pairs() -> None:
    assert Analyzer().tokens("東京都 is big") == ["東京", "京都", "big"]
    assert Analyzer("none").tokens("水") == ["水"]
    assert Analyzer("none").tokens("abc東京def") == ["abc", "東京", "def"]
    assert len(Analyzer("none").tokens("สวัสดี")) == 5


def test_long_words_are_cut() -> None:
    assert [len(t) for t in Analyzer("none").tokens("x" * 9999)] == [255]


@settings(deadline=None)
@given(
    st.sampled_from(languages()), st.booleans(), st.booleans(), st.sampled_from(["pairs", "icu"])
)
def test_names_read_back(language: str, stem: bool, stopwords: bool, segment: Segmenter) -> None:
    value = Analyzer(language, stem=stem, stopwords=stopwords, segment=segment)
    assert analyzer(value.name) == value
    assert eval(repr(value)) == value


@settings(deadline=None)
@given(st.text(), st.sampled_from(languages()))
def test_any_text_gives_tokens(text: str, language: str) -> None:
    tokens = Analyzer(language).tokens(text)
    assert all(tokens)
    assert tokens == Analyzer(language).tokens(text)


@pytest.mark.parametrize(
    "name", ["klingon", "english -stems", "english stem", "english -icu", "none +words"]
)
def test_unknown_names_are_refused(name: str) -> None:
    with pytest.raises(UsageError):
        analyzer(name)


def test_empty_name_is_refused() -> None:
    with pytest.raises(UsageError):
        analyzer("")
