"""`attar merge`: several packs made one."""

from __future__ import annotations

import click

from attar.cli.console import OUT, bytes_table, counted, json_option, print_json, show_progress


@click.command("merge")
@click.argument("packs", nargs=-1, required=True, type=click.Path())
@click.option("-o", "--output", required=True, type=click.Path(), help="The pack to make.")
@json_option
def command(packs: tuple[str, ...], output: str, as_json: bool) -> None:
    """Make a new pack of PACKS by copying their segments; nothing is embedded.

    Where two hold the same id, the document of the later pack stays.
    """
    from attar.pack import Pack, merge

    with show_progress(quiet=as_json) as progress:
        merge(packs, output, progress=progress)
    info = Pack.open(output).info()
    if as_json:
        print_json(info.to_dict())
    else:
        title = f"{counted(info.documents, 'document')} in {counted(info.segments, 'segment')}"
        OUT.print(bytes_table(title, info))
