"""What writers left behind, removed."""

from __future__ import annotations

import shutil
from pathlib import Path

from attar.pack import manifest as names
from attar.pack.manifest import Manifest


def sweep(folder: Path, manifest: Manifest) -> None:
    """Remove what a pack's writers left behind: files that the manifest does not name.

    Only names that a pack itself gives are touched. Readers of earlier generations keep the
    files that they have open.
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
    for path in (folder / names.SEGMENTS).glob("*"):
        if path.name not in kept and path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
    for segment in kept:
        for path in (folder / names.SEGMENTS / segment).iterdir():
            tombstones = path.name.removeprefix(".").startswith("deleted.")
            if tombstones and f"{names.SEGMENTS}/{segment}/{path.name}" not in live:
                path.unlink(missing_ok=True)
