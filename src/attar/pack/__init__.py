"""A corpus on disk: read, chunk, pack, search, add, delete, verify."""

from attar.pack.chunk import Chunk, chunk
from attar.pack.cluster import RayCluster
from attar.pack.document import Document, Hit
from attar.pack.info import PackInfo
from attar.pack.merge import merge
from attar.pack.pack import Pack
from attar.pack.packs import Packs
from attar.pack.packs import open_packs as open
from attar.pack.ranking import Ranking
from attar.pack.read import Skipped, read
from attar.pack.sync import Synced
from attar.pack.view import view
from attar.pack.workers import Workers

__all__ = [
    "Chunk",
    "Document",
    "Hit",
    "Pack",
    "PackInfo",
    "Packs",
    "Ranking",
    "RayCluster",
    "Skipped",
    "Synced",
    "Workers",
    "chunk",
    "merge",
    "open",
    "read",
    "view",
]
