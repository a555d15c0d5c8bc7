import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from attar.errors import ModelError
from attar.models.cache import build_once, cache_dir, file_digest


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ATTAR_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _fill(folder: Path) -> None:
    (folder / "weights").write_bytes(b"w" * 1000)


def test_a_folder_is_made_once(cache: Path) -> None:
    calls = []

    def make(folder: Path) -> None:
        calls.append(folder)
        _fill(folder)

    assert build_once("model-1", make) == build_once("model-1", make) == cache / "model-1"
    assert len(calls) == 1
    assert (cache / "model-1" / "weights").read_bytes() == b"w" * 1000
    assert [p.name for p in cache.iterdir()] == ["model-1"]


def test_a_failed_build_leaves_nothing(cache: Path) -> None:
    def fail(folder: Path) -> None:
        _fill(folder)
        raise RuntimeError("half-way")

    with pytest.raises(RuntimeError):
        build_once("model", fail)
    assert list(cache.iterdir()) == []


def test_a_full_disk_is_one_sentence(cache: Path) -> None:
    def full(folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(ModelError, match=r"No space left on device.*ATTAR_CACHE"):
        build_once("model", full)
    assert list(cache.iterdir()) == []


def test_a_cache_that_cannot_be_made_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ATTAR_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ModelError, match="cannot write the model cache"):
        build_once("model", _fill)


_KILLED = """
import time
from attar.models.cache import build_once
def make(folder):
    (folder / "weights").write_bytes(b"half")
    print("half", flush=True)
    time.sleep(60)
build_once("model", make)
"""


def test_a_build_that_is_killed_half_way_is_not_used(cache: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", _KILLED], stdout=subprocess.PIPE)
    assert child.stdout is not None
    assert child.stdout.readline() == b"half\n"
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdout.close()
    assert not (cache / "model").exists()
    (left,) = cache.iterdir()
    assert (build_once("model", _fill) / "weights").read_bytes() == b"w" * 1000

    # What the dead one left goes away a day later, not while it may still be at work.
    assert left.exists()
    old = time.time() - 2 * 24 * 3600
    os.utime(left, (old, old))
    build_once("other", _fill)
    assert not left.exists()


def _race(name: str) -> bytes:
    def make(folder: Path) -> None:
        time.sleep(0.05)
        _fill(folder)

    return (build_once(name, make) / "weights").read_bytes()


def test_processes_that_build_at_the_same_time_agree(cache: Path) -> None:
    with multiprocessing.get_context("fork").Pool(4) as pool:
        assert pool.map(_race, ["model"] * 4, chunksize=1) == [b"w" * 1000] * 4
    assert [p.name for p in cache.iterdir()] == ["model"]


def test_cache_dir_follows_the_variable(cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert cache_dir() == cache
    monkeypatch.delenv("ATTAR_CACHE")
    assert cache_dir().name == "attar"


def test_file_digest(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"abc")  # FIPS 180-4, the first example
    assert file_digest(tmp_path / "x").startswith("ba7816bf8f01cfea414140de5dae2223")
