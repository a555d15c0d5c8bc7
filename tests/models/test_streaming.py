from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from attar.models.streaming import hold_back

AB = st.text("ab", max_size=12)


def _cut(text: str, stops: list[str]) -> str:
    found = [text.find(s) for s in stops if s and s in text]
    return text[: min(found)] if found else text


@given(st.lists(AB, max_size=8), st.lists(st.text("ab", max_size=4), max_size=3))
def test_pieces_join_to_the_text_before_the_first_stop(pieces: list[str], stops: list[str]) -> None:
    # Pieces are read until a stop is complete; what a later piece holds cannot count.
    expected = "".join(pieces)
    for end in range(len(pieces) + 1):
        some = "".join(pieces[:end])
        if any(s and s in some for s in stops):
            expected = some
            break
    assert "".join(hold_back(pieces, stops)) == _cut(expected, stops)


@given(st.lists(AB, max_size=8), st.lists(st.text("ab", min_size=1, max_size=4), max_size=3))
def test_nothing_empty_and_no_stop_is_let_out(pieces: list[str], stops: list[str]) -> None:
    out = list(hold_back(pieces, stops))
    assert all(out)
    assert not any(s in "".join(out) for s in stops)


def test_nothing_is_read_after_the_stop() -> None:
    def endless() -> Iterator[str]:
        yield from ("one ", "EN", "D two")
        raise AssertionError("read on")

    assert list(hold_back(endless(), ["END"])) == ["one "]


def test_text_without_stops_passes_at_once() -> None:
    assert list(hold_back(["a", "", "b"], [])) == ["a", "b"]
