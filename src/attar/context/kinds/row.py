"""One row of a divided text: what is kept or dropped at once, and what it brings along."""

from __future__ import annotations

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
        prior: how much it is wanted whatever is asked, in standard deviations of the scores.
    """

    start: int
    end: int
    group: int
    head: int = -1
    needs: int = -1
    bound: bool = False
    atomic: bool = False
    prior: float = 0.0

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
