"""What `pack` and `add` share: saying what came of reading paths into a pack."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from attar.cli.console import ERR, OUT, bytes_table, print_json

if TYPE_CHECKING:
    from attar.pack import Pack, Skipped


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
    OUT.print(bytes_table(f"{info.documents:,} documents", info.parts, info.text_bytes))
    OUT.print(f"{info.units:,} units, {seconds:.1f} s")
    if changes:
        OUT.print(", ".join(f"{what} {count:,}" for what, count in changes.items()))
    for one in skipped[:20]:
        ERR.print(f"skipped {one.path}: {one.reason}", markup=False)
    if len(skipped) > 20:
        ERR.print(f"... and {len(skipped) - 20} more skipped (--json lists all)")
