"""Packs merged, and packs searched together: the answers of one pack that holds everything."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import attar
from attar.errors import ModelError, PackError, UsageError
from attar.pack import Document, Hit, Pack, Packs, merge
from attar.pack import merge as exported
from attar.pack.searchable import Searchable

from .toy import HashEmbedder, some_documents

QUESTIONS = ("heat shock", "boundary layer of a plate", "gas")


def found(pack: Searchable, mode: str) -> list[tuple[str, int, str]]:
    hits = [h for q in QUESTIONS for h in pack.search(q, k=1000, mode=mode)]  # type: ignore[arg-type]
    return [(h.id, h.start, h.text) for h in hits]


def scores(pack: Searchable, mode: str) -> list[float]:
    return [h.score for q in QUESTIONS for h in pack.search(q, k=1000, mode=mode)]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three packs of some documents each, exact vectors."""
    base = tmp_path_factory.mktemp("parts")
    documents = some_documents(60)
    folders = [base / name for name in "abc"]
    for i, folder in enumerate(folders):
        pack = Pack.create(folder, embedder=HashEmbedder(), vectors="Float(bits=32)")
        pack.add(documents[20 * i : 20 * i + 20])
    return folders


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    folder = tmp_path_factory.mktemp("whole") / "p"
    pack = Pack.create(folder, embedder=HashEmbedder(), vectors="Float(bits=32)")
    pack.add(some_documents(60))
    return pack


@pytest.mark.parametrize("mode", ["dense", "bm25", "hybrid"])
def test_together_they_answer_as_one(parts: list[Path], whole: Pack, mode: str) -> None:
    together = attar.open(parts, HashEmbedder())
    assert isinstance(together, Packs)
    assert scores(together, mode) == pytest.approx(scores(whole, mode), abs=1e-6)
    assert sorted(found(together, mode)) == sorted(found(whole, mode))
    for hit in together.search("wing", k=30, mode=mode, group=True):  # type: ignore[arg-type]
        assert hit.text == together.document(hit.id).text[hit.start : hit.end]
        assert hit.to_dict()["pack"] == hit.pack
        assert hit.id in {d.id for d in Pack.open(hit.pack).documents()}


def test_all_documents_of_all_packs(parts: list[Path]) -> None:
    together = attar.open(parts, HashEmbedder())
    assert list(together.documents()) == some_documents(60)
    assert isinstance(attar.open(parts[0]), Pack)
    with pytest.raises(UsageError, match=r"Packs.* holds no document 'x'"):
        together.document("x")


def test_merged_they_answer_as_one(parts: list[Path], whole: Pack, tmp_path: Path) -> None:
    merge(parts, tmp_path / "m")
    merged = Pack.open(tmp_path / "m", HashEmbedder())
    merged.verify()
    assert list(merged.documents()) == some_documents(60)
    for mode in ("dense", "bm25", "hybrid"):
        assert scores(merged, mode) == pytest.approx(scores(whole, mode), abs=1e-6)
    assert merged.info().segments == 3
    merged.compact()
    merged.add([Document("new", "new", "A new one.")])
    merged.verify()
    assert merged.info().documents == 61


def test_the_later_of_two_stays(made: Path, tmp_path: Path) -> None:
    other = Pack.create(tmp_path / "other", embedder=HashEmbedder())
    other.add([Document("d3", "s", "Zebra."), Document("d7", "s", "Back again.")])
    first: list[Hit] = Pack.open(made, HashEmbedder()).search("gas", k=3, mode="dense")
    merge([made, tmp_path / "other"], tmp_path / "ab")
    merged = Pack.open(tmp_path / "ab", HashEmbedder())
    merged.verify()
    assert merged.document("d3").text == "Zebra."
    assert merged.document("d7").text == "Back again."
    assert merged.info().documents == 79
    merge([tmp_path / "other", made], tmp_path / "ba")
    turned = Pack.open(tmp_path / "ba", HashEmbedder())
    turned.verify()
    assert turned.document("d3") == Pack.open(made).document("d3")
    assert turned.document("d7").text == "Back again."  # where it was deleted it is not held
    assert [h.score for h in turned.search("gas", k=3, mode="dense")] == [h.score for h in first]
    merge([made], tmp_path / "copy")
    assert list(Pack.open(tmp_path / "copy").documents()) == list(Pack.open(made).documents())


def test_packs_that_do_not_fit_are_refused(made: Path, tmp_path: Path) -> None:
    Pack.create(tmp_path / "other", embedder=HashEmbedder(digest="h2"))
    Pack.create(tmp_path / "german", embedder=HashEmbedder(), analyzer="german")
    for name, said in (("other", "vectors cannot"), ("german", "terms cannot")):
        with pytest.raises(UsageError, match=said):
            merge([made, tmp_path / name], tmp_path / "m")
        with pytest.raises(UsageError, match=said):
            attar.open([made, tmp_path / name])
    with pytest.raises(ModelError):
        attar.open([made], HashEmbedder(digest="h2"))
    for empty in (lambda: merge([], tmp_path / "m"), lambda: attar.open([])):
        with pytest.raises(UsageError):
            empty()
    with pytest.raises(PackError, match="already exists"):
        merge([made], made)
    assert not (tmp_path / "m").exists()


def test_a_failure_leaves_nothing(
    made: Path, copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = sorted(tmp_path.iterdir())

    def interrupted(step: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exported([made], tmp_path / "m", progress=interrupted)
    assert sorted(tmp_path.iterdir()) == there
    [victim, *_] = sorted(copy.rglob("vectors.safetensors"))
    data = bytearray(victim.read_bytes())
    data[-1] ^= 1
    victim.write_bytes(data)
    with pytest.raises(PackError, match=r"vectors\.safetensors"):
        merge([made, copy], tmp_path / "m")
    assert sorted(tmp_path.iterdir()) == there
    # What a killed merge left behind is in nobody's way.
    shutil.copytree(made, tmp_path / ".m.new")
    merge([made], tmp_path / "m")
    assert not (tmp_path / ".m.new").exists()
