"""A masked language model as a sparse encoder, and queries without one."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from attar.errors import ModelError
from attar.models.splade import Splade
from attar.models.token_weights import TokenWeights
from attar.models.tokenizers import HFTokenizer

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "wing", "##ed", "horse", "air", "é", "語"]
TEXTS = ["winged horse", "", "air " * 60, "é 語 unknown \ud800", "horse"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random BERT of two layers with a window of 32 tokens."""
    torch = pytest.importorskip("torch")
    from transformers import BertConfig, BertForMaskedLM

    path = tmp_path_factory.mktemp("splade")
    rust = Tokenizer(models.WordPiece({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    rust.normalizer = normalizers.Lowercase()
    rust.pre_tokenizer = pre_tokenizers.Whitespace()
    rust.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    rust.save(str(path / "tokenizer.json"))
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "pad_token": "[PAD]",
        "unk_token": "[UNK]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    (path / "tokenizer_config.json").write_text(json.dumps(config))
    torch.manual_seed(0)
    BertForMaskedLM(
        BertConfig(
            vocab_size=len(WORDS),
            hidden_size=16,
            num_hidden_layers=2,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=32,
            initializer_range=1.0,
        )
    ).save_pretrained(path)
    return path


def plain(folder: Path, text: str) -> dict[str, float]:
    """One text alone, the formula as it is printed."""
    import torch
    from transformers import AutoModelForMaskedLM

    text = text.replace("\ud800", "\ufffd")
    model = AutoModelForMaskedLM.from_pretrained(folder).eval()
    ids = [2, *HFTokenizer.open(folder).ids(text)[:30], 3]
    with torch.inference_mode():
        logits = model(torch.tensor([ids])).logits[0].numpy()
    weights = np.log1p(np.maximum(logits, 0)).max(0)
    return {WORDS[i]: float(w) for i, w in enumerate(weights) if w > 0}


def test_weights_are_those_of_the_formula(folder: Path) -> None:
    rows = Splade.open(str(folder)).encode(TEXTS)
    assert any(rows)
    for text, row in zip(TEXTS, rows, strict=True):
        assert row == pytest.approx(plain(folder, text), abs=1e-4)


def test_nothing_to_encode(folder: Path) -> None:
    assert Splade(folder).encode([]) == []


def test_a_folder_without_a_model_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"sparse encoder"):
        Splade(tmp_path).encode(["a"])


def test_queries_from_a_table(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    (tmp_path / "idf.json").write_text(json.dumps({"wing": 2.5, "##ed": 0.5, "air": 0}))
    table = TokenWeights.open(tmp_path)
    assert table.encode("Winged wing AIR horse") == {"wing": 2.5, "##ed": 0.5}
    assert table.encode("") == {}
    by_frequency = TokenWeights.of(table.tokenizer, [("wing", 1), ("horse", 4)], 4)
    assert by_frequency.encode("horse wing") == pytest.approx(
        {"wing": math.log(1 + 3.5 / 1.5), "horse": math.log(1 + 0.5 / 4.5)}
    )


@pytest.mark.parametrize("table", ["", "[1]", '{"a": "x"}', '{"a": -1}', '{"a": NaN}'])
def test_wrong_tables_are_refused(tmp_path: Path, table: str) -> None:
    (tmp_path / "idf.json").write_text(table)
    with pytest.raises(ModelError, match=r"idf\.json"):
        TokenWeights.open(tmp_path)
