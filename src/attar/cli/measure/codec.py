"""`attar measure codec`: rate and distortion of recipes, beside the bound."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from attar.cli.console import OUT, json_option, print_json, show_progress
from attar.cli.measure.shared import check_picture, load, plot_option
from attar.errors import UsageError

if TYPE_CHECKING:
    from attar.measure.codec import CodecFigures, Rows


@click.command("codec")
@click.argument("recipes", nargs=-1, required=True, metavar="RECIPE...")
@click.option(
    "--data",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=None,
    metavar="FILE.npy",
    help="Measure on these rows.",
)
@click.option(
    "--gaussian",
    type=click.IntRange(1),
    default=None,
    metavar="N",
    help="Measure on N rows of unit Gaussian values.  [default: 2048]",
)
@click.option("--dim", type=click.IntRange(1), default=1024, show_default=True, help="Their width.")
@plot_option
@json_option
def command(
    recipes: tuple[str, ...],
    data: Path | None,
    gaussian: int | None,
    dim: int,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Bits, error and speed of every RECIPE, such as "hadamard >> uniform(bits=3)".

    Recipes learn from some rows and are measured on others. Bits are those really stored. The
    bound is what no code of Gaussian values can pass: 2^(-2 bits) for unit Gaussian values,
    reverse water-filling on the spectrum of FILE's rows otherwise.
    """
    from attar.codec import parse
    from attar.measure.codec import Rows, measure_codecs, plot

    if data is not None and gaussian is not None:
        raise UsageError("give --data or --gaussian, not both")
    check_picture(picture)
    parsed = [parse(recipe) for recipe in recipes]
    rows = Rows.of(load(data), str(data)) if data else Rows.gaussian(gaussian or 2048, dim)
    with show_progress(quiet=as_json) as progress:
        figures = measure_codecs(parsed, rows, progress)
    if picture is not None:
        picture.write_text(plot(figures, rows), encoding="utf-8")
    if as_json:
        print_json({"data": rows.name, "recipes": [f.to_dict() for f in figures]})
    else:
        OUT.print(_table(figures, rows))


def _table(figures: list[CodecFigures], rows: Rows) -> Table:
    table = Table(
        title=f"{rows.name}; bits and error of a value, million values/s, bytes shared by all rows",
        title_justify="left",
    )
    longest = max(len(f.recipe) for f in figures)
    table.add_column("recipe", overflow="fold", min_width=min(longest, 48))
    for heading in (
        "bits",
        "error",
        "over bound",
        "1 - cosine",
        "encode M/s",
        "decode M/s",
        "shared",
    ):
        table.add_column(heading, justify="right", min_width=max(len(heading), 8))
    for f in figures:
        table.add_row(
            f.recipe,
            f"{f.bits:.3f}",
            f"{f.mse:.3g}",
            "-" if f.gap_db is None else f"{f.gap_db:.2f} dB",
            f"{f.cosine_error:.3g}",
            f"{f.encode_mvs:,.1f}",
            f"{f.decode_mvs:,.1f}",
            f"{f.shared_bytes:,}",
        )
    return table
