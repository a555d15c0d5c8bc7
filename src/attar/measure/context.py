"""`attar measure context`: what is left of prompts, what that costs, and what a reader says.

Every figure stands beside references from the same run: the full text, no text, the gold passage,
and the beginning of the text cut to the same budget.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from attar.budget import Budget
from attar.errors import BudgetError, UsageError
from attar.measure.answers import exact_match, f1, survives
from attar.measure.breakeven import BreakEven
from attar.measure.context_figures import (
    ContextFigures,
    ContextMeasurement,
    Reading,
    summed,
)
from attar.measure.memo import Memo, code_digest
from attar.measure.questions import Question
from attar.measure.reader import Reader
from attar.measure.recall import Recall
from attar.measure.squeezing import Recipe, Squeezer
from attar.models.base import Embedder
from attar.progress import Progress, silent

TIMED = 5
"""Questions on which squeezing is timed, each with all of its passages and with half of them."""


def measure_context(
    questions: Sequence[Question],
    recipes: Sequence[Recipe],
    budgets: Sequence[Budget],
    reader: Reader,
    embedder: Embedder | None,
    *,
    loss: bool = True,
    generate: bool = True,
    full: bool = True,
    data: str = "",
    progress: Progress = silent,
) -> ContextMeasurement:
    """Squeeze every question's passages by every recipe to every budget, and let a reader read.

    Args:
        questions: at least one.
        recipes: what squeezes; truncation is measured anyway.
        budgets: in tokens of the reader, bytes, or per cent of each question's tokens.
        reader: reads what is left; its memo keeps what was measured.
        embedder: for recipes that score by meaning.
        loss: whether the likelihood of the answer is measured.
        generate: whether the reader writes answers.
        full: whether the full text is read; that takes longest.
        data: what the questions are, for titles.
        progress: told of recipes, by questions.

    Raises:
        UsageError: if there is nothing to measure, or the reader cannot say what is asked.
        BudgetError: if a budget is of a unit that texts have not.
    """
    if not questions or not budgets:
        raise UsageError("there is nothing to measure: give at least one question and one budget")
    for budget in budgets:
        if budget.unit == "bits":
            raise BudgetError(f'a text takes a budget in tokens, bytes or per cent, not "{budget}"')
    if loss:
        reader.check()
    bench = _Bench(questions, reader, embedder, loss, generate, progress)
    figures = list(bench.references(full))
    truncation = Recipe.named("truncate(start)")
    for budget in budgets:
        for recipe in dict.fromkeys([truncation, *recipes]):
            figures.append(bench.recipe(recipe, budget))
    compared = _compared(figures, recipes[0].name if recipes else "")
    return ContextMeasurement(data, reader.model.name, len(questions), tuple(compared))


class _Bench:
    """Questions, what reads them, and what was found out about them."""

    def __init__(
        self,
        questions: Sequence[Question],
        reader: Reader,
        embedder: Embedder | None,
        loss: bool,
        generate: bool,
        progress: Progress,
    ) -> None:
        self._questions = questions
        self._reader = reader
        self._loss, self._generate = loss, generate
        self._progress = progress
        self._memo: Memo = reader.memo
        tokenizer = reader.model.tokenizer
        self._plain = Squeezer(tokenizer, embedder)
        recall = Recall(embedder) if embedder is not None else None
        self._squeezer = Squeezer(tokenizer, recall)
        self._embedder = embedder.digest if embedder is not None else ""
        self._full = [self._squeezer.join(q.passages) for q in questions]
        self._before = [tokenizer.count(text) for text in self._full]

    def references(self, full: bool) -> Iterable[ContextFigures]:
        """The full text where it fits, nothing, and the gold passage where all have one."""
        if full and all(
            self._reader.fits(text, q.question, q.answers)
            for text, q in zip(self._full, self._questions, strict=True)
        ):
            yield self._figures("full", None, self._full)
        yield self._figures("empty", None, [""] * len(self._questions))
        if all(q.gold is not None for q in self._questions):
            texts = [q.passages[q.gold].text for q in self._questions if q.gold is not None]
            yield self._figures("gold passage", None, texts)

    def recipe(self, recipe: Recipe, budget: Budget) -> ContextFigures:
        """One recipe at one budget."""
        texts = []
        for number, question in enumerate(self._questions):
            self._progress(f"{recipe.name} at {budget}", number, len(self._questions))
            key = ["text", recipe.name, str(budget), question.question, *self._about(question)]
            texts.append(
                self._memo.get(key, lambda q=question: self._squeezer(recipe, q, budget))  # type: ignore[misc]
            )
        self._progress(f"{recipe.name} at {budget}", len(self._questions), len(self._questions))
        found = self._figures(recipe.name, budget, texts)
        timed = self._timed(recipe, budget)
        line = BreakEven.of(timed[0], timed[1], found.ratio)
        per_1000 = 1000 * sum(timed[1]) / max(1, sum(timed[0]))
        return found.timed(per_1000, line)

    def _about(self, question: Question) -> list[str]:
        texts = [f"{p.kind}\0{p.text}" for p in question.passages]
        return [code_digest(), self._reader.model.tokenizer.name, self._embedder, *texts]

    def _timed(self, recipe: Recipe, budget: Budget) -> tuple[list[int], list[float]]:
        """Tokens and seconds of a few prompts, short and long; nothing is remembered between."""
        some = self._questions[:TIMED]
        key = ["seconds", recipe.name, str(budget), *(x for q in some for x in self._about(q))]

        def take() -> list[list[float]]:
            self._plain.seconds(recipe, some[0], budget)  # models are loaded, kernels compiled
            runs = list(some) + [_half(q) for q in some if len(q.passages) > 1]
            counted = [
                float(self._reader.model.tokenizer.count(self._plain.join(q.passages)))
                for q in runs
            ]
            return [counted, [self._plain.seconds(recipe, q, budget) for q in runs]]

        tokens, seconds = self._memo.get(key, take)
        return [int(t) for t in tokens], [float(s) for s in seconds]

    def _figures(self, name: str, budget: Budget | None, texts: Sequence[str]) -> ContextFigures:
        label = name if budget is None else f"reading {name} at {budget}"
        readings = []
        together = self._reader.together
        for start in range(0, len(texts), together):
            some = range(start, min(start + together, len(texts)))
            self._progress(label, start, len(texts))
            losses = self._losses([(number, texts[number]) for number in some])
            for number, loss in zip(some, losses, strict=True):
                self._progress(label, number, len(texts))
                readings.append(self._read(number, budget, texts[number], loss))
        self._progress(label, len(texts), len(texts))
        return summed(name, budget, readings)

    def _losses(self, texts: Sequence[tuple[int, str]]) -> Sequence[float | None]:
        if not self._loss:
            return [None] * len(texts)
        asked = [(text, self._questions[number]) for number, text in texts]
        return self._reader.losses([(text, q.question, q.answers[0]) for text, q in asked])

    def _read(self, number: int, budget: Budget | None, text: str, loss: float | None) -> Reading:
        question, reader = self._questions[number], self._reader
        before, after = self._before[number], reader.model.tokenizer.count(text)
        met = None
        if budget is not None:
            counted = len(text.encode("utf-8", "surrogatepass"))
            whole = len(self._full[number].encode("utf-8", "surrogatepass"))
            met = (
                counted <= budget.limit(whole, "bytes")
                if budget.unit == "bytes"
                else after <= budget.limit(before, "tokens")
            )
        there = survives(self._full[number], question.answers)
        written = reader.answer(text, question.question) if self._generate else None
        return Reading(
            before,
            after,
            met,
            survives(text, question.answers) if there else None,
            loss,
            None if written is None else exact_match(written, question.answers),
            None if written is None else f1(written, question.answers),
        )


def _half(question: Question) -> Question:
    return Question(
        question.question, question.passages[: len(question.passages) // 2], question.answers
    )


def _compared(figures: Sequence[ContextFigures], first: str) -> list[ContextFigures]:
    """Each with its paired differences to the full text, truncation and the first recipe."""
    found = {(f.name, str(f.budget)): f for f in figures}
    compared = []
    for one in figures:
        others = []
        if one.budget is not None:
            keys = [("full", "None")]
            keys += [(name, str(one.budget)) for name in ("truncate(start)", first)]
            others = [found[key] for key in dict.fromkeys(keys) if key in found]
        compared.append(one.against([other for other in others if other is not one]))
    return compared
