"""Every parser of a file as a function of bytes, behind the checksums.

A forger can compute checksums, so they are made right here before a parser sees the bytes. What
a parser may do with any bytes at all is to return or to raise a `PackError`. The fuzzer
(`python -m benchmarks.fuzz`) calls these, and the tests replay what it found.
"""

from __future__ import annotations

import json
import struct
import tempfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path

import numpy as np

from attar.codec import Fitted, parse, storage
from attar.errors import PackError
from attar.exact import TextReader, write_text
from attar.exact.columns import decode_ints, decode_strings, encode_ints, encode_strings
from attar.exact.layout import FOOTER
from attar.pack import Document
from attar.pack import manifest as manifests
from attar.pack.chunk import Chunk
from attar.pack.deleted import decode_deleted, encode_deleted
from attar.pack.units import Units, encode_units
from attar.postings import PostingsReader, Statistics, write_tokens
from attar.postings.container import Container, write_container

from .packs import MEMORY, build

SECTIONS = ("meta", "codes", "index", "terms", "lengths", "lists")
RECIPES = (
    "waterfill(bits=1.5)",
    "pca(8) >> sign",
    "hadamard >> uniform(bits=3)",
    "truncate(8) >> float(8)",
    "productquantizer(4)",
    "sign + sign",
    "lattice",
    "uniform(bits=2) >> entropy",
    "trellis(bits=2)",
    "trellisfill(bits=2)",
    "outliers(0.1) + uniform(bits=2)",
    "residualquantizer(2)",
    "unit >> lloydmax(bits=2)",
    "topk(0.25)",
)
DIM = 16


def ints(data: bytes) -> None:
    """A column of numbers."""
    decode_ints(data)


def strings(data: bytes) -> None:
    """A column of strings."""
    decode_strings(data)


def units(data: bytes) -> None:
    """`units.columns` without its checksum, for three texts."""
    table = Units(Path("units"), _summed(data), np.array([5, 0, 70]))
    for i in range(3):
        _ = table.metadata(i)
    _ = table.document, list(table.ids)


def deleted(data: bytes) -> None:
    """Tombstones without their checksum."""
    decode_deleted(Path("deleted"), _summed(data), 50)


def text(data: bytes) -> None:
    """`text.blocks`; the checksum of its index is made right."""
    end = len(data) - FOOTER.size
    if end >= 0:
        blocks, primer, size, _, texts, magic = FOOTER.unpack_from(data, end)
        crc = zlib.crc32(data[max(0, end - size) : end])
        data = data[:end] + FOOTER.pack(blocks, primer, size, crc, texts, magic)
    with TextReader(_file(data)) as reader:
        if len(reader) < 1 << 16:
            for _ in reader:
                pass
        reader.verify()


def manifest(data: bytes) -> None:
    """`manifest.json`; its checksum is made right."""
    try:
        said = json.loads(data)
        said.pop("crc32", None)
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"))
        data = json.dumps({**said, "crc32": zlib.crc32(canonical.encode())}).encode()
    except (ValueError, AttributeError, TypeError, RecursionError):
        pass
    path = _file(data).with_name(manifests.NAME)
    path.write_bytes(data)
    manifests.load(path.parent)


def codec(data: bytes) -> None:
    """A fitted codec, whose checksum is passed over; it encodes, decodes and scores."""
    file = storage.read(_file(data))
    fitted = Fitted.from_parts(file.metadata, file.arrays)
    if fitted.dim <= 64:
        rows = np.linspace(-1, 1, 3 * fitted.dim, dtype=np.float32).reshape(3, -1)
        with np.errstate(all="ignore"):
            codes = fitted.encode(rows)
            fitted.decode(codes)
            fitted.score(rows, codes)


def vectors(data: bytes) -> None:
    """Codes that a sound codec did not write; the first byte chooses the codec."""
    fitted = _fitted()[data[0] % len(RECIPES) if data else 0]
    codes = fitted.encoded(storage.read(_file(data[1:])).arrays)
    if len(codes) <= 1 << 12:
        fitted.decode(codes)
        fitted.score(np.ones(DIM, np.float32), codes)


