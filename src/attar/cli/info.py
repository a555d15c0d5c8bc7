"""`attar info`: what a pack holds and what each part of it takes."""

from __future__ import annotations

import click

from attar.cli.console import OUT, bytes_table, counted, json_option, print_json


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
    counts = {"document": info.documents, "unit": info.units, "segment": info.segments}
    OUT.print(", ".join(counted(number, noun) for noun, number in counts.items()))
    OUT.print(
        f"embedder {info.embedder}, vectors {info.recipe}, analyzer {info.analyzer},"
        f" text {info.text}",
        markup=False,
    )
    OUT.print(f"ranking {info.ranking}", markup=False)
    if info.repeated_bytes:
        OUT.print(f"{info.repeated_bytes:,} bytes of text stand there more than once, stored once")
    if info.deleted_documents:
        gone = counted(info.deleted_documents, "deleted document")
        OUT.print(
            f"{gone} ({info.deleted_text_bytes:,} bytes of text) still in its files:"
            f" `attar compact {pack}` leaves out what is deleted",
            markup=False,
        )
