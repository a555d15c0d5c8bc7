"""`attar export`: the documents of a pack, exactly as they went in."""

from __future__ import annotations

import click

from attar.cli.console import OUT, counted, json_option, print_json, show_progress


@click.command("export")
@click.argument("pack", type=click.Path())
@click.argument("output", type=click.Path())
@click.option("--jsonl", is_flag=True, help="Write one file, a line of JSON for each document.")
@json_option
def command(pack: str, output: str, jsonl: bool, as_json: bool) -> None:
    """Write the documents of PACK to files in the new folder OUTPUT, byte for byte.

    With --jsonl, or if its name ends in .jsonl, OUTPUT is one file, of which `attar pack` makes the
    same documents again. Nothing is ever overwritten, and no file is written outside
    of OUTPUT.
    """
    from attar.pack import Pack

    with Pack.open(pack) as opened, show_progress(quiet=as_json) as progress:
        lines = jsonl or output.endswith((".jsonl", ".ndjson"))
        documents = opened.export(output, jsonl=lines, progress=progress)
    if as_json:
        print_json({"documents": documents})
    else:
        OUT.print(f"wrote {counted(documents, 'document')} to {output}", markup=False)
