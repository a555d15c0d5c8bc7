"""A folder packed again: only what changed is read, and the pack is what the folder is."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.errors import PackError, UsageError
from attar.pack import Document, Pack, read
from attar.pack import sync as syncing
from attar.pack.sources import SourceFile, Sources, decode_sources, encode_sources

from .toy import HashEmbedder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "deep").mkdir(parents=True)
    for i in range(6):
        write(folder / f"{i}.txt", f"Number {i} is about lift and drag.")
    write(folder / "deep" / "a.md", "# Title\n\nHeat flow.\n")
    write(folder / "data.bin", "\0\0\0")
    write(folder / "records.jsonl", records(("x", "A jet."), ("y", "A cone.")))
    return folder


def write(path: Path, text: str, seconds: int = 1_600_000_000) -> None:
    path.write_text(text, encoding="utf-8", newline="")
    os.utime(path, (seconds, seconds))


def records(*rows: tuple[str, str]) -> str:
    return "\n".join(json.dumps({"_id": name, "text": text}) for name, text in rows)


def synced(tmp_path: Path, folder: Path) -> tuple[Pack, syncing.Synced]:
    pack = Pack.create(tmp_path / "p.attar", embedder=HashEmbedder(), exist_ok=True)
    return pack, pack.sync(folder)


def same(pack: Pack, folder: Path) -> bool:
    key = lambda d: d.id  # noqa: E731
    again = Pack.open(pack.collection.folder)
    again.verify()
    return sorted(again.documents(), key=key) == sorted(read(folder), key=key)


def test_nothing_changed_nothing_read(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, first = synced(tmp_path, folder)
    assert (first.files, first.read, first.added, first.deleted) == (9, 9, 9, 0)
    assert [s.path for s in first.skipped] == ["data.bin"]
    assert same(pack, folder)
    before = (tmp_path / "p.attar" / "manifest.json").read_bytes()
    monkeypatch.setattr(syncing, "read_file", None)
    # Neither is the model loaded: its name would not be found.
    again = Pack.open(tmp_path / "p.attar").sync(folder)
    assert (again.files, again.read, again.added, again.deleted) == (9, 0, 0, 0)
    assert again.skipped == first.skipped
    assert (tmp_path / "p.attar" / "manifest.json").read_bytes() == before


def test_only_what_changed_is_embedded(tmp_path: Path, folder: Path) -> None:
    pack, _ = synced(tmp_path, folder)
    write(folder / "2.txt", "Now of gas.", 1_600_000_001)
    write(folder / "3.txt", (folder / "3.txt").read_text(), 1_600_000_002)  # touched
    write(folder / "records.jsonl", records(("x", "A jet."), ("z", "A plate.")), 1_600_000_003)
    (folder / "deep" / "a.md").unlink()
    write(folder / "new.txt", "A new one.")
    found = pack.sync(folder)
    assert (found.files, found.read) == (9, 4)
    assert found.added == 3  # 2.txt, z, new.txt
    assert found.deleted == 3  # 2.txt, y, deep/a.md
    assert same(pack, folder)
    assert pack.sync(folder).read == 0


def test_a_file_that_changed_just_now_is_read_again(tmp_path: Path, folder: Path) -> None:
    (folder / "5.txt").write_text("Fresh.")
    pack, _ = synced(tmp_path, folder)
    again = pack.sync(folder)
    assert (again.read, again.added) == (1, 0)


def test_what_came_in_another_way_stays(tmp_path: Path, folder: Path) -> None:
    pack, _ = synced(tmp_path, folder)
    pack.add([Document("mine", "mine", "Mine."), Document("1.txt", "elsewhere", "Other.")])
    pack.delete(["2.txt"])
    found = pack.sync(folder)
    # The files that the changes hid are read again.
    assert (found.read, found.added) == (2, 2)
    assert pack.document("mine").text == "Mine."
    assert pack.document("1.txt").text.startswith("Number 1")
    assert pack.document("2.txt").text.startswith("Number 2")
    pack.compact()
    assert pack.sync(folder).read == 0


def test_ids_stay_with_the_file_that_brought_them(tmp_path: Path, folder: Path) -> None:
    pack, _ = synced(tmp_path, folder)
    write(folder / "zz.jsonl", records(("x", "An impostor."), ("w", "A wave.")))
    found = pack.sync(folder)
    assert any("already read from records.jsonl" in s.reason for s in found.skipped)
    assert pack.document("x").text == "A jet."
    (folder / "records.jsonl").unlink()
    # What was only partly read is read each time, so the other x comes in now.
    pack.sync(folder)
    assert pack.document("x").text == "An impostor."
    assert same(pack, folder)


def test_another_folder_is_refused(tmp_path: Path, folder: Path) -> None:
    pack, _ = synced(tmp_path, folder)
    (tmp_path / "other").mkdir()
    write(tmp_path / "other" / "a.txt", "A.")
    with pytest.raises(UsageError, match="was packed from docs and not from other"):
        pack.sync(tmp_path / "other")
    with pytest.raises(UsageError, match="not from docs, other"):
        pack.sync([folder, tmp_path / "other"])
    moved = tmp_path / "moved" / "docs"
    moved.parent.mkdir()
    folder.rename(moved)
    assert pack.sync(moved).added == 0
    for path in sorted(moved.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    with pytest.raises(UsageError, match="no files any more"):
        pack.sync(moved)
    assert pack.info().documents == 9


def test_an_interrupted_sync_changes_nothing(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack, _ = synced(tmp_path, folder)
    before = {p: p.read_bytes() for p in (tmp_path / "p.attar").rglob("*") if p.is_file()}
    write(folder / "1.txt", "Changed.", 1_600_000_009)
    (folder / "2.txt").unlink()
    with monkeypatch.context() as patch:

        def interrupted(*_: object) -> None:
            raise KeyboardInterrupt

        patch.setattr(syncing.Rereading, "_remember", interrupted)
        with pytest.raises(KeyboardInterrupt):
            pack.sync(folder)
    assert {p: p.read_bytes() for p in (tmp_path / "p.attar").rglob("*") if p.is_file()} == before
    pack.sync(folder)
    assert same(pack, folder)


def test_a_damaged_memory_is_named(tmp_path: Path, folder: Path) -> None:
    synced(tmp_path, folder)
    [path] = (tmp_path / "p.attar").glob("sources.*")
    data = bytearray(path.read_bytes())
    for i in range(len(data)):
        data[i] ^= 4
        path.write_bytes(data)
        with pytest.raises(PackError, match=path.name):
            Pack.open(tmp_path / "p.attar").verify()
        with pytest.raises(PackError, match=path.name):
            Pack.open(tmp_path / "p.attar", HashEmbedder()).sync(folder)
        data[i] ^= 4


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["a.txt", "b.txt", "c.jsonl", "d.jsonl", "c.jsonl#k"]),
            st.integers(0, 3),
        ).filter(bool),
        min_size=2,
        max_size=4,
    )
)
def test_the_pack_is_always_what_the_folder_is(
    tmp_path_factory: pytest.TempPathFactory, states: list[dict[str, int]]
) -> None:
    base = tmp_path_factory.mktemp("states")
    (base / "docs").mkdir()
    pack = Pack.create(base / "p", embedder=HashEmbedder())
    for clock, state in enumerate(states):
        for path in (base / "docs").iterdir():
            path.unlink()
        for name, content in state.items():
            text = f"Text {content} of {name}."
            if name.endswith("jsonl"):
                text = records(*((f"{name[0]}{i}", text) for i in range(content + 1)))
            write(base / "docs" / name, text, 1_600_000_000 + clock * 10 + content)
        pack.sync(base / "docs")
        assert same(pack, base / "docs")


def test_exported_records_go_with_their_file(tmp_path: Path, folder: Path) -> None:
    """Their sources name other places, and still the pack knows which file brought them."""
    first, _ = synced(tmp_path, folder)
    lines = tmp_path / "all.jsonl"
    first.export(lines, jsonl=True)
    os.utime(lines, (1_600_000_000, 1_600_000_000))
    pack = Pack.create(tmp_path / "q", embedder=HashEmbedder())
    assert pack.sync(lines).added == 9
    assert list(pack.documents()) == list(first.documents())
    again = pack.sync(lines)
    assert (again.read, again.added, again.deleted) == (0, 0, 0)
    # A line changed, one gone, one new: the others stay as they are.
    kept = [json.loads(line) for line in lines.read_text("utf-8").splitlines()]
    gone, changed = kept.pop(0), kept[0]
    changed["text"] = "Now of gas."
    kept.append({**changed, "_id": "new", "source": "new.txt"})
    write(lines, "\n".join(map(json.dumps, kept)), 1_600_000_001)
    found = pack.sync(lines)
    assert (found.read, found.added, found.deleted) == (1, 2, 2)
    assert {d.id for d in pack.documents()} == {r["_id"] for r in kept}
    assert pack.document("new").source == "new.txt"
    assert gone["_id"] not in {d.id for d in Pack.open(tmp_path / "q").documents()}
    # One that is deleted comes back when the file is read again.
    assert pack.delete(["new"]) == 1
    assert pack.sync(lines).added == 1
    Pack.open(tmp_path / "q").verify()


def test_exported_records_of_a_file_that_is_gone_are_deleted(tmp_path: Path, folder: Path) -> None:
    first, _ = synced(tmp_path, folder)
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    first.export(inbox / "all.jsonl", jsonl=True)
    os.utime(inbox / "all.jsonl", (1_600_000_000, 1_600_000_000))
    write(inbox / "twice.jsonl", records(("x", "Another jet."), ("own", "A wing.")))
    pack = Pack.create(tmp_path / "q", embedder=HashEmbedder())
    found = pack.sync(inbox)
    assert found.added == 10
    assert ["x" in s.reason for s in found.skipped] == [True]
    assert pack.document("x").text == "A jet."
    (inbox / "all.jsonl").unlink()
    pack.sync(inbox)
    assert {d.id: d.text for d in pack.documents()} == {"x": "Another jet.", "own": "A wing."}


@settings(max_examples=50)
@given(
    st.lists(st.text(min_size=1, max_size=9), min_size=1, max_size=6, unique=True),
    st.dictionaries(st.text(max_size=9), st.integers(0, 5), max_size=6),
)
def test_what_is_remembered_comes_back(names: list[str], strangers: dict[str, int]) -> None:
    try:
        "".join([*names, *strangers]).encode("utf-8")
    except UnicodeEncodeError:
        return
    sources = Sources(
        ["root"],
        [SourceFile(name, i, "why" * (i % 2)) for i, name in enumerate(names)],
        {i: names[n % len(names)] for i, n in strangers.items()},
    )
    data = encode_sources(sources)
    assert data[8] == (2 if strangers else 1)
    assert decode_sources(Path("sources.1"), data) == sources
