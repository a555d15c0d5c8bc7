"""`attar add`: more documents into a pack."""

from __future__ import annotations

import time

import click

from attar.cli.building import print_built
from attar.cli.console import json_option, show_progress


@click.command("add")
@click.argument("pack", type=click.Path())
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True))
@json_option
def command(pack: str, paths: tuple[str, ...], as_json: bool) -> None:
    """Add the documents in PATHS to PACK; a document that it already holds is replaced."""
    from attar.pack import Pack, read

    started = time.perf_counter()
    reading = read(paths)
    with Pack.open(pack) as opened, show_progress(quiet=as_json) as progress:
        opened.add(reading, progress)
    print_built(opened, reading.skipped, time.perf_counter() - started, as_json)
