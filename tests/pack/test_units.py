"""The table of units comes back, whatever the units are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import DamagedPackError, NewerFormatError, UsageError
from attar.pack import Chunk, Document
from attar.pack.units import Units, encode_units

PATH = Path("units")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@st.composite
def cut_document(draw: st.DrawFn) -> tuple[Document, list[Chunk]]:
    document = Document(
        id=draw(TEXT),
        source=draw(TEXT),
        text=draw(TEXT),
        kind=draw(st.sampled_from(["text", "html"])),
        metadata=draw(st.dictionaries(TEXT, JSON, max_size=3)),
    )
    places = sorted(draw(st.lists(st.integers(0, len(document.text)), max_size=8, unique=True)))
    chunks = [
        Chunk(a, b, draw(st.sampled_from(["", "A > B"])))
        for a, b in zip(places[::2], places[1::2], strict=False)
    ]
    return document, chunks or draw(st.sampled_from([[], [Chunk(0, 0)]]))


def lengths(documents: list[Document]) -> np.ndarray:
    return np.array([len(d.text) for d in documents], dtype=np.int64)


@settings(max_examples=80)
@given(st.lists(cut_document(), max_size=6))
def test_the_table_comes_back(cut: list[tuple[Document, list[Chunk]]]) -> None:
    documents = [d for d, _ in cut]
    chunks = [c for _, c in cut]
    read = Units(PATH, encode_units(documents, chunks), lengths(documents))
    assert read.ids == [d.id for d in documents]
    assert read.sources == [d.source for d in documents]
    assert read.kinds == [d.kind for d in documents]
    assert [read.metadata(i) for i in range(len(cut))] == [dict(d.metadata) for d in documents]
    flat = [(i, c) for i, row in enumerate(chunks) for c in row]
    assert read.document.tolist() == [i for i, _ in flat]
    assert read.start.tolist() == [c.start for _, c in flat]
    assert read.end.tolist() == [c.end for _, c in flat]
    assert read.headings == [c.heading for _, c in flat]


def test_a_table_is_held_in_few_bytes() -> None:
    documents = [Document(f"d{i}", f"d{i}", "x" * 90) for i in range(5000)]
    data = encode_units(documents, [[Chunk(0, 40), Chunk(41, 90)] for _ in documents])
    assert Units(PATH, data, lengths(documents)).nbytes < 16 * len(documents)


def test_one_unit_a_document_takes_next_to_nothing() -> None:
    documents = [Document(str(i), str(i), "x" * (i % 97)) for i in range(5000)]
    chunks = [[Chunk(0, len(d.text))] for d in documents]
    assert len(encode_units(documents, chunks)) < 1000


@given(st.integers(0, 10_000), st.integers(0, 7))
def test_every_flipped_bit_is_found(at: int, bit: int) -> None:
    documents = [Document("a", "b", "some text"), Document("c", "d", "more")]
    chunks = [[Chunk(0, 4), Chunk(5, 9)], [Chunk(0, 4)]]
    data = bytearray(encode_units(documents, chunks))
    data[at % len(data)] ^= 1 << bit
    with pytest.raises((DamagedPackError, NewerFormatError), match="units"):
        Units(PATH, bytes(data), lengths(documents))


def test_a_table_of_other_texts_is_refused() -> None:
    documents = [Document("a", "b", "some text")]
    data = encode_units(documents, [[Chunk(0, 9)]])
    for other in ([], [9, 9]):
        with pytest.raises(DamagedPackError):
            Units(PATH, data, np.array(other, dtype=np.int64))


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, b"bytes"])
def test_metadata_must_be_json(value: object) -> None:
    document = Document("a", "b", "", metadata={"x": value})
    with pytest.raises(UsageError, match="metadata of 'a'"):
        encode_units([document], [[]])
