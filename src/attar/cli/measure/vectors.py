"""`attar measure vectors`: recall and speed of recipes, beside exact search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from attar.cli.console import OUT, json_option, print_json, show_progress
from attar.cli.measure.shared import check_picture, load, plot_option

if TYPE_CHECKING:
    from attar.measure.vectors import VectorFigures
    from attar.vectors import Metric


@click.command("vectors")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("recipes", nargs=-1, required=True, metavar="RECIPE...")
@click.option(
    "--queries",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    metavar="FILE.npy",
    help="Rows to search for; best not among those of FILE.",
)
@click.option(
    "--metric", type=click.Choice(["ip", "cosine", "l2"]), default="ip", show_default=True
)
@plot_option
@json_option
def command(
    file: Path,
    recipes: tuple[str, ...],
    queries: Path,
    metric: Metric,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Recall@10, bytes a vector and speed of every RECIPE on the (n, d) rows of FILE.npy.

    Recall is against exact search in floats; bytes are those of the saved index, everything in
    it. `ideal` is what the best possible code of Gaussian rows with the spectrum of FILE would
    find at the same bytes, simulated.
    """
    from attar.codec import parse
    from attar.measure.vectors import Task, measure_vectors, plot

    check_picture(picture)
    parsed = [parse(recipe) for recipe in recipes]
    task = Task.of(load(file), load(queries), metric)
    with show_progress(quiet=as_json) as progress:
        figures = measure_vectors(parsed, task, progress)
    if picture is not None:
        picture.write_text(plot(figures, task), encoding="utf-8")
    if as_json:
        print_json({"data": task.name, "recipes": [f.to_dict() for f in figures]})
    else:
        OUT.print(_table(figures, task.name))


def _table(figures: list[VectorFigures], title: str) -> Table:
    table = Table(title=title, title_justify="left")
    longest = max(len(f.recipe) for f in figures)
    table.add_column("recipe", overflow="fold", min_width=min(longest, 48))
    for heading in ("bytes", "recall@10", "ideal", "queries/s", "in a batch", "build s"):
        table.add_column(heading, justify="right", min_width=max(len(heading), 8))
    for f in figures:
        table.add_row(
            f.recipe,
            f"{f.bytes_per_vector:.1f}",
            f"{f.recall:.3f}",
            f"{f.ideal:.3f}",
            f"{f.queries_per_second:,.0f}",
            f"{f.queries_per_second_batch:,.0f}",
            f"{f.build_seconds:.1f}",
        )
    return table
