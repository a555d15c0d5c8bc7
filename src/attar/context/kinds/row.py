"""One row of a divided text: what is kept or dropped at once, and what it brings along."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of a text; rows are in order, and between them stands white space only.

    Args:
        start: where it begins, in characters.
        end: where it ends.
        group: number of its paragraph.
        head: the row of its heading, which is kept with it where that costs little; -1 if none.
        needs: the row without which it cannot stand, as `{` is for what follows it; -1 if none.
        bound: kept only where another row needs it, as the `}` that closes what was opened.
        atomic: never kept in part.
        keep: always kept, as what a chat's system message says.
        prior: how much it is wanted whatever is asked, in standard deviations of the scores.
        apart: neither its place in its paragraph nor what else stands there says how much it is
            wanted, as with the members of a record.
        code: a statement or comment of a program.
    """

    start: int
    end: int
    group: int
    head: int = -1
    needs: int = -1
    bound: bool = False
    atomic: bool = False
    keep: bool = False
    prior: float = 0.0
    apart: bool = False
    code: bool = False

    def moved(self, characters: int, rows: int, groups: int) -> Row:
        """The same row in a text where so much comes before it."""
        return replace(
            self,
            start=self.start + characters,
            end=self.end + characters,
            group=self.group + groups,
            head=self.head + rows if self.head >= 0 else -1,
            needs=self.needs + rows if self.needs >= 0 else -1,
        )


def append(rows: list[Row], found: Iterable[Row], at: int, needs: int = -1, head: int = -1) -> None:
    """Add the rows of a stretch that begins at character `at` behind those of what precedes it.

    Args:
        rows: all rows so far; grows.
        found: rows of the stretch, counted from its beginning.
        at: where the stretch begins.
        needs: the row that those need which need no other row of the stretch.
        head: the heading of those that have none in the stretch.
    """
    before = len(rows)
    groups = rows[-1].group + 1 if rows else 0
    for row in found:
        row = row.moved(at, before, groups)
        rows.append(
            replace(
                row,
                needs=row.needs if row.needs >= 0 else needs,
                head=row.head if row.head >= 0 else head,
            )
        )
