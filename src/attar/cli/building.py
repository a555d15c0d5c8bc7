"""What `pack` and `add` share: those who build, and saying what came of reading paths."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from attar.cli.console import ERR, OUT, bytes_table, counted, print_json
from attar.errors import UsageError

if TYPE_CHECKING:
    from attar.pack import Pack, Skipped
    from attar.pack.crew import Crew

F = TypeVar("F", bound=Callable[..., Any])


def crew_options(function: F) -> F:
    """Give a command its `--workers` and `--ray` options."""
    workers = click.option(
        "--workers", default=1, show_default=True, type=click.IntRange(1), help="Processes."
    )
    ray = click.option(
        "--ray", default=None, metavar="ADDRESS", help='A Ray cluster, or "auto" for this one.'
    )
    return workers(ray(function))


@contextmanager
def hired(workers: int, ray: str | None) -> Iterator[Crew | None]:
    """Those who build beside this process; nobody if there is one worker and no cluster.

    Raises:
        UsageError: if both are asked for.
        PackError: if there is no such cluster.
    """
    from attar.pack import RayCluster, Workers

    if ray is not None and workers > 1:
        raise UsageError("give --workers or --ray, not both: the cluster says how many work")
    if ray is not None:
        with RayCluster(ray) as cluster:
            yield cluster
    elif workers > 1:
        with Workers(workers) as crew:
            yield crew
    else:
        yield None


def check_paths(paths: Sequence[str]) -> None:
    """Paths of this machine must be there; URLs are asked for later.

    Raises:
        UsageError: naming the first that is not.
    """
    for path in paths:
        if "://" not in path and not Path(path).exists():
            raise UsageError(f"{path!r} does not exist")


def why_nothing(skipped: Sequence[Skipped]) -> str:
    """One clause for the error when no document was found."""
    if not skipped:
        return "there are no files"
    first = skipped[0]
    more = f" and {len(skipped) - 1} more" if len(skipped) > 1 else ""
    return f"{first.path} was skipped ({first.reason}){more}"


def print_built(
    pack: Pack,
    skipped: Sequence[Skipped],
    seconds: float,
    as_json: bool,
    changes: Mapping[str, int] | None = None,
) -> None:
    """Print the pack's sizes, what changed and what was skipped, as tables or as JSON."""
    info = pack.info()
    if as_json:
        print_json(
            {
                "documents": info.documents,
                "units": info.units,
                "text_bytes": info.text_bytes,
                "pack_bytes": info.pack_bytes,
                "parts": dict(info.parts),
                "seconds": seconds,
                **(changes or {}),
                "skipped": [{"path": s.path, "reason": s.reason} for s in skipped],
            }
        )
        return
    OUT.print(bytes_table(counted(info.documents, "document"), info))
    OUT.print(f"{counted(info.units, 'unit')}, {seconds:.1f} s")
    if changes:
        OUT.print(", ".join(f"{what} {count:,}" for what, count in changes.items()))
    for one in skipped[:20]:
        ERR.print(f"skipped {one.path}: {one.reason}", markup=False)
    if len(skipped) > 20:
        ERR.print(f"... and {len(skipped) - 20} more skipped (--json lists all)")
