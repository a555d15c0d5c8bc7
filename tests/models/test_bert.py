"""The numpy forward pass against transformers, on MiniLM and on what it must leave alone."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from attar import models
from attar.models.bert import Bert
from attar.models.embed_local import LocalEmbedder


def test_the_same_vectors_as_torch(embedder_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    texts = ["", "fox", "The lazy dog.", "Käfer " * 40, "東京 😀"]
    quick = np.concatenate([LocalEmbedder(embedder_folder).embed([t]) for t in texts])
    monkeypatch.setattr("attar.models.embed_local._SHORT_TOKENS", 0)
    slow = LocalEmbedder(embedder_folder).embed(texts)
    np.testing.assert_allclose(quick, slow, atol=2e-6)


@pytest.mark.parametrize(
    ("file", "change"),
    [
        ("config.json", {"model_type": "roberta"}),
        ("config.json", {"hidden_act": "relu"}),
        ("config.json", {"position_embedding_type": "relative_key"}),
        ("1_Pooling/config.json", {"pooling_mode_max_tokens": True}),
        ("1_Pooling/config.json", {"pooling_mode": "max"}),
    ],
)
def test_other_models_are_left_alone(
    embedder_folder: Path, tmp_path: Path, file: str, change: dict[str, object]
) -> None:
    folder = shutil.copytree(embedder_folder, tmp_path / "model")
    assert Bert.open(folder) is not None
    config = json.loads((folder / file).read_text())
    (folder / file).write_text(json.dumps(config | change))
    assert Bert.open(folder) is None
    assert Bert.open(tmp_path) is None


@pytest.mark.model
def test_a_question_needs_no_torch() -> None:
    code = (
        "import sys; from attar import models;"
        "v = models.embedder().embed(['what is lift?']);"
        "print(v.shape, abs((v ** 2).sum() - 1) < 1e-5, 'torch' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "(1, 384) True False"


@pytest.mark.model
def test_minilm(monkeypatch: pytest.MonkeyPatch) -> None:
    from attar.models.names import embedder

    texts = ["what is the drag of a wing at high speed?", "green tea"]
    quick = models.embedder().embed(texts)
    local = embedder("default")
    monkeypatch.setattr("attar.models.embed_local._SHORT_TOKENS", 0)
    np.testing.assert_allclose(local.embed(texts), quick, atol=2e-6)
