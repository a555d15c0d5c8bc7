import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.codec import parse
from attar.codec.lines import from_lines, to_lines
from attar.codec.nibbles import shrink
from attar.vectors import Vectors
from attar.vectors.scan import Scan, Stretch, ranked
from attar.vectors.search import Search
from attar.vectors.shuffle import LANES, SHUFFLES, block_sums, plain_sums, shuffled

SCANNED = [
    "Waterfill(bits=2)",
    "Center() >> PCA(dim=20) >> Waterfill(bits=1.7)",
    "PCA(dim=24) >> Waterfill(bits=5)",
    "Unit() >> Hadamard() >> Sign()",
    "Hadamard() >> LloydMax(bits=4)",
    "Truncate(dim=20) >> LloydMax(bits=2)",
    "Rotation(parts=6) >> LloydMax(bits=1)",
    "ProductQuantizer(parts=7, bits=4)",
]


def rows(n, dim=24, seed=0):
    draw = np.random.default_rng(seed)
    x = draw.standard_normal((n, dim)) * np.linspace(2, 0.1, dim)
    return x.astype(np.float32) + np.float32(0.1)


def full(v, q, k, allow=None):
    """The same by scoring every row."""
    scores = np.stack([v.scores(row) for row in q])
    if allow is not None:
        scores[:, ~np.isin(v.ids, allow)] = -np.inf
    order = np.argsort(-scores, axis=1, kind="stable")[:, :k]
    return v.ids[order], np.take_along_axis(scores, order, axis=1)


def assert_same(found, want):
    names, scores = want
    k = scores.shape[1]
    np.testing.assert_allclose(found.scores[:, :k], scores, rtol=2e-5, atol=2e-5)
    # Rows of equal scores, but for rounding, may stand in another order.
    differ = found.ids[:, :k] != names
    gaps = np.minimum(
        np.abs(np.diff(scores, axis=1, prepend=np.inf)),
        np.abs(np.diff(scores, axis=1, append=-np.inf)),
    )
    inner = differ[:, : k - 1] & np.isfinite(scores[:, : k - 1])
    assert (gaps[:, : k - 1][inner] < 1e-4 * np.maximum(1, np.abs(scores).max())).all()


@pytest.mark.parametrize("recipe", SCANNED)
@pytest.mark.parametrize("metric", ["ip", "cosine", "l2"])
def test_a_scan_finds_what_scoring_every_row_finds(recipe, metric):
    x, q = rows(700), rows(20, seed=1)
    v = Vectors.build(x, recipe, metric=metric)
    assert v.fitted.scan is not None
    assert_same(v.search(q, 12), full(v, q, 12))
    v.delete(range(0, 700, 3))
    assert_same(v.search(q, 12), full(v, q, 12))
    allowed = np.arange(0, 700, 7)
    living = np.intersect1d(allowed, v.ids)
    assert_same(v.search(q, 12, allow=allowed), full(v, q, 12, living))
    v.threads = 3
    assert_same(v.search(q, 12), full(v, q, 12))


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(0, 200),
    k=st.integers(1, 30),
    size=st.sampled_from([0.0, 1e-30, 1e-3, 1.0, 1e6, 1e30]),
    seed=st.integers(0, 99),
    bits=st.sampled_from([0.4, 1, 3, 6.5]),
)
def test_any_set_any_query(n, k, size, seed, bits):
    fitted = parse(f"Waterfill(bits={bits})").fit(rows(50, 9))
    v = Vectors.build(rows(n, 9, seed), fitted)
    q = rows(2, 9, seed + 1) * np.float32(size)
    found = v.search(q, k)
    assert (found.ids[:, min(n, k) :] == -1).all()
    if n:
        want = full(v, q, min(k, n))[1]
        scale = max(1e-37, float(np.abs(want).max()))
        np.testing.assert_allclose(found.scores[:, : min(n, k)] / scale, want / scale, atol=2e-5)


