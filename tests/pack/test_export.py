"""Documents out of a pack, exactly, and never outside of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import PackError, UsageError
from attar.pack import Document, Pack, export, read

from .toy import HashEmbedder

FILES = {
    "a.md": b"# T\r\n\r\nText \xe2\x82\xac.\r\n\r\n\r\n",
    "deep/er/b.txt": b"\xef\xbb\xbfMarked.\n",
    "deep/c.py": b"def f():\n\treturn 1\n\n",
    "page.html": b"<p>One<!-- two --></p>",
}


def holding(folder: Path, *documents: Document) -> Pack:
    pack = Pack.create(folder, embedder=HashEmbedder())
    pack.add(documents)
    return pack


def test_files_come_back_byte_for_byte(tmp_path: Path) -> None:
    for name, data in FILES.items():
        (tmp_path / "in" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "in" / name).write_bytes(data)
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    pack.sync(tmp_path / "in")
    pack.add([Document("gone", "gone", "x"), Document("paper.pdf", "paper.pdf", "P.", kind="pdf")])
    pack.delete(["gone"])
    assert pack.export(tmp_path / "out") == 5
    files = {p.relative_to(tmp_path / "out").as_posix(): p.read_bytes()
             for p in (tmp_path / "out").rglob("*") if p.is_file()}  # fmt: skip
    assert files == {**FILES, "paper.pdf.txt": b"P."}
    with pytest.raises(PackError, match="not empty"):
        pack.export(tmp_path / "out")


def test_lines_are_read_back(tmp_path: Path) -> None:
    documents = [
        Document("a", "s", "One\r\n\u2028two\n", "Title", metadata={"n": [1, None]}),
        Document("b/../c", "s", "\x1f\U0001f469\u200d\U0001f680 \x85"),
    ]
    pack = holding(tmp_path / "p", *documents)
    assert pack.export(tmp_path / "all.jsonl", jsonl=True) == 2
    again = {d.id: (d.text, d.title, d.metadata) for d in read(tmp_path / "all.jsonl")}
    assert again["a"] == (documents[0].text, "Title", {"n": [1, None]})
    assert again["b/../c"][0] == documents[1].text
    with pytest.raises(PackError, match="exists"):
        pack.export(tmp_path / "all.jsonl", jsonl=True)


@pytest.mark.parametrize(
    "name",
    [
        "/etc/x",
        "../x",
        "a/../../x",
        "a/..",
        ".",
        "a//b",
        "a/",
        "C:x",
        "a\\..\\x",
        "nul\0",
        "x" * 300,
    ],
)
def test_an_id_that_leads_elsewhere_is_refused(tmp_path: Path, name: str) -> None:
    pack = holding(tmp_path / "p", Document("fine", "fine", "x"), Document(name, "s", "x"))
    with pytest.raises(UsageError, match="cannot become a file"):
        pack.export(tmp_path / "out")
    assert not (tmp_path / "out").exists()
    assert pack.export(tmp_path / "out.jsonl", jsonl=True) == 2


def test_files_in_the_way_of_each_other_are_refused(tmp_path: Path) -> None:
    pack = holding(tmp_path / "p", Document("a/b", "s", "x"), Document("a", "s", "x"))
    with pytest.raises(UsageError, match="where its folder would be"):
        pack.export(tmp_path / "out")
    pack = holding(
        tmp_path / "q", Document("a.pdf", "s", "x", kind="pdf"), Document("a.pdf.txt", "s", "x")
    )
    with pytest.raises(UsageError, match="would be that of"):
        pack.export(tmp_path / "out")


def test_a_failure_leaves_nothing_half_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pack = holding(tmp_path / "p", Document("a", "s", "x"), Document("b", "s", "x"))

    def interrupted(step: str, done: int, total: int | None) -> None:
        raise KeyboardInterrupt

    for jsonl in (False, True):
        with pytest.raises(KeyboardInterrupt):
            pack.export(tmp_path / "out", jsonl=jsonl, progress=interrupted)
        assert not (tmp_path / "out").exists()


@settings(max_examples=40, deadline=None)
@given(st.text(min_size=1, max_size=12) | st.text("/.a\\:", min_size=1))
def test_no_name_leaves_the_folder(name: str) -> None:
    try:
        checked = export._checked(name)
    except (UsageError, UnicodeEncodeError):
        return
    assert (Path("/base/out") / checked).is_relative_to("/base/out")
    assert ".." not in Path(checked).parts


def test_update_replaces_what_came_from_the_same_source(tmp_path: Path) -> None:
    pack = holding(
        tmp_path / "p",
        Document("f#1", "f", "Old one."),
        Document("f#2", "f", "Old two."),
        Document("g", "g", "Kept."),
    )
    pack.update([Document("f#1", "f", "New one."), Document("f#3", "f", "New three.")])
    assert {d.id: d.text for d in pack.documents()} == {
        "f#1": "New one.", "f#3": "New three.", "g": "Kept.",
    }  # fmt: skip
    pack.add([Document("f#4", "f", "One more.")])
    assert pack.info().documents == 4
    pack.update([])
    assert pack.info().documents == 4
    pack.verify()
