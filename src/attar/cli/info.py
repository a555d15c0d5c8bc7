"""`attar info`: what a pack holds and what each part of it takes."""

from __future__ import annotations

import click

from attar.cli.console import OUT, bytes_table, json_option, print_json


@click.command("info")
@click.argument("pack", type=click.Path())
@json_option
def command(pack: str, as_json: bool) -> None:
    """Show what PACK holds, with every byte of its folder by part."""
    from attar.pack import Pack

    with Pack.open(pack) as opened:
        info = opened.info()
    if as_json:
        print_json(info.to_dict())
        return
    OUT.print(bytes_table(pack, info))
    OUT.print(f"{info.documents:,} documents, {info.units:,} units, {info.segments} segments")
    OUT.print(
        f"embedder {info.embedder}, vectors {info.recipe}, analyzer {info.analyzer},"
        f" text {info.text}",
        markup=False,
    )
    OUT.print(f"ranking {info.ranking}", markup=False)
    if info.deleted_documents:
        OUT.print(
            f"{info.deleted_documents:,} deleted documents ({info.deleted_text_bytes:,} bytes of"
            f" text) are still in its files: `attar compact {pack}` leaves them out",
            markup=False,
        )
