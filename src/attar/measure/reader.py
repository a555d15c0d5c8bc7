"""The reader: a language model that is given what is left of a text, and asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.measure.memo import Memo
from attar.models.base import LanguageModel
from attar.models.lm_local import LocalLanguageModel

_BATCH = 64
MOST_WRITTEN = 48
"""Tokens of a generated answer."""


@dataclass(frozen=True)
class Reader:
    """Asks a language model about a text, and remembers what it said.

    The prompt is plain text, so that every language model can be the reader: the text, a blank
    line, the instruction, the question, and the beginning of the answer's line.

    Args:
        model: the language model.
        memo: where its answers are kept.
        instruction: stands before the question.
    """

    model: LanguageModel
    memo: Memo
    instruction: str = "Using the text above, answer with a few words copied from it."

    def prompt(self, text: str, question: str) -> str:
        """What the model is given before its answer."""
        above = f"{text.strip()}\n\n" if text.strip() else ""
        return f"{above}{self.instruction}\nQuestion: {question}\nAnswer:"

    @property
    def together(self) -> int:
        """How many prompts it should be given at once: one on a CPU, where each takes seconds."""
        at_once = isinstance(self.model, LocalLanguageModel) and self.model.accelerated
        return _BATCH if at_once else 1

    def loss(self, text: str, question: str, answer: str) -> float:
        """Negative log-likelihood of the answer, in nats, mean over its tokens.

        Raises:
            ModelError: if the model cannot tell, or the text is longer than it reads.
        """
        return self.losses([(text, question, answer)])[0]

    def losses(self, asked: Sequence[tuple[str, str, str]]) -> list[float]:
        """`loss` of many (text, question, answer), read together where the model does that."""
        told = [(f" {answer.strip()}", self.prompt(text, about)) for text, about, answer in asked]
        keys = [["loss", self.model.name, prompt, tail] for tail, prompt in told]

        def read(missing: Sequence[int]) -> list[float]:
            found = _likelihoods(self.model, [told[number] for number in missing])
            return [-float(values.mean()) for values in found]

        return [float(loss) for loss in self.memo.get_all(keys, read)]

    def answer(self, text: str, question: str) -> str:
        """One line that the model writes, at temperature 0."""
        prompt = self.prompt(text, question)
        key = ["answer", self.model.name, MOST_WRITTEN, prompt]

        def write() -> str:
            pieces = self.model.generate(prompt, max_tokens=MOST_WRITTEN, stop=("\n",))
            return "".join(pieces).strip()

        return str(self.memo.get(key, write))

    def fits(self, text: str, question: str, answers: tuple[str, ...]) -> bool:
        """Whether the model can read the text and the question, and write."""
        if self.model.context_tokens is None:
            return True
        counted = self.model.tokenizer.count(self.prompt(text, question))
        longest = max(map(self.model.tokenizer.count, answers))
        return counted + max(MOST_WRITTEN, longest + 2) <= self.model.context_tokens

    def check(self) -> None:
        """Refuse a reader that cannot say how likely a text is, before anything is measured.

        Raises:
            UsageError: if it cannot.
        """
        from attar.errors import ModelError

        try:
            self.model.log_likelihood(" yes", "Is this a text?")
        except ModelError as error:
            raise UsageError(
                f"the reader {self.model.name!r} cannot say how likely an answer is ({error}):"
                " take a local model, or leave the likelihood out with --no-loss"
            ) from error


def _likelihoods(
    model: LanguageModel, pairs: Sequence[tuple[str, str]]
) -> list[NDArray[np.float32]]:
    if isinstance(model, LocalLanguageModel):
        return model.log_likelihoods(pairs)
    return [model.log_likelihood(tail, prompt) for tail, prompt in pairs]
