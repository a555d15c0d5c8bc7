"""What the tests of this room share: a plain BM25 to compare with."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from attar.postings import BM25


def plain_idf(variant: str, df: int, n: int) -> float:
    if variant == "robertson":
        return max(0.0, math.log((n - df + 0.5) / (df + 0.5)))
    if variant == "lucene":
        return math.log(1 + (n - df + 0.5) / (df + 0.5))
    if variant == "atire":
        return math.log(n / df)
    if variant == "bm25l":
        return math.log((n + 1) / (df + 0.5))
    return math.log((n + 1) / df)


def plain_component(bm25: BM25, tf: int, length: int, mean: float) -> float:
    k1, b, delta = bm25.k1, bm25.b, bm25.delta
    n = 1 - b + b * length / mean
    if bm25.variant == "bm25l":
        c = tf / n if tf else 0.0
        return (k1 + 1) * (c + delta) / (k1 + c + delta) if c + delta else 0.0
    plain = tf / (tf + k1 * n) if tf else 0.0
    if bm25.variant in ("robertson", "lucene"):
        return plain
    return (k1 + 1) * plain + (delta if bm25.variant == "bm25+" else 0.0)


def plain_scores(
    documents: Sequence[Sequence[str]], query: Sequence[str], bm25: BM25
) -> list[float]:
    """BM25 as it is printed, one document and one term at a time."""
    n = len(documents)
    counts = [Counter(t for t in d if t) for d in documents]
    lengths = [sum(c.values()) for c in counts]
    mean = sum(lengths) / n if sum(lengths) else 1.0
    scores = [0.0] * n
    for term in query:
        df = sum(term in c for c in counts)
        if not term or df == 0:
            continue
        idf = plain_idf(bm25.variant, df, n)
        for d in range(n):
            tf = counts[d][term]
            if tf or bm25.absent == "formula":
                scores[d] += idf * plain_component(bm25, tf, lengths[d], mean)
    return scores
