"""`attar search`: passages that fit a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.padding import Padding
from rich.text import Text

from attar.cli.console import OUT, json_option, print_json
from attar.cli.opening import asked, opened
from attar.errors import UsageError

if TYPE_CHECKING:
    from attar.pack.fusion import Fusion
    from attar.pack.search import Mode


@click.command("search")
@asked
@click.option(
    "-k",
    default=10,
    show_default=True,
    type=click.IntRange(1, 10_000),
    help="How many passages to find; documents, with --group.",
)
@click.option(
    "--mode", default="hybrid", show_default=True, type=click.Choice(["hybrid", "dense", "bm25"])
)
@click.option("--group", is_flag=True, help="Each document once, by its best passage.")
@click.option(
    "--passages",
    default=None,
    type=click.IntRange(1),
    help="With --group: the most passages of a document, shown together.  [default: 1]",
)
@click.option(
    "--diversity",
    default=0.0,
    show_default=True,
    type=click.FloatRange(0, 1),
    help="How much passages give way that say what others before them say; 0.1 drops copies.",
)
@click.option(
    "--fusion",
    default=None,
    type=click.Choice(["minmax", "zscore", "rrf"]),
    help="How hybrid makes one ranking of two.  [default: the pack's; minmax, if not tuned]",
)
@click.option(
    "--weight",
    default=None,
    type=click.FloatRange(0, 1),
    help="Share of meanings in hybrid.  [default: the pack's; 0.5, if not tuned]",
)
@json_option
def command(
    packs: tuple[str, ...],
    question: str,
    k: int,
    mode: Mode,
    group: bool,
    passages: int | None,
    diversity: float,
    fusion: Fusion | None,
    weight: float | None,
    as_json: bool,
) -> None:
    """Find the passages of one PACK or several that fit QUESTION best.

    The last argument is the question: put it in quotes. Several packs are searched as one, if
    they were made with the same embedder and language.
    """
    if passages is not None and not group:
        raise UsageError("--passages says how many a document may show: give --group as well")
    hits = opened(packs, question).search(
        question,
        k=k,
        mode=mode,
        group=(passages or 1) if group else 0,
        fusion=fusion,
        weight=weight,
        diversity=diversity,
    )
    if as_json:
        print_json([hit.to_dict() for hit in hits])
        return
    if not hits:
        OUT.print("nothing found")
    for number, hit in enumerate(hits, 1):
        where = f"{hit.pack}: {hit.source}" if hit.pack else hit.source
        place = Text(f"{number}. {where} [{hit.start}:{hit.end}]", style="bold")
        OUT.print(place, Text(f"{hit.score:.3f}", style="dim"))
        OUT.print(Padding(Text(_short(hit.text)), (0, 0, 1, 3)), soft_wrap=False)


def _short(text: str, limit: int = 400) -> str:
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"
