"""What the commands share: where output goes, and how progress looks."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars
from rich.table import Table

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


def bytes_table(title: str, parts: Mapping[str, int], text_bytes: int) -> Table:
    """Bytes by part against the raw text, with their sum."""
    table = Table(title=title, title_justify="left")
    table.add_column("part")
    table.add_column("bytes", justify="right")
    table.add_column("of the text", justify="right")
    for name, size in parts.items():
        table.add_row(name, f"{size:,}", _share(size, text_bytes))
    table.add_section()
    total = sum(parts.values())
    table.add_row("pack", f"{total:,}", _share(total, text_bytes), style="bold")
    table.add_row("raw text", f"{text_bytes:,}", "")
    return table


def _share(size: int, whole: int) -> str:
    return f"{size / whole:.1%}" if whole else "-"


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
