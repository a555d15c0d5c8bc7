"""A question to a pack: search, judge, squeeze, generate."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import Protocol

from numpy.typing import ArrayLike

from attar.answer.answer import Answer, Source
from attar.answer.prompt import NOTHING_FOUND, messages
from attar.answer.relevance import Relevance
from attar.answer.repeats import until_repeated
from attar.budget import Budget
from attar.context import Passage, Squeezed, squeeze
from attar.errors import BudgetError, UsageError
from attar.models.base import Embedder, LanguageModel
from attar.pack.document import Hit
from attar.pack.search import Mode
from attar.report import Part, Report


class Searchable(Protocol):
    """What `ask` needs of a pack; `attar.pack.Pack` has it."""

    @property
    def embedder(self) -> Embedder:
        """What its vectors were made with."""

    def search(
        self, query: str, k: int = 10, mode: Mode = "hybrid", vector: ArrayLike | None = None
    ) -> Sequence[Hit]:
        """The passages that fit best, best first."""


class AnswerStream(Iterator[str]):
    """The pieces of an answer as they are written; `answer` holds the whole once they end."""

    def __init__(self, steps: Iterator[str | Answer]) -> None:
        self._steps = steps
        self._answer: Answer | None = None

    def __next__(self) -> str:
        step = next(self._steps)
        if isinstance(step, Answer):
            self._answer = step
            raise StopIteration
        return step

    @property
    def answer(self) -> Answer:
        """The whole answer; asking for it waits until the rest is written."""
        for _ in self:
            pass
        if self._answer is None:
            raise UsageError("the answer was not finished: its stream ended with an error")
        return self._answer


def ask(
    pack: Searchable,
    question: str,
    *,
    to: Budget | str = "300 tokens",
    model: LanguageModel | str = "default",
    k: int = 10,
    max_tokens: int = 160,
    relevance: Relevance | None = None,
) -> Answer:
    """Answer a question from what a pack holds.

    The passages that a search finds are squeezed into the budget, in the model's own tokens,
    and the model is asked to answer from them. If none of them is relevant, the answer says so
    and no model is asked.

    Args:
        pack: what to search.
        question: what to answer.
        to: budget of the found text in the prompt; the question and the few words around it
            are not counted.
        model: a language model or its name.
        k: how many passages to look at.
        max_tokens: the most that the model writes.
        relevance: when a passage counts as relevant; None takes the measured default.

    Raises:
        UsageError: for an empty question.
        BudgetError: if the budget leaves no room for any text.
        ModelError: if the model is not there or cannot read that much.
    """
    return ask_stream(
        pack, question, to=to, model=model, k=k, max_tokens=max_tokens, relevance=relevance
    ).answer


def ask_stream(
    pack: Searchable,
    question: str,
    *,
    to: Budget | str = "300 tokens",
    model: LanguageModel | str = "default",
    k: int = 10,
    max_tokens: int = 160,
    relevance: Relevance | None = None,
) -> AnswerStream:
    """As `ask`, but piece by piece: iterate over the text, then read `.answer`."""
    if not question.strip():
        raise UsageError("the question is empty: ask something")
    budget = Budget.parse(to)
    rule = Relevance() if relevance is None else relevance
    return AnswerStream(_steps(pack, question, budget, model, k, max_tokens, rule))


def _steps(
    pack: Searchable,
    question: str,
    budget: Budget,
    model: LanguageModel | str,
    k: int,
    max_tokens: int,
    rule: Relevance,
) -> Iterator[str | Answer]:
    seconds: dict[str, float] = {}
    clock = _Clock(seconds)
    vector = pack.embedder.embed([question])[0]
    clock.stop("embed")
    hits = list(pack.search(question, k, vector=vector))
    nearest = pack.search(question, 1, "dense", vector=vector)
    clock.stop("search")
    # The scores of a search come from codes of few bits, which shrink a cosine by a tenth.
    cosines = [float(pack.embedder.embed([hit.text])[0] @ vector) for hit in nearest]
    relevant = rule.holds(question, (hit.text for hit in hits), max(cosines, default=-1.0))
    clock.stop("judge")
    if not relevant:
        yield NOTHING_FOUND
        report = Report(f"no passage of {len(hits)} found is relevant", (), seconds)
        yield Answer(NOTHING_FOUND, (), report)
        return
    reader = _open(model)
    clock.stop("load")
    passages = [Passage(h.text, h.source, h.start, h.score, h.kind) for h in hits]
    squeezed = squeeze(
        passages, question, to=budget, tokenizer=reader.tokenizer, embedder=pack.embedder
    )
    clock.stop("squeeze")
    sources, texts = _numbered(squeezed, hits)
    if not sources:
        raise BudgetError(f'a budget of "{budget}" leaves no room for any text: allow more')
    pieces = []
    clock.stop("prompt")
    written = reader.generate(messages(question, texts), max_tokens=max_tokens)
    for piece in until_repeated(written):
        clock.stop("generate")
        pieces.append(piece)
        yield piece
        clock.start()
    clock.stop("generate")
    parts = [Part(f"passages, {p.name}", p.before, p.after, p.unit) for p in squeezed.report.parts]
    report = Report(f"{len(hits)} passages squeezed to {budget}", parts, seconds)
    yield Answer("".join(pieces).strip(), sources, report)


def _numbered(
    squeezed: Squeezed, hits: Sequence[Hit]
) -> tuple[tuple[Source, ...], list[tuple[int, str]]]:
    """The kept spans as sources, and the kept text of each passage, numbered from 1."""
    texts = [(hit, text) for hit, text in squeezed.passages if text.strip()]
    numbers = {hit: number for number, (hit, _) in enumerate(texts, 1)}
    sources = tuple(
        Source(
            numbers[span.passage],
            hits[span.passage].id,
            span.source,
            span.start,
            span.end,
            span.text,
            hits[span.passage].title,
            hits[span.passage].pack,
        )
        for span in squeezed.spans
        if span.passage in numbers and span.text.strip()
    )
    return sources, [(numbers[hit], text) for hit, text in texts]


def _open(model: LanguageModel | str) -> LanguageModel:
    if not isinstance(model, str):
        return model
    from attar import models

    return models.language_model(model)


class _Clock:
    """Wall-clock seconds by step."""

    def __init__(self, seconds: dict[str, float]) -> None:
        self._seconds = seconds
        self.start()

    def start(self) -> None:
        self._since = time.perf_counter()

    def stop(self, step: str) -> None:
        """Add the time since the last call to a step."""
        now = time.perf_counter()
        self._seconds[step] = self._seconds.get(step, 0.0) + now - self._since
        self._since = now
