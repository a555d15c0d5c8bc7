"""Progressive searches against every row scored in full."""

import numpy as np
import pytest

from attar.codec import parse
from attar.vectors import Vectors
from attar.vectors.rescore import reading

RECIPES = [
    "PCA(dim=20) >> (Waterfill(bits=1, most=4) + TrellisFill(bits=2, states=8))",
    "Unit() >> (Waterfill(bits=0.75, most=4) + TrellisFill(bits=1.5, states=8))",
    "Unit() >> PCA(dim=17, bits=8) >> (Waterfill(bits=2.6) + Waterfill(bits=5))",
    "Hadamard() >> (LloydMax(bits=1) + LloydMax(bits=4))",
    "Waterfill(bits=6) + Waterfill(bits=6)",
    "Center() >> (ProductQuantizer(parts=8, bits=4) + TrellisFill(bits=3, states=8))",
]


def rows(n: int, seed: int = 0, dim: int = 32) -> np.ndarray:
    draw = np.random.default_rng(seed)
    spread = np.linspace(2, 0.2, dim)
    return (draw.normal(size=(n, dim)) * spread + 0.3).astype(np.float32)


def in_full(v: Vectors, q: np.ndarray, k: int) -> np.ndarray:
    """The best scores of all rows, one by one."""
    return np.stack([-np.sort(-v.scores(one))[:k] for one in q])


@pytest.mark.parametrize("metric", ["ip", "cosine", "l2"])
@pytest.mark.parametrize("recipe", RECIPES)
def test_with_every_row_looked_at_the_best_are_those_of_full_scores(recipe, metric):
    v = Vectors.build(rows(333), recipe, metric=metric)
    v.rerank = 1000
    q = rows(5, seed=9)
    found = v.search(q, 7)
    want = in_full(v, q, 7)
    scale = np.abs(want).max()
    np.testing.assert_allclose(found.scores / scale, want / scale, atol=2e-5)


@pytest.mark.parametrize("recipe", RECIPES[:5])
def test_what_compiled_code_reads_is_what_the_codec_decodes(recipe):
    fitted = parse(recipe).fit(rows(400))
    assert reading(fitted) is not None


@pytest.mark.parametrize("threads", [1, 3])
def test_parts_deletions_threads_and_one_call_find_the_same(threads):
    x, q = rows(1500), rows(4, seed=2)
    fitted = parse(RECIPES[0]).fit(x)
    whole = Vectors.build(x, fitted)
    pieces = Vectors(fitted, threads=threads)
    for at in range(0, 1500, 700):
        pieces.add(x[at : at + 700])
    for v in (whole, pieces):
        v.delete(range(0, 1500, 3))
        v.rerank = 40
    a, b = whole.search(q, 9), pieces.search(q, 9)
    np.testing.assert_array_equal(a.ids, b.ids)
    np.testing.assert_allclose(a.scores, b.scores, rtol=1e-6)
    assert not (a.ids % 3 == 0).any()


def test_more_rows_in_full_find_more():
    x = rows(4000, dim=48)
    v = Vectors.build(x, "PCA() >> (Waterfill(bits=0.5, most=4) + TrellisFill(bits=3, states=8))")
    q = rows(60, seed=5, dim=48)
    want = [set(np.argsort(-(v.decode(range(4000)) @ one))[:10].tolist()) for one in q]
    reached = []
    for v.rerank in (1, 5, 60):
        found = v.search(q, 10).ids.tolist()
        reached.append(np.mean([len(set(f) & w) / 10 for f, w in zip(found, want, strict=True)]))
    assert reached[0] < reached[1] < reached[2]
    assert reached[2] > 0.97


@pytest.mark.parametrize("n", [1, 2, 63, 64, 65])
def test_few_rows_fill_up_with_nothing(n):
    v = Vectors.build(rows(n), RECIPES[1])
    found = v.search(rows(3, seed=1), 80)
    assert (found.ids >= 0).sum() == 3 * n
    assert np.isneginf(found.scores[found.ids < 0]).all()


def test_a_partition_is_probed_and_then_looked_at_in_full():
    x = rows(2000)
    v = Vectors.build(x, RECIPES[0])
    q = rows(6, seed=4)
    v.rerank = 300
    want = v.search(q, 5)
    v.partition(10)
    v.probes = 10
    found = v.search(q, 5)
    np.testing.assert_allclose(found.scores, want.scores, rtol=1e-5, atol=1e-5)
