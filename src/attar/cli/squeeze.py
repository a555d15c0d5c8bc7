"""`attar squeeze`: a text into an exact budget."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.text import Text

from attar.cli.console import (
    ERR,
    OUT,
    embedder_option,
    json_option,
    print_json,
    read_text,
    show_progress,
)
from attar.errors import UsageError

if TYPE_CHECKING:
    from attar.context.squeeze import Effort


LONG_FILE = 8_000_000
"""Bytes from which on a file is not held as a whole."""

_HTML = (".html", ".htm", ".xhtml")


@click.command("squeeze")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@click.option("--to", "budget", required=True, help='What may remain: "300 tokens", "25%".')
@click.option("--question", default=None, help="Keep what helps to answer this.")
@click.option(
    "--protect",
    multiple=True,
    metavar="TEXT",
    help='Text to keep byte for byte, or a pair of marks around it: "<keep>...</keep>".',
)
@click.option(
    "--tokenizer",
    "tokenizer_name",
    default="default",
    show_default=True,
    metavar="NAME",
    help="The reader's tokenizer, in which tokens are counted.",
)
@click.option("--no-embedder", is_flag=True, help="Rank by words alone; loads no model.")
@click.option(
    "--effort",
    type=click.Choice(["default", "high"]),
    default="default",
    show_default=True,
    help="high: the best chain with small models; it reads the text once more.",
)
@click.option("--show", is_flag=True, help="Print all of FILE: dropped dim, protected underlined.")
@click.option(
    "--html",
    "page",
    type=click.Path(dir_okay=False, writable=True),
    metavar="PAGE",
    help="Write a page that shows the same, with each place by score on hover.",
)
@click.option(
    "--mark", default="", metavar="TEXT", help='Write TEXT where something was cut: "[...]".'
)
@embedder_option
@json_option
def command(
    file: str,
    budget: str,
    question: str | None,
    protect: tuple[str, ...],
    tokenizer_name: str,
    no_embedder: bool,
    effort: Effort,
    show: bool,
    page: str | None,
    mark: str,
    embedder: str,
    as_json: bool,
) -> None:
    """Squeeze FILE ("-" for standard input) into an exact budget.

    The result is printed to standard output; what it saved, to standard error. A file of more
    than 8 MB is read block by block, except HTML and JSON.
    """
    from attar import models
    from attar.cli.shown import shown
    from attar.context import Passage, squeeze, squeeze_file

    reader = models.tokenizer(tokenizer_name)
    scorer = None if no_embedder else models.embedder(embedder)
    if _is_long(file):
        if show or page is not None or mark:
            raise UsageError(f"{file} is read block by block: leave out --show, --html and --mark")
        with show_progress(as_json) as progress:
            squeezed = squeeze_file(
                file,
                question,
                to=budget,
                protect=protect,
                tokenizer=reader,
                embedder=scorer,
                effort=effort,
                progress=progress,
            )
        whole = Text(squeezed.text)
    else:
        text = read_text(file)
        squeezed = squeeze(
            [Passage(text, source=file, kind=_kind(file, text))],
            question,
            to=budget,
            protect=protect,
            tokenizer=reader,
            embedder=scorer,
            effort=effort,
            mark=mark,
        )
        whole = shown(text, squeezed.spans) if show else Text(squeezed.text)
        if page is not None:
            Path(page).write_text(squeezed.html(), encoding="utf-8")
    if as_json:
        print_json(squeezed.to_dict())
        return
    OUT.print(whole)
    ERR.print(str(squeezed.report), markup=False)


def _is_long(file: str) -> bool:
    """Whether a file is to be read block by block."""
    if file == "-" or Path(file).stat().st_size <= LONG_FILE:
        return False
    return Path(file).suffix.lower() not in (*_HTML, ".json")


def _kind(source: str, text: str) -> str:
    """What the file's name tells where its text does not."""
    from attar.context.kinds.divide import recognised
    from attar.pack.readers.code import LANGUAGES

    suffix = Path(source).suffix.lower()
    if suffix in _HTML:
        return "html"
    unknown = suffix in LANGUAGES and recognised(text) == "markdown"
    return f"code:{LANGUAGES[suffix]}" if unknown else "text"
