"""`attar ask`: search, squeeze, answer, with sources and what was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from rich.text import Text

from attar.cli.console import OUT, json_option, print_json
from attar.cli.opening import asked, opened

if TYPE_CHECKING:
    from attar.answer import Answer
    from attar.models import LanguageModel
    from attar.pack import Pack, Packs


@click.command("ask")
@asked
@click.option(
    "--to", "budget", default="300 tokens", show_default=True, help="Budget of the context."
)
@click.option(
    "--model",
    default="default",
    show_default=True,
    metavar="NAME",
    help="Language model: default (SmolLM2), a folder, a hub name or an http(s) URL.",
)
@click.option(
    "-k", default=10, show_default=True, type=click.IntRange(1, 1000), help="Passages to look at."
)
@json_option
def command(
    packs: tuple[str, ...], question: str, budget: str, model: str, k: int, as_json: bool
) -> None:
    """Answer QUESTION from what one PACK holds or several, within a budget of context.

    The last argument is the question: put it in quotes.
    """
    answer = stream_answer(
        opened(packs, question), question, to=budget, model=model, k=k, quiet=as_json
    )
    if as_json:
        print_json(answer.to_dict())


def stream_answer(
    pack: Pack | Packs, question: str, *, to: str, model: LanguageModel | str, k: int, quiet: bool
) -> Answer:
    """Answer a question, printing the answer as it is written, then sources and savings."""
    from attar.answer import ask_stream

    stream = ask_stream(pack, question, to=to, model=model, k=k)
    for piece in stream:
        if not quiet:
            OUT.print(piece, end="", markup=False)
    answer = stream.answer
    if not quiet:
        OUT.print()
        for source in answer.sources:
            where = f"{source.pack}: {source.source}" if source.pack else source.source
            place = f"[{source.number}] {where} [{source.start}:{source.end}]"
            OUT.print(Text(place, style="dim"))
        OUT.print(Text(str(answer.report), style="dim"))
    return answer
