"""LongLLMLingua: tokens that the question makes likelier are kept."""

from __future__ import annotations

from collections.abc import Sequence

from attar.context.context import Task
from attar.context.prune.method import Method, Tokens, Values, slope
from attar.context.prune.reading import TextReader
from attar.registry import register

RESTRICT = "We can get the answer to this question in the given documents."
"""Stands after the question when paragraphs are ranked, as in the paper."""
STEEPNESS = 0.5
"""How much larger than the mean the share kept of the most wanted paragraph is. The authors'
package is used with 0.3; the loss of 18 questions of XQuAD at 12.5% of the tokens is 3.37 with it,
and 3.05 with 0.5 or 0.8."""


@register(
    "longlingua",
    target="prune",
    needs=("language model",),
    paper="LongLLMLingua (Jiang et al., ACL 2024, arXiv 2310.06839)",
)
class LongLingua(Method):
    """Keep the words that the question makes likelier, most of the paragraphs that explain it.

    Paragraphs are ranked by how likely the question is after them; of the first ones, more is
    kept. A word's value is the contrast of its perplexity without and with the question before
    it. What is kept stays in its order, so that it is a subsequence of the input; the paper also
    puts the most wanted passages first, which is `rank >> upr >> order >> prune(longlingua)`.

    Args:
        model: name of a local language model.
        task: what is squeezed; must have a question.
    """

    def __init__(self, model: str, task: Task) -> None:
        self._question = task.asked("prune(longlingua)")
        self._reader = TextReader(model)

    def rank(self, paragraphs: Sequence[str]) -> Values:
        """Minus the mean surprisal of the question after each paragraph."""
        return -self._reader.losses_after(paragraphs, f"\n\n{self._question} {RESTRICT}")

    def weigh(self, texts: Sequence[str]) -> list[Tokens]:
        """The fall of each token's surprisal when the question stands before the text."""
        plain = self._reader.surprisals(texts)
        asked = self._reader.surprisals(texts, before=f"{self._question}\n\n")
        return [Tokens(a.offsets, a.values - b.values) for a, b in zip(plain, asked, strict=True)]

    def changes(self, n: int) -> Values:
        """Evenly from more to less."""
        return slope(n, STEEPNESS)
