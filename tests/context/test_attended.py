"""Attention by unit, against the whole attention of a small model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from attar.context import EvaluatorHeads, GemFilter, QuestionLikelihood, Rank, Sentinel, parse
from attar.context import attended as attended_module
from attar.context.attended import attended, layers_of, local_model
from attar.errors import AttarError, ModelError, UsageError
from tests.context.asked import kept, read

TEXT = "The fox runs. The dog sleeps."


@pytest.fixture
def model(lm_folder: Path) -> str:
    local_model.cache_clear()
    return str(lm_folder)


def test_a_unit_counts_by_its_mean_token(model):
    context, task = read(TEXT, question="Who?")
    lm = local_model(model)
    opening = lm.tokenizer.ids(attended_module._OPENING)
    text = lm.tokenizer.ids(TEXT)
    asked = lm.tokenizer.ids("\n\nQuestion: Who?\nAnswer:")
    whole = lm.attentions([*opening, *text, *asked])
    ends = lm.tokenizer.offsets(TEXT)[:, 1]
    first = np.flatnonzero(ends <= 13) + len(opening)
    for asking, rows in ((1, slice(-1, None)), (None, slice(-len(asked), None))):
        found = attended(context, task, model, asking=asking)
        assert found.shape == (2, 2, 4)
        expected = whole[:, :, rows][:, :, :, first].mean(axis=(2, 3))
        np.testing.assert_allclose(found[0], expected, atol=1e-5)
    assert attended(context, task, model, depth=1).shape == (2, 1, 4)
    assert layers_of(model) == 2


def test_a_long_text_is_read_in_windows(model):
    # The small model reads 96 tokens: far fewer than this text has.
    context, task = read("\n\n".join(f"The fox {i} runs over the dog." for i in range(30)),
                         question="Who?")  # fmt: skip
    found = attended(context, task, model)
    assert found.shape[0] == len(context.units)
    assert (found > 0).all()


def test_a_unit_longer_than_the_window_is_read_in_part(model):
    context, task = read("fox " * 200, question="Who?")
    assert (attended(context, task, model) >= 0).all()
    assert len(attended(*read("", question="Who?"), model)) == 0


@pytest.mark.parametrize(
    "stage",
    [
        GemFilter(),
        GemFilter(depth=0.3, weight=1.0),
        EvaluatorHeads(),
        EvaluatorHeads(model="x", heads=((1, 2), (0, 3))),
        Sentinel(weight=0.25),
        QuestionLikelihood(model="some/model", reach=2.0),
    ],
)
def test_recipes_read_back(stage):
    assert parse(repr(stage)) == stage


@pytest.mark.parametrize(
    "recipe",
    [
        "gemfilter(depth=0)",
        "gemfilter(default)",
        "ehpc(model='x')",
        "ehpc(heads=())",
        "ehpc(heads=((1,),))",
        "ehpc(heads=((-1, 2),))",
        "sentinel(qwen)",
        "upr(reach=0)",
    ],
)
def test_what_cannot_be_is_refused(recipe):
    with pytest.raises(UsageError):
        parse(recipe)


def stages(model):
    return [
        GemFilter(model),
        EvaluatorHeads(model, heads=((0, 1), (1, 3))),
        QuestionLikelihood(model),
    ]


def test_stages_score_all_units_and_keep_them(model):
    for stage in stages(model):
        context, task = read(TEXT, "A pack holds a corpus.", question="What does the fox do?")
        found = stage.apply(context, task)
        assert np.isfinite(found.scores).all()
        assert np.ptp(found.scores) > 0
        assert len(kept(found)) == 3
        empty, task = read("", question="Who?")
        assert stage.apply(empty, task) is empty


def test_weight_decides_beside_an_earlier_ranking(model):
    context, task = read(TEXT, "A pack holds a corpus.", question="What does the fox do?")
    ranked = Rank().apply(context, task)
    for make in (
        lambda w: GemFilter(model, weight=w),
        lambda w: EvaluatorHeads(model, heads=((0, 1),), weight=w),
        lambda w: QuestionLikelihood(model, weight=w),
    ):
        same = make(0.0).apply(ranked, task).scores
        assert np.argsort(same).tolist() == np.argsort(ranked.scores).tolist()
        alone = make(0.5).apply(context, task).scores
        much = make(1e6).apply(ranked, task).scores
        assert np.argsort(much).tolist() == np.argsort(alone).tolist()


def test_what_is_missing_is_one_clear_error(model):
    for stage in stages(model):
        context, task = read(TEXT)
        with pytest.raises(UsageError, match="needs a question"):
            stage.apply(context, task)
    context, task = read(TEXT, question="Who?")
    with pytest.raises(UsageError, match="2 layers of 4 heads"):
        EvaluatorHeads(model, heads=((5, 0),)).apply(context, task)
    with pytest.raises(ModelError, match="local"):
        GemFilter("http://localhost:1/v1#m").apply(context, task)
    with pytest.raises(AttarError):
        QuestionLikelihood("http://localhost:1/v1#m").apply(context, task)


@pytest.mark.model
@pytest.mark.parametrize("stage", [Sentinel(), EvaluatorHeads(), GemFilter(), QuestionLikelihood()])
def test_the_default_model_finds_what_is_asked_for(stage):
    local_model.cache_clear()
    context, task = read(
        "Cooking with butter is common in the north.",
        "The bridge over the river was built by Roman engineers.",
        "Football is played there on Sundays.",
        question="Who built the bridge over the river?",
    )
    assert int(np.argmax(stage.apply(context, task).scores)) == 1
