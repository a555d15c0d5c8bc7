"""`attar`: the command line's entry, its list of commands, and how errors reach the user."""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
from collections.abc import Sequence
from difflib import get_close_matches

import click

from attar._version import __version__
from attar.errors import AttarError

# Name -> module, in the order in which a newcomer meets them. Modules are imported only when
# their command runs, so that `attar --help` does not wait for numpy.
COMMANDS = (
    "demo",
    "pack",
    "add",
    "delete",
    "compact",
    "export",
    "merge",
    "search",
    "tune",
    "ask",
    "squeeze",
    "serve",
    "info",
    "verify",
    "methods",
    "measure",
)


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands, in reading order."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command by name; None if there is none of that name."""
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"attar.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that is called; of a name mistyped, say what it may stand for."""
        near = get_close_matches(args[0].lower(), COMMANDS, n=1)
        if args[0] not in COMMANDS and near:
            ctx.fail(f"No such command {args[0]!r}; did you mean {near[0]!r}?")
        return super().resolve_command(ctx, args)


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="attar")
def cli() -> None:
    """Compress what a retrieval-augmented language model stores and moves, and see what it cost.

    Every command takes --json. Exit status: 0 done, 1 the work failed, 2 the call was wrong.
    """


def main(args: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status instead of leaving the interpreter."""
    try:
        result = cli.main(args=args, prog_name="attar", standalone_mode=False)
        sys.stdout.flush()
        return result if isinstance(result, int) else 0
    except click.ClickException as error:
        error.show()
        return 2
    except (click.Abort, KeyboardInterrupt):
        _say("interrupted")
        return 128 + signal.SIGINT
    except AttarError as error:
        _say(str(error))
        return error.exit_status
    except BrokenPipeError:
        # The reader of our output has had enough (`attar search ... | head`): that is no error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        _say(_in_words(error))
        return 1


def _in_words(error: OSError) -> str:
    where = f" ({error.filename})" if isinstance(error.filename, str) else ""
    if error.errno == errno.ENOSPC:
        return f"the disk is full{where}: free some space and run the command again"
    if isinstance(error, PermissionError):
        return f"permission denied{where}: check who may read and write there"
    return f"{(error.strerror or str(error)).lower()}{where}"


def _say(message: str) -> None:
    click.echo(f"attar: {message}", err=True)
