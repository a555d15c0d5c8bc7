"""Terms to numbers, as they come."""

from __future__ import annotations

from attar.errors import UsageError
from attar.postings.front_coding import MAX_TERM


class Vocabulary(dict[str, int]):
    """Terms to their numbers; 0 is that of "", which stands for what is left out.

    `dict` calls `__missing__` only for terms that are new, which keeps the common path in C.

    Attributes:
        terms: by number, as the dictionary holds them.

    Raises:
        UsageError: on asking for a term that is too long.
    """

    def __init__(self) -> None:
        super().__init__({"": 0})
        self.terms: list[bytes] = [b""]

    def __missing__(self, term: str) -> int:
        data = to_bytes(term)
        if len(data) > MAX_TERM:
            raise UsageError(f"the token {term[:40]!r}... is longer than {MAX_TERM} bytes; cut it")
        if term.isascii() or (spelled := data.decode("utf-8")) == term:
            number = len(self.terms)
            self.terms.append(data)
        else:
            number = self[spelled]
        self[term] = number
        return number


def to_bytes(term: str) -> bytes:
    """A term as the dictionary holds it; lone surrogates, which occur in damaged text, as "?"."""
    return term.encode("utf-8", "replace")
