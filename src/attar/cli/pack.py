"""`attar pack`: files in, one compressed and searchable folder out."""

from __future__ import annotations

import shutil
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from attar.cli.building import check_paths, crew_options, hired, print_built, why_nothing
from attar.cli.console import json_option, show_progress
from attar.errors import UsageError

if TYPE_CHECKING:
    from attar.pack import Pack, PackInfo


@click.command("pack")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="The pack to make.")
@click.option(
    "--vectors",
    "recipe",
    default=None,
    metavar="RECIPE",
    help='How vectors are coded: a recipe such as "hadamard >> uniform(bits=3)".',
)
@click.option(
    "--language", default=None, help="Language of stems and stop words.  [default: english]"
)
@click.option(
    "--embedder",
    default=None,
    metavar="NAME",
    help="Embedding model: default (MiniLM), a folder, a hub name or an http(s) URL.",
)
@click.option(
    "--text",
    type=click.Choice(["standard", "archive"]),
    default=None,
    help="How text is kept: archive is smaller and slower to read.  [default: standard]",
)
@crew_options
@json_option
def command(
    paths: tuple[str, ...],
    output: str,
    recipe: str | None,
    language: str | None,
    embedder: str | None,
    text: str | None,
    workers: int,
    ray: str | None,
    as_json: bool,
) -> None:
    """Pack the documents in PATHS into one folder that can be searched.

    PATHS are files, folders and URLs that fsspec can read (s3://bucket/docs). A pack of the same
    PATHS is brought up to date: only files that changed are read, and documents of files that
    are gone are deleted. Files that are not text are skipped and listed.
    """
    from attar.pack.manifest import NAME, is_blank
    from attar.pack.pack import Pack

    target = Path(output)
    check_paths(paths)
    build = partial(_sync, paths=paths, workers=workers, ray=ray, as_json=as_json)
    if (target / NAME).exists():
        pack = Pack.open(target)
        _check_same(pack.info(), recipe, language, embedder, text)
        build(pack)
        return
    if target.exists() and not (target.is_dir() and is_blank(target)):
        raise UsageError(f"{output} already exists and is no pack: choose another name")
    try:
        build(_made(target, recipe, language, embedder, text))
    except BaseException:
        # Nothing was there before, so nothing half-made stays.
        shutil.rmtree(target, ignore_errors=True)
        raise


def _made(
    target: Path,
    recipe: str | None,
    language: str | None,
    embedder: str | None,
    text: str | None,
) -> Pack:
    from attar.pack.pack import VECTORS, Pack

    return Pack.create(
        target,
        embedder="default" if embedder is None else embedder,
        vectors=VECTORS if recipe is None else recipe,
        analyzer="english" if language is None else language,
        text="standard" if text is None else text,
    )


def _check_same(
    info: PackInfo,
    recipe: str | None,
    language: str | None,
    embedder: str | None,
    text: str | None,
) -> None:
    """A pack keeps what it was made with: other wishes are an error and not passed over."""
    from attar import models
    from attar.codec import parse
    from attar.postings import analyzer

    wishes = {
        "--vectors": (None if recipe is None else repr(parse(recipe)), info.recipe),
        "--language": (None if language is None else analyzer(language).name, info.analyzer),
        "--embedder": (None if embedder is None else models.embedder(embedder).name, info.embedder),
        "--text": (text, info.text),
    }
    for option, (wish, made_with) in wishes.items():
        if wish is not None and wish != made_with:
            raise UsageError(
                f"the pack was made with {option} {made_with!r}: leave {option} out, or choose"
                " another name for a new pack"
            )


def _sync(pack: Pack, paths: tuple[str, ...], workers: int, ray: str | None, as_json: bool) -> None:
    from attar.pack.remote import fetched

    started = time.perf_counter()
    with (
        fetched(paths) as local,
        show_progress(quiet=as_json) as progress,
        hired(workers, ray) as crew,
    ):
        synced = pack.sync(local, progress, crew=crew)
    if pack.info().documents == 0:
        raise UsageError(f"nothing to pack in {', '.join(paths)}: {why_nothing(synced.skipped)}")
    changes = {
        "files": synced.files,
        "read": synced.read,
        "added": synced.added,
        "deleted": synced.deleted,
    }
    print_built(pack, synced.skipped, time.perf_counter() - started, as_json, changes)
