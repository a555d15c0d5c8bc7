"""Recipes read by a language model small enough to work out by hand."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import numpy as np
import pytest

from attar.budget import Budget
from attar.context import Passage
from attar.errors import BudgetError, ModelError, UsageError
from attar.measure.context import measure_context
from attar.measure.memo import Memo
from attar.measure.questions import Question
from attar.measure.reader import Reader
from attar.measure.squeezing import Recipe
from tests.context.small_tokenizers import byte_level


class Copier:
    """A language model that knows the words of its context: they cost 1 nat, others 4.

    It answers with the last capitalised word before the question.
    """

    name = "copier"
    context_tokens: int | None = None

    def __init__(self) -> None:
        self.tokenizer = byte_level()
        self.asked: list[str] = []

    def log_likelihood(self, continuation: str, context: str = "") -> np.ndarray:
        self.asked.append(context)
        known = set(re.findall(r"\w+", context))
        return np.array([-1.0 if w in known else -4.0 for w in continuation.split()], np.float32)

    def generate(self, prompt: str, **_: object) -> Iterator[str]:
        text = prompt.split("\n\n")[0]
        yield [*re.findall(r"Person\d+", text), "nobody"][-2:][0]


QUESTIONS = [
    Question(
        f"Who keeps the key number {i}?",
        tuple(
            Passage(f"The key number {j} is kept by Person{j}. Nothing else is known of it. " * 2)
            for j in range(8)
        ),
        (f"Person{i}",),
        i,
    )
    for i in (1, 6)
]
RECIPES = [Recipe.named("model-free"), Recipe.named("rank(bm25) >> extract(top)")]


def measured(reader=None, recipes=RECIPES, budgets=("20%",), questions=QUESTIONS, **options):
    reader = reader or Reader(Copier(), Memo(None))
    return measure_context(
        questions, recipes, [Budget.parse(b) for b in budgets], reader, None, **options
    )


def test_references_and_recipes_are_what_they_say():
    found = measured()
    by_name = {f.name: f for f in found.figures}
    assert list(by_name) == [
        "full",
        "empty",
        "gold passage",
        "truncate(start)",
        "model-free",
        "rank(bm25) >> extract(top)",
    ]
    assert by_name["full"].ratio == 1
    assert by_name["full"].loss.mean == by_name["gold passage"].loss.mean == 1
    assert by_name["empty"].loss.mean == 4
    assert by_name["empty"].tokens == 0
    # Question 1's answer stands in the first fifth, that of question 6 does not.
    assert by_name["truncate(start)"].losses == (1, 4)
    assert by_name["truncate(start)"].survival == 0.5
    squeezed = by_name["model-free"]
    assert squeezed.losses == (1, 1)
    assert squeezed.survival == squeezed.met == 1
    assert squeezed.ratio <= 0.2
    assert squeezed.differences["full"].mean == 0
    assert squeezed.differences["truncate(start)"].mean == -1.5
    assert squeezed.seconds_per_1000 > 0


def test_answers_that_the_reader_writes():
    found = {f.name: f for f in measured().figures}
    assert found["gold passage"].exact.mean == 1
    assert found["gold passage"].f1.mean == 1
    assert found["full"].exact.mean == 0
    assert found["empty"].exact.mean == 0


def test_what_is_not_asked_for_is_not_measured():
    found = measured(loss=False, generate=False).figures
    assert all(f.loss is None and f.exact is None and not f.differences for f in found)


def test_a_second_run_asks_the_reader_nothing(tmp_path):
    with Memo(tmp_path / "memo.sqlite") as memo:
        first = measured(Reader(Copier(), memo))
        again = Copier()
        second = measured(Reader(again, memo))
    assert again.asked == ["Is this a text?"]
    assert second.to_dict() == first.to_dict()


def test_a_full_text_that_the_reader_cannot_read_is_left_out():
    short = Copier()
    short.context_tokens = 200
    names = [f.name for f in measured(Reader(short, Memo(None))).figures]
    assert "full" not in names
    assert "gold passage" in names


def test_the_full_text_may_be_left_out():
    found = measured(full=False).figures
    assert "full" not in [f.name for f in found]
    assert all("full" not in f.differences for f in found)


def test_without_gold_passages_there_is_no_such_reference():
    questions = [Question(q.question, q.passages, q.answers) for q in QUESTIONS]
    assert "gold passage" not in [f.name for f in measured(questions=questions).figures]


def test_a_reader_that_cannot_tell_is_refused_before_anything_is_done():
    class Mute(Copier):
        def log_likelihood(self, continuation: str, context: str = "") -> np.ndarray:
            raise ModelError("endpoints do not tell")

    with pytest.raises(UsageError, match="--no-loss"):
        measured(Reader(Mute(), Memo(None)))
    assert measured(Reader(Mute(), Memo(None)), loss=False).figures


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"questions": []}, UsageError),
        ({"budgets": ()}, UsageError),
        ({"budgets": ("2 bits",)}, BudgetError),
    ],
)
def test_what_cannot_be_measured(options, error):
    with pytest.raises(error):
        measured(**options)


def test_figures_are_json_and_a_picture():
    found = measured(budgets=("20%", "40 tokens", "300 bytes"))
    text = json.dumps(found.to_dict(), allow_nan=False)
    assert {f["budget"] for f in json.loads(text)["figures"]} == {
        None,
        "20%",
        "40 tokens",
        "300 bytes",
    }
    assert all(f.met in (None, 1.0) for f in found.figures)
    root = ElementTree.fromstring(found.plot())
    assert "gold passage" in "".join(root.itertext())


def test_recipes_by_name():
    assert Recipe.named(" default ").models
    assert not Recipe.named("model-free").models
    assert Recipe.named("rank >> extract").name == "rank(bm25) >> extract(mmr)"
    with pytest.raises(UsageError):
        Recipe.named("defualt")
