"""Documents out of a pack, exactly, and never outside of the folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from attar.errors import PackError, UsageError
from attar.pack import Document, Pack, export, read
from attar.pack.export import line_of

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


WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=5,
)
DOCUMENTS = st.lists(
    st.builds(
        Document,
        WORDS.filter(bool),
        WORDS,
        WORDS,
        WORDS,
        st.sampled_from(["text", "markdown", "html", "pdf", "code:python", "no such kind"]),
        st.dictionaries(WORDS, JSON, max_size=2),
    ),
    min_size=1,
    max_size=5,
    unique_by=lambda d: d.id,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(DOCUMENTS)
def test_lines_are_read_back(
    tmp_path_factory: pytest.TempPathFactory, documents: list[Document]
) -> None:
    folder = tmp_path_factory.mktemp("lines")
    first = holding(folder / "p", *documents)
    assert first.export(folder / "all.jsonl", jsonl=True) == len(documents)
    assert list(read(folder / "all.jsonl")) == documents
    # Once more through a pack of that file, which then knows whose documents they are.
    second = Pack.create(folder / "q", embedder=HashEmbedder())
    assert second.sync(folder / "all.jsonl").added == len(documents)
    assert list(second.documents()) == documents
    second.export(folder / "again.jsonl", jsonl=True)
    assert (folder / "again.jsonl").read_bytes() == (folder / "all.jsonl").read_bytes()
    for text in ("a\r\n\u2028two\n", "\x1f\U0001f469\u200d\U0001f680 \x85"):
        assert read_back(folder, Document("x/../y", "s", text)).text == text


def read_back(folder: Path, document: Document) -> Document:
    (folder / "one.jsonl").write_text(line_of(document), encoding="utf-8", newline="\n")
    [found] = read(folder / "one.jsonl")
    return found


def test_lines_are_not_overwritten(tmp_path: Path) -> None:
    pack = holding(tmp_path / "p", Document("a", "s", "x"))
    pack.export(tmp_path / "all.jsonl", jsonl=True)
    with pytest.raises(PackError, match="exists"):
        pack.export(tmp_path / "all.jsonl", jsonl=True)


def test_what_others_call_source_is_not_taken_for_it(tmp_path: Path) -> None:
    """Only a line with all that an export says is one; many data sets have a "source"."""
    line = json.loads(line_of(Document("a", "guide/a.md", "Text.", kind="markdown")))
    path = tmp_path / "set.jsonl"
    for key in line:
        if key == "text":
            continue
        path.write_text(json.dumps({k: v for k, v in line.items() if k != key}))
        [found] = read(path)
        assert found.source.startswith("set.jsonl#")
        assert found.kind == "text"
    path.write_text(json.dumps({**line, "source": "\ud800"}))
    reading = read(path)
    assert list(reading) == []
    assert [s.reason for s in reading.skipped] == ["the record's text is not Unicode"]


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
