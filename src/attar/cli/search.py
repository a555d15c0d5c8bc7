"""`attar search`: passages that fit a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.padding import Padding
from rich.text import Text

from attar.cli.console import OUT, json_option, print_json

if TYPE_CHECKING:
    from attar.pack.fusion import Fusion
    from attar.pack.search import Mode


@click.command("search")
@click.argument("pack", type=click.Path())
@click.argument("question")
@click.option("-k", default=10, show_default=True, type=click.IntRange(1, 10_000))
@click.option(
    "--mode", default="hybrid", show_default=True, type=click.Choice(["hybrid", "dense", "bm25"])
)
@click.option("--group", is_flag=True, help="Only the best passage of each document.")
@click.option(
    "--fusion",
    default="minmax",
    show_default=True,
    type=click.Choice(["minmax", "zscore", "rrf"]),
    help="How hybrid makes one ranking of two.",
)
@click.option(
    "--weight",
    default=0.5,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="Share of the dense scores in hybrid.",
)
@json_option
def command(
    pack: str,
    question: str,
    k: int,
    mode: Mode,
    group: bool,
    fusion: Fusion,
    weight: float,
    as_json: bool,
) -> None:
    """Find the passages of PACK that fit QUESTION best."""
    from attar.pack import Pack

    with Pack.open(pack) as opened:
        hits = opened.search(question, k=k, mode=mode, group=group, fusion=fusion, weight=weight)
    if as_json:
        print_json([hit.to_dict() for hit in hits])
        return
    if not hits:
        OUT.print("nothing found")
    for number, hit in enumerate(hits, 1):
        place = Text(f"{number}. {hit.source} [{hit.start}:{hit.end}]", style="bold")
        OUT.print(place, Text(f"{hit.score:.3f}", style="dim"))
        OUT.print(Padding(Text(_short(hit.text)), (0, 0, 1, 3)), soft_wrap=False)


def _short(text: str, limit: int = 400) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
