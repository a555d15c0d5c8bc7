"""What goes wrong is one clear sentence, an exit status of 1 or 2, and nothing lost."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import DOCUMENTS, Run

pytestmark = pytest.mark.model


def test_wrong_calls(run: Run, pack: Path, documents: Path, tmp_path: Path) -> None:
    assert "No such command" in run.fails("pakc", status=2)
    assert "does not exist" in run.fails("pack", tmp_path / "no", "-o", tmp_path / "x", status=2)
    assert "was packed from" in run.fails("pack", tmp_path, "-o", pack, status=2)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes").write_text("mine")
    assert "is no pack" in run.fails("pack", documents, "-o", tmp_path / "mine", status=2)
    assert (tmp_path / "mine" / "notes").read_text() == "mine"
    for option, wish in (("--vectors", "sign()"), ("--language", "german")):
        said = run.fails("pack", documents, "-o", pack, option, wish, status=2)
        assert option in said
    assert "Missing option" in run.fails("squeeze", "-", status=2)
    text = documents / "tea.txt"
    assert "as a budget" in run.fails("squeeze", text, "--to", "many", status=2)
    assert "hadamard" in run.fails(
        "pack", documents, "-o", tmp_path / "x", "--vectors", "hadamrd >> uniform(bits=2)", status=2
    )
    assert "klingon" in run.fails(
        "pack", documents, "-o", tmp_path / "x", "--language", "klingon", status=2
    )
    assert not (tmp_path / "x").exists()
    assert "none of the documents" in run.fails("delete", pack, "nobody", status=2)
    assert "codex" in run.fails("methods", "codex", status=2)


def test_what_was_mistyped_is_guessed(run: Run, pack: Path) -> None:
    assert "did you mean 'pack'" in run.fails("pakc", status=2)
    assert "did you mean 'search'" in run.fails("Search", status=2)
    assert "No such command 'xyzzy'." in run.fails("xyzzy", status=2)
    assert "did you mean 'tea.txt'" in run.fails("delete", pack, "tee.txt", status=2)
    assert "did you mean" not in run.fails("delete", pack, "something else", status=2)


def test_an_option_that_is_empty_is_not_taken_for_its_default(
    run: Run, documents: Path, pack: Path, tmp_path: Path
) -> None:
    for option in ("--vectors", "--language", "--embedder"):
        run.fails("pack", documents, "-o", tmp_path / "x.attar", option, "", status=2)
        assert not (tmp_path / "x.attar").exists()
        run.fails("pack", documents, "-o", pack, option, "", status=2)


def test_a_pack_among_the_files_is_no_document(
    run: Run, documents: Path, pack: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`attar pack . -o docs.attar`, and the same again."""
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "a.txt").write_text("A wing.")
    monkeypatch.chdir(folder)
    first = run.json("pack", ".", "-o", "docs.attar")
    again = run.json("pack", ".", "-o", "docs.attar")
    assert first["documents"] == again["documents"] == 1
    assert {"path": "docs.attar", "reason": "a pack"} in again["skipped"]
    assert "attar merge" in run.fails("add", "docs.attar", pack, status=2)


def test_files_where_folders_are_meant(run: Run, pack: Path, documents: Path) -> None:
    assert "a file and no pack" in run.fails("info", documents / "tea.txt", status=1)
    assert "a file and no pack" in run.fails("search", pack / "manifest.json", "tea", status=1)
    assert "is a file" in run.fails("export", pack, documents / "tea.txt", status=1)
    assert "in the pack itself" in run.fails("export", pack, pack / "out", status=2)
    said = run.fails("measure", "codec", "sign", "--data", documents / "tea.txt", status=2)
    assert "no .npy file" in said
    assert "pickle" not in said


