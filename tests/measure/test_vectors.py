"""Figures of searches against those worked out by hand."""

import json
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from click.testing import CliRunner

from attar.cli.main import cli
from attar.codec import parse
from attar.errors import UsageError
from attar.measure.vectors import Task, TestChannel, exact, measure_vectors, plot, recall


def task(n=600, dim=24, metric="ip"):
    draw = np.random.default_rng(0)
    spread = np.linspace(2, 0.2, dim)
    base, queries = (
        draw.standard_normal((n, dim)) * spread,
        draw.standard_normal((40, dim)) * spread,
    )
    return Task.of(base, queries, metric)


@pytest.mark.parametrize("metric", ["ip", "cosine", "l2"])
def test_exact_search_is_exact(metric):
    t = task(metric=metric)
    for query, found in zip(t.queries[:5], t.truth, strict=False):
        if metric == "l2":
            scores = -((t.base - query) ** 2).sum(1)
        else:
            scores = t.base @ query
            if metric == "cosine":
                scores = scores / np.linalg.norm(t.base, axis=1)
        assert set(found.tolist()) == set(np.argsort(-scores)[:10].tolist())


def test_recall_counts_what_both_found():
    assert recall(np.array([[1, 2, 3, 4]]), np.array([[4, 9, 1, 8]])) == 0.5
    assert recall(np.array([[-1, -1]]), np.array([[0, 1]])) == 0


def test_the_ideal_code_finds_more_with_more_bytes_and_all_with_many():
    channel = TestChannel.of(task())
    found = [channel.recall(size) for size in (1, 4, 12, 60)]
    assert found == sorted(found)
    assert found[0] < 0.6
    assert found[-1] > 0.99


def test_figures():
    t = task()
    floats, coarse = measure_vectors([parse("float(bits=32)"), parse("waterfill(2)")], t)
    assert floats.recall == 1
    assert 96 < floats.bytes_per_vector < 100
    assert 6 < coarse.bytes_per_vector < 12
    assert 0.3 < coarse.recall < coarse.ideal <= 1
    assert coarse.queries_per_second_batch > 0 < coarse.build_seconds + coarse.queries_per_second
    text = plot([floats, coarse], t)
    ElementTree.fromstring(text)
    assert "ideal" in text
    assert floats.recipe in text


def test_what_cannot_be_measured():
    with pytest.raises(UsageError, match="at least 10"):
        Task.of(np.zeros((9, 4)), np.zeros((2, 4)))
    with pytest.raises(UsageError, match="wide"):
        Task.of(np.zeros((20, 4)), np.zeros((2, 5)))


def test_exact_goes_by_blocks():
    t = task(n=50)
    assert exact(t.base, t.queries, "ip").shape == (40, 10)


def test_command(tmp_path):
    t = task(n=200)
    for name, rows in (("base", t.base), ("queries", t.queries)):
        np.save(tmp_path / f"{name}.npy", rows)
    files = [str(tmp_path / "base.npy"), "--queries", str(tmp_path / "queries.npy")]
    args = ["measure", "vectors", *files, "sign", "uniform(8)"]
    result = CliRunner().invoke(cli, [*args, "--json", "--plot", str(tmp_path / "p.svg")])
    assert result.exit_code == 0, result.output
    found = json.loads(result.output)["recipes"]
    assert found[1]["recall@10"] > found[0]["recall@10"]
    ElementTree.parse(tmp_path / "p.svg")
    assert "Sign()" in CliRunner().invoke(cli, args).output
