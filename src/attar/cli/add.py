"""`attar add`: more documents into a pack."""

from __future__ import annotations

import time

import click

from attar.cli.building import check_paths, crew_options, hired, print_built
from attar.cli.console import json_option, show_progress


@click.command("add")
@click.argument("pack", type=click.Path())
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@crew_options
@json_option
def command(
    pack: str, paths: tuple[str, ...], workers: int, ray: str | None, as_json: bool
) -> None:
    """Add the documents in PATHS to PACK; a document that it already holds is replaced.

    PATHS are files, folders and URLs that fsspec can read (s3://bucket/docs).
    """
    from attar.pack import Pack, read
    from attar.pack.remote import fetched

    started = time.perf_counter()
    check_paths(paths)
    opened = Pack.open(pack)
    with (
        fetched(paths) as local,
        show_progress(quiet=as_json) as progress,
        hired(workers, ray) as crew,
    ):
        reading = read(local)
        opened.add(reading, progress, crew=crew)
    print_built(opened, reading.skipped, time.perf_counter() - started, as_json)
