"""What was measured before, kept on disk, so that a second run only measures what is new."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import lru_cache
from importlib import resources
from pathlib import Path
from types import TracebackType
from typing import Any

from attar.models.cache import cache_dir

_ROOMS = ("context", "select", "allocate", "models")


class Memo:
    """Values by the digest of all that they depend on, in one SQLite file.

    A file that cannot be read or written costs measuring again and nothing else.

    Args:
        path: the file; None keeps nothing between runs.
    """

    def __init__(self, path: Path | None) -> None:
        self._base: sqlite3.Connection | None = None
        if path is None:
            return
        with suppress(OSError, sqlite3.Error):
            path.parent.mkdir(parents=True, exist_ok=True)
            self._base = sqlite3.connect(path, timeout=30, isolation_level=None)
            self._base.execute("PRAGMA journal_mode=WAL")
            self._base.execute(
                "CREATE TABLE IF NOT EXISTS memo (key TEXT PRIMARY KEY, value TEXT) WITHOUT ROWID"
            )

    @classmethod
    def default(cls) -> Memo:
        """In the user's cache folder, or the one that `ATTAR_CACHE` names."""
        return cls(cache_dir() / "measure" / "context.sqlite")

    def __enter__(self) -> Memo:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        if self._base is not None:
            self._base.close()
            self._base = None

    def get(self, key: Any, make: Callable[[], Any]) -> Any:
        """The value kept for `key`, or what `make` gives; both in the types of JSON."""
        return self.get_all([key], lambda _: [make()])[0]

    def get_all(
        self, keys: Sequence[Any], make: Callable[[Sequence[int]], Sequence[Any]]
    ) -> list[Any]:
        """The values kept for `keys`; `make` is told which are not, and gives these at once."""
        digests = [
            hashlib.sha256(json.dumps(key, ensure_ascii=True).encode()).hexdigest() for key in keys
        ]
        found: dict[str, Any] = {}
        missing: dict[str, int] = {}
        for number, digest in enumerate(digests):
            if not self._read(digest, found):
                missing.setdefault(digest, number)
        if missing:
            made = make(list(missing.values()))
            for digest, value in zip(missing, made, strict=True):
                found[digest] = value
                self._write(digest, value)
        return [found[digest] for digest in digests]

    def _read(self, digest: str, found: dict[str, Any]) -> bool:
        """Put what is kept into `found`; whether there is something that can be read."""
        if self._base is not None:
            with suppress(sqlite3.Error, TypeError, ValueError):
                rows = self._base.execute("SELECT value FROM memo WHERE key = ?", (digest,))
                for (kept,) in rows:
                    found[digest] = json.loads(kept)
        return digest in found

    def _write(self, digest: str, value: Any) -> None:
        if self._base is not None:
            with suppress(sqlite3.Error):
                self._base.execute(
                    "INSERT OR REPLACE INTO memo VALUES (?, ?)", (digest, json.dumps(value))
                )


@lru_cache(maxsize=1)
def code_digest() -> str:
    """Hex digest of the code that squeezes: what other code gave is not taken for its result."""
    hashed = hashlib.sha256()
    for room in _ROOMS:
        _hash_folder(resources.files("attar").joinpath(room), hashed)
    return hashed.hexdigest()


def _hash_folder(folder: Any, hashed: Any) -> None:
    for entry in sorted(folder.iterdir(), key=lambda e: str(e.name)):
        if entry.is_dir() and entry.name != "__pycache__":
            _hash_folder(entry, hashed)
        elif entry.name.endswith((".py", ".safetensors", ".json")):
            hashed.update(entry.name.encode() + b"\0" + entry.read_bytes())
