"""`attar verify`: is every byte of a pack what was written?"""

from __future__ import annotations

import click

from attar.cli.console import OUT, counted, json_option, print_json, show_progress


@click.command("verify")
@click.argument("pack", type=click.Path())
@json_option
def command(pack: str, as_json: bool) -> None:
    """Check every file of PACK against its checksums; exit status 1 if one is damaged."""
    from attar.pack import Pack

    with Pack.open(pack) as opened, show_progress(quiet=as_json) as progress:
        opened.verify(progress=progress)
        info = opened.info()
    if as_json:
        print_json({"ok": True, "documents": info.documents, "pack_bytes": info.pack_bytes})
    else:
        OUT.print(
            f"{pack} is whole: {counted(info.documents, 'document')}, {info.pack_bytes:,} bytes"
        )
