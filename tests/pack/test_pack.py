"""The life of a pack: made, searched, changed, opened again."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.errors import LockedPackError, ModelError, PackError, UsageError
from attar.pack import Document, Hit, Pack, disk
from attar.pack import build as building
from attar.pack.lock import write_lock

from .toy import HashEmbedder, some_documents

UNICODE = st.text(st.characters(exclude_categories=["Cs"]), max_size=120)


def opened(folder: Path) -> Pack:
    return Pack.open(folder, HashEmbedder())


def test_documents_come_back_exactly(made: Path) -> None:
    expected = [d for d in some_documents(60) if d.id != "d7"]
    expected += [d for d in some_documents(20, seed=1, prefix="e") if d.id != "e3"]
    with opened(made) as pack:
        assert list(pack.documents()) == expected
        assert pack.document("d12") == some_documents(60)[12]
        with pytest.raises(UsageError, match="'d7'"):
            pack.document("d7")
        pack.verify()


@settings(max_examples=15, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(
        UNICODE.filter(bool),
        st.tuples(UNICODE, UNICODE, UNICODE, st.sampled_from(["text", "markdown", "html", "code"])),
        max_size=5,
    )
)
def test_any_text_comes_back(
    tmp_path_factory: pytest.TempPathFactory, texts: dict[str, tuple[str, str, str, str]]
) -> None:
    folder = tmp_path_factory.mktemp("any") / "p"
    documents = [
        Document(i, s, x, t, kind=k, metadata={"n": x}) for i, (s, x, t, k) in texts.items()
    ]
    with Pack.create(folder, embedder=HashEmbedder()) as pack:
        pack.add(documents)
        assert list(pack.documents()) == documents
        for hit in pack.search("anything", k=50):
            assert hit.text == texts[hit.id][1][hit.start : hit.end]
    pack = opened(folder)
    assert list(pack.documents()) == documents
    pack.verify()


@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25"])
def test_hits_are_slices_of_their_documents(made: Path, mode: str) -> None:
    pack = opened(made)
    found = pack.search("boundary layer heat", k=30, mode=mode)
    assert len(found) == 30
    assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
    for hit in found:
        document = pack.document(hit.id)
        assert hit.text == document.text[hit.start : hit.end]
        assert (hit.source, hit.title, hit.kind) == (document.source, document.title, document.kind)
    assert {"d7", "e3"}.isdisjoint(h.id for h in pack.search("wing", k=10_000, mode=mode))


def test_dense_scores_are_near_the_exact_ones(tmp_path: Path) -> None:
    documents = some_documents(50)
    embedder = HashEmbedder()
    pack = Pack.create(tmp_path / "p", embedder=embedder, vectors="Float(bits=16)")
    pack.add(documents)
    from attar.pack.passages import passage, units

    texts = [
        passage(d, c) for d in documents for c in units(d, embedder.tokenizer, embedder.max_tokens)
    ]
    exact = embedder.embed(texts) @ embedder.embed(["heat flow"])[0]
    found = pack.search("heat flow", k=len(texts), mode="dense")
    assert len(found) == len(texts) == pack.info().units
    assert [h.score for h in found] == pytest.approx(sorted(exact, reverse=True), abs=5e-3)


def test_a_given_vector_is_used_and_checked(made: Path) -> None:
    embedder = HashEmbedder()
    vector = embedder.embed(["heat"])[0]
    expected = opened(made).search("heat")
    # No embedder is loaded for it: the name "hash" would not be found.
    assert Pack.open(made).search("heat", vector=vector) == expected
    for wrong in (np.zeros(3), np.full(32, np.nan)):
        with pytest.raises(UsageError, match="32 finite numbers"):
            Pack.open(made).search("heat", vector=wrong)


def test_grouped_hits_hold_the_best_unit_of_each_document(made: Path) -> None:
    pack = opened(made)
    every = pack.search("drag on the plate", k=10_000)
    grouped = pack.search("drag on the plate", k=10_000, group=True)
    assert len(every) > len(grouped) == 78
    best = {}
    for hit in every:
        best.setdefault(hit.id, hit)
    assert grouped == list(best.values())


def test_passages_of_one_document_stand_together(made: Path) -> None:
    pack = opened(made)
    every = pack.search("drag on the plate", k=10_000)
    of_each: dict[str, list[Hit]] = {}
    for hit in every:
        of_each.setdefault(hit.id, []).append(hit)
    assert max(map(len, of_each.values())) > 2
    for group in (2, 10_000):
        grouped = pack.search("drag on the plate", k=20, group=group)
        assert grouped == [h for hits in list(of_each.values())[:20] for h in hits[:group]]
    found = pack.search("gas", k=5, mode="bm25", group=3)
    assert len({h.id for h in found}) == 5
    assert all(h.score > 0 for h in found)


def test_units_are_scored_alike_in_one_segment_and_in_many(tmp_path: Path) -> None:
    documents = some_documents(40)
    one = Pack.create(tmp_path / "one", embedder=HashEmbedder(), vectors="Float(bits=32)")
    one.add(documents)
    many = Pack.create(tmp_path / "many", embedder=HashEmbedder(), vectors="Float(bits=32)")
    for i in range(0, 40, 8):
        many.add(documents[i : i + 8])
    assert many.info().segments == 5
    for mode in ("bm25", "dense", "hybrid"):
        a = one.search("shock wave", k=40, mode=mode)
        b = many.search("shock wave", k=40, mode=mode)
        assert [h.score for h in a] == pytest.approx([h.score for h in b], abs=1e-5)


def test_bm25_finds_only_what_shares_a_word(made: Path) -> None:
    assert opened(made).search("zebra", mode="bm25") == []
    assert Pack.open(made).search("gas", mode="bm25")


def test_wrong_questions_are_refused(made: Path) -> None:
    pack = opened(made)
    with pytest.raises(UsageError, match="empty"):
        pack.search(" \n")
    with pytest.raises(UsageError, match="mode 'fuzzy'"):
        pack.search("x", mode="fuzzy")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="at least 1"):
        pack.search("x", k=0)
    with pytest.raises(UsageError, match="list of ids"):
        pack.delete("d1")


def test_an_empty_pack_finds_nothing(tmp_path: Path) -> None:
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    assert pack.search("x") == []
    pack.add([])
    pack.add([Document("blank", "blank", " \n ")])
    assert opened(tmp_path / "p").search("x") == []
    assert pack.document("blank").text == " \n "
    assert pack.info().documents == 1
    pack.verify()


def test_a_title_alone_is_found(tmp_path: Path) -> None:
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    pack.add([Document("a", "a", "", "Supersonic flow"), Document("b", "b", "Gas jets")])
    assert [h.id for h in pack.search("supersonic", mode="bm25")] == ["a"]
    assert pack.search("supersonic flow", k=1)[0].text == ""


def test_the_same_id_replaces(copy: Path) -> None:
    pack = opened(copy)
    before = pack.info()
    pack.add([Document("d3", "new", "Zebra stripes."), Document("n", "n", "A new one.")])
    assert pack.document("d3").text == "Zebra stripes."
    assert [h.source for h in pack.search("zebra", mode="bm25")] == ["new"]
    assert pack.info().documents == before.documents + 1
    assert [d.id for d in pack.documents()].count("d3") == 1
    again = opened(copy)
    again.verify()
    assert list(again.documents()) == list(pack.documents())


def test_the_last_of_one_id_within_an_add_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "SEGMENT_DOCUMENTS", 3)
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    texts = [Document("ab"[i % 2], f"s{i}", f"Flow number {i}.") for i in range(9)]
    texts += [Document(f"c{i}", "c", "Other things.") for i in range(7)]
    pack.add(texts)
    assert pack.info().segments > 1
    assert {d.id: d.source for d in pack.documents() if d.id in "ab"} == {"a": "s8", "b": "s7"}
    assert pack.info().documents == 9
    pack.verify()


def test_deleting_counts_what_was_there(copy: Path) -> None:
    pack = opened(copy)
    assert pack.delete(["d1", "d1", "d7", "nobody"]) == 1
    assert pack.delete(["d1"]) == 0
    info = opened(copy).info()
    live = list(opened(copy).documents())
    assert info.documents == len(live) == 77
    assert info.text_bytes == sum(len((d.title + d.text).encode()) for d in live)
    assert info.units == len(pack.search("wing", k=10_000))


def test_a_segment_without_documents_is_dropped(copy: Path) -> None:
    pack = opened(copy)
    assert pack.delete(f"e{i}" for i in range(20)) == 19
    assert pack.info().segments == 1
    assert not (copy / "segments" / "000002").exists()
    assert pack.delete(d.id for d in list(pack.documents())) == 59
    assert pack.info().segments == 0
    assert list(copy.glob("codec-*")) == []
    assert pack.search("wing") == []
    pack.add(some_documents(3))
    assert opened(copy).info().documents == 3


def test_every_byte_of_the_folder_is_counted(made: Path) -> None:
    info = opened(made).info()
    files = [p for p in made.rglob("*") if p.is_file()]
    assert info.pack_bytes == sum(p.stat().st_size for p in files) == sum(info.parts.values())
    assert set(info.parts) == {"text", "vectors", "postings", "units", "manifest"}
    assert json.loads(json.dumps(info.to_dict()))["documents"] == 78
    (made / "notes.txt").write_text("mine")
    try:
        assert opened(made).info().parts["other"] == 4
    finally:
        (made / "notes.txt").unlink()


def test_the_same_documents_give_the_same_bytes(tmp_path: Path) -> None:
    for name in "ab":
        Pack.create(tmp_path / name, embedder=HashEmbedder()).add(some_documents(30))
    a, b = (
        {str(p.relative_to(tmp_path / n)): p.read_bytes() for p in (tmp_path / n).rglob("*.*")
         if p.is_file()} for n in "ab"
    )  # fmt: skip
    assert a == b


def test_a_report_of_what_was_added(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    report = pack.add(
        some_documents(5), progress=lambda step, done, total: told.append((step, done))
    )
    assert report.what.startswith("5 documents added")
    assert report.size("bytes") == (pack.info().text_bytes, pack.info().pack_bytes)
    assert ("read", 5) in told
    assert ("embed", pack.info().units) in told


def test_an_interrupted_add_changes_nothing(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "SEGMENT_DOCUMENTS", 4)
    before = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}

    def documents() -> Iterator[Document]:
        yield from some_documents(10, seed=3, prefix="d")
        raise KeyboardInterrupt

    pack = opened(copy)
    with pytest.raises(KeyboardInterrupt):
        pack.add(documents())
    assert {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()} == before
    assert len(list(pack.documents())) == 78
    pack.add(some_documents(1, prefix="z"))


def test_an_interrupt_just_after_the_commit_loses_nothing(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = opened(copy)

    def interrupted(path: Path) -> None:
        if path == copy:
            raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(disk, "sync_folder", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pack.add([Document("late", "late", "Late.")])
    again = opened(copy)
    again.verify()
    assert again.document("late").text == "Late."
    assert pack.delete(["late"]) == 1


@pytest.mark.parametrize(
    "bad",
    [
        Document("", "s", "x"),
        Document("a", "s", "\udcff"),
        Document("a", "s", "x", "\ud800"),
        Document("a\ud800", "s", "x"),
        Document("a", "\ud800", "x"),
        Document("a", "s", "x", metadata={"x": object()}),
        "not a document",
    ],
)
def test_a_document_that_cannot_be_stored_is_refused(copy: Path, bad: object) -> None:
    pack = opened(copy)
    with pytest.raises(UsageError):
        pack.add([*some_documents(2, prefix="new"), bad])  # type: ignore[list-item]
    assert opened(copy).info() == pack.info()
    assert pack.info().documents == 78


def test_a_second_writer_is_told_to_wait(copy: Path) -> None:
    with write_lock(copy), pytest.raises(LockedPackError, match="another process"):
        opened(copy).add(some_documents(1))
    opened(copy).add(some_documents(1))


def test_writers_one_after_another_see_each_other(copy: Path) -> None:
    first, second = opened(copy), opened(copy)
    first.add([Document("one", "one", "One.")])
    second.add([Document("two", "two", "Two.")])
    assert len(list(first.documents())) == 79
    assert first.delete(["two"]) == 1
    assert opened(copy).info().documents == 79


def test_a_pack_is_never_made_over_something(copy: Path, tmp_path: Path) -> None:
    with pytest.raises(PackError, match="not empty"):
        Pack.create(copy, embedder=HashEmbedder())
    assert Pack.create(copy, embedder=HashEmbedder(), exist_ok=True).info().documents == 78
    (tmp_path / "file").write_text("x")
    with pytest.raises(PackError):
        Pack.create(tmp_path / "file", embedder=HashEmbedder())
    with pytest.raises(UsageError):
        Pack.create(tmp_path / "p", embedder=HashEmbedder(), vectors="Nonsense()")
    with pytest.raises(UsageError):
        Pack.create(tmp_path / "p", embedder=HashEmbedder(), analyzer="klingon")
    assert not (tmp_path / "p").exists()


def test_another_embedder_is_refused(made: Path) -> None:
    for other in (HashEmbedder(digest="h2"), HashEmbedder(dim=16)):
        with pytest.raises(ModelError, match="made with the embedder 'hash'"):
            Pack.open(made, other)


def test_a_pack_begun_with_one_document_is_searched_as_well(tmp_path: Path) -> None:
    documents = some_documents(20)
    embedder = HashEmbedder()
    pack = Pack.create(tmp_path / "p", embedder=embedder)
    for document in documents:
        pack.add([document])
    assert pack.info().segments == 20
    from attar.pack.passages import passage, units

    query = embedder.embed(["pressure of a jet wave"])[0]
    exact = {}
    for d in documents:
        for c in units(d, embedder.tokenizer, embedder.max_tokens):
            exact[d.id, c.start] = float(embedder.embed([passage(d, c)])[0] @ query)
    found = pack.search("any", k=100, mode="dense", vector=query)
    scores = [[h.score, exact[h.id, h.start]] for h in found]
    assert len(found) == len(exact)
    # The first codec knew one vector, and still tells the others apart.
    assert np.corrcoef(np.array(scores).T)[0, 1] > 0.7
    pack.verify()
