"""Centroids: the vector quantizer of least squared error, found by Lloyd's rounds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def assign(
    x: NDArray[np.float32], centroids: NDArray[np.float32], block: int = 4096
) -> NDArray[np.int64]:
    """(n,) the nearest centroid of each row."""
    out = np.empty(len(x), np.int64)
    x, centroids = same_scale(x, centroids)
    half = np.einsum("ij,ij->i", centroids, centroids) / 2
    for at in range(0, len(x), block):
        out[at : at + block] = np.argmax(x[at : at + block] @ centroids.T - half, axis=1)
    return out


def same_scale(
    x: NDArray[np.float32], centroids: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Both divided by one power of two, where squares of huge or tiny values would not be finite.

    Rows far beyond the centroids are held where their squares still are: the direction decides.
    """
    top = float(np.abs(centroids).max(initial=0))
    if 1e-9 < top < 1e9 and np.abs(x).max(initial=0) < 1e9:
        return x, centroids
    unit = np.float32(2.0 ** np.clip(np.ceil(np.log2(top)) if top > 0 else 0, -100, 120))
    with np.errstate(over="ignore"):
        return np.clip(x / unit, -1e9, 1e9), centroids / unit


def kmeans(
    x: NDArray[np.float32], count: int, *, rounds: int = 12, seed: int = 0
) -> NDArray[np.float32]:
    """`count` centroids of (n, d) rows.

    Begins with rows drawn at random; a centroid that lost its rows moves beside the one that
    has most. With fewer rows than centroids some repeat.
    """
    draw = np.random.default_rng(seed)
    picked = draw.permutation(len(x))[:count]
    centroids = x[np.resize(picked, count)].astype(np.float32)
    for _ in range(rounds):
        nearest = assign(x, centroids)
        sizes = np.bincount(nearest, minlength=count)
        # bincount a column at a time beats np.add.at by far
        sums = np.stack(
            [np.bincount(nearest, weights=column, minlength=count) for column in x.T], axis=1
        )
        centroids = np.where(
            sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], centroids
        ).astype(np.float32)
        empty = np.flatnonzero(sizes == 0)
        if len(empty):
            crowded = np.argsort(-sizes, kind="stable")[: len(empty)]
            jitter = draw.standard_normal((len(crowded), x.shape[1])).astype(np.float32)
            centroids[empty[: len(crowded)]] = centroids[crowded] * (1 + np.float32(1e-3) * jitter)
    return centroids
