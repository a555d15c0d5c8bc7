"""A pack taken apart again: its documents as files, or as lines of JSON."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from attar.errors import PackError, UsageError
from attar.pack.collection import Collection
from attar.pack.disk import writing
from attar.pack.document import Document
from attar.progress import Progress

# What is kept of these is the text that was extracted, which must not pass for the file.
_EXTRACTED = frozenset(("pdf", "docx", "pptx"))
_LONGEST = 255  # bytes of a name, on the file systems in use


def export_files(collection: Collection, folder: Path, progress: Progress) -> int:
    """Write the text of each document to a file below a folder, at the path that its id is.

    A text is written as UTF-8, byte for byte what was read where that was UTF-8. What was
    extracted from a PDF or office file gets ".txt" behind its name.

    Args:
        collection: what is exported.
        folder: made, with those above it; it must be empty.
        progress: told of documents written.

    Returns:
        How many documents were written.

    Raises:
        UsageError: before anything is written, if an id is no path below the folder.
        PackError: if the folder is not empty, or cannot be written.
        DamagedPackError: if a text is not what was written.
    """
    names = _names(collection)
    if folder.exists() and not folder.is_dir():
        raise PackError(f"{folder} is a file: choose a new folder, or export as JSON lines")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        if any(folder.iterdir()):
            raise PackError(f"{folder} is not empty: choose another folder to export to")
        try:
            for done, document in enumerate(collection.documents(), 1):
                path = folder / names[document.id]
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as file:
                    file.write(document.text.encode("utf-8"))
                progress("export", done, len(names))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
    return len(names)


def export_jsonl(collection: Collection, path: Path, progress: Progress) -> int:
    """Write each document as one line of JSON, with all that is known of it.

    The keys are `_id`, `title`, `text`, `source`, `kind` and `metadata`. `attar.pack.read` makes
    the same documents of these lines, if the file's name ends in ".jsonl" or ".ndjson".

    Args:
        collection: what is exported.
        path: the file; it must not exist.
        progress: told of documents written.

    Returns:
        How many documents were written.

    Raises:
        PackError: if there is something at `path`, or it cannot be written.
        DamagedPackError: if a text is not what was written.
    """
    done = 0
    with writing(path), path.open("x", encoding="utf-8", newline="\n") as file:
        try:
            for done, document in enumerate(collection.documents(), 1):
                file.write(line_of(document))
                progress("export", done, None)
        except BaseException:
            path.unlink()
            raise
    return done


def line_of(document: Document) -> str:
    """A document as one line of JSON."""
    record = {
        "_id": document.id,
        "title": document.title,
        "text": document.text,
        "source": document.source,
        "kind": document.kind,
        "metadata": dict(document.metadata),
    }
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _names(collection: Collection) -> dict[str, str]:
    """The file of each id, all of them below the folder and none in the way of another."""
    names: dict[str, str] = {}
    for name, kind in _live(collection):
        names[name] = _checked(name) + (".txt" if kind in _EXTRACTED else "")
    taken: dict[str, str] = {}
    for name, path in names.items():
        if path in taken:
            raise _refused(name, f"its file would be that of {taken[path]!r}")
        taken[path] = name
    for name, path in names.items():
        above = path
        while "/" in above:
            above = above.rpartition("/")[0]
            if above in taken:
                raise _refused(name, f"the file of {taken[above]!r} is where its folder would be")
    return names


def _live(collection: Collection) -> Iterator[tuple[str, str]]:
    for segment in collection.segments:
        for number in np.flatnonzero(segment.live_documents).tolist():
            yield segment.units.ids[number], segment.units.kinds[number]


def _checked(name: str) -> str:
    """An id that is a path below a folder, whatever the operating system."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts):
        raise _refused(name, "it is no path below a folder")
    if any(c in name for c in "\\\0") or (len(name) > 1 and name[1] == ":"):
        raise _refused(name, "a file's name cannot hold that")
    if any(len(part.encode("utf-8")) > _LONGEST - len(".txt") for part in parts):
        raise _refused(name, "it is too long for a file's name")
    return name


def _refused(name: str, why: str) -> UsageError:
    shown = name if len(name) <= 80 else name[:79] + "…"
    return UsageError(f"the document {shown!r} cannot become a file ({why}): export as JSON lines")
