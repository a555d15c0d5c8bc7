"""`attar pack`: files in, one compressed and searchable folder out."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import click

from attar.cli.building import add_paths, print_built
from attar.cli.console import embedder_option, json_option, show_progress
from attar.errors import UsageError


@click.command("pack")
@click.argument("paths", nargs=-1, required=True, type=click.Path(exists=True))
@click.option("-o", "--output", required=True, type=click.Path(), help="The pack to make.")
@click.option(
    "--vectors",
    "recipe",
    default=None,
    metavar="RECIPE",
    help='How vectors are coded: a recipe such as "hadamard >> uniform(bits=3)".',
)
@click.option(
    "--language", default="english", show_default=True, help="Language of stems and stop words."
)
@embedder_option
@json_option
def command(
    paths: tuple[str, ...],
    output: str,
    recipe: str | None,
    language: str,
    embedder: str,
    as_json: bool,
) -> None:
    """Pack the documents in PATHS (files or folders) into one folder that can be searched.

    Files that are not text are skipped and listed. An existing pack is never overwritten:
    `attar add` adds to it.
    """
    from attar.pack.pack import VECTORS, Pack

    target = Path(output)
    if target.exists():
        raise UsageError(f"{output} already exists: use `attar add` to add to it, or another name")
    started = time.perf_counter()
    try:
        with Pack.create(
            target, embedder=embedder, vectors=recipe or VECTORS, analyzer=language
        ) as pack:
            with show_progress(quiet=as_json) as progress:
                built = add_paths(pack, paths, progress)
            if built.documents == 0:
                raise UsageError(f"nothing to pack in {', '.join(paths)}: {built.why_nothing()}")
            print_built(pack, built, time.perf_counter() - started, as_json)
    except BaseException:
        # Nothing was there before, so nothing half-made stays.
        shutil.rmtree(target, ignore_errors=True)
        raise
