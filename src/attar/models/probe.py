"""Where the last tokens of a prompt look: their attention alone, read off in one pass.

A prompt of n tokens has n x n attention weights for each head; methods that ask which of the text
matters to the question need only the rows of its last few tokens. So all but those are read by the
fast attention code into a cache, and the last ones by the code that gives its weights away. Layers
above the deepest one asked for are never run.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray


class _Enough(Exception):  # noqa: N818 - a signal, not an error
    """The deepest layer asked for has been run."""


def last_attentions(
    module: Any, ids: Sequence[int], last: int, depth: int, chunk: int
) -> NDArray[np.float32]:
    """Attention weights of the last tokens to all tokens, in the first layers.

    Args:
        module: a transformers model with a key-value cache and a list of layers.
        ids: the prompt; more than `last`.
        last: tokens at the end whose attention is wanted.
        depth: how many layers are run.
        chunk: tokens read at once.

    Returns:
        (depth, heads, last, n) float32; each row sums to 1.
    """
    import torch
    from transformers import DynamicCache

    body = module.get_decoder()
    cache = DynamicCache(config=module.config)
    start = len(ids) - last
    usual = module.config._attn_implementation
    with torch.inference_mode(), _stopping(body.layers[depth - 1]):
        for at in range(0, start, chunk):
            _run(body, ids[at : min(at + chunk, start)], cache)
        module.set_attn_implementation("eager")
        try:
            with _collecting(body.layers[:depth]) as rows:
                _run(body, ids[start:], cache)
        finally:
            module.set_attn_implementation(usual)
    return np.stack([row[0].float().cpu().numpy() for row in rows])


def _run(body: Any, ids: Sequence[int], cache: Any) -> None:
    import torch

    try:
        body(torch.tensor([list(ids)], device=body.device), past_key_values=cache, use_cache=True)
    except _Enough:
        return


@contextmanager
def _stopping(layer: Any) -> Iterator[None]:
    def stop(*_: Any) -> None:
        raise _Enough

    handle = layer.register_forward_hook(stop)
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def _collecting(layers: Any) -> Iterator[list[Any]]:
    rows: list[Any] = []

    def collect(_module: Any, _inputs: Any, output: Any) -> None:
        rows.append(output[1])

    handles = [layer.self_attn.register_forward_hook(collect) for layer in layers]
    try:
        yield rows
    finally:
        for handle in handles:
            handle.remove()
