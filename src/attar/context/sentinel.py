"""A probe of where a small model looks (Sentinel)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from attar.context.blend import blended
from attar.context.context import Context, Task
from attar.context.stage import Stage
from attar.errors import ModelError, UsageError
from attar.registry import register

_FILE = "sentinel.safetensors"
_SHA256 = "9228e4eea93971e7383019d17a0824729e5bba15d9a4bb5e07a577b5361e12ba"
_LEAST = 1e-6
"""Added to attention before its logarithm, as when the probe was fitted."""


@register(
    "sentinel",
    target="context",
    needs=("language model",),
    paper="Sentinel (Zhang et al., arXiv 2505.23277)",
)
@dataclass(frozen=True, repr=False)
class Sentinel(Stage):
    """Score units by a linear probe of a small language model's attention to them.

    The probe weighs the logarithm of the attention that the question's tokens pay to a unit in each
    head of SmolLM2's first 16 layers; the other 14 are not run, since they add nothing. It was
    fitted by `training/fit_probe.py` to Natural Questions (docs/decisions.md).

    Args:
        model: "smollm2", the default language model, whose heads the probe knows.
        weight: beside the scores of the stages before.
    """

    model: tuple[str, ...] = ("smollm2",)
    weight: float = 0.5

    name: ClassVar[str] = "sentinel"

    def __post_init__(self) -> None:
        if self.model != ("smollm2",):
            raise UsageError(f"sentinel knows the model smollm2, not {'+'.join(self.model)}")

    def apply(self, context: Context, task: Task) -> Context:
        """Score all units.

        Raises:
            UsageError: if there is no question.
            ModelError: if the model is not there.
        """
        from attar.context.attended import attended

        if not len(context.units):
            return context
        probe = _probe()
        found = attended(context, task, "default", depth=len(probe), asking=None)
        told = np.tensordot(np.log(found + _LEAST), probe, axes=2)
        return blended(context, told, self.weight)


@lru_cache(maxsize=1)
def _probe() -> NDArray[np.float32]:
    """(layers, heads) weights.

    Raises:
        ModelError: if the file is damaged.
    """
    from safetensors.numpy import load

    data = resources.files("attar.context").joinpath("data", _FILE).read_bytes()
    if hashlib.sha256(data).hexdigest() != _SHA256:
        raise ModelError(f"the file {_FILE!r} of this installation is damaged: reinstall attar")
    weights: NDArray[np.float32] = load(data)["probe"].astype(np.float32)
    return weights
