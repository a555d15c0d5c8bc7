"""Sparse vectors: what is stored, and search beside plain inner products."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from attar.errors import PackError, UsageError
from attar.postings import (
    PostingsReader,
    SparseVector,
    WeightsReader,
    write_tokens,
    write_weights,
)
from attar.postings.weights import LARGEST

terms = st.sampled_from(["a", "b", "cc", "##ing", "é", "語", "zebra"])
vectors = st.dictionaries(terms, st.floats(0, 1e4, width=32), max_size=7)


def index(
    directory: str | Path, rows: list[SparseVector], *, bits: int = 8, memory: int = 1 << 20
) -> WeightsReader:
    path = Path(directory) / "weights"
    path.unlink(missing_ok=True)
    write_weights(path, rows, bits=bits, memory=memory)
    return WeightsReader(path)


def rounded(rows: list[SparseVector], bits: int) -> list[dict[str, float]]:
    """The rows as an index of so many bits holds them."""
    most = max((w for row in rows for w in row.values()), default=0.0)
    step = most / (2**bits - 1) if most else 1.0
    return [{t: float(np.rint(np.float32(w) / step)) * step for t, w in r.items()} for r in rows]


def tolerance(rows: list[SparseVector], query: SparseVector, bits: int) -> float:
    """A quantum for each term: contributions are cut to whole quanta, as `scores` says."""
    held = query.keys() & {t for row in rounded(rows, bits) for t, w in row.items() if w}
    most = max((w for row in rows for w in row.values()), default=0.0)
    step = most / (2**bits - 1)
    reach = sum(query[t] for t in held) * step * LARGEST
    return len(held) * max(2.0**-40, reach * 2.0**-59)


def products(rows: list[dict[str, float]], query: SparseVector) -> list[float]:
    return [sum(w * query.get(t, 0.0) for t, w in row.items()) for row in rows]


@given(
    rows=st.lists(vectors, max_size=30),
    query=vectors,
    bits=st.integers(1, 16),
    k=st.integers(1, 40),
)
@example([{"a": 0.0, "b": 7918.0}], {"a": 2119.0, "b": 2.0**-23}, 1, 1)
@example([{"a": 7918.0}, {"b": 7918.0}], {"a": 2119.0, "b": 2.0**-23}, 1, 2)
@settings(max_examples=100, deadline=None)
def test_scores_are_inner_products_with_rounded_weights(
    rows: list[SparseVector], query: SparseVector, bits: int, k: int
) -> None:
    with TemporaryDirectory() as directory:
        reader = index(directory, rows, bits=bits)
        scores = reader.scores(query)
        expected = products(rounded(rows, bits), query)
        atol = tolerance(rows, query, bits)
        np.testing.assert_allclose(scores, expected, rtol=1e-6, atol=atol)
        found, values = reader.search(query, k)
        order = np.lexsort((np.arange(len(rows)), -scores))[:k]
        np.testing.assert_array_equal(values, scores[found])
        np.testing.assert_array_equal(found, order[: found.size])
        assert (scores[order[found.size :]] <= 1e-12 * sum(query.values())).all()


def random_vectors(seed: int, n: int, size: int) -> list[dict[str, float]]:
    """Weights as encoders give them: some terms common, all weights moderate."""
    rng = np.random.default_rng(seed)
    shares = 1 / np.arange(1, 301) ** 0.7
    shares /= shares.sum()
    return [
        {
            f"t{i}": float(w)
            for i, w in zip(
                rng.choice(300, size, replace=False, p=shares), rng.gamma(2, 0.5, size), strict=True
            )
        }
        for _ in range(n)
    ]


def test_long_lists_and_filters(tmp_path: Path) -> None:
    rows = random_vectors(0, 4000, 30)
    reader = index(tmp_path, rows)
    rng = np.random.default_rng(1)
    allowed = rng.random(4000) < 0.4
    for query in random_vectors(2, 20, 12):
        scores = reader.scores(query)
        np.testing.assert_allclose(scores, products(rounded(rows, 8), query), rtol=1e-5, atol=1e-5)
        for chosen in (np.ones(4000, np.bool_), allowed):
            found, values = reader.search(query, 10, allowed=chosen)
            candidates = np.flatnonzero(chosen)
            best = candidates[np.lexsort((candidates, -scores[candidates]))][:10]
            np.testing.assert_array_equal(found, best)
            np.testing.assert_array_equal(values, scores[best])


def test_faster_search_misses_few(tmp_path: Path) -> None:
    reader = index(tmp_path, random_vectors(0, 4000, 30))
    hits = 0
    for query in random_vectors(2, 40, 12):
        exact, _ = reader.search(query, 10)
        scores = reader.scores(query)
        found, values = reader.search(query, 10, share=0.9)
        np.testing.assert_array_equal(values, scores[found])
        hits += len(set(exact.tolist()) & set(found.tolist()))
        few, _ = reader.search(query, 10, terms=3)
        strongest = dict(sorted(query.items(), key=lambda pair: -pair[1])[:3])
        np.testing.assert_array_equal(few, reader.search(strongest, 10)[0])
    assert hits >= 0.8 * 400


def test_little_memory_gives_the_same_bytes(tmp_path: Path) -> None:
    rows = random_vectors(3, 500, 20)
    write_weights(tmp_path / "roomy", rows)
    write_weights(tmp_path / "tight", rows, memory=1)
    assert (tmp_path / "roomy").read_bytes() == (tmp_path / "tight").read_bytes()
    WeightsReader(tmp_path / "tight").verify()


def test_what_rounds_to_nothing_is_left_out(tmp_path: Path) -> None:
    reader = index(tmp_path, [{"big": 100.0, "small": 0.01, "none": 0.0}, {}])
    assert dict(reader.vocabulary()) == {"big": 1}
    assert reader.postings == 1
    assert reader.scores({"big": 2.0, "small": 1.0}).tolist() == [200.0, 0.0]


def test_wrong_input_is_refused(tmp_path: Path) -> None:
    for weight in (-1.0, float("nan"), float("inf"), 1e39):
        with pytest.raises(UsageError, match="document 0"):
            write_weights(tmp_path / "w", [{"a": weight}])
    with pytest.raises(UsageError, match="1 to 16"):
        write_weights(tmp_path / "w", [], bits=17)
    reader = index(tmp_path, [{"a": 1.0}])
    for query in ({"a": -1.0}, {"a": float("nan")}):
        with pytest.raises(UsageError, match="not negative"):
            reader.scores(query)
    for wrong in ({"share": 0.0}, {"share": 1.5}, {"terms": 0}):
        with pytest.raises(UsageError, match="share"):
            reader.search({"a": 1.0}, 1, **wrong)  # type: ignore[arg-type]


def test_each_kind_of_file_names_its_reader(tmp_path: Path) -> None:
    write_tokens(tmp_path / "tokens", [["a"]])
    write_weights(tmp_path / "weights", [{"a": 1.0}])
    with pytest.raises(PackError, match="PostingsReader"):
        WeightsReader(tmp_path / "tokens")
    with pytest.raises(PackError, match="WeightsReader"):
        PostingsReader(tmp_path / "weights")
