"""`attar delete`: documents out of a pack."""

from __future__ import annotations

import click

from attar.cli.console import OUT, json_option, print_json
from attar.errors import UsageError


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
        raise UsageError(f"{pack} holds none of the documents named: nothing was deleted")
    if as_json:
        print_json({"deleted": deleted})
    else:
        OUT.print(f"deleted {deleted} of {len(set(ids))} documents named")
