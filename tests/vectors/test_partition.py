import numpy as np
import pytest

from attar.errors import DamagedPackError, UsageError
from attar.vectors import Vectors


def clustered(n, dim=16, seed=0):
    draw = np.random.default_rng(seed)
    centres = np.random.default_rng(99).standard_normal((30, dim)) * 2
    x = centres[draw.integers(0, 30, n)] + draw.standard_normal((n, dim)) * 0.6
    return x.astype(np.float32)


@pytest.mark.parametrize("metric", ["ip", "cosine", "l2"])
def test_lists_find_what_a_full_search_finds(metric, tmp_path):
    x, q = clustered(5000), clustered(60, seed=1)
    v = Vectors.build(x, "Waterfill(bits=4)", metric=metric)
    v.delete(range(0, 50))
    whole = v.search(q, 10)
    v.partition(40)
    v.probes = 0
    every = v.search(q, 10)
    np.testing.assert_allclose(every.scores, whole.scores, rtol=1e-5, atol=1e-5)
    v.probes = 40
    np.testing.assert_allclose(v.search(q, 10).scores, whole.scores, rtol=1e-5, atol=1e-5)
    reached = v.tune(q, 0.9)
    assert reached >= 0.9
    assert 1 <= v.probes <= 40
    few = v.search(q, 10).ids
    same = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(few, every.ids, strict=True)])
    assert same == pytest.approx(reached)
    v.save(tmp_path / "v")
    w = Vectors.load(tmp_path / "v")
    w.verify()
    assert w.probes == v.probes
    np.testing.assert_array_equal(w.search(q, 10).ids, few)
    w.threads = 2
    np.testing.assert_array_equal(w.search(q, 10).ids, few)


def test_rows_added_later_are_found_and_deleted_ones_are_not(tmp_path):
    v = Vectors.build(clustered(3000), "Waterfill(bits=6)", metric="cosine")
    v.partition(20)
    v.probes = 1
    late = clustered(5, seed=7) * np.array([[1], [2], [3], [-4], [-5]], np.float32)
    new = v.add(late)
    np.testing.assert_array_equal(v.search(late, 1).ids[:, 0], new)
    v.delete(new[:2])
    v.delete(range(100))
    v.compact()
    assert len(v) == 2903
    np.testing.assert_array_equal(v.search(late[2:], 1).ids[:, 0], new[2:])
    assert not np.isin(v.search(late, 50).ids, range(100)).any()
    v.save(tmp_path / "v")
    w = Vectors.load(tmp_path / "v")
    np.testing.assert_array_equal(w.search(late[2:], 4).ids, v.search(late[2:], 4).ids)
    w.partition()
    w.probes = 0
    np.testing.assert_array_equal(w.search(late[2:], 1).ids[:, 0], new[2:])


def test_wrong_calls(tmp_path):
    v = Vectors.build(clustered(30), "Waterfill(bits=4)")
    with pytest.raises(UsageError):
        v.tune(clustered(3))
    with pytest.raises(UsageError):
        v.partition(31)
    with pytest.raises(UsageError):
        Vectors.build(clustered(30), "Uniform(bits=8)").partition(2)
    v.partition(3)
    with pytest.raises(UsageError):
        v.tune(clustered(3), 0)


def test_lists_that_do_not_fit_are_damage(tmp_path):
    v = Vectors.build(clustered(30), "Waterfill(bits=4)")
    v.partition(3)
    v._rows.parts[0].bounds = np.array([0, 20, 10, 30])
    v.save(tmp_path / "v")
    with pytest.raises(DamagedPackError):
        Vectors.load(tmp_path / "v")
