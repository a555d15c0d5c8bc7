"""A pack built on a Ray cluster of two machines is the same, byte for byte."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from attar.errors import PackError, UsageError
from attar.pack import Document, Pack, RayCluster
from attar.pack import build as building

from .test_workers import files
from .toy import HashEmbedder, some_documents

pytestmark = pytest.mark.slow
ray = pytest.importorskip("ray")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A cluster of two nodes with one core each; its workers find the tests' modules."""
    from ray.cluster_utils import Cluster

    paths = [str(Path(__file__).parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(paths))
        cluster = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 1, "object_store_memory": 80 << 20},
        )
        cluster.add_node(num_cpus=1, object_store_memory=80 << 20)
        cluster.wait_for_nodes()
        yield cluster.address
        ray.shutdown()
        cluster.shutdown()


def test_the_same_bytes_from_two_machines(
    tmp_path: Path, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "SEGMENT_DOCUMENTS", 30)
    documents = some_documents(120)
    Pack.create(tmp_path / "alone", embedder=HashEmbedder()).add(documents)
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    with RayCluster(address) as crew:
        assert crew.size == 2
        pack.add(documents, crew=crew)
        before = files(tmp_path / "p")
        assert before == files(tmp_path / "alone")
        bad: Any = [*some_documents(60), Document("a", "a", "x", metadata={"x": object()})]
        with pytest.raises((UsageError, TypeError)):
            pack.add(bad, crew=crew)
        assert files(tmp_path / "p") == before
    assert pack.info().segments > 2
    pack.verify()


def test_no_cluster_is_said() -> None:
    with pytest.raises(PackError, match="no Ray cluster"):
        RayCluster("127.0.0.1:1")
