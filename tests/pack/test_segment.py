"""Segments keep what they read for as long as there is room, and answer the same without."""

from __future__ import annotations

from pathlib import Path

import pytest

from attar.pack import Pack
from attar.pack import build as building
from attar.pack.recent import Recent
from attar.pack.segment import Segment

from .toy import HashEmbedder, some_documents


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("segment") / "p"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "SEGMENT_DOCUMENTS", 30)
        Pack.create(place, embedder=HashEmbedder()).add(some_documents(120))
    return place


def segments(folder: Path, recent: Recent) -> list[Segment]:
    entries = Pack.open(folder).collection.manifest.segments
    return [Segment(folder, entry, recent) for entry in entries]


def held(some: list[Segment]) -> int:
    return sum(s._text.held + s._table.held for s in some)


def test_what_is_let_go_is_read_again(folder: Path) -> None:
    roomy, narrow = segments(folder, Recent()), segments(folder, Recent(0))
    assert len(roomy) > 3
    for _ in range(2):
        for a, b in zip(roomy, narrow, strict=True):
            for number in range(0, a.entry.documents, 7):
                assert a.document(number) == b.document(number)
    assert max(held([s]) for s in narrow) == held(narrow)  # one of them, or none
    assert held(roomy) > 3 * held(narrow)


def test_a_table_in_use_outlives_its_place(folder: Path) -> None:
    first, second, *_ = segments(folder, Recent(0))
    units = first.units
    ids = list(units.ids)
    _ = second.units, second.text[0]
    assert first._table.held == 0
    assert list(units.ids) == ids == list(first.units.ids)


def test_searching_needs_no_more_room_than_there_is(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = Pack.open(folder, HashEmbedder()).search("shock wave", 20)
    monkeypatch.setattr("attar.pack.snapshot.Recent", lambda: Recent(0))
    assert Pack.open(folder, HashEmbedder()).search("shock wave", 20) == expected


def test_documents_are_found_by_id_where_nothing_is_kept(folder: Path) -> None:
    some = segments(folder, Recent(0))
    found = [
        (s.entry.id, number)
        for i in range(120)
        for s in some
        if (number := s.find(f"d{i}")) is not None
    ]
    assert found == [(s.entry.id, number) for s in some for number in range(s.entry.documents)]
    assert all(s.find("nobody") is None for s in some)
