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
from attar.exact.archive import Archive
from attar.exact.columns import decode_ints, decode_strings, encode_ints, encode_strings
from attar.exact.copies import Copies
from attar.exact.layout import FOOTER
from attar.pack import Document
from attar.pack import manifest as manifests
from attar.pack.chunk import Chunk
from attar.pack.deleted import decode_deleted, encode_deleted
from attar.pack.sources import SourceFile, Sources, decode_sources, encode_sources
from attar.pack.units import Units, encode_units
from attar.postings import (
    PostingsReader,
    Statistics,
    WeightsReader,
    write_tokens,
    write_weights,
)
from attar.postings.container import Container, write_container
from attar.vectors import Vectors

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
KEPT = 2000  # characters of a text whose repeats are told
PRIMER = b"the drag of a plate in a supersonic flow, and of a cone in a hypersonic one " * 8
BLOCK = b"a plate of drag in the flow and a cone in a supersonic one " * 5
STARTS = np.array([1, 40 * 256 + 2, 90 * 256 + 1])


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


def copies(data: bytes) -> None:
    """The table of what a text repeats, and every run of the text by it."""
    found, _ = Copies.decode(data, 0, KEPT)
    places = np.arange(min(KEPT + found.total, 2 * KEPT))
    found.kept_place(places)
    for _ in found.pieces(0, len(places)):
        pass


def archive(data: bytes) -> None:
    """A primer of the archive tier with its dictionary, as long as two bytes say, and a block."""
    end = 2 + int.from_bytes(data[:2], "little")
    coder = Archive().decoder(data[2:end], len(PRIMER), STARTS)
    coder.decode(data[end:], len(BLOCK), STARTS)


def sources(data: bytes) -> None:
    """What is remembered of files, without its checksum."""
    found = decode_sources(Path("sources"), _summed(data))
    found.owner("d1", "a.txt#2")
    encode_sources(found)


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


def lists(data: bytes) -> None:
    """A saved set of vectors in the order of lists, whose checksum is passed over."""
    found = Vectors.load(_file(data))
    if found.dim <= 64 and len(found) <= 1 << 12:
        with np.errstate(all="ignore"):
            found.search(np.ones(found.dim, np.float32), 5)
            found.decode(found.ids[:3])


def weights(data: bytes) -> None:
    """Learned weights with one section, which the first byte chooses, replaced by other bytes."""
    reader = WeightsReader(_replaced(data, _sections_of_weights()))
    if reader.documents > 1 << 16 or reader.terms > 1 << 12:
        return
    asked = {"w0": 1.5, "w2": 0.5, "w60": 2.0, "nowhere": 1.0}
    reader.search(asked, 10)
    reader.scores(asked)


def postings(data: bytes) -> None:
    """Postings with one section, which the first byte chooses, replaced by the other bytes."""
    reader = PostingsReader(_replaced(data, _sections()))
    if reader.documents > 1 << 16 or reader.terms > 1 << 12:
        return
    terms = ["w0", "w2", "w60", "nowhere"]
    statistics = Statistics.gather([reader], terms)
    reader.search(terms, statistics, 10)
    reader.scores(terms, statistics)
    for _ in reader.vocabulary():
        pass


PARSERS: Mapping[str, Callable[[bytes], None]] = {
    f.__name__: f
    for f in (
        ints, strings, units, deleted, sources, manifest, codec, vectors, lists, postings, weights,
        copies, text, archive,
    )
}  # fmt: skip


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
    elif parser == "lists":
        for recipe in ("waterfill(bits=1.5)", "unit >> (waterfill(bits=1) + trellisfill(bits=1))"):
            rows = np.random.default_rng(5).standard_normal((150, DIM)).astype(np.float32)
            found = Vectors.build(rows, recipe, ids=range(7, 307, 2))
            found.partition(4)
            found.save(_file(b""))
            yield _file(None).read_bytes()
    elif parser in ("postings", "weights"):
        sections = _sections() if parser == "postings" else _sections_of_weights()
        for i, name in enumerate(SECTIONS):
            yield bytes([i]) + sections[name]
    elif parser == "copies":
        for runs in ([], [[5, 130, 40]], [[0, 200, 1700], [300, 150, 0], [9, 128, 1000]]):
            table = np.array(runs, np.int64).reshape(-1, 3)
            yield Copies(*table.T).encode()
    elif parser == "archive":
        words = np.frombuffer(PRIMER * 120, np.uint8)
        for known in (words, words[:100]):  # with a dictionary, and a text too short for one
            coder = Archive().encoder(PRIMER, STARTS, known, largest=len(BLOCK))
            block = coder.encode(BLOCK, STARTS)
            yield len(coder.primer).to_bytes(2, "little") + coder.primer + block
    elif parser == "sources":
        files = [SourceFile("a.txt", 7), SourceFile("b/c.md", 0, "too long")]
        yield encode_sources(Sources([], []))[:-4]
        yield encode_sources(Sources(["docs"], files))[:-4]
        yield encode_sources(Sources(["docs"], files, {"d1": "b/c.md"}))[:-4]
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


def _replaced(data: bytes, sections: Mapping[str, bytes]) -> Path:
    """A file of these sections, one of them, which the first byte chooses, of the other bytes."""
    name = SECTIONS[data[0] % len(SECTIONS) if data else 0]
    path = _file(b"")
    path.unlink()
    write_container(path, {**sections, name: data[1:]})
    return path


def _words() -> list[list[str]]:
    chance = np.random.default_rng(1)
    return [[f"w{int(i)}" for i in chance.zipf(1.5, 20) % 300] for _ in range(400)]


@cache
def _sections() -> Mapping[str, bytes]:
    path = _folder() / "postings"
    write_tokens(path, _words())
    return _read_sections(path)


@cache
def _sections_of_weights() -> Mapping[str, bytes]:
    path = _folder() / "weights"
    write_weights(path, [{word: 1 + i % 7 for i, word in enumerate(row)} for row in _words()])
    return _read_sections(path)


def _read_sections(path: Path) -> Mapping[str, bytes]:
    container = Container(path)
    return {name: container.section(name).tobytes() for name in SECTIONS}
