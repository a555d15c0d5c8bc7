from __future__ import annotations

import itertools
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Literal, get_args

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import UsageError
from attar.postings import (
    BM25,
    Analyzer,
    PostingsReader,
    Statistics,
    write_fields,
    write_postings,
    write_tokens,
)
from attar.postings.bm25 import Variant
from attar.postings.window import WINDOW

from .plain import plain_scores

VARIANTS = get_args(Variant)
WORDS = ["a", "b", "c", "dd", "dde", "é", "語", "🎈", "zebra"]


def index(
    directory: str | Path, documents: list[list[str]], *, memory: int = 1 << 20
) -> PostingsReader:
    path = Path(directory) / "postings"
    path.unlink(missing_ok=True)
    write_tokens(path, documents, memory=memory)
    return PostingsReader(path)


def random_documents(seed: int, n: int, vocabulary: int, mean: int) -> list[list[str]]:
    """Documents with word frequencies as in text: a few everywhere, most somewhere."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, vocabulary + 1)
    weights /= weights.sum()
    return [
        [f"w{i}" for i in rng.choice(vocabulary, size=rng.poisson(mean), p=weights)]
        for _ in range(n)
    ]


@given(
    documents=st.lists(st.lists(st.sampled_from(WORDS), max_size=30), max_size=40),
    query=st.lists(st.sampled_from([*WORDS, "absent"]), max_size=8),
    variant=st.sampled_from(VARIANTS),
    absent=st.sampled_from(["formula", "zero"]),
    k=st.integers(1, 50),
)
@settings(max_examples=150, deadline=None)
def test_scores_and_search_agree_with_plain_bm25(
    documents: list[list[str]],
    query: list[str],
    variant: Variant,
    absent: Literal["formula", "zero"],
    k: int,
) -> None:
    bm25 = BM25(variant, absent=absent)
    with TemporaryDirectory() as directory:
        reader = index(directory, documents)
        statistics = Statistics.gather([reader], query)
        scores = reader.scores(query, statistics, bm25)
        np.testing.assert_allclose(scores, plain_scores(documents, query, bm25), atol=1e-5)
        check_search(reader, query, statistics, bm25, k)


def check_search(
    reader: PostingsReader,
    query: list[str],
    statistics: Statistics,
    bm25: BM25,
    k: int,
    allowed: np.ndarray | None = None,
) -> None:
    """Search must give just what sorting all scores gives."""
    scores = reader.scores(query, statistics, bm25)
    df = [statistics.frequencies[term] for term in query]
    total = sum(bm25.idf(f, statistics.documents) for f in df)
    constant = total * bm25.absent_component()
    found, values = reader.search(query, statistics, k, bm25, allowed=allowed)
    np.testing.assert_array_equal(values, scores[found])
    candidates = np.arange(scores.size) if allowed is None else np.flatnonzero(allowed)
    best = candidates[np.lexsort((candidates, -scores[candidates]))][:k]
    np.testing.assert_array_equal(found, best[: found.size])
    # What was left out, where fewer than k were found, scores as if it had none of the terms.
    assert (scores[best[found.size :]] <= constant + 1e-6).all()


@pytest.mark.parametrize("variant", VARIANTS)
def test_long_lists(tmp_path: Path, variant: Variant) -> None:
    documents = random_documents(1, 3000, 400, 20)
    reader = index(tmp_path, documents)
    query = ["w0", "w3", "w3", "w17", "w399", "w80"]
    bm25 = BM25(variant, k1=0.9, b=0.4)
    statistics = Statistics.gather([reader], query)
    scores = reader.scores(query, statistics, bm25)
    np.testing.assert_allclose(scores, plain_scores(documents, query, bm25), rtol=1e-5, atol=1e-5)
    rng = np.random.default_rng(2)
    for k in (1, 10, 200):
        check_search(reader, query, statistics, bm25, k)
        check_search(reader, query, statistics, bm25, k, rng.random(3000) < 0.3)


@pytest.mark.parametrize(
    "query",
    [
        ["w0", "w1", "w2"],
        ["w0", "w900", "w1100"],
        ["late"],
        ["late", "w0", "w40"],
        ["often", "w3"],
        ["often", "late", "w1999"],
    ],
)
def test_many_windows(many: tuple[PostingsReader, list[list[str]]], query: list[str]) -> None:
    reader, documents = many
    statistics = Statistics.gather([reader], query)
    scores = reader.scores(query, statistics)
    expected = plain_scores(documents, query, BM25())
    np.testing.assert_allclose(scores, expected, rtol=1e-5, atol=1e-5)
    allowed = np.random.default_rng(9).random(scores.size) < 0.2
    for k in (1, 10, 150):
        check_search(reader, query, statistics, BM25(), k)
        check_search(reader, query, statistics, BM25(), k, allowed)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> tuple[PostingsReader, list[list[str]]]:
    """More documents than three windows hold, a term in a few far places and one everywhere."""
    documents = random_documents(8, 3 * WINDOW + 100, 2000, 4)
    for i in range(2 * WINDOW + 50, 3 * WINDOW, 700):
        documents[i] += ["late"] * (1 + i % 4)
    for i in range(0, len(documents), 3):
        documents[i] += ["often"] * (1 + i % 7 // 3)
    return index(tmp_path_factory.mktemp("many"), documents), documents


def test_counts_are_those_of_the_documents(tmp_path: Path) -> None:
    documents = random_documents(3, 700, 900, 30)
    reader = index(tmp_path, documents)
    df = Counter(itertools.chain.from_iterable(map(set, documents)))
    assert dict(reader.vocabulary()) == df
    assert reader.document_frequency([*df, "absent"]).tolist() == [*df.values(), 0]
    assert reader.lengths.tolist() == [len(d) for d in documents]
    assert reader.documents == 700
    assert reader.total_length == sum(map(len, documents))
    assert reader.terms == len(df)
    assert reader.postings == df.total()
    assert sum(reader.sizes().values()) == reader.nbytes == reader.path.stat().st_size
    reader.verify()


def test_segments_with_common_statistics_score_as_one(tmp_path: Path) -> None:
    documents = random_documents(4, 500, 100, 15)
    whole = index(tmp_path, documents)
    parts = []
    for i, part in enumerate((documents[:120], documents[120:])):
        (tmp_path / str(i)).mkdir()
        parts.append(index(tmp_path / str(i), part))
    query = ["w1", "w20", "w77"]
    statistics = Statistics.gather(parts, query)
    assert statistics == Statistics.gather([whole], query)
    split = np.concatenate([p.scores(query, statistics) for p in parts])
    np.testing.assert_array_equal(split, whole.scores(query, statistics))


def test_little_memory_gives_the_same_bytes(tmp_path: Path) -> None:
    documents = random_documents(5, 900, 300, 12)
    write_tokens(tmp_path / "roomy", documents)
    write_tokens(tmp_path / "tight", documents, memory=1)
    assert (tmp_path / "roomy").read_bytes() == (tmp_path / "tight").read_bytes()


def test_texts_are_analysed_and_the_analyzer_remembered(tmp_path: Path) -> None:
    write_postings(tmp_path / "p", ["The wings of aeroplanes", "A winged horse", "東京都"])
    reader = PostingsReader(tmp_path / "p")
    assert reader.analyzer is not None
    query = reader.analyzer.tokens("wing")
    scores = reader.scores(query, Statistics.gather([reader], query))
    assert (scores > 0).tolist() == [True, True, False]
    assert dict(reader.vocabulary())["東京"] == 1


@given(
    documents=st.lists(
        st.tuples(*[st.lists(st.sampled_from(["wing", "flow", "heat"]), max_size=6)] * 2),
        min_size=1,
        max_size=20,
    ),
    weights=st.tuples(st.integers(0, 4), st.integers(0, 4)),
)
@settings(max_examples=50, deadline=None)
def test_words_count_as_their_fields_weigh(
    documents: list[tuple[list[str], list[str]]], weights: tuple[int, int]
) -> None:
    repeated = [title * weights[0] + body * weights[1] for title, body in documents]
    query = ["wing", "flow"]
    with TemporaryDirectory() as directory:
        path = Path(directory, "fields")
        rows = [(" ".join(title), " ".join(body)) for title, body in documents]
        write_fields(path, rows, weights, Analyzer("none"))
        reader = PostingsReader(path)
        scores = reader.scores(query, Statistics.gather([reader], query))
        np.testing.assert_allclose(scores, plain_scores(repeated, query, BM25()), atol=1e-5)


@pytest.mark.parametrize(
    ("row", "weights"), [(("a", "b"), (1,)), (("a",), (1, 2)), (("a",), (-1,))]
)
def test_fields_and_weights_must_fit(
    tmp_path: Path, row: tuple[str, ...], weights: tuple[int, ...]
) -> None:
    with pytest.raises(UsageError, match="weigh"):
        write_fields(tmp_path / "p", [row], weights)


def test_extreme_payloads_and_gaps(tmp_path: Path) -> None:
    documents = [[] for _ in range(5000)]
    documents[0] = ["far"] * 100_000
    documents[4999] = ["far", "x" * 4096]
    for i in range(200):
        documents[i * i % 5000] += ["some"] * (1 + i % 3 * 500)
    reader = index(tmp_path, documents)
    for query in (["far"], ["some", "far"], ["x" * 4096]):
        statistics = Statistics.gather([reader], query)
        expected = plain_scores(documents, query, BM25())
        np.testing.assert_allclose(reader.scores(query, statistics), expected, rtol=1e-5)


def test_impossible_calls_are_refused(tmp_path: Path) -> None:
    reader = index(tmp_path, [["a"], ["b"]])
    statistics = Statistics.gather([reader], ["a"])
    with pytest.raises(UsageError, match="at least 1"):
        reader.search(["a"], statistics, 0)
    with pytest.raises(UsageError, match="2 booleans"):
        reader.search(["a"], statistics, 1, allowed=np.ones(3, np.bool_))
    with pytest.raises(UsageError, match="4096 bytes"):
        index(tmp_path, [["x" * 4097]])
