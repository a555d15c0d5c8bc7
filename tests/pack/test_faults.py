"""Damage, crashes, full disks and company: nothing is lost and nothing is ever wrong."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from attar.errors import AttarError, PackError
from attar.pack import Document, Hit, Pack

from .toy import HashEmbedder, some_documents

QUESTIONS = ("heat shock", "boundary layer of a plate", "gas")
ROOT = Path(__file__).parents[1]


def answers(folder: Path) -> list[list[Hit]]:
    pack = Pack.open(folder, HashEmbedder())
    return [pack.search(q, k=5, mode=m) for q in QUESTIONS for m in ("dense", "bm25", "hybrid")]


def files_of(folder: Path) -> list[Path]:
    return sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "lock")


def check_or_refuse(folder: Path, path: Path, expected: list[list[Hit]]) -> None:
    """Either everything is as it was, or there is an error that names the file."""
    try:
        found = answers(folder)
        Pack.open(folder, HashEmbedder()).verify()
    except AttarError as error:
        said = str(error)
    else:
        assert found == expected
        return
    assert path.name in said or path.name == "manifest.json", said


def test_no_flipped_bit_gives_a_wrong_answer(copy: Path) -> None:
    expected = answers(copy)
    chance = random.Random(1)
    for path in files_of(copy):
        good = path.read_bytes()
        for _ in range(25):
            data = bytearray(good)
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
            check_or_refuse(copy, path, expected)
        path.write_bytes(good)
    assert answers(copy) == expected


def test_verify_finds_every_flipped_bit(copy: Path) -> None:
    chance = random.Random(2)
    for path in files_of(copy):
        if path.name == "manifest.json":
            continue  # its white space means nothing
        good = path.read_bytes()
        for _ in range(10):
            data = bytearray(good)
            data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
            path.write_bytes(data)
            with pytest.raises(PackError, match=path.name):
                Pack.open(copy).verify()
        path.write_bytes(good)
    Pack.open(copy).verify()


def test_no_cut_file_gives_a_wrong_answer(copy: Path) -> None:
    chance = random.Random(3)
    for path in files_of(copy):
        good = path.read_bytes()
        for length in [0, 1, len(good) - 2, *(chance.randrange(len(good)) for _ in range(4))]:
            path.write_bytes(good[:length])
            with pytest.raises(PackError):
                Pack.open(copy)
        path.write_bytes(good)


def test_a_missing_file_is_named(copy: Path) -> None:
    for path in files_of(copy):
        data = path.read_bytes()
        path.unlink()
        with pytest.raises(PackError, match=path.name):
            Pack.open(copy)
        path.write_bytes(data)


CHILD = """
    import resource, signal, sys
    from pathlib import Path
    from attar.pack import Pack, build
    from attar.errors import PackError
    from pack.toy import HashEmbedder, some_documents

    folder, limit = Path(sys.argv[1]), int(sys.argv[2])
    build.SEGMENT_UNITS = 10
    pack = Pack.open(folder, HashEmbedder())
    if limit:
        # Compiled code is written to its own cache first: this is not about that.
        Pack.create(folder.with_name("warm"), embedder=HashEmbedder()).add(some_documents(40))
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    else:
        print("ready", flush=True)
    try:
        pack.add(some_documents(40, seed=5, prefix="k") + some_documents(20, seed=6))
        pack.delete(["k1", "e5"])
    except PackError as error:
        print(error)
"""


def child(folder: Path, limit: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(folder), str(limit)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def state(folder: Path) -> list[tuple[str, str]]:
    pack = Pack.open(folder, HashEmbedder())
    pack.verify()
    return [(d.id, d.text) for d in pack.documents()]


def test_a_killed_writer_leaves_a_state_before_or_after(copy: Path) -> None:
    before = state(copy)
    added = some_documents(40, seed=5, prefix="k") + some_documents(20, seed=6)
    replaced = {d.id for d in added}
    middle = [x for x in before if x[0] not in replaced] + [(d.id, d.text) for d in added]
    after = [x for x in middle if x[0] not in ("k1", "e5")]
    chance = random.Random(4)
    for _ in range(4):
        with child(copy) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(chance.uniform(0, 0.6))
            process.send_signal(signal.SIGKILL)
        assert sorted(state(copy)) in [sorted(x) for x in (before, middle, after)]
    # What the dead left behind is gone with the next change.
    Pack.open(copy, HashEmbedder()).add([Document("last", "last", "The last one.")])
    manifest = Pack.open(copy)
    named = {path for path, _ in manifest._snapshot.manifest.files()}
    there = {str(p.relative_to(copy)) for p in files_of(copy)}
    assert there == named | {"manifest.json"}


@pytest.mark.parametrize("limit", [200, 1200, 2500])
def test_a_full_disk_is_said_and_changes_nothing(copy: Path, limit: int) -> None:
    before = state(copy)
    with child(copy, limit) as process:
        said, _ = process.communicate()
    assert process.returncode == 0
    assert "no room left" in said or "too large" in said.lower()
    assert state(copy) == before


def test_a_read_only_pack_can_be_searched_but_not_changed(
    copy: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = answers(copy)
    really = os.open

    def refuse(path: object, flags: int, *more: object, **named: object) -> int:
        if flags & (os.O_WRONLY | os.O_RDWR):
            raise PermissionError(13, "Permission denied")
        return really(path, flags, *more, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(os, "open", refuse)
    assert answers(copy) == expected
    with pytest.raises(PackError, match=r"cannot write .*Permission denied"):
        Pack.open(copy, HashEmbedder()).delete(["d1"])


def test_readers_keep_their_version_while_a_writer_works(copy: Path) -> None:
    reader = Pack.open(copy, HashEmbedder())
    expected = [reader.search(q, k=5) for q in QUESTIONS]
    documents = list(reader.documents())
    late = Pack.open(copy, HashEmbedder())  # reads nothing until all has changed
    writer = Pack.open(copy, HashEmbedder())
    writer.delete(d.id for d in documents)
    writer.add(some_documents(9, seed=8, prefix="w"))
    for pack in (reader, late):
        assert [pack.search(q, k=5) for q in QUESTIONS] == expected
        assert list(pack.documents()) == documents
        pack.verify()
    assert len(list(Pack.open(copy).documents())) == 9


def test_whoever_opens_while_a_writer_works_sees_one_version(copy: Path) -> None:
    # Each version holds one document per id, all with the same version number in the text.
    def version(n: int) -> Iterator[Document]:
        return (Document(f"v{i}", "v", f"gas version{n} number {i}") for i in range(6))

    Pack.open(copy, HashEmbedder()).delete(d.id for d in list(Pack.open(copy).documents()))
    Pack.open(copy, HashEmbedder()).add(version(0))
    writing = textwrap.dedent(
        """
        import sys
        from attar.pack import Document, Pack
        from pack.toy import HashEmbedder
        pack = Pack.open(sys.argv[1], HashEmbedder())
        print("ready", flush=True)
        for n in range(1, 40):
            pack.add(Document(f"v{i}", "v", f"gas version{n} number {i}") for i in range(6))
        """
    )
    with subprocess.Popen(
        [sys.executable, "-c", writing, str(copy)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        seen = set()
        while process.poll() is None:
            pack = Pack.open(copy, HashEmbedder())
            found = pack.search("gas", k=10)
            versions = {hit.text.split()[1] for hit in found}
            assert len(found) == 6
            assert len(versions) == 1
            seen |= versions
    assert process.returncode == 0
    assert len(seen) > 1
