"""What writers left behind, removed."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from attar.pack import manifest as names
from attar.pack.disk import damaged
from attar.pack.manifest import Manifest

_SEGMENT = re.compile(r"[0-9]{6,12}|\.[0-9]{6,12}\.new", re.ASCII)
_TOMBSTONES = re.compile(r"deleted\.[0-9]+|\.deleted\.[0-9]+\.new", re.ASCII)


def sweep(folder: Path, manifest: Manifest) -> None:
    """Remove what a pack's writers left behind: files that the manifest does not name.

    Only names that a pack itself gives are touched. Readers of earlier generations keep the
    files that they have open.

    Raises:
        DamagedPackError: if the folder of segments is a link.
    """
    live = {path for path, _ in manifest.files()}
    for path in folder.glob("codec-*.safetensors"):
        if path.name not in live:
            path.unlink(missing_ok=True)
    for path in folder.glob("sources.*"):
        if path.name not in live and path.suffix[1:].isdecimal():
            path.unlink(missing_ok=True)
    for path in folder.glob(".*.new*"):
        path.unlink(missing_ok=True)
    kept = {segment.id for segment in manifest.segments}
    segments = folder / names.SEGMENTS
    if segments.is_symlink():
        # What lies behind it may be anybody's.
        raise damaged(segments, "it is a link")
    for path in segments.glob("*"):
        own = path.name not in kept and _SEGMENT.fullmatch(path.name)
        if own and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
    for segment in kept:
        for path in (segments / segment).iterdir():
            named = f"{names.SEGMENTS}/{segment}/{path.name}" in live
            if _TOMBSTONES.fullmatch(path.name) and not named:
                path.unlink(missing_ok=True)