def test_empty_folder(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = run.fails("pack", tmp_path / "empty", "-o", tmp_path / "x.attar", status=2)
    assert "nothing to pack" in said
    assert not (tmp_path / "x.attar").exists()


def test_a_folder_of_nothing_readable(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.bin").write_bytes(b"\x00\xff" * 100)
    said = run.fails("pack", tmp_path / "in", "-o", tmp_path / "x.attar", status=2)
    assert "a.bin" in said


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_unreadable_file_for_people(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("fine words")
    (tmp_path / "in" / "b.txt").write_text("secret words")
    (tmp_path / "in" / "b.txt").chmod(0)
    data = run.json("pack", tmp_path / "in", "-o", tmp_path / "x.attar")
    assert data["documents"] == 1
    assert [s["path"] for s in data["skipped"]] == ["b.txt"]


def test_unreadable_file(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # As the test above, for those who may read everything: the file fails when it is read.
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("fine words")
    (tmp_path / "in" / "b.txt").write_text("secret words")
    real = Path.open

    def failing(self: Path, *args: object, **options: object) -> object:
        if self.name == "b.txt":
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *args, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(Path, "open", failing)
    data = run.json("pack", tmp_path / "in", "-o", tmp_path / "x.attar")
    assert data["documents"] == 1
    assert [s["path"] for s in data["skipped"]] == ["b.txt"]


def test_text_that_is_not_utf8(run: Run, tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes("fermé".encode("latin-1"))
    said = run.fails("squeeze", tmp_path / "latin.txt", "--to", "50%", status=2)
    assert "not UTF-8" in said


@pytest.mark.parametrize("command", ["search", "ask"])
def test_empty_question(run: Run, pack: Path, command: str) -> None:
    assert "empty" in run.fails(command, pack, "  ", status=2)


def test_missing_model(run: Run, pack: Path, documents: Path, tmp_path: Path) -> None:
    missing = tmp_path / "no-model"
    assert "no-model" in run.fails("ask", pack, "lift of a wing", "--model", missing, status=2)
    said = run.fails("pack", documents, "-o", tmp_path / "x", "--embedder", missing, status=2)
    assert "no-model" in said
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    "command", ["info", "verify", "search", "add", "delete", "compact", "export", "ask"]
)
def test_no_pack_there(run: Run, command: str, tmp_path: Path, documents: Path) -> None:
    more = {
        "search": ["x"],
        "add": [documents],
        "delete": ["x"],
        "export": ["x"],
        "ask": ["x"],
    }.get(command, [])
    assert "no pack" in run.fails(command, tmp_path / "no.attar", *more, status=1).lower()


def test_newer_format(run: Run, pack: Path) -> None:
    manifest = json.loads((pack / "manifest.json").read_text())
    key = next(k for k in manifest if "version" in k or "format" in k)
    manifest[key] = 10**6
    (pack / "manifest.json").write_text(json.dumps(manifest))
    assert "install a newer one" in run.fails("info", pack, status=1)


def test_a_damaged_file_is_named(run: Run, pack: Path) -> None:
    victim = max((f for f in pack.rglob("*") if f.is_file()), key=lambda f: f.stat().st_size)
    data = bytearray(victim.read_bytes())
    data[len(data) // 2] ^= 1
    victim.write_bytes(data)
    assert victim.name in run.fails("verify", pack, status=1)


def test_a_full_disk_loses_nothing(run: Run, pack: Path, tmp_path: Path) -> None:
    """The process may write no file longer than a few hundred bytes: as when the disk is full."""
    before = {f: f.read_bytes() for f in pack.rglob("*") if f.is_file()}
    more = tmp_path / "more"
    more.mkdir()
    for i in range(20):
        (more / f"{i}.txt").write_text(f"Words on the subject number {i}. " * 20)
    call = subprocess.run(
        [sys.executable, "-m", "attar", "add", pack, more],
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (300, 300)),
    )
    assert call.returncode == 1
    assert "Traceback" not in call.stderr
    assert len(call.stderr.strip().splitlines()) == 1
    assert all(f.read_bytes() == data for f, data in before.items())
    assert len(run.json("search", pack, "wing lift")) > 0
    assert run.json("info", pack)["documents"] == len(DOCUMENTS)


def test_interrupted_pack_leaves_nothing(
    run: Run, documents: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from attar.pack import Pack

    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Pack, "sync", interrupted)
    assert (
        run.fails("pack", documents, "-o", tmp_path / "x.attar", status=130) == "attar: interrupted"
    )
    assert not (tmp_path / "x.attar").exists()
