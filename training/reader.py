"""The reader whose likelihood is the measure: SmolLM2 135M Instruct, in batches."""

from __future__ import annotations

from functools import cached_property
from pathlib import Path

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer

_CONTEXT, _QUESTION = "\u241fCONTEXT\u241f", "\u241fQUESTION\u241f"
_ASK = "Using the text above, answer with a few words copied from it.\nQuestion: "


class Reader:
    """Negative log-likelihood of texts, many at a time.

    Args:
        folder: a transformers folder.
        dtype: of the weights.
        batch_tokens: the most tokens in a batch, padding included.
    """

    def __init__(
        self, folder: Path, dtype: torch.dtype = torch.bfloat16, batch_tokens: int = 65536
    ) -> None:
        self.device = "cuda" if torch.cuda.is_available() else "cpu"
        self.tokenizer = AutoTokenizer.from_pretrained(folder)
        self.model = AutoModelForCausalLM.from_pretrained(folder, dtype=dtype)
        self.model = self.model.to(self.device).eval()
        self.batch_tokens = batch_tokens

    def ids(self, texts: list[str]) -> list[list[int]]:
        """Tokens of texts."""
        if not texts:
            return []
        return self.tokenizer(texts, add_special_tokens=False).input_ids

    def answers(self, rows: list[tuple[str, str, str]]) -> list[float]:
        """Mean over an answer's tokens, for (context, question, answer) rows."""
        prompts = [self._prompt(context, question) for context, question, _ in rows]
        ids = list(zip(self.ids(prompts), self.ids([answer for *_, answer in rows]), strict=True))
        found = self.tokens(ids)
        return [float(nll.mean()) for nll in found]

    def _prompt(self, context: str, question: str) -> str:
        return self._frame.replace(_QUESTION, question).replace(_CONTEXT, context)

    @cached_property
    def _frame(self) -> str:
        turns = [{"role": "user", "content": f"{_CONTEXT}\n\n{_ASK}{_QUESTION}"}]
        return str(
            self.tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=True)
        )

    @torch.inference_mode()
    def tokens(self, rows: list[tuple[list[int], list[int]]]) -> list[Tensor]:
        """The negative log-likelihood of each token of the second part, for pairs of parts."""
        found: list[Tensor] = [torch.empty(0)] * len(rows)
        order = sorted(range(len(rows)), key=lambda i: -len(rows[i][0]) - len(rows[i][1]))
        at = 0
        while at < len(order):
            longest = len(rows[order[at]][0]) + len(rows[order[at]][1])
            batch = order[at : at + max(1, self.batch_tokens // longest)]
            at += len(batch)
            ids = torch.zeros(len(batch), longest, dtype=torch.long)
            where, position = [], []
            for k, i in enumerate(batch):
                prompt, rest = rows[i]
                ids[k, : len(prompt) + len(rest)] = torch.tensor(prompt + rest)
                where += [k] * len(rest)
                position += range(len(prompt), len(prompt) + len(rest))
            ids = ids.to(self.device)
            row, column = torch.tensor(where).to(ids), torch.tensor(position).to(ids)
            # Padding stands at the end, where no token before it can see it.
            states = self.model.model(input_ids=ids).last_hidden_state[row, column - 1]
            target = ids[row, column]
            parts = [
                torch.nn.functional.cross_entropy(
                    self.model.lm_head(s).float(), t, reduction="none"
                )
                for s, t in zip(states.split(32768), target.split(32768), strict=True)
            ]
            nll = torch.cat(parts).cpu()
            for i, values in zip(batch, nll.split([len(rows[i][1]) for i in batch]), strict=True):
                found[i] = values
        return found
