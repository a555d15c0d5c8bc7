"""One token after another from a causal language model."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import signature
from typing import Any


def prefill(module: Any, ids: list[int], chunk: int) -> tuple[Any, Any]:
    """Read a prompt; gives the logits (1, vocabulary) after it and the key-value cache."""
    import torch

    keep = {"logits_to_keep": 1} if _may_keep_few(module) else {}
    cache = None
    out = None
    for start in range(0, len(ids), chunk):
        some = torch.tensor([ids[start : start + chunk]], device=module.device)
        out = module(some, past_key_values=cache, use_cache=True, **keep)
        cache = out.past_key_values
    assert out is not None
    return out.logits[:, -1], cache


def sample(
    module: Any,
    ids: list[int],
    room: int,
    temperature: float,
    seed: int,
    ends: frozenset[int],
    chunk: int,
) -> Iterator[int]:
    """Token ids that follow `ids`, until one of `ends` (not given out) or `room` is used.

    Args:
        module: a transformers model with a key-value cache.
        ids: the prompt; at least one.
        room: the most tokens to give.
        temperature: 0 for the likeliest each time; else the softmax is drawn from.
        seed: fixes the draws.
        ends: ids that end the text.
        chunk: prompt tokens read at once.
    """
    import torch

    if room <= 0:
        return
    draw = torch.Generator().manual_seed(seed)
    with torch.inference_mode():
        logits, cache = prefill(module, ids, chunk)
    for left in range(room - 1, -1, -1):
        # Inference mode is left at each yield: it is a setting of the whole thread, and
        # the reader of the stream runs in between.
        if temperature > 0:
            chances = torch.softmax(logits[0].float().cpu() / temperature, dim=-1)
            token = int(torch.multinomial(chances, 1, generator=draw))
        else:
            token = int(logits[0].argmax())
        if token in ends:
            return
        yield token
        if left:
            with torch.inference_mode():
                step = torch.tensor([[token]], device=module.device)
                out = module(step, past_key_values=cache, use_cache=True)
                logits, cache = out.logits[:, -1], out.past_key_values


def _may_keep_few(module: Any) -> bool:
    """Whether the model can leave out the logits of all tokens but the last."""
    return "logits_to_keep" in signature(module.forward).parameters
