"""What the commands share: where output goes, and how progress looks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table
from rich.text import Text

from attar.errors import UsageError
from attar.progress import Progress, silent

F = TypeVar("F", bound=Callable[..., Any])

# Results go to standard output, everything else to standard error: a pipe gets results only.
OUT = Console(highlight=False, soft_wrap=True)
ERR = Console(stderr=True, highlight=False)


def json_option(function: F) -> F:
    """Give a command its `--json` switch, as the argument `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")(
        function
    )


def embedder_option(function: F) -> F:
    """Give a command its `--embedder` option."""
    return click.option(
        "--embedder",
        default="default",
        show_default=True,
        metavar="NAME",
        help="Embedding model: default (MiniLM), a folder, a hub name or an http(s) URL.",
    )(function)


def print_json(data: Any) -> None:
    """Print one JSON document to standard output."""
    click.echo(json.dumps(data, ensure_ascii=False, indent=2))


@contextmanager
def show_progress(quiet: bool = False) -> Iterator[Progress]:
    """Bars on standard error while long work runs; nothing when it is not a terminal."""
    if quiet or not ERR.is_terminal:
        yield silent
        return
    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=ERR,
        transient=True,
    )
    tasks: dict[str, TaskID] = {}

    def listen(step: str, done: int, total: int | None, /) -> None:
        if step not in tasks:
            tasks[step] = bars.add_task(step, total=total)
        bars.update(tasks[step], completed=done, total=total)

    with bars:
        yield listen


class Counted(Protocol):
    """What a table of bytes is made of."""

    @property
    def parts(self) -> Mapping[str, int]:
        """Bytes by part."""

    @property
    def text_bytes(self) -> int:
        """Bytes of the raw text."""

    @property
    def documents(self) -> int:
        """How many documents it holds."""

    @property
    def units(self) -> int:
        """How many passages they are."""


def bytes_table(title: str, pack: Counted) -> Table:
    """Bytes by part against the raw text, for each document and for each unit, with their sum."""
    table = Table(title=Text(title), title_justify="left")
    table.add_column("part")
    for heading in ("bytes", "of the text", "a document", "a unit"):
        table.add_column(heading, justify="right")

    def row(name: str, size: int, style: str = "") -> None:
        each = (_each(size, pack.documents), _each(size, pack.units))
        table.add_row(name, f"{size:,}", _share(size, pack.text_bytes), *each, style=style)

    for name, size in pack.parts.items():
        row(name, size)
    table.add_section()
    row("pack", sum(pack.parts.values()), "bold")
    row("raw text", pack.text_bytes)
    return table


def counted(number: int, noun: str) -> str:
    """A number of things, in words: "1 unit", "2,000 units"."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _share(size: int, whole: int) -> str:
    return f"{size / whole:.1%}" if whole else "-"


def _each(size: int, among: int) -> str:
    return f"{size / among:,.1f}" if among else "-"


def read_text(path: str) -> str:
    """The text of a file, or of standard input for "-".

    Raises:
        UsageError: if it is not UTF-8.
    """
    data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        name = "standard input" if path == "-" else path
        raise UsageError(
            f"{name} is not UTF-8 text (byte {error.start}): convert it first"
        ) from None
