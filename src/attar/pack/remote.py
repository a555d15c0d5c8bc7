"""Inputs that lie elsewhere: any place that fsspec has a name for (`s3://bucket/docs`)."""

from __future__ import annotations

import importlib
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from attar.errors import PackError, UsageError


def is_remote(path: str) -> bool:
    """Whether a path is a URL and no file of this machine."""
    return "://" in path


@contextmanager
def fetched(paths: Sequence[str]) -> Iterator[list[Path]]:
    """The same paths, with those that lie elsewhere copied here for as long as it takes.

    A copy keeps the last name of its path, so that ids are what they would be there.

    Args:
        paths: local paths, and URLs such as "s3://bucket/docs" or "gs://bucket/one.jsonl".

    Raises:
        UsageError: if there is nothing at a URL, or no file system of that kind is installed.
        PackError: if it cannot be copied.
    """
    with ExitStack() as stack:
        yield [stack.enter_context(_copy(p)) if is_remote(p) else Path(p) for p in paths]


@contextmanager
def _copy(url: str) -> Iterator[Path]:
    core: Any = importlib.import_module("fsspec.core")
    try:
        files, path = core.url_to_fs(url)
    except (ImportError, ValueError) as error:
        raise UsageError(f"{url!r} cannot be opened: {error}") from error
    name = path.rstrip("/").rpartition("/")[2] or "root"
    with tempfile.TemporaryDirectory(prefix="attar-") as temporary:
        target = Path(temporary) / name
        try:
            if not files.exists(path):
                raise UsageError(f"{url!r} does not exist")
            if files.isdir(path):
                target.mkdir()
                files.get(path.rstrip("/") + "/", f"{target}/", recursive=True)
            else:
                files.get_file(path, str(target))
        except OSError as error:
            raise PackError(f"cannot copy {url!r}: {error}") from error
        yield target
