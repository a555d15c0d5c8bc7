"""`attar measure`: figures on your own data, the compressed thing beside its reference."""

from __future__ import annotations

import importlib

import click

TARGETS = ("pack", "context", "codec", "vectors")


class _Targets(click.Group):
    """A command for each target, imported when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the targets."""
        return list(TARGETS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command of a target; None if there is none of that name."""
        if cmd_name not in TARGETS:
            return None
        command = importlib.import_module(f"attar.cli.measure.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command


@click.group("measure", cls=_Targets)
def command() -> None:
    """Measure what a saving costs, on your own data."""
