from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attar.models import surprisal
from attar.models.lm_local import LocalLanguageModel
from attar.models.surprisal import SurprisalReader

TEXTS = [
    "The quick brown fox jumps over the lazy dog.",
    "A",
    "Ein Käfer läuft über die Straße; 😀 東京.",
    "x " * 30,
]


@pytest.fixture(scope="module")
def lm(lm_folder: Path) -> LocalLanguageModel:
    return LocalLanguageModel.open(lm_folder)


def _surprisals(reader: SurprisalReader, rows: list[list[int]]) -> list[np.ndarray]:
    found = {i: reader.surprisal(states[:-1], rows[i][1:]) for i, states in reader.read(rows)}
    return [found[i] for i in range(len(rows))]


def _rows(lm: LocalLanguageModel) -> list[list[int]]:
    return [[0, *lm.tokenizer.ids(text)] for text in TEXTS]


def test_they_are_the_model_s_own(lm: LocalLanguageModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(surprisal, "_BATCH_TOKENS", {"cpu": 64})
    monkeypatch.setattr(surprisal, "_LOGITS", 7)
    found = _surprisals(SurprisalReader(lm.module, exact=True), _rows(lm))
    for text, values in zip(TEXTS, found, strict=True):
        np.testing.assert_allclose(values, -lm.log_likelihood(text), atol=1e-4)


def test_a_model_that_scales_its_logits() -> None:
    import torch
    from transformers import GraniteConfig, GraniteForCausalLM

    torch.manual_seed(0)
    module = GraniteForCausalLM(
        GraniteConfig(
            vocab_size=50, hidden_size=16, intermediate_size=32, num_hidden_layers=1,
            num_attention_heads=2, num_key_value_heads=2, logits_scaling=3.0,
            bos_token_id=0, eos_token_id=1, pad_token_id=1, initializer_range=0.5,
        )
    ).eval()  # fmt: skip
    row = [0, 7, 9, 30, 2]
    (values,) = _surprisals(SurprisalReader(module, exact=True), [row])
    with torch.no_grad():
        chances = module(torch.tensor([row])).logits[0].log_softmax(-1)
    expected = [-float(chances[i, row[i + 1]]) for i in range(len(row) - 1)]
    np.testing.assert_allclose(values, expected, atol=1e-5)


def test_what_is_read_quickly_is_nearly_the_same(lm: LocalLanguageModel) -> None:
    reader = SurprisalReader(lm.module)
    text = TEXTS[3]
    (values,) = _surprisals(reader, [[0, *lm.tokenizer.ids(text)]])
    expected = -lm.log_likelihood(text)
    assert np.abs(values - expected).mean() < 0.05 * np.abs(expected).mean()
    assert lm.module.dtype.itemsize == 4  # the model itself stays as it was


def test_odd_rows(lm: LocalLanguageModel) -> None:
    reader = SurprisalReader(lm.module)
    assert list(reader.read([])) == []
    states: dict[int, Any] = dict(reader.read([[], [3], []]))
    assert {i: len(s) for i, s in states.items()} == {0: 0, 1: 1, 2: 0}
    assert reader.surprisal(states[1][:0], []).shape == (0,)
