"""What holds for the rows of every kind."""

from __future__ import annotations

from itertools import pairwise


def check_rows(text, rows):
    """In order, all that is not white space, and nothing needs itself in the end."""
    assert all(a.end <= b.start for a, b in pairwise(rows))
    assert all(text[r.start : r.end].strip() for r in rows)
    assert "".join("".join(text[r.start : r.end].split()) for r in rows) == "".join(text.split())
    for number, row in enumerate(rows):
        assert -1 <= row.head < len(rows)
        seen = {number}
        while row.needs >= 0:
            assert row.needs not in seen
            seen.add(row.needs)
            row = rows[row.needs]


def shown(text, rows):
    """Each row's text and the text of what it needs."""
    return [
        (
            text[r.start : r.end],
            text[rows[r.needs].start : rows[r.needs].end] if r.needs >= 0 else "",
        )
        for r in rows
    ]
