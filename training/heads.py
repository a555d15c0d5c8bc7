"""What stands on the encoder: one number a sentence, or one a token."""

from __future__ import annotations

import torch
from torch import Tensor, nn


class SentenceHead(nn.Module):
    """A sentence's score from the mean and the maximum of its tokens' states."""

    def __init__(self, width: int = 384, hidden: int = 128) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.1)
        self.inner = nn.Linear(2 * width, hidden)
        self.outer = nn.Linear(hidden, 1)
        self.base = nn.Parameter(torch.ones(()))  # weight of the untrained ranking's score

    def forward(self, states: Tensor, sentence: Tensor, count: int) -> Tensor:
        """Score sentences.

        Args:
            states: (tokens, width).
            sentence: (tokens,) the sentence of each token, from 0.
            count: how many sentences there are.
        """
        states = states.float()
        size = torch.zeros(count, device=states.device).index_add_(
            0, sentence, torch.ones_like(sentence, dtype=torch.float32)
        )
        total = torch.zeros(count, states.shape[1], device=states.device)
        mean = total.index_add(0, sentence, states) / size.clamp(min=1)[:, None]
        index = sentence[:, None].expand_as(states)
        most = torch.full_like(total, -1e4).scatter_reduce(0, index, states, "amax")
        both = self.dropout(torch.cat([mean, most], dim=1))
        return self.outer(nn.functional.gelu(self.inner(both)))[:, 0]


class TokenHead(nn.Module):
    """A token's logit from its state."""

    def __init__(self, width: int = 384) -> None:
        super().__init__()
        self.dropout = nn.Dropout(0.1)
        self.outer = nn.Linear(width, 1)

    def forward(self, states: Tensor) -> Tensor:
        """Logits of the tokens to be kept; states are (..., width)."""
        return self.outer(self.dropout(states.float()))[..., 0]
