"""Compacting: fewer segments, the same documents and the same answers."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from attar.errors import LockedPackError, PackError
from attar.pack import Hit, Pack
from attar.pack import compact as compacting
from attar.pack import draft as drafts
from attar.pack.lock import write_lock

from .toy import HashEmbedder, some_documents

QUESTIONS = ("heat shock", "boundary layer of a plate", "gas")


def answers(pack: Pack, *modes: str) -> list[list[Hit]]:
    return [pack.search(q, k=1000, mode=m) for q in QUESTIONS for m in modes]  # type: ignore[arg-type]


def many(folder: Path, vectors: str = "Waterfill(bits=2)") -> Pack:
    pack = Pack.create(folder, embedder=HashEmbedder(), vectors=vectors)
    documents = some_documents(60)
    for i in range(0, 60, 6):
        pack.add(documents[i : i + 6])
    return pack


def test_the_same_answers_from_one_segment(tmp_path: Path) -> None:
    pack = many(tmp_path / "p")
    before = list(pack.documents()), answers(pack, "dense", "bm25", "hybrid")
    size = pack.info().pack_bytes
    report = pack.compact()
    assert "10 segments made 1" in str(report)
    assert report.size("bytes") == (size, pack.info().pack_bytes)
    assert pack.info().pack_bytes < size
    for again in (pack, Pack.open(tmp_path / "p", HashEmbedder())):
        assert (list(again.documents()), answers(again, "dense", "bm25", "hybrid")) == before
        again.verify()
    assert [p.name for p in (tmp_path / "p" / "segments").iterdir()] == ["000011"]


def test_the_deleted_are_gone(copy: Path, tmp_path: Path) -> None:
    pack = Pack.open(copy, HashEmbedder())
    pack.delete(["d0", "d59", "e19"])
    before = list(pack.documents())
    dense = answers(pack, "dense")
    info = pack.info()
    pack.compact()
    after = pack.info()
    assert (after.documents, after.units, after.text_bytes) == (
        info.documents, info.units, info.text_bytes,
    )  # fmt: skip
    assert after.segments == 1
    assert not any(p.name.startswith("deleted") for p in copy.rglob("*"))
    assert list(pack.documents()) == before
    assert answers(pack, "dense") == dense
    # BM25 now counts as if they had never been there.
    fresh = Pack.create(tmp_path / "fresh", embedder=HashEmbedder())
    fresh.add(before)
    assert answers(pack, "bm25") == answers(fresh, "bm25")
    pack.verify()


def test_nothing_to_gain_changes_nothing(tmp_path: Path) -> None:
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    pack.compact()
    pack.add(some_documents(5))
    before = (tmp_path / "p" / "manifest.json").read_bytes()
    assert "1 segments made 1" in str(pack.compact())
    assert (tmp_path / "p" / "manifest.json").read_bytes() == before


def test_segments_stay_within_their_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = many(tmp_path / "p")
    expected = list(pack.documents()), answers(pack, "dense", "bm25")
    monkeypatch.setattr(compacting, "SEGMENT_DOCUMENTS", 40)
    pack.compact()
    sizes = [s.entry.documents for s in pack.collection.segments]
    assert 1 < len(sizes) < 10
    assert max(sizes) <= 40
    assert all(a + b > 40 for a, b in pairwise(sizes))
    assert (list(pack.documents()), answers(pack, "dense", "bm25")) == expected


def test_codes_of_different_codecs_stay_apart(tmp_path: Path) -> None:
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    pack.add(some_documents(2))
    pack.add(some_documents(2, prefix="e"))
    pack.add(some_documents(40, prefix="f"))  # enough for a codec of its own
    expected = answers(pack, "dense", "bm25", "hybrid")
    assert len(pack.collection.manifest.codecs) == 2
    pack.compact()
    assert pack.info().segments == 2
    assert answers(pack, "dense", "bm25", "hybrid") == expected
    pack.verify()


def test_a_failure_leaves_what_was_there(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pack = Pack.open(copy, HashEmbedder())
    before = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(drafts, "write_fields", full)
        with pytest.raises(PackError, match="no room"):
            pack.compact()
    assert {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()} == before
    with write_lock(copy), pytest.raises(LockedPackError):
        pack.compact()
    pack.compact()
    assert pack.info().segments == 1
