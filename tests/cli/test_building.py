"""Packs made by several processes from the command line, and by a Ray cluster."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from .conftest import DOCUMENTS, Run

pytestmark = pytest.mark.model


def files(folder: Path) -> dict[str, bytes]:
    """Bytes by path, without what depends on when the files were read."""
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in (folder / "segments").rglob("*")
        if p.is_file()
    }


def test_workers_make_the_same_pack(run: Run, pack: Path, documents: Path, tmp_path: Path) -> None:
    # A process of its own, as a user starts it: workers import the main module again.
    made = tmp_path / "two.attar"
    call = subprocess.run(
        [sys.executable, "-m", "attar", "pack", documents, "-o", made, "--workers", "2", "--json"],
        capture_output=True,
        text=True,
    )
    assert call.returncode == 0, call.stderr
    assert json.loads(call.stdout)["documents"] == len(DOCUMENTS)
    assert files(made) == files(pack)
    (tmp_path / "more.txt").write_text("One more.", encoding="utf-8")
    added = run.json("add", made, tmp_path / "more.txt", "--workers", 2)
    assert added["documents"] == len(DOCUMENTS) + 1
    assert run.json("verify", made)["ok"]


def test_impossible_crews(run: Run, documents: Path, tmp_path: Path) -> None:
    target = tmp_path / "x.attar"
    said = run.fails("pack", documents, "-o", target, "--workers", 0, status=2)
    assert "range" in said
    both = ["--workers", 2, "--ray", "auto"]
    assert "not both" in run.fails("pack", documents, "-o", target, *both, status=2)
    assert not target.exists()


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A Ray cluster of one node."""
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    cluster = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 2, "object_store_memory": 80 << 20}
    )
    yield cluster.address
    cluster.shutdown()


@pytest.mark.slow
def test_a_ray_cluster_makes_the_same_pack(
    run: Run, pack: Path, documents: Path, tmp_path: Path, address: str
) -> None:
    made = tmp_path / "ray.attar"
    call = subprocess.run(
        [sys.executable, "-m", "attar", "pack", documents, "-o", made, "--ray", address, "--json"],
        capture_output=True,
        text=True,
        env={**os.environ, "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"},
    )
    assert call.returncode == 0, call.stderr
    assert files(made) == files(pack)


@pytest.mark.slow
def test_no_cluster_is_said(run: Run, documents: Path, tmp_path: Path) -> None:
    said = run.fails(
        "pack", documents, "-o", tmp_path / "x.attar", "--ray", "127.0.0.1:1", status=1
    )
    assert "no Ray cluster" in said
    assert not (tmp_path / "x.attar").exists()
