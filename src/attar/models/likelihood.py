"""How likely texts are to a causal language model, with shared contexts read once.

Contexts of their own are read one by one on a CPU, in pieces that bound the memory. An accelerator
would wait for most of that time, so there many are read at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from attar.models.surprisal import SurprisalReader

Pair: TypeAlias = tuple[Sequence[int], Sequence[int]]


def score(
    module: Any, pairs: Sequence[Pair], *, chunk: int, together: bool = False
) -> list[NDArray[np.float32]]:
    """Natural-log probability of each continuation's tokens after its context.

    Args:
        module: a transformers model with a key-value cache.
        pairs: (context, continuation) ids; a context has at least one.
        chunk: tokens whose logits are held at once.
        together: read contexts that nothing shares in batches, and not in pieces.

    Returns:
        One (n,) float32 array for each pair, n the length of its continuation.
    """
    import torch

    results = [np.zeros(len(tail), np.float32) for _, tail in pairs]
    groups: dict[tuple[int, ...], list[int]] = {}
    for row, (context, tail) in enumerate(pairs):
        if tail:
            groups.setdefault(tuple(context), []).append(row)
    if together:
        alone = [rows[0] for rows in groups.values() if len(rows) == 1]
        _score_alone(module, pairs, alone, results)
        groups = {context: rows for context, rows in groups.items() if len(rows) > 1}
    with torch.inference_mode():
        for context, rows in groups.items():
            _score_group(module, list(context), [pairs[r][1] for r in rows], rows, results, chunk)
    return results


def _score_alone(
    module: Any, pairs: Sequence[Pair], rows: list[int], results: list[NDArray[np.float32]]
) -> None:
    """Pairs that share no context, many in a batch."""
    if not rows:
        return
    reader = SurprisalReader(module, exact=True)
    for number, states in reader.read([[*pairs[r][0], *pairs[r][1]] for r in rows]):
        context, tail = pairs[rows[number]]
        results[rows[number]][:] = -reader.surprisal(states[len(context) - 1 : -1], tail)


def _score_group(
    module: Any,
    context: list[int],
    tails: list[Sequence[int]],
    rows: list[int],
    results: list[NDArray[np.float32]],
    chunk: int,
) -> None:
    from attar.models.sampling import prefill

    logits, cache = prefill(module, context, chunk)
    first = logits.float().log_softmax(-1)[0].cpu().numpy()
    order = sorted(range(len(tails)), key=lambda i: -len(tails[i]))
    while order:
        width = len(tails[order[0]])
        size = max(1, chunk // width)
        some, order = order[:size], order[size:]
        later = _score_batch(module, cache, len(context), [tails[i] for i in some], chunk)
        for values, i in zip(later, some, strict=True):
            results[rows[i]][0] = first[tails[i][0]]
            results[rows[i]][1:] = values


def _score_batch(
    module: Any, cache: Any, seen: int, tails: list[Sequence[int]], chunk: int
) -> list[NDArray[np.float32]]:
    """Log-probabilities of all but the first token of each tail, after what `cache` holds.

    The longest tail comes first.
    """
    import copy

    import torch

    width = len(tails[0])
    if width == 1:
        return [np.zeros(0, np.float32) for _ in tails]
    inputs = torch.zeros((len(tails), width), dtype=torch.long)
    mask = torch.zeros((len(tails), seen + width), dtype=torch.long)
    mask[:, :seen] = 1
    for row, tail in enumerate(tails):
        inputs[row, : len(tail)] = torch.tensor(list(tail))
        mask[row, seen : seen + len(tail)] = 1
    inputs, mask = inputs.to(module.device), mask.to(module.device)
    # Padding is on the right, so positions and causality hold without more care.
    cache = copy.deepcopy(cache)
    if len(tails) > 1:
        cache.batch_repeat_interleave(len(tails))
    picked = []
    for start in range(0, width - 1, chunk):
        stop = min(start + chunk, width - 1)
        out = module(
            inputs[:, start:stop],
            attention_mask=mask[:, : seen + stop],
            past_key_values=cache,
            use_cache=True,
        )
        cache = out.past_key_values
        chances = out.logits.float().log_softmax(-1)
        next_ids = inputs[:, start + 1 : stop + 1, None]
        picked.append(chances.gather(-1, next_ids)[..., 0].cpu().numpy())
    values = np.concatenate(picked, axis=1)
    return [values[row, : len(tail) - 1] for row, tail in enumerate(tails)]
