"""A disk that fills or may not be written to: one sentence, and nothing is lost."""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from attar.errors import PackError
from attar.pack import Pack
from tests.pack.toy import HashEmbedder, some_documents

from .child import in_child, limit_files
from .commands import COMMANDS
from .packs import LONG, QUESTIONS, answers, build, many, state

ROOT = Path(__file__).parents[2]
NOBODY = 65534
FULL = re.compile("no room left|No space left|File too large")


def mounted(folder: Path, size: int) -> bool:
    """Mount a file system of so many bytes, if this process may."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    return (
        os.geteuid() == 0
        and shutil.which("mount") is not None
        and subprocess.run(command, check=False, capture_output=True).returncode == 0
    )


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Path]:
    """A folder on a file system of 400 kB."""
    folder = tmp_path / "small"
    folder.mkdir()
    if not mounted(folder, 400 << 10):
        pytest.skip("mounting a small file system is not permitted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def refused(folder: Path, name: str) -> str:
    """Run a command that should find no room; "" if it found enough."""
    try:
        COMMANDS[name](folder)
    except PackError as error:
        return str(error)
    return ""


@pytest.mark.parametrize("name", COMMANDS)
def test_files_that_may_not_grow(name: str, made: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "p"))
    before = state(folder)
    COMMANDS[name](folder)
    largest = max(p.stat().st_size for p in folder.rglob("*") if p.is_file())
    allowed = [before, state(folder)]
    chance = random.Random(f"limits {name}")
    for _ in range(many(8, 100)):
        shutil.rmtree(folder)
        shutil.copytree(made, folder)
        limit = chance.randrange(largest + 100)

        def work(limit: int = limit) -> str:
            limit_files(limit)
            return refused(folder, name)

        outcome = in_child(work)
        assert not outcome.failed, outcome.said
        if outcome.said:
            assert FULL.search(outcome.said), outcome.said
            assert state(folder) == before
        assert state(folder) in allowed


@pytest.mark.parametrize("name", COMMANDS)
def test_a_disk_that_fills(name: str, made: Path, small: Path) -> None:
    folder, ballast = small / "p", small / "ballast"
    before, chance, full = state(made), random.Random(f"fills {name}"), 0
    for _ in range(many(6, 100)):
        ballast.unlink(missing_ok=True)
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(made, folder)
        room = shutil.disk_usage(small).free
        ballast.write_bytes(bytes(max(0, room - chance.randrange(4096, 80_000))))
        outcome = in_child(lambda: refused(folder, name))
        assert not outcome.failed, outcome.said
        if outcome.said:
            full += 1
            assert FULL.search(outcome.said), outcome.said
            assert state(folder) == before
            answers(Pack.open(folder, HashEmbedder()))
            ballast.unlink()
            COMMANDS[name](folder)  # there is room again
        assert state(folder) != before or name in ("compact",)
    assert full or not LONG


@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_that_may_not_be_written_to(name: str, made: Path, small: Path) -> None:
    folder = Path(shutil.copytree(made, small / "p"))
    expected, before = answers(Pack.open(made, HashEmbedder())), state(made)
    subprocess.run(["mount", "-o", "remount,ro", str(small)], check=True)
    assert answers(Pack.open(folder, HashEmbedder())) == expected
    with pytest.raises(PackError, match=r"cannot write .*[Rr]ead-only"):
        COMMANDS[name](folder)
    assert state(folder) == before


def test_no_permission(made: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(made, tmp_path / "p"))
    tmp_path.chmod(0o755)
    expected = answers(Pack.open(made, HashEmbedder()))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)

    def work() -> str:
        if os.geteuid() == 0:
            os.setuid(NOBODY)
        assert answers(Pack.open(folder, HashEmbedder())) == expected
        return refused(folder, "delete")

    outcome = in_child(work)
    assert not outcome.failed, outcome.said
    assert "Permission denied" in outcome.said
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755)


@pytest.mark.skipif(not LONG, reason="compiles everything anew")
def test_a_search_needs_no_room(made: Path, tmp_path: Path) -> None:
    # A new process, whose kernels find no place to keep what was compiled.
    script = """
        import sys
        from tests.faults.child import limit_files
        limit_files(0)
        from attar.pack import Pack
        from tests.pack.toy import HashEmbedder
        print(len(Pack.open(sys.argv[1], HashEmbedder()).search(sys.argv[2])))
        """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(made), QUESTIONS[0]],
        env={**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 0


def test_making_a_pack_without_room(small: Path) -> None:
    (small / "ballast").write_bytes(bytes(shutil.disk_usage(small).free - 8192))
    with pytest.raises(PackError, match=FULL.pattern):
        build(small / "new.attar")
    (small / "ballast").unlink()
    Pack.create(small / "new.attar", embedder=HashEmbedder(), exist_ok=True).add(some_documents(3))
    assert len(state(small / "new.attar")) == 3