@pytest.mark.parametrize("lanes", [n for n in SHUFFLES if LANES and n <= LANES])
def test_every_shuffle_adds_what_plain_loops_add(lanes):
    import numba

    sums = shuffled(lanes)
    run = numba.njit(lambda line, tables, out: sums(line, tables, out))
    draw = np.random.default_rng(lanes)
    for width in (1, 2, 47, 129):
        line = draw.integers(0, 256, (width, 64), dtype=np.uint8)
        tables = draw.integers(0, 128, (width, 2, 16), dtype=np.uint8)
        out, plain = np.empty(64, np.uint16), np.empty(64, np.uint16)
        run(line, tables, out)
        plain_sums(line, tables, plain)
        slow = sum(
            tables[j, 0][line[j] & 15].astype(int) + tables[j, 1][line[j] >> 4]
            for j in range(width)
        )
        np.testing.assert_array_equal(plain, slow)
        np.testing.assert_array_equal(out, slow)
    assert (block_sums is plain_sums) == (LANES == 0)


@pytest.mark.parametrize("bits", [1.3, 4.5])
def test_only_rows_of_the_ranges_are_found(bits):
    fitted = parse(f"PCA(dim=24) >> Waterfill(bits={bits})").fit(rows(500))
    codes = fitted.encode(rows(500))
    plan = fitted.scan
    inner, constant = plan.queries(rows(5, seed=3))
    lines, span = to_lines(codes.columns[plan.column]), np.array([[3, 70], [100, 433]])
    scan = Scan(plan.nibbles, inner, constant, 9, "nothing")
    scan.offer(Stretch(lines, 0, span))
    _, found = ranked(scan.rows, scan.scores, 9)
    scores = fitted.score(rows(5, seed=3), codes)
    outside = np.ones(500, bool)
    outside[3:70] = outside[100:433] = False
    scores[:, outside] = -np.inf
    np.testing.assert_allclose(found, -np.sort(-scores, axis=1)[:, :9], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("bits", [0.5, 2, 5.5, 8])
def test_small_tables_are_never_too_low(bits):
    x = rows(900)
    fitted = parse(f"Waterfill(bits={bits})").fit(x)
    codes, q = fitted.encode(x).columns["codes"], rows(8, seed=5)
    nibbles = fitted.scan.nibbles
    small = shrink(nibbles, q, nibbles.tables(q, rough=True))
    low, high = codes & 15, codes >> 4
    assert small.tables.max(axis=3).sum(axis=2, dtype=int).max() <= 255
    for i in range(len(q)):
        sums = sum(
            small.tables[i, j, 0][low[:, j]].astype(int) + small.tables[i, j, 1][high[:, j]]
            for j in range(codes.shape[1])
        )
        assert (sums * small.step[i] + small.top[i] >= fitted.score(q[i], fitted.encode(x))).all()


@given(st.integers(0, 200), st.integers(1, 9))
def test_lines_turn_back(n, width):
    codes = np.random.default_rng(n).integers(0, 256, (n, width), dtype=np.uint8)
    lines = to_lines(codes)
    assert lines.shape == (-(-n // 64), width, 64)
    np.testing.assert_array_equal(from_lines(lines, range(n)), codes)
    picked = np.arange(n)[::-2]
    np.testing.assert_array_equal(from_lines(lines, picked), codes[picked])


def test_progressive_search_scans_the_first_term_and_ranks_with_all():
    x, q = rows(3000), rows(10, seed=2)
    v = Vectors.build(x, "PCA(dim=24) >> Waterfill(bits=1.5) + Uniform(bits=4)", metric="cosine")
    assert v.fitted.scan is not None
    assert not v.fitted.scan.whole
    found, (ids, scores) = v.search(q, 10), full(v, q, 10)
    same = np.mean([len(set(a) & set(b)) / 10 for a, b in zip(found.ids, ids, strict=True)])
    assert same >= 0.98
    assert_same(v.search(q[:1], 3), tuple(a[:1, :3] for a in (ids, scores)))


def test_a_search_holds_no_scores_of_all_rows():
    import tracemalloc

    v = Vectors.build(rows(200_000, 8), "Waterfill(bits=2)")
    q = rows(40, 8, seed=1)
    v.search(q, 5)
    tracemalloc.start()
    v.search(q, 5)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1 << 20
    assert isinstance(v._search(None), Search)
