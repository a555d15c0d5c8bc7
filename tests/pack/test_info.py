"""Every byte of a folder is counted once, by the part that it belongs to, whatever the pack."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from attar.pack import Document, Pack, PackInfo, Ranking
from attar.pack import build as building

from .toy import HashEmbedder, some_documents


def plain(folder: Path) -> Pack:
    pack = Pack.create(folder, embedder=HashEmbedder())
    pack.add(some_documents(30))
    return pack


def empty(folder: Path) -> Pack:
    return Pack.create(folder, embedder=HashEmbedder())


def nothing_to_find(folder: Path) -> Pack:
    pack = empty(folder)
    pack.add([Document("blank", "blank", " \n ")])
    return pack


def deleted(folder: Path) -> Pack:
    pack = plain(folder)
    pack.add(some_documents(9, seed=1, prefix="e"))
    pack.delete(["d1", "d2", "e3"])
    return pack


def all_deleted(folder: Path) -> Pack:
    pack = plain(folder)
    pack.delete([d.id for d in list(pack.documents())])
    return pack


def replaced(folder: Path) -> Pack:
    pack = plain(folder)
    pack.add(some_documents(30, seed=5))
    pack.add(some_documents(4, seed=6))
    return pack


def archive(folder: Path) -> Pack:
    pack = Pack.create(folder, embedder=HashEmbedder(), text="archive")
    pack.add(some_documents(20))
    return pack


def many_segments(folder: Path) -> Pack:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(building, "SEGMENT_DOCUMENTS", 6)
        return deleted(folder)


def of_files(folder: Path) -> Pack:
    docs = folder.with_name("docs")
    docs.mkdir()
    for i in range(5):
        (docs / f"{i}.txt").write_text(f"Number {i}.")
    pack = empty(folder)
    pack.sync(docs)
    return pack


def two_codecs(folder: Path) -> Pack:
    pack = empty(folder)
    pack.add(some_documents(1))
    pack.add(some_documents(40, seed=2, prefix="more"))
    assert len(list(folder.glob("codec-*"))) == 2
    return pack


def told_to_rank(folder: Path) -> Pack:
    pack = plain(folder)
    pack.rank_by(Ranking("rrf", 0.25))
    return pack


KINDS = (plain, empty, nothing_to_find, deleted, all_deleted, replaced, archive, many_segments,
         of_files, two_codecs, told_to_rank)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_the_parts_are_the_files(kind: Callable[[Path], Pack], tmp_path: Path) -> None:
    folder = tmp_path / "p"
    kind(folder)
    info = Pack.open(folder).info()
    check(info, folder)
    live = list(Pack.open(folder).documents())
    assert info.documents == len(live)
    assert info.text_bytes == sum(len((d.title + d.text).encode()) for d in live)
    assert "other" not in info.parts
    pack = Pack.open(folder, HashEmbedder())
    pack.compact()
    after = pack.info()
    check(after, folder)
    assert (after.documents, after.units, after.text_bytes) == (
        info.documents, info.units, info.text_bytes,
    )  # fmt: skip
    assert (after.deleted_documents, after.deleted_text_bytes) == (0, 0)


PARTS = {
    "t": "text",
    "v": "vectors",
    "c": "vectors",
    "p": "postings",
    "u": "units",
    "d": "units",
    "m": "manifest",
    "s": "sources",
    "l": "lock",
}
"""Part by the first letter of a file's name."""


def check(info: PackInfo, folder: Path) -> None:
    """Compare with a count of the folder that knows nothing of manifests."""
    sizes: dict[str, int] = {}
    for place, _, files in os.walk(folder):
        for name in files:
            part = PARTS[name[0]]
            sizes[part] = sizes.get(part, 0) + os.stat(os.path.join(place, name)).st_size
    assert sizes.pop("lock") == 0
    assert {k: v for k, v in info.parts.items() if v} == {k: v for k, v in sizes.items() if v}
    assert info.pack_bytes == sum(sizes.values()) == sum(info.parts.values())
    for each, among in ((info.per_document, info.documents), (info.per_unit, info.units)):
        if not among:
            assert each == {}
            continue
        assert sum(each.values()) * among == pytest.approx(info.pack_bytes)
        assert each["text"] * among == pytest.approx(info.parts["text"])
    assert json.loads(json.dumps(info.to_dict()))["per_unit"] == dict(info.per_unit)


def test_what_is_deleted_is_told_until_it_is_gone(tmp_path: Path) -> None:
    pack = deleted(tmp_path / "p")
    gone = [d for d in some_documents(30) if d.id in ("d1", "d2")]
    gone += [d for d in some_documents(9, seed=1, prefix="e") if d.id == "e3"]
    info = pack.info()
    assert info.deleted_documents == 3
    assert info.deleted_text_bytes == sum(len((d.title + d.text).encode()) for d in gone)


def test_what_is_not_the_pack_s_is_other(tmp_path: Path) -> None:
    """Whatever it is called: only what the manifest names belongs to a part."""
    pack = plain(tmp_path / "p")
    before = pack.info()
    stray = tmp_path / "p" / "segments" / "000099"
    shutil.copytree(tmp_path / "p" / "segments" / "000001", stray)
    (tmp_path / "p" / "mine").mkdir()
    (tmp_path / "p" / "mine" / "manifest.json").write_text("{}")
    (tmp_path / "p" / "linked").symlink_to(tmp_path / "p" / "manifest.json")
    info = pack.info()
    copied = sum(p.stat().st_size for p in stray.iterdir())
    assert info.parts["other"] == copied + 2 + len(os.readlink(tmp_path / "p" / "linked"))
    assert {k: v for k, v in info.parts.items() if k != "other"} == before.parts
    pack.add(some_documents(1, prefix="new"))
    assert not stray.exists()  # the next writer removes what a killed one left
