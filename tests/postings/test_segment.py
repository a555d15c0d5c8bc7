"""Words of scripts without spaces."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.errors import UsageError
from attar.postings import Analyzer, PostingsReader, Statistics, write_postings
from attar.postings.segment import UNSPACED, pairs, segmenter

unspaced = st.text("東京都に住んでいます黑豹队的防守สวัสดีครับຂ້ອຍຮັກភាសាမြန်မာ𠀀々", min_size=1)


@given(unspaced)
def test_pairs_hold_every_character_and_each_neighbour(run: str) -> None:
    found = pairs(run)
    assert set("".join(found)) == set(run)
    assert len(found) == max(1, len(run) - 1)
    assert all(pair in run for pair in found)


@given(unspaced)
def test_words_by_icu_are_the_run_again(run: str) -> None:
    assert UNSPACED.fullmatch(run)
    words = segmenter("icu")(run)
    assert "".join(words) == run
    assert all(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("สวัสดีครับ", ["สวัสดี", "ครับ"]),
        ("東京都に住んでいます", ["東京", "都"]),
        ("黑豹队的防守", ["防守"]),
        ("ຂ້ອຍຮັກເຈົ້າ", ["ຂ້ອຍ", "ຮັກ"]),
    ],
)
def test_words_by_icu(text: str, words: list[str]) -> None:
    tokens = Analyzer("none", segment="icu").tokens(f"see {text}, 2024")
    assert tokens[0] == "see"
    assert tokens[-1] == "2024"
    assert set(words) <= set(tokens)


@pytest.mark.parametrize("name", ["pairs", "icu"])
def test_an_index_finds_words_within_a_run(tmp_path: Path, name: str) -> None:
    texts = ["ผมชื่อสมชายครับ", "วันนี้อากาศดี", "我们在北京大学学习", "東京都に住んでいます"]
    chosen = Analyzer("none", segment="icu" if name == "icu" else "pairs")
    write_postings(tmp_path / "p", texts, chosen)
    reader = PostingsReader(tmp_path / "p")
    assert reader.analyzer == chosen
    for number, question in enumerate(["สมชาย", "อากาศ", "北京", "東京"]):
        terms = chosen.tokens(question)
        found, _ = reader.search(terms, Statistics.gather([reader], terms), 4)
        assert found[0] == number


def test_without_icu_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icu4py.breakers", None)
    with pytest.raises(UsageError, match=r"attar\[icu\]"):
        Analyzer("none", segment="icu").tokens("東京")
    assert Analyzer("none").tokens("東京") == ["東京"]


def test_other_ways_to_segment_are_refused() -> None:
    with pytest.raises(UsageError, match="jieba"):
        Analyzer(segment="jieba")  # type: ignore[arg-type]
