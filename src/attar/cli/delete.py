"""`attar delete`: documents out of a pack."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING

import click

from attar.cli.console import OUT, json_option, print_json
from attar.errors import UsageError

if TYPE_CHECKING:
    from attar.pack.segment import Segment

_MANY = 20_000  # names are compared one by one


@click.command("delete")
@click.argument("pack", type=click.Path())
@click.argument("ids", nargs=-1, required=True)
@json_option
def command(pack: str, ids: tuple[str, ...], as_json: bool) -> None:
    """Delete the documents IDS from PACK; `attar search --json` shows ids."""
    from attar.pack import Pack

    with Pack.open(pack) as opened:
        deleted = opened.delete(ids)
        if deleted == 0:
            raise UsageError(
                f"{pack} holds none of the documents named: nothing was deleted"
                + _nearest(ids[0], opened.collection.segments)
            )
    if as_json:
        print_json({"deleted": deleted})
    else:
        OUT.print(f"deleted {deleted} of {len(set(ids))} documents named")


def _nearest(name: str, segments: Sequence[Segment]) -> str:
    """What may have been meant, as the end of a sentence; nothing for a pack of very many."""
    if sum(segment.entry.documents for segment in segments) > _MANY:
        return ""
    known = [document for segment in segments for document in segment.units.ids]
    found = get_close_matches(name, known, n=1)
    return f"; did you mean {found[0]!r}?" if found else ""
