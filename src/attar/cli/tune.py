"""`attar tune`: a pack's ranking, fitted to judged questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from attar.cli.console import OUT, json_option, print_json, show_progress
from attar.cli.measure.shared import check_picture, plot_option

if TYPE_CHECKING:
    from attar.measure.tuning import Tuning

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("tune")
@click.argument("pack", type=click.Path())
@click.option(
    "--queries", type=_FILE, required=True, metavar="FILE", help="Questions: JSON lines or TSV."
)
@click.option(
    "--qrels", type=_FILE, default=None, metavar="FILE", help="Judgements, if they lie apart."
)
@click.option("--dry-run", is_flag=True, help="Measure, and leave the pack as it is.")
@plot_option
@json_option
def command(
    pack: str,
    queries: Path,
    qrels: Path | None,
    dry_run: bool,
    picture: Path | None,
    as_json: bool,
) -> None:
    """Find the ranking of PACK that answers judged questions best, and keep it in the pack.

    Tried are the ways to make one ranking of meanings and words, the weight of meanings, and
    BM25's k1 and b. Each line of FILE is an object such as {"query": "...", "relevant":
    {"guide/wings.md": 2}}; or FILE holds query ids and texts (TSV, or BEIR's queries.jsonl), and
    --qrels the judgements, in TREC's or BEIR's columns.

    The gain that is told is that on questions which had no part in choosing. If there is none,
    the pack ranks by the defaults.
    """
    from attar.measure.judged import read_judged
    from attar.measure.tuning import plot, tune
    from attar.pack import Pack

    check_picture(picture)
    judged = read_judged(queries, qrels)
    with Pack.open(pack) as opened, show_progress(quiet=as_json) as progress:
        found = tune(opened, judged, progress)
        if not dry_run:
            opened.rank_by(found.chosen if found.improves else None)
    if picture is not None:
        picture.write_text(plot(found, Path(pack).name), encoding="utf-8")
    if as_json:
        print_json({**found.to_dict(), "stored": not dry_run})
    else:
        _print(found, pack, dry_run)


def _print(found: Tuning, pack: str, dry_run: bool) -> None:
    from attar.measure.tuning import WEIGHTS

    fusions = list(found.curves)
    best = max(max(curve) for curve in found.curves.values())
    table = Table(
        title=f"nDCG@10 over the weight of meanings, {found.queries} questions,"
        f" BM25 with k1 {found.k1:g} and b {found.b:g}",
        title_justify="left",
    )
    for heading in ("weight", *fusions):
        table.add_column(heading, justify="right")
    for i, weight in enumerate(WEIGHTS):
        if i % 2 == 0 or any(found.curves[f][i] == best for f in fusions):
            cells = [found.curves[f][i] for f in fusions]
            marked = [f"[bold]{c:.4f}[/bold]" if c == best else f"{c:.4f}" for c in cells]
            table.add_row(f"{weight:.2f}", *marked)
    OUT.print(table)
    low, high = found.interval
    OUT.print(
        f"on held-out questions {found.held_out:.4f}, by the defaults {found.default:.4f}:"
        f" {found.held_out - found.default:+.4f} (95% between {low:+.4f} and {high:+.4f})"
    )
    if not found.improves:
        said = "nothing is gained: the pack ranks by the defaults"
    else:
        said = f"ranking {found.chosen.settings}"
    OUT.print(f"{said} (not stored: --dry-run)" if dry_run else said, markup=False)
