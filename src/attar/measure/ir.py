"""Ranked retrieval measures, as trec_eval defines them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

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
    best = _discounted(sorted((max(grade, 0) for grade in judgements.values()), reverse=True)[:k])
    return _discounted([max(judgements.get(d, 0), 0) for d in ranking[:k]]) / best if best else 0.0


def recall(ranking: Sequence[str], judgements: Mapping[str, int], k: int = 100) -> float:
    """The share of the relevant documents that are among the first `k`."""
    relevant = {d for d, grade in judgements.items() if grade > 0}
    return len(relevant & set(ranking[:k])) / len(relevant) if relevant else 0.0


def alpha_ndcg(
    ranking: Sequence[str], topics: Sequence[Collection[str]], k: int = 10, alpha: float = 0.5
) -> float:
    """NDCG in which a topic that earlier ranks were relevant to n times counts `(1 - alpha)^n`.

    Source: Clarke et al., "Novelty and Diversity in Information Retrieval Evaluation", SIGIR 2008.
    The ideal ranking is the greedy one, as usual: the best is NP-hard to find.

    Args:
        ranking: document ids, best first, each once.
        topics: the documents relevant to each topic of one question.
        k: how many ranks count.
        alpha: how much of a topic one document says.

    Returns:
        A number from 0 to 1, or a little more where the greedy ranking is not the best.
    """
    ideal: list[str] = []
    left = sorted({document for topic in topics for document in topic})
    while left and len(ideal) < k:
        worth = [_novel([*ideal, document], topics, alpha)[-1] for document in left]
        ideal.append(left.pop(int(np.argmax(worth))))
    best = _discounted(_novel(ideal, topics, alpha))
    return _discounted(_novel(ranking[:k], topics, alpha)) / best if best else 0.0


def _novel(ranking: Sequence[str], topics: Sequence[Collection[str]], alpha: float) -> list[float]:
    seen = [0] * len(topics)
    gains = []
    for document in ranking:
        held = [t for t, topic in enumerate(topics) if document in topic]
        gains.append(sum((1 - alpha) ** seen[t] for t in held))
        for t in held:
            seen[t] += 1
    return gains


def _discounted(gains: Sequence[float]) -> float:
    return float(np.sum(np.asarray(gains) / np.log2(np.arange(2, len(gains) + 2))))
