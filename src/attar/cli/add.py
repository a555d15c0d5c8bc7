"""`attar add`: more documents into a pack."""

from __future__ import annotations

import time

import click

from attar.cli.building import add_paths, print_built
from attar.cli.console import json_option, show_progress


@click.command("add")
@click.argument("pack", type=click.Path())
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True))
@json_option
def command(pack: str, paths: tuple[str, ...], as_json: bool) -> None:
    """Add the documents in PATHS to PACK; a document that it already holds is replaced."""
    from attar.pack import Pack

    started = time.perf_counter()
    with Pack.open(pack) as opened, show_progress(quiet=as_json) as progress:
        built = add_paths(opened, paths, progress)
    with Pack.open(pack) as opened:
        print_built(opened, built, time.perf_counter() - started, as_json)
