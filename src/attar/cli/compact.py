"""`attar compact`: fewer and fuller segments, without what was deleted."""

from __future__ import annotations

import click

from attar.cli.console import OUT, json_option, print_json, show_progress


@click.command("compact")
@click.argument("pack", type=click.Path())
@json_option
def command(pack: str, as_json: bool) -> None:
    """Join the small segments of PACK and leave out what was deleted; nothing is embedded."""
    from attar.pack import Pack

    with Pack.open(pack) as opened, show_progress(quiet=as_json) as progress:
        report = opened.compact(progress)
        segments = opened.info().segments
    before, after = report.size("bytes")
    if as_json:
        print_json({"bytes_before": before, "pack_bytes": after, "segments": segments})
    else:
        OUT.print(f"{report.what}: {before:,} bytes before, {after:,} now")
