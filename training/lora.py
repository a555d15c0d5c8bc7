"""Low-rank deltas of an encoder's matrices (LoRA, arXiv 2106.09685), trained and written.

What is written are the two factors of each delta, scaled, in float16: the encoder itself is not
in the file, and a reader of the file adds each product to its matrix.
"""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn


class LowRank(nn.Module):
    """A frozen linear layer with a delta of low rank."""

    def __init__(self, base: nn.Linear, rank: int, dropout: float) -> None:
        super().__init__()
        self.base = base
        self.a = nn.Parameter(torch.empty(rank, base.in_features))
        self.b = nn.Parameter(torch.zeros(base.out_features, rank))
        self.scale = 2.0
        self.dropout = nn.Dropout(dropout)
        nn.init.kaiming_uniform_(self.a, a=5**0.5)

    def forward(self, x: Tensor) -> Tensor:
        """The layer's output and the delta's."""
        return self.base(x) + self.dropout(x) @ self.a.T @ self.b.T * self.scale


def adapt(encoder: nn.Module, rank: int, dropout: float = 0.05) -> nn.Module:
    """Freeze an encoder and give each linear layer of its blocks a delta."""
    encoder.requires_grad_(requires_grad=False)
    targets = [
        (name, module)
        for name, module in encoder.named_modules()
        if isinstance(module, nn.Linear) and name.startswith("encoder.layer.")
    ]
    for name, module in targets:
        parent, _, leaf = name.rpartition(".")
        setattr(encoder.get_submodule(parent), leaf, LowRank(module, rank, dropout))
    return encoder


def save(path: Path, encoder: nn.Module, head: nn.Module, about: dict[str, str]) -> None:
    """Write deltas and head as float16."""
    tensors = {f"head.{name}": value for name, value in head.state_dict().items()}
    for name, module in encoder.named_modules():
        if isinstance(module, LowRank):
            tensors[f"{name}.a"] = module.a.detach()
            tensors[f"{name}.b"] = module.b.detach() * module.scale
    half = {name: value.to("cpu", torch.float16).contiguous() for name, value in tensors.items()}
    save_file(half, path, metadata=about)
