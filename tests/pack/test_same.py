"""Units that read the same are embedded once, and their vectors stored once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from attar.errors import DamagedPackError
from attar.pack import Document, Pack
from attar.pack.chunk import Chunk
from attar.pack.same import distinct, embedded_once, firsts
from attar.pack.search import Mode
from attar.pack.units import Units, encode_units
from attar.progress import Progress, silent

from .toy import HashEmbedder, some_documents


class Counting(HashEmbedder):
    """Remembers what it was asked to embed."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        self.asked += texts
        return super().embed(texts, progress=progress)


def test_firsts() -> None:
    first = firsts(["a", "b", "a", "c", "b", "a"])
    assert first.tolist() == [0, 1, 0, 3, 1, 0]
    assert distinct(first).tolist() == [0, 1, 3]
    assert firsts([]).tolist() == []


def test_each_passage_is_embedded_once() -> None:
    embedder = Counting()
    vectors = embedded_once(["a flow", "drag", "a flow"], embedder.embed)
    assert embedder.asked == ["a flow", "drag"]
    np.testing.assert_array_equal(vectors, HashEmbedder().embed(["a flow", "drag", "a flow"]))


def copies(count: int) -> list[Document]:
    originals = some_documents(count)
    twins = [Document(f"twin {d.id}", "elsewhere", d.text, d.title) for d in originals]
    return [*originals, *twins]


def test_a_pack_of_copies_finds_them_all(tmp_path: Path) -> None:
    embedder = Counting()
    pack = Pack.create(tmp_path / "p", embedder=embedder)
    pack.add(copies(150))
    assert len(embedder.asked) == len(set(embedder.asked))
    pack.verify()
    plain = Pack.create(tmp_path / "plain", embedder=HashEmbedder())
    plain.add(some_documents(150))
    vectors, alone = (p.info().parts["vectors"] for p in (pack, plain))
    assert vectors == pytest.approx(alone, rel=0.02)
    assert pack.info().units == 2 * plain.info().units
    info = pack.info()
    assert 0.3 * info.text_bytes < info.repeated_bytes <= info.text_bytes / 2
    assert plain.info().repeated_bytes == 0

    question = some_documents(150)[3].text[:60]
    modes: tuple[Mode, ...] = ("dense", "bm25", "hybrid")
    for mode in modes:
        found = pack.search(question, 2, mode)
        assert found[0].text == found[1].text
        assert found[0].score == found[1].score
        assert {h.id for h in found} == {found[0].id, f"twin {found[0].id}"}


def test_a_copy_outlives_what_it_is_a_copy_of(tmp_path: Path) -> None:
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    pack.add(copies(6))
    gone = [d.id for d in some_documents(6)[:5]]
    kept = list(pack.documents())[5:]
    question = kept[2].text[:60]
    before = {(h.id, h.start, h.score) for h in pack.search(question, 99, "dense")}
    pack.delete(gone)
    for _ in range(2):
        assert list(pack.documents()) == kept
        found = {(h.id, h.start, h.score) for h in pack.search(question, 99, "dense")}
        assert found == {hit for hit in before if hit[0] not in gone}
        pack.compact()
        pack.verify()


LENGTHS = np.array([9, 9, 9])
DOCUMENTS = [Document(f"d{i}", f"d{i}", "same text") for i in range(3)]


def test_the_table_says_which_are_the_same() -> None:
    chunks = [[Chunk(0, 4), Chunk(5, 9)]] * 3
    first = np.array([0, 1, 0, 1, 0, 5])
    data = encode_units(DOCUMENTS, chunks, first)
    assert Units(Path("u"), data, LENGTHS).first.tolist() == first.tolist()
    alike = encode_units(DOCUMENTS, chunks, np.arange(6))
    assert alike == encode_units(DOCUMENTS, chunks)
    assert Units(Path("u"), alike, LENGTHS).first.tolist() == list(range(6))


@pytest.mark.parametrize("first", [[0, 2, 2], [-1, 1, 2], [0, 0, 1], [0, 1, 3]])
def test_impossible_repeats(first: list[int]) -> None:
    data = encode_units(DOCUMENTS, [[Chunk(0, 9)]] * 3, np.array(first))
    with pytest.raises(DamagedPackError):
        Units(Path("u"), data, LENGTHS)
