"""`attar measure pack`: a collection packed, beside everything in floats."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from attar.cli.console import (
    OUT,
    bytes_table,
    embedder_option,
    json_option,
    print_json,
    show_progress,
)

if TYPE_CHECKING:
    from attar.measure.pack import PackMeasurement


@click.command("pack")
@click.argument("collection", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--vectors", "recipe", default=None, metavar="RECIPE", help="How vectors are coded.")
@click.option("--language", default="english", show_default=True)
@click.option(
    "--keep", type=click.Path(path_type=Path), default=None, help="Keep the pack in this folder."
)
@embedder_option
@json_option
def command(
    collection: Path,
    recipe: str | None,
    language: str,
    keep: Path | None,
    embedder: str,
    as_json: bool,
) -> None:
    """Pack COLLECTION (a folder in BEIR's layout) and compare with everything in floats.

    nDCG@10 and Recall@100 of dense, BM25 and hybrid search on the pack and on the uncompressed
    reference, in one run; bytes by part against the raw text; seconds.
    """
    from attar import models
    from attar.measure.pack import measure_pack
    from attar.pack.pack import VECTORS

    with (
        tempfile.TemporaryDirectory(prefix="attar-") as temporary,
        show_progress(quiet=as_json) as progress,
    ):
        measured = measure_pack(
            collection,
            keep or Path(temporary) / "measured.attar",
            embedder=models.embedder(embedder),
            vectors=recipe or VECTORS,
            language=language,
            progress=progress,
        )
    if as_json:
        print_json(measured.to_dict())
    else:
        _print(measured)


def _print(measured: PackMeasurement) -> None:
    table = Table(
        title=f"{measured.collection}: {measured.documents:,} documents, {measured.units:,} units,"
        f" {measured.queries} queries, vectors {measured.recipe}",
        title_justify="left",
    )
    for heading in ("search", "nDCG@10", "uncompressed", "kept", "Recall@100", "uncompressed"):
        table.add_column(heading, justify="left" if heading == "search" else "right")
    table.add_column("ms a query", justify="right")
    table.add_column("uncompressed", justify="right")
    for mode, ours in measured.pack.items():
        theirs = measured.reference[mode]
        table.add_row(
            mode,
            f"{ours.ndcg:.4f}",
            f"{theirs.ndcg:.4f}",
            f"{ours.ndcg / theirs.ndcg:.1%}" if theirs.ndcg else "-",
            f"{ours.recall:.4f}",
            f"{theirs.recall:.4f}",
            f"{ours.query_ms:.2f}",
            f"{theirs.query_ms:.2f}",
        )
    OUT.print(table)
    OUT.print(bytes_table("Bytes", measured))
    OUT.print(", ".join(f"{step} {value:.1f} s" for step, value in measured.seconds.items()))
