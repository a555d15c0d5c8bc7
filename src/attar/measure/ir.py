"""Ranked retrieval measures, as trec_eval defines them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np


def ndcg(ranking: Sequence[str], judgements: Mapping[str, int], k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `k`, with linear gain.

    Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002;
    gains are the grades themselves, as in trec_eval and BEIR.

    Args:
        ranking: document ids, best first, each once.
        judgements: grade by document id; what is not judged counts 0.
        k: how many ranks count.

    Returns:
        A number from 0 to 1; 0 when nothing relevant was judged.
    """
    best = _dcg(sorted((max(grade, 0) for grade in judgements.values()), reverse=True)[:k])
    return _dcg([max(judgements.get(d, 0), 0) for d in ranking[:k]]) / best if best else 0.0


def recall(ranking: Sequence[str], judgements: Mapping[str, int], k: int = 100) -> float:
    """The share of the relevant documents that are among the first `k`."""
    relevant = {d for d, grade in judgements.items() if grade > 0}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def _dcg(gains: Sequence[int]) -> float:
    return float(np.sum(np.asarray(gains) / np.log2(np.arange(2, len(gains) + 2))))
