"""`attar methods`: what there is."""

from __future__ import annotations

import click
from rich.table import Table

from attar.cli.console import OUT, json_option, print_json
from attar.registry import REGISTRY


@click.command("methods")
@click.argument("target", required=False)
@json_option
def command(target: str | None, as_json: bool) -> None:
    """List the methods: name, what each needs, and the paper it comes from.

    TARGET narrows the list to one kind, such as codec or context.
    """
    methods = REGISTRY.methods(target)
    if target is not None and not methods:
        raise click.UsageError(
            f"there are no {target!r} methods; there are: "
            + ", ".join(sorted({m.target for m in REGISTRY.methods()}))
        )
    if as_json:
        print_json(
            [
                {
                    "name": m.name,
                    "target": m.target,
                    "needs": list(m.needs),
                    "paper": m.paper,
                    "summary": m.summary,
                }
                for m in methods
            ]
        )
        return
    table = Table("target", "name", "what it does", "needs", "paper")
    for m in methods:
        table.add_row(m.target, m.name, m.summary, ", ".join(m.needs) or "nothing", m.paper)
    OUT.print(table)
