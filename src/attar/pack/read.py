"""Read files and folders into documents, one at a time, in an order that never changes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from attar.errors import MissingExtraError, UsageError
from attar.pack.document import Document
from attar.pack.manifest import is_pack
from attar.pack.readers import Skipped, Source, Unreadable, reader_of
from attar.pack.sources import belongs
from attar.progress import Progress, silent

__all__ = ["MAX_BYTES", "Reading", "Skipped", "read"]

MAX_BYTES = 256 * 2**20
"""The longest file that is read, and the most that an office file may unpack to."""

# Folders that tools fill and people do not write.
_GENERATED = frozenset(("__pycache__", "node_modules"))
# What lies beside corpus.jsonl in a test collection (BEIR's layout) and gives its answers away.
_JUDGEMENTS = frozenset(("queries.jsonl", "qrels.tsv", "qrels.jsonl", "qrels"))


Paths: TypeAlias = str | os.PathLike[str] | Iterable[str | os.PathLike[str]]


class Reading:
    """Documents, read while they are asked for; iterate over it once.

    Attributes:
        skipped: what was not read so far, and why; complete when the iteration is.
    """

    def __init__(self, documents: Iterator[Document | Skipped]) -> None:
        self.skipped: list[Skipped] = []
        self._documents = documents

    def __iter__(self) -> Iterator[Document]:
        for item in self._documents:
            if isinstance(item, Skipped):
                self.skipped.append(item)
            else:
                yield item


def read(
    paths: Paths,
    *,
    progress: Progress = silent,
    max_bytes: int = MAX_BYTES,
) -> Reading:
    """Read files, and all files below folders, in the order of their names.

    A document's id is its file's path below the folder given, with "/" between names; with
    several paths given, each id begins with the last name of its path. Records of JSON lines
    have the ids they bring. Not read, but listed in `skipped`: hidden files and folders, links,
    folders of generated files, packs, empty, binary and damaged files, and those longer than
    `max_bytes`. docs/reading.md says what is read and how.

    Args:
        paths: one file or folder, or several.
        progress: told of step "read" after each file.
        max_bytes: the longest file that is read; JSON lines may be longer, a line of them not.

    Raises:
        UsageError: at once, if a path does not exist or two have the same last name.
    """
    roots = roots_of(paths)

    def documents() -> Iterator[Document | Skipped]:
        owners: dict[str, str] = {}
        for done, (path, name) in enumerate(walk(roots), 1):
            if isinstance(name, Skipped):
                yield name
            else:
                yield from read_file(Source(path, name, max_bytes), owners)
                progress("read", done, None)

    return Reading(documents())


@dataclass(frozen=True, slots=True)
class Root:
    """A file or folder that is read.

    Args:
        path: where it is.
        name: the last name of its path.
        prefix: what the ids of its documents begin with.
    """

    path: Path
    name: str
    prefix: str


def roots_of(paths: Paths) -> list[Root]:
    """What is given to be read.

    Raises:
        UsageError: if a path does not exist or two have the same last name.
    """
    given = [paths] if isinstance(paths, str | os.PathLike) else list(paths)
    roots = [Path(p) for p in given]
    if not roots:
        raise UsageError("there is nothing to read: give a file or a folder")
    for root in roots:
        if not (root.is_dir() or root.is_file()):
            what = "is neither a file nor a folder" if root.exists() else "does not exist"
            raise UsageError(f"{str(root)!r} {what}")
        if is_pack(root):
            raise UsageError(f"{root} is a pack and no document: `attar merge` joins packs")
    names = [root.resolve().name for root in roots]
    if len(set(names)) < len(names):
        raise UsageError("two of the paths have the same last name; read them one at a time")
    several = len(roots) > 1
    return [
        Root(path, name, f"{name}/" if several and path.is_dir() else "")
        for path, name in zip(roots, names, strict=True)
    ]


def walk(roots: Iterable[Root]) -> Iterator[tuple[Path, str | Skipped]]:
    """Files and their names, in order, and what is passed over."""
    for root in roots:
        if root.path.is_dir():
            yield from _walk(root.path, root.prefix)
        else:
            yield root.path, root.name


def read_file(source: Source, owners: dict[str, str]) -> Iterator[Document | Skipped]:
    """The documents of one file.

    Args:
        source: the file.
        owners: by ids that records brought along, the file that brought them; added to.
    """
    for item in _read_file(source):
        if isinstance(item, Document) and _brought(item, source.name):
            if item.id in owners:
                reason = f"the id {item.id!r} was already read from {owners[item.id]}"
                yield Skipped(item.source, reason, lasting=False)
                continue
            owners[item.id] = source.name
        yield item


def _brought(document: Document, file: str) -> bool:
    """Whether a document's id is its own and not made of the file's name."""
    return document.id != document.source or not belongs(document.source, file)


def _read_file(source: Source) -> Iterator[Document | Skipped]:
    try:
        yield from reader_of(source.path)(source)
    except Unreadable as error:
        yield Skipped(source.name, str(error))
    except MissingExtraError as error:
        yield Skipped(source.name, str(error), lasting=False)
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        yield Skipped(source.name, reason, lasting=False)


def _walk(folder: Path, prefix: str) -> Iterator[tuple[Path, str | Skipped]]:
    """Files below a folder with their names, and what is passed over."""
    # A stack and not recursion, because folders may lie deeper than Python may call.
    waiting = _entries(folder, prefix)
    while waiting:
        path, found = waiting.pop()
        if isinstance(found, str) and found.endswith("/"):
            waiting.extend(_entries(path, found))
        else:
            yield path, found


def _entries(folder: Path, prefix: str) -> list[tuple[Path, str | Skipped]]:
    """What lies in a folder, last name first; names of folders end with "/"."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name, reverse=True)
    except OSError as error:
        reason = f"cannot be opened: {error.strerror or error}"
        return [(folder, Skipped(prefix.rstrip("/") or str(folder), reason))]
    names = {entry.name for entry in entries}
    collection = "corpus.jsonl" in names and not names.isdisjoint(_JUDGEMENTS)
    found: list[tuple[Path, str | Skipped]] = []
    for entry in entries:
        name = prefix + entry.name
        reason = _passed_over(entry, collection)
        if reason:
            name = name.encode("utf-8", "backslashreplace").decode("utf-8")
            found.append((Path(entry.path), Skipped(name, reason)))
        else:
            slash = "/" if entry.is_dir(follow_symlinks=False) else ""
            found.append((Path(entry.path), name + slash))
    return found


def _passed_over(entry: os.DirEntry[str], collection: bool) -> str:
    """Why an entry of a folder is not read, or ""."""
    if collection and entry.name != "corpus.jsonl":
        return "not in the corpus of this test collection"
    if entry.name.startswith("."):
        return "hidden"
    if not entry.name.isascii() and entry.name.encode("utf-8", "replace").decode() != entry.name:
        return "its name is not UTF-8"
    if entry.is_symlink():
        return "a link; what it points to is read where it lies"
    if entry.is_dir(follow_symlinks=False):
        if is_pack(Path(entry.path)):
            return "a pack"
        return "holds generated files" if entry.name in _GENERATED else ""
    try:
        regular = entry.is_file(follow_symlinks=False)
    except OSError as error:
        return f"cannot be opened: {error.strerror or error}"
    return "" if regular else "not a regular file"
