from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import UsageError
from attar.pack.document import Document
from attar.pack.read import read
from attar.pack.readers.source import Skipped, Unreadable, decoded


def reading(path: Path, **options: int) -> tuple[dict[str, Document], dict[str, str]]:
    """Documents by id, and reasons by path."""
    found = read(path, **options)
    documents = {d.id: d for d in found}
    return documents, {s.path: s.reason for s in found.skipped}


def only(path: Path) -> Document:
    documents = list(read(path))
    assert len(documents) == 1
    return documents[0]


def write(path: Path, data: str | bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def test_a_folder_is_read_in_the_order_of_names(tmp_path: Path) -> None:
    for name in ("b.txt", "a/z.md", "a/c/d.py", "a.txt", "noextension", "odd.xyz"):
        write(tmp_path / name, f"text of {name}")
    documents = list(read(tmp_path))
    assert [d.id for d in documents] == [
        "a/c/d.py", "a/z.md", "a.txt", "b.txt", "noextension", "odd.xyz",
    ]  # fmt: skip
    assert [d.source for d in documents] == [d.id for d in documents]
    assert documents[0].text == "text of a/c/d.py"


@pytest.mark.parametrize(
    ("name", "text", "title", "kind"),
    [
        ("notes.txt", "a\r\nb\rc\n", "notes", "text"),
        ("x.log", "line\n", "x", "log"),
        ("a.md", "intro\n\nThe *Guide*\n===\n", "The Guide", "markdown"),
        ("b.md", "---\ntitle: 'Front'\n---\n# Other\n", "Front", "markdown"),
        ("c.md", "```\n# no\n```\n", "c", "markdown"),
        ("d.html", "<title>A &amp; B</title><p>x", "A & B", "html"),
        ("e.htm", "<p>x", "e", "html"),
        ("f.rst", ".. note\n\nTitle\n=====\n\ntext", "Title", "rst"),
        ("g.json", '{"a": 1}', "g", "json"),
        ("h.json", "{broken", "h", "json"),
        ("i.csv", "a,b\n1,2\n", "i", "csv"),
        ("j.tsv", "a\tb\n", "j", "tsv"),
        ("k.py", "x = 1\n", "", "code:python"),
        ("l.RS", "fn main() {}", "", "code:rust"),
        ("m.jsonl", '{"a": 1}\n{"b": 2}\n', "m", "jsonl"),
        ("n.md", "\ufeff# Marked\n", "Marked", "markdown"),
    ],
)
def test_each_kind_of_text(tmp_path: Path, name: str, text: str, title: str, kind: str) -> None:
    path = write(tmp_path / name, text)
    document = only(path)
    assert (document.id, document.title, document.kind) == (name, title, kind)
    assert document.text == text
    with path.open(encoding="utf-8", newline="") as file:
        assert document.text == file.read()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_wide_encodings_need_their_mark(tmp_path: Path, encoding: str) -> None:
    path = write(tmp_path / "a.txt", "schön 漢字\r\n".encode(encoding))
    assert only(path).text == "schön 漢字\r\n"
    assert only(path).text == path.open(encoding=encoding, newline="").read()
    write(path, "latin".encode("utf-16-le"))
    assert reading(path)[1] == {"a.txt": "binary: it has NUL bytes"}


def test_what_is_not_text_is_skipped_with_a_reason(tmp_path: Path) -> None:
    write(tmp_path / "image.png", b"\x89PNG\r\n\x1a\n\0\0")
    write(tmp_path / "late.txt", b"a" * 10_000 + b"\0")
    write(tmp_path / "latin1.txt", "schön".encode("latin-1"))
    write(tmp_path / "empty.txt", b"")
    write(tmp_path / "blank.md", " \r\n\t")
    write(tmp_path / "mark.md", "\ufeff")
    write(tmp_path / "long.txt", "x" * 20_000)
    documents, skipped = reading(tmp_path, max_bytes=15_000)
    assert documents == {}
    assert skipped == {
        "image.png": "binary: it has NUL bytes",
        "late.txt": "binary: it has NUL characters",
        "latin1.txt": "not UTF-8 (byte 3); convert it to UTF-8 to have it read",
        "empty.txt": "empty",
        "blank.md": "empty",
        "mark.md": "empty",
        "long.txt": "has 20,000 bytes, more than the 15,000 that are read",
    }


def test_hidden_and_generated_things_are_listed_once(tmp_path: Path) -> None:
    write(tmp_path / ".git/objects/a.txt", "x")
    write(tmp_path / "node_modules/deep/b.js", "x")
    write(tmp_path / ".hidden.txt", "x")
    write(tmp_path / "seen.txt", "x")
    documents, skipped = reading(tmp_path)
    assert list(documents) == ["seen.txt"]
    assert skipped == {
        ".git": "hidden",
        ".hidden.txt": "hidden",
        "node_modules": "holds generated files",
    }
    assert list(reading(tmp_path / ".git")[0]) == ["objects/a.txt"]


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = write(tmp_path / "outside/secret.txt", "secret")
    root = tmp_path / "root"
    write(root / "a/file.txt", "text")
    (root / "a/loop").symlink_to(root)
    (root / "out.txt").symlink_to(outside)
    (root / "gone.txt").symlink_to(tmp_path / "nowhere")
    documents, skipped = reading(root)
    assert list(documents) == ["a/file.txt"]
    assert set(skipped) == {"a/loop", "out.txt", "gone.txt"}
    assert all("link" in reason for reason in skipped.values())
    (tmp_path / "alias").symlink_to(root)
    assert list(reading(tmp_path / "alias")[0]) == ["a/file.txt"]


def test_a_pipe_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert reading(tmp_path) == ({}, {"pipe": "not a regular file"})
    with pytest.raises(UsageError, match="neither a file nor a folder"):
        read(tmp_path / "pipe")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_what_may_not_be_read_is_listed(tmp_path: Path) -> None:
    write(tmp_path / "a.txt", "x").chmod(0)
    write(tmp_path / "b/c.txt", "x").parent.chmod(0)
    try:
        documents, skipped = reading(tmp_path)
    finally:
        (tmp_path / "b").chmod(0o700)
    assert documents == {}
    assert skipped == {
        "a.txt": "cannot be read: Permission denied",
        "b": "cannot be opened: Permission denied",
    }


def test_an_error_of_the_system_is_a_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "a.txt", "x")
    write(tmp_path / "b.txt", "x")
    real = Path.open

    def fails(self: Path, *args: object, **options: object) -> object:
        if self.name == "a.txt":
            raise PermissionError(13, "Permission denied")
        return real(self, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", fails)
    documents, skipped = reading(tmp_path)
    assert list(documents) == ["b.txt"]
    assert skipped == {"a.txt": "cannot be read: Permission denied"}


@pytest.mark.skipif(os.name == "nt", reason="names are bytes only on POSIX")
def test_a_name_that_is_not_unicode(tmp_path: Path) -> None:
    try:
        os.close(os.open(os.fsencode(tmp_path) + b"/\xff.txt", os.O_CREAT | os.O_WRONLY))
    except OSError:
        pytest.skip("this file system takes only Unicode names")
    documents, skipped = reading(tmp_path)
    assert documents == {}
    assert list(skipped.values()) == ["its name is not UTF-8"]


def test_deep_folders(tmp_path: Path) -> None:
    deep = tmp_path / "/".join("d" * 300)
    write(deep / "a.txt", "x")
    assert list(reading(tmp_path)[0]) == ["d/" * 300 + "a.txt"]


def test_several_paths(tmp_path: Path) -> None:
    write(tmp_path / "one/a.txt", "1")
    write(tmp_path / "two/a.txt", "2")
    write(tmp_path / "three.txt", "3")
    found = read([tmp_path / "two", str(tmp_path / "one"), tmp_path / "three.txt"])
    assert [d.id for d in found] == ["two/a.txt", "one/a.txt", "three.txt"]
    write(tmp_path / "two/one/a.txt", "4")
    with pytest.raises(UsageError, match="same last name"):
        read([tmp_path / "one", tmp_path / "two/one"])


def test_wrong_calls(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        read(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="nothing to read"):
        read([])
    assert list(read(tmp_path)) == []


def test_progress_counts_files(tmp_path: Path) -> None:
    for i in range(3):
        write(tmp_path / f"{i}.txt", "x")
    calls: list[tuple[str, int, int | None]] = []
    list(read(tmp_path, progress=lambda *call: calls.append(call)))
    assert calls == [("read", 1, None), ("read", 2, None), ("read", 3, None)]


def lines(*records: object) -> str:
    return "".join(json.dumps(r, ensure_ascii=False) + "\n" for r in records)


def test_a_test_collection_reads_only_its_corpus(tmp_path: Path) -> None:
    write(
        tmp_path / "corpus.jsonl",
        lines(
            {"_id": "7", "title": "T", "text": "é text", "metadata": {"year": 1960}},
            {"_id": 8, "title": "only a title", "text": ""},
        ),
    )
    write(tmp_path / "queries.jsonl", lines({"_id": "q", "text": "what"}))
    write(tmp_path / "qrels/test.tsv", "q\t7\t1\n")
    write(tmp_path / "README.txt", "about")
    documents, skipped = reading(tmp_path)
    assert documents["7"] == Document("7", "corpus.jsonl#7", "é text", "T", metadata={"year": 1960})
    assert (documents["8"].text, documents["8"].title) == ("only a title", "")
    assert set(skipped) == {"queries.jsonl", "qrels", "README.txt"}


def test_records_that_are_none_are_listed_by_line(tmp_path: Path) -> None:
    good = lines({"text": "one"}, {"id": "b", "text": "two"})
    bad = '{broken\n[1]\n{"text": 5}\n\n{"_id": "e", "text": " "}\n{"text": "\\ud800"}\n'
    write(tmp_path / "r.jsonl", b"\xef\xbb\xbf" + (good + bad).encode() + b"\xff\n")
    documents, skipped = reading(tmp_path)
    assert [(d.id, d.source) for d in documents.values()] == [
        ("r.jsonl#1", "r.jsonl#1"),
        ("b", "r.jsonl#b"),
    ]
    assert list(skipped) == [f"r.jsonl:{n}" for n in (3, 4, 5, 7, 8, 9)]
    assert skipped["r.jsonl:3"].startswith("not JSON")
    assert skipped["r.jsonl:5"] == "the record has no text"


def test_complaints_are_bounded(tmp_path: Path) -> None:
    write(tmp_path / "r.jsonl", lines({"text": "one"}) + "{\n" * 1000)
    found = read(tmp_path)
    assert len(list(found)) == 1
    assert len(found.skipped) == 21
    assert found.skipped[-1] == Skipped("r.jsonl", "980 more lines are no records")


def test_a_line_too_long_is_skipped_and_the_next_one_read(tmp_path: Path) -> None:
    text = lines({"text": "one"}, {"text": "x" * 500}, {"text": "three"})
    documents, skipped = reading(write(tmp_path / "r.jsonl", text), max_bytes=100)
    assert list(documents) == ["r.jsonl#1", "r.jsonl#3"]
    assert skipped == {"r.jsonl:2": "the line is too long"}


def test_an_id_is_taken_once(tmp_path: Path) -> None:
    write(tmp_path / "a.jsonl", lines({"id": "x", "text": "one"}))
    write(tmp_path / "b.jsonl", lines({"id": "x", "text": "two"}))
    documents, skipped = reading(tmp_path)
    assert documents["x"].text == "one"
    assert skipped == {"b.jsonl#x": "the id 'x' was already read from a.jsonl"}


def test_json_nested_too_deeply_is_a_reason(tmp_path: Path) -> None:
    write(tmp_path / "r.jsonl", lines({"text": "one"}) + '{"a":' * 100_000 + "\n")
    documents, skipped = reading(tmp_path)
    assert len(documents) == len(skipped) == 1


@settings(deadline=None)
@given(st.text(), st.sampled_from(["utf-8", "utf-16", "utf-32"]))
def test_decoding_gives_the_text_or_a_reason(text: str, encoding: str) -> None:
    if "\0" in text:
        with pytest.raises(Unreadable):
            decoded(text.encode(encoding), encoding)
    else:
        assert decoded(text.encode(encoding), encoding) == text
