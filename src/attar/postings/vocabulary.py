"""Words to numbers, as they come."""

from __future__ import annotations

from collections.abc import Callable

from attar.errors import UsageError
from attar.postings.front_coding import MAX_TERM


class Vocabulary(dict[str, int]):
    """Words to numbers of their terms; 0 stands for words that are left out.

    Many words share a term ("index", "indexes"), and stemming is slow, so each word is looked
    at once. `dict` calls `__missing__` only then, which keeps the common path in C.

    Args:
        term: word to term; "" for words to leave out.

    Raises:
        UsageError: on asking for a word whose term is too long.
    """

    def __init__(self, term: Callable[[str], str]) -> None:
        super().__init__()
        self._term = term
        self._numbers: dict[bytes, int] = {b"": 0}
        self.terms: list[bytes] = [b""]

    def __missing__(self, word: str) -> int:
        term = to_bytes(self._term(word))
        number = self._numbers.get(term)
        if number is None:
            if len(term) > MAX_TERM:
                raise UsageError(
                    f"the token {word[:40]!r}... is longer than {MAX_TERM} bytes; cut it"
                )
            number = self._numbers[term] = len(self.terms)
            self.terms.append(term)
        self[word] = number
        return number


def to_bytes(term: str) -> bytes:
    """A term as the dictionary holds it; lone surrogates, which occur in damaged text, as "?"."""
    return term.encode("utf-8", "replace")
