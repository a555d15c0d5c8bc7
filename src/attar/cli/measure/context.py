"""`attar measure context`: recipes of squeezing, read by a language model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.table import Table

from attar.cli.console import OUT, embedder_option, json_option, print_json, show_progress
from attar.cli.measure.shared import check_picture, plot_option

if TYPE_CHECKING:
    from attar.measure.context_figures import ContextFigures, ContextMeasurement
    from attar.measure.estimate import Estimate

BASELINES = ("rank(bm25, paragraph=0.0, neighbour=0.0) >> extract(top)",)


@click.command("context")
@click.argument("dataset", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--recipes",
    multiple=True,
    metavar="RECIPE",
    help='"default", "model-free", "high", or stages; may be given several times.'
    "  [default: default, model-free and BM25 sentences]",
)
@click.option(
    "--budgets",
    default="25%,12.5%,6%",
    show_default=True,
    metavar="LIST",
    help="Budgets, joined with commas.",
)
@click.option("--limit", type=click.IntRange(min=1), default=None, help="Only the first questions.")
@click.option(
    "--reader",
    "reader_name",
    default="default",
    show_default=True,
    metavar="NAME",
    help="The language model that reads: default (SmolLM2), a folder, a hub name or a URL.",
)
@click.option("--no-full", is_flag=True, help="Leave out the full text, which takes longest.")
@click.option("--no-loss", is_flag=True, help="Leave out the likelihood of the answers.")
@click.option("--no-answers", is_flag=True, help="Leave out writing answers.")
@click.option("--no-embedder", is_flag=True, help="Rank by words alone.")
@click.option("--fresh", is_flag=True, help="Measure again what was measured before.")
@plot_option
@embedder_option
@json_option
def command(
    dataset: Path,
    recipes: tuple[str, ...],
    budgets: str,
    limit: int | None,
    reader_name: str,
    no_full: bool,
    no_loss: bool,
    no_answers: bool,
    no_embedder: bool,
    fresh: bool,
    picture: Path | None,
    embedder: str,
    as_json: bool,
) -> None:
    """Squeeze the prompts of DATASET and let a language model read what is left.

    DATASET holds one JSON object a line: "question", "passages", "answers" and, if known, "gold",
    the number of the passage with the answer. The full text, no text, the gold passage and the
    beginning of the text stand beside every recipe.
    """
    from attar import models
    from attar.budget import Budget
    from attar.measure.context import measure_context
    from attar.measure.memo import Memo
    from attar.measure.questions import read_questions
    from attar.measure.reader import Reader
    from attar.measure.squeezing import Recipe

    check_picture(picture)
    questions = read_questions(dataset)[:limit]
    usual = ("model-free",) if no_embedder else ("default", "model-free")
    named = [Recipe.named(text) for text in recipes or (*usual, *BASELINES)]
    parsed = [Budget.parse(text) for text in budgets.split(",")]
    with Memo(None) if fresh else Memo.default() as memo, show_progress(as_json) as progress:
        measured = measure_context(
            questions,
            named,
            parsed,
            Reader(models.language_model(reader_name), memo),
            None if no_embedder else models.embedder(embedder),
            loss=not no_loss,
            generate=not no_answers,
            full=not no_full,
            data=dataset.stem,
            progress=progress,
        )
    if picture is not None:
        picture.write_text(measured.plot(), encoding="utf-8")
    if as_json:
        print_json(measured.to_dict())
    else:
        _print(measured)


def _print(measured: ContextMeasurement) -> None:
    title = f"{measured.data}, {measured.questions} questions"
    kept = _table(f"{title}: what is left", ("budget", "ratio", "met", "s/1,000", "survives"))
    read = _table(
        f"{title}: read by {measured.reader}, ± is the 95% interval",
        ("budget", "loss", "to full", "EM", "F1"),
    )
    last = None
    for one in measured.figures:
        if one.budget != last:
            kept.add_section()
            read.add_section()
            last = one.budget
        budget = "" if one.budget is None else str(one.budget)
        kept.add_row(
            one.name,
            budget,
            f"{one.ratio:.1%}",
            _share(one.met),
            "" if one.seconds_per_1000 is None else f"{one.seconds_per_1000:.3f}",
            _share(one.survival),
        )
        read.add_row(
            one.name,
            budget,
            _estimate(one.loss),
            _estimate(one.differences.get("full"), sign="+"),
            _share(None if one.exact is None else one.exact.mean),
            _share(None if one.f1 is None else one.f1.mean),
        )
    OUT.print(kept)
    if any(one.loss or one.f1 for one in measured.figures):
        OUT.print(read)
    for one in measured.figures:
        if one.line is not None and one.budget == last:
            OUT.print(_break_even(one))


def _table(title: str, headings: tuple[str, ...]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("text", overflow="fold", min_width=18)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def _share(value: float | None) -> str:
    return "" if value is None else f"{value:.1%}"


def _estimate(value: Estimate | None, sign: str = "") -> str:
    return "" if value is None else f"{value.mean:{sign}.3f} ± {value.half:.3f}"


def _break_even(one: ContextFigures) -> str:
    """One sentence: up to which reader, and from which prompt, time is saved."""
    from math import isfinite

    from attar.measure.breakeven import SPEEDS

    assert one.line is not None
    parts = []
    for speed in SPEEDS:
        length = one.line.shortest_prompt(speed)
        tokens = f"from {length:,.0f} tokens on" if isfinite(length) else "never"
        parts.append(f"{tokens} at {speed:,}")
    return f"{one.name} to {one.budget} saves time {', '.join(parts)} tokens a second of the reader"
