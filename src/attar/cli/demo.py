"""`attar demo`: the whole path on documents that are already here."""

from __future__ import annotations

import platform
import shutil
import time
from pathlib import Path

import click
from rich.text import Text

from attar.cli.console import ERR, OUT, bytes_table, json_option, print_json, show_progress

QUESTIONS = (
    "Which module reads and writes CSV files?",
    "What does functools.lru_cache do?",
)


@click.command("demo")
@click.option(
    "--dir",
    "folder",
    default="attar-demo",
    show_default=True,
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the documents and the pack go.",
)
@click.option("--to", "budget", default="300 tokens", show_default=True)
@json_option
def command(folder: Path, budget: str, as_json: bool) -> None:
    """Pack the standard library's documentation, search it, and answer two questions.

    The pack is kept: a second demo starts at the questions.
    """
    from attar import models
    from attar.cli.ask import stream_answer
    from attar.pack import Pack

    started = time.perf_counter()
    version = platform.python_version()
    documents = folder / f"python-{version}"
    target = folder / f"python-{version}.attar"
    if not (target / "manifest.json").exists():
        _build(documents, target, as_json)
    with Pack.open(target) as pack:
        info = pack.info()
        if not as_json:
            title = f"The documentation of Python {version}: {info.documents} documents"
            OUT.print(bytes_table(title, info))
            ERR.print("loading the language model (converted once, on the first run) ...")
        model = models.language_model()
        answers = []
        for question in QUESTIONS:
            if not as_json:
                OUT.print()
                OUT.print(Text(question, style="bold"))
            answers.append(
                stream_answer(pack, question, to=budget, model=model, k=10, quiet=as_json)
            )
    if as_json:
        print_json(
            {
                "pack": info.to_dict(),
                "answers": [
                    {"question": q, **a.to_dict()} for q, a in zip(QUESTIONS, answers, strict=True)
                ],
                "seconds": time.perf_counter() - started,
            }
        )
        return
    OUT.print(
        f"\n{time.perf_counter() - started:.0f} s in all. Try more:"
        f"\n  attar search {target} 'walk a directory tree'"
        f"\n  attar ask {target} 'How do I parse a date?'"
    )


def _build(documents: Path, target: Path, quiet: bool) -> None:
    from attar.cli.stdlib_docs import write_documents
    from attar.pack import Pack

    write_documents(documents)
    # Built beside its place and moved there whole, so that an interrupted demo starts anew.
    unfinished = target.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        with Pack.create(unfinished) as pack, show_progress(quiet=quiet) as progress:
            pack.sync(documents, progress)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
