"""Each method's figures, beside the same computed step by step."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attar import models
from attar.context.prune import reading
from attar.context.prune.keepdrop import KeepDrop
from attar.context.prune.lingua import Lingua
from attar.context.prune.longlingua import RESTRICT, STEEPNESS, LongLingua
from attar.context.prune.method import descending, slope
from attar.context.prune.perception import Perception
from attar.context.prune.selective import Selective
from attar.context.prune.tcra import Tcra
from attar.errors import ModelError, UsageError
from attar.models import surprisal
from tests.context.asked import read
from tests.models.conftest import token_classifier

PARAGRAPHS = ["The quick brown fox jumps over the lazy dog.", "A pack holds what a corpus said."]
QUESTION = "Who jumps over the dog?"


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """In float32, so that figures can be compared digit for digit."""
    monkeypatch.setattr(surprisal, "_quick", lambda module: module)
    reading._opened.cache_clear()
    yield
    reading._opened.cache_clear()


@pytest.fixture
def task():
    return read(*PARAGRAPHS, question=QUESTION)[1]


def test_lingua_asks_how_surprising_tokens_are(lm_folder: Path, task) -> None:
    lm = models.language_model(str(lm_folder))
    method = Lingua(str(lm_folder), task)
    for text, tokens in zip(PARAGRAPHS, method.weigh(PARAGRAPHS), strict=True):
        np.testing.assert_allclose(tokens.values[:, 0], -lm.log_likelihood(text), atol=1e-4)
        assert tokens.offsets.tolist() == lm.tokenizer.offsets(text).tolist()
    expected = [-lm.log_likelihood(text).mean() for text in PARAGRAPHS]
    np.testing.assert_allclose(method.rank(PARAGRAPHS), expected, atol=1e-4)


def test_longlingua_asks_what_the_question_changes(lm_folder: Path, task) -> None:
    lm = models.language_model(str(lm_folder))
    method = LongLingua(str(lm_folder), task)
    asked = f"\n\n{QUESTION} {RESTRICT}"
    start = lm.hf_tokenizer.bos_token
    expected = [lm.log_likelihood(asked, start + text).mean() for text in PARAGRAPHS]
    np.testing.assert_allclose(method.rank(PARAGRAPHS), expected, atol=1e-4)
    for text, tokens in zip(PARAGRAPHS, method.weigh(PARAGRAPHS), strict=True):
        contrast = lm.log_likelihood(text, f"{start}{QUESTION}\n\n") - lm.log_likelihood(text)
        np.testing.assert_allclose(tokens.values[:, 0], contrast, atol=1e-4)
    np.testing.assert_allclose(method.changes(3), [STEEPNESS, 0.0, -STEEPNESS])


def test_perception_takes_some_by_the_question_and_the_rest_by_calm(lm_folder: Path, task) -> None:
    method = Perception(str(lm_folder), task)
    plain = Lingua(str(lm_folder), task).weigh(PARAGRAPHS)
    contrast = LongLingua(str(lm_folder), task).weigh(PARAGRAPHS)
    for tokens, a, b in zip(method.weigh(PARAGRAPHS), plain, contrast, strict=True):
        np.testing.assert_allclose(tokens.values, np.hstack([b.values, a.values]), atol=1e-5)
    values = np.array([[9.0, 5.0], [1.0, 1.0], [0.0, 3.0], [2.0, 9.0]])
    places = method.places(values, np.ones(4), share=1.0, number=0.5)
    # The open-book ratio in the middle is .2 of all: one of four, then from the least surprising.
    assert np.argsort(places).tolist() == [0, 1, 2, 3]


def test_a_text_longer_than_a_window_is_read_in_windows(
    lm_folder: Path, task, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attar.context.prune.reading._WINDOW", 24)
    monkeypatch.setattr("attar.context.prune.reading._OVERLAP", 8)
    lm = models.language_model(str(lm_folder))
    text = " ".join(PARAGRAPHS * 3)
    ids = lm.tokenizer.ids(text)
    (tokens,) = Lingua(str(lm_folder), task).weigh([text])
    assert len(tokens.values) == len(ids)
    begin, at = 16, 30  # the second window reads tokens 16 to 40
    logits = lm.logits([0, *ids[begin:at]])[-1].astype(np.float64)
    expected = np.log(np.exp(logits).sum()) - logits[ids[at]]
    assert abs(tokens.values[at, 0] - expected) < 1e-4
    assert np.isfinite(LongLingua(str(lm_folder), task).rank([text, "", "a"])).all()


def test_selective_cuts_phrases(lm_folder: Path, task) -> None:
    method = Selective(str(lm_folder), task)
    cut = [PARAGRAPHS[0][a:b] for a, b in method.cut(PARAGRAPHS[0])]
    assert cut[0] == "The quick brown fox jumps"
    assert method.everywhere


class Letters:
    """Embeds a text by which of its words it holds."""

    name = digest = "letters"

    def embed(self, texts):
        rows = np.array([[len(t), t.count("fox"), 1.0] for t in texts], np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_tcra_asks_what_a_sentence_loses(task) -> None:
    embedder = Letters()
    text = "A fox ran. It is late."
    (tokens,) = Tcra("default", replace(task, embedder=embedder)).weigh([text])
    assert " ".join(text[a:b] for a, b in tokens.offsets) == "A fox ran . It is late ."
    whole, without = embedder.embed(["A fox ran.", "A  ran."])
    assert tokens.values[1, 0] == pytest.approx(1 - float(whole @ without))
    assert int(tokens.values[:4].argmax()) == 1
    assert Tcra("default", replace(task, embedder=embedder)).weigh([]) == []


def test_keepdrop_asks_a_classifier(tmp_path: Path, task) -> None:
    from attar.models.classifier import TokenClassifier

    folder = str(token_classifier(tmp_path))
    (tokens,) = KeepDrop(folder, task).weigh(PARAGRAPHS[:1])
    ((offsets, chances),) = TokenClassifier.open(folder).chances(PARAGRAPHS[:1])
    np.testing.assert_array_equal(tokens.offsets, offsets)
    np.testing.assert_array_equal(tokens.values[:, 0], chances[:, 1])


def test_what_a_method_needs_is_said(lm_folder: Path, task) -> None:
    unasked = replace(task, question=None)
    for method in (LongLingua, Perception):
        with pytest.raises(UsageError, match="needs a question"):
            method(str(lm_folder), unasked)
    with pytest.raises(UsageError, match="needs a token classifier"):
        KeepDrop("default", task)
    with pytest.raises(ModelError, match="local model"):
        Lingua("http://localhost:1/v1#model", task)


def test_places_are_shares_of_the_text() -> None:
    costs = np.array([1.0, 2.0, 1.0])
    assert descending(np.array([5.0, 1.0, 3.0]), costs).tolist() == [0.125, 0.75, 0.375]
    assert descending(np.zeros(0), np.zeros(0)).shape == (0,)
    assert descending(np.ones(2), np.zeros(2)).tolist() == [0.0, 0.0]


def test_slopes_have_no_mean() -> None:
    assert slope(1, 0.3).tolist() == [0.0]
    assert slope(0, 0.3).tolist() == []
    for n in (2, 3, 10):
        assert abs(slope(n, 0.3).sum()) < 1e-12
