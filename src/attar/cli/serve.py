"""`attar serve`: a pack over HTTP."""

from __future__ import annotations

import click

from attar.cli.console import OUT, json_option, print_json
from attar.errors import MissingExtraError


@click.command("serve")
@click.argument("pack", type=click.Path())
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8700, show_default=True, type=click.IntRange(1, 65535))
@click.option("--model", default="default", show_default=True, metavar="NAME")
@json_option
def command(pack: str, host: str, port: int, model: str, as_json: bool) -> None:
    """Serve PACK over HTTP: a page, and search, squeeze and ask as JSON.

    There is no authentication: other hosts than this machine are for networks that you trust.
    """
    from attar.pack import Pack
    from attar.serve import create_app

    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtraError("attar serve", "serve") from error
    with Pack.open(pack) as opened:
        app = create_app(opened, model=model)
        url = f"http://{host}:{port}/"
        if as_json:
            print_json({"url": url})
        else:
            OUT.print(f"serving {pack} at {url} until you press Ctrl-C")
        uvicorn.run(app, host=host, port=port, log_level="warning")