def postings(data: bytes) -> None:
    """Postings with one section, which the first byte chooses, replaced by the other bytes."""
    sections = dict(_sections())
    sections[SECTIONS[data[0] % len(SECTIONS) if data else 0]] = data[1:]
    path = _file(b"")
    path.unlink()
    write_container(path, sections)
    reader = PostingsReader(path)
    if reader.documents > 1 << 16 or reader.terms > 1 << 12:
        return
    terms = ["w0", "w2", "w60", "nowhere"]
    statistics = Statistics.gather([reader], terms)
    reader.search(terms, statistics, 10)
    reader.scores(terms, statistics)
    for _ in reader.vocabulary():
        pass


PARSERS: Mapping[str, Callable[[bytes], None]] = {
    f.__name__: f for f in (ints, strings, units, deleted, text, manifest, codec, vectors, postings)
}


def accepts(parser: str, data: bytes) -> bool:
    """Whether a parser took the bytes; anything but taking them or a PackError escapes."""
    try:
        PARSERS[parser](data)
    except PackError:
        return False
    return True


def seeds(parser: str) -> Iterator[bytes]:
    """Sound files, from which a fuzzer sets out."""
    if parser == "ints":
        for values in ([], [5], range(300), [7] * 5000, [1 << 62, -(1 << 62), 3]):
            yield encode_ints(list(values))
    elif parser == "strings":
        for names in ([], ["a"], [f"d{i}" for i in range(50)], ["x", "y"] * 30, ["ü" * 300, "z"]):
            yield encode_strings(names)
    elif parser == "deleted":
        for numbers in ([], [3], range(40)):
            yield encode_deleted(list(numbers))[:-4]
    elif parser == "vectors":
        for i, fitted in enumerate(_fitted()):
            rows = np.random.default_rng(i).standard_normal((40, DIM)).astype(np.float32)
            storage.write(_file(b""), fitted.encode(rows).arrays(), {"rows": "40"})
            yield bytes([i]) + _file(None).read_bytes()
    elif parser == "codec":
        for fitted in _fitted():
            fitted.save(_file(b""))
            yield _file(None).read_bytes()
    elif parser == "postings":
        for i, name in enumerate(SECTIONS):
            yield bytes([i]) + _sections()[name]
    elif parser == "text":
        prose = " ".join(str(i * i) for i in range(400))  # repeated where no block reaches
        for tier in ("standard", "archive"):
            for texts in ([], ["one"], ["", "two " * 50, "ä" * 3000], [prose, prose[:900]] * 2):
                path = _file(b"")
                path.unlink()
                write_text(path, texts, tier=tier, block=1024, primer=1024)
                yield path.read_bytes()
    elif parser == "units":
        texts = ("flows", "", "drag " * 14)
        documents = [Document(f"d{i}", "s", t, "T", "text", {"n": i}) for i, t in enumerate(texts)]
        chunks = [[Chunk(0, 5)], [Chunk(0, 0)], [Chunk(0, 30, "head"), Chunk(31, 70, "foot")]]
        yield encode_units(documents, chunks)[:-4]
    else:
        folder = _folder() / "seed.attar"
        if not folder.exists():
            build(folder)
        yield (folder / manifests.NAME).read_bytes()


@cache
def _folder() -> Path:
    held = tempfile.TemporaryDirectory(dir=MEMORY)
    _HELD.append(held)
    return Path(held.name)


_HELD: list[tempfile.TemporaryDirectory[str]] = []


def _file(data: bytes | None) -> Path:
    path = _folder() / "file"
    if data is not None:
        path.write_bytes(data)
    return path


def _summed(body: bytes) -> bytes:
    return body + struct.pack("<I", zlib.crc32(body))


@cache
def _fitted() -> list[Fitted]:
    rows = np.random.default_rng(0).standard_normal((200, DIM)).astype(np.float32)
    return [parse(recipe).fit(rows) for recipe in RECIPES]


@cache
def _sections() -> Mapping[str, bytes]:
    chance = np.random.default_rng(1)
    words = [[f"w{int(i)}" for i in chance.zipf(1.5, 20) % 300] for _ in range(400)]
    path = _folder() / "postings"
    write_tokens(path, words)
    container = Container(path)
    return {name: container.section(name).tobytes() for name in SECTIONS}
