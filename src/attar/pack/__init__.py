"""A corpus on disk: read, chunk, pack, search, add, delete, verify."""

from attar.pack.chunk import Chunk, chunk
from attar.pack.document import Document, Hit
from attar.pack.info import PackInfo
from attar.pack.pack import Pack
from attar.pack.read import Skipped, read
from attar.pack.sync import Synced
from attar.pack.view import view

__all__ = [
    "Chunk",
    "Document",
    "Hit",
    "Pack",
    "PackInfo",
    "Skipped",
    "Synced",
    "chunk",
    "read",
    "view",
]
