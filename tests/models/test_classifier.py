from pathlib import Path

import numpy as np
import pytest

from attar.errors import ModelError
from attar.models.classifier import TokenClassifier
from tests.models.conftest import token_classifier

TEXTS = ["The quick brown fox.", "", "Ein Käfer läuft über die Straße " * 6, "\ud800 \u200d"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return token_classifier(tmp_path_factory.mktemp("classifier"))


def test_chances_are_the_model_s_own(folder: Path) -> None:
    import torch
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    classifier = TokenClassifier.open(str(folder))
    plain = AutoModelForTokenClassification.from_pretrained(folder).eval()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    for text, (offsets, chances) in zip(TEXTS, classifier.chances(TEXTS), strict=True):
        assert len(offsets) == len(chances) == classifier._tokenizer.count(text)
        assert np.isfinite(chances).all()
    text = TEXTS[0]
    with torch.no_grad():
        expected = plain(**tokenizer(text, return_tensors="pt")).logits[0, 1:-1].softmax(-1)
    found = classifier.chances(TEXTS)[0][1]
    np.testing.assert_allclose(found, expected.numpy(), atol=1e-5)


def test_a_long_text_is_read_in_parts(folder: Path) -> None:
    classifier = TokenClassifier.open(str(folder))
    count = classifier._tokenizer.count(TEXTS[2])
    assert count > 30  # the model has 32 positions
    assert classifier.chances(TEXTS[2:3])[0][1].shape == (count, 2)


def test_another_model_is_no_classifier(embedder_folder: Path, folder: Path) -> None:
    import shutil

    bert = next(p.parent for p in embedder_folder.rglob("model.safetensors"))
    if not (bert / "tokenizer.json").exists():
        shutil.copy(folder / "tokenizer.json", bert)
        shutil.copy(folder / "tokenizer_config.json", bert)
    with pytest.raises(ModelError, match="no token classifier"):
        TokenClassifier.open(str(bert))


def test_a_folder_without_a_model(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes((folder / "tokenizer.json").read_bytes())
    with pytest.raises(ModelError, match="cannot load the token classifier"):
        TokenClassifier.open(str(tmp_path))
