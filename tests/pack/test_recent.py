from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from attar.pack.recent import Recent


class Book:
    """Holds its bytes from its first use on."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.held = 0

    def read(self, recent: Recent) -> None:
        recent.use(self)
        self.held = self.size

    def let_go(self) -> None:
        self.held = 0


@given(st.lists(st.integers(1, 50), min_size=1, max_size=8), st.data())
def test_no_more_is_held_than_the_limit_and_the_last(sizes: list[int], data: st.DataObject) -> None:
    books = [Book(size) for size in sizes]
    recent = Recent(100)
    order = data.draw(st.lists(st.integers(0, len(books) - 1), max_size=40))
    for i in order:
        books[i].read(recent)
        assert books[i].held == books[i].size
        assert sum(book.held for book in books) <= 100 + max(sizes)


def test_the_one_not_used_for_longest_goes_first() -> None:
    a, b, c = books = [Book(40) for _ in range(3)]
    recent = Recent(100)
    for book in (a, b, a, c, a):
        book.read(recent)
    assert [book.held for book in books] == [40, 0, 40]
    none = Recent(0)
    for _ in range(3):
        a.read(none)
    assert a.held == 40  # the last is never taken away
