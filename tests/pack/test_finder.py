from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attar.pack.finder import Finder


class SameHash(str):
    """Strings that only comparing them tells apart."""

    __slots__ = ()

    def __hash__(self) -> int:
        return 7


@given(st.lists(st.text(max_size=2), max_size=30))
def test_every_name_is_among_its_candidates(names: list[str]) -> None:
    finder = Finder(names)
    for name in names:
        same = [i for i, other in enumerate(names) if other == name]
        assert [i for i in finder.candidates(name) if names[i] == name] == same


def test_names_of_one_hash_are_all_candidates() -> None:
    names = [SameHash(letter) for letter in "abc"]
    assert Finder(names).candidates(SameHash("z")) == [0, 1, 2]
    assert Finder([]).candidates("a") == []
