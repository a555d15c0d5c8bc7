import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.errors import ModelError
from attar.models import Embedder, embedder
from attar.models.embed_local import LocalEmbedder, batches, unit

TEXTS = ["", "fox", "The lazy dog.", "Käfer " * 40, "東京 😀", "a\ud800b", " \n"]


@pytest.fixture(scope="module")
def local(embedder_folder: Path) -> LocalEmbedder:
    return LocalEmbedder(embedder_folder)


def test_vectors_are_those_of_sentence_transformers(local: LocalEmbedder) -> None:
    from sentence_transformers import SentenceTransformer

    plain = SentenceTransformer(local.name, device="cpu")
    texts = [t.replace("\ud800", "\ufffd") for t in TEXTS]
    expected = plain.encode(texts, normalize_embeddings=True)
    np.testing.assert_allclose(local.embed(TEXTS), expected, atol=2e-6)


def test_shape_and_length(local: LocalEmbedder) -> None:
    found = local.embed(TEXTS)
    assert found.shape == (len(TEXTS), local.dim) == (7, 24)
    assert found.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(found, axis=1), 1, atol=1e-6)
    assert local.embed([]).shape == (0, 24)
    assert isinstance(local, Embedder)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(max_size=60), min_size=1, max_size=6), st.randoms())
def test_company_does_not_matter(local: LocalEmbedder, texts: list[str], random: object) -> None:
    together = local.embed(texts)
    alone = np.concatenate([local.embed([text]) for text in texts])
    np.testing.assert_allclose(together, alone, atol=2e-6)
    assert local.embed(texts).tobytes() == together.tobytes()


def test_what_follows_max_tokens_is_ignored(local: LocalEmbedder) -> None:
    assert local.max_tokens == 16 - 2
    words = "dog " * 40
    at = int(local.tokenizer.offsets(words)[local.max_tokens - 1, 1])
    one, two, three = local.embed([words, words[:at], words[: at - 4]])
    np.testing.assert_allclose(one, two, atol=2e-6)
    assert abs(one - three).max() > 1e-4


def test_progress(local: LocalEmbedder) -> None:
    calls: list[tuple[str, int, int | None]] = []
    LocalEmbedder(Path(local.name), batch_tokens=16).embed(
        TEXTS * 4, progress=lambda *call: calls.append(call)
    )
    assert calls[0] == ("embed", 0, 28)
    assert calls[-1] == ("embed", 28, 28)
    assert sorted(calls) == calls
    assert len(calls) > 3


def test_digest_follows_what_shapes_the_vectors(local: LocalEmbedder, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(local.name, copy)
    assert LocalEmbedder(copy).digest == local.digest
    (copy / "README.md").write_text("another")
    assert LocalEmbedder(copy).digest == local.digest
    config = next(copy.glob("*Pooling/config.json"))
    config.write_text(config.read_text().replace("mean", "cls"))
    assert LocalEmbedder(copy).digest != local.digest


def test_opening_reads_no_weights(embedder_folder: Path, tmp_path: Path) -> None:
    shutil.copy(embedder_folder / "tokenizer.json", tmp_path)
    empty = embedder(str(tmp_path))
    assert empty.tokenizer.count("fox") > 0
    with pytest.raises(ModelError, match="cannot load the embedder"):
        empty.embed(["fox"])


@given(st.lists(st.integers(0, 50), max_size=40), st.integers(1, 100))
def test_batches_hold_their_budget(lengths: list[int], budget: int) -> None:
    tokens = np.array(lengths, np.int64)
    found = list(batches(tokens, budget))
    assert sorted(np.concatenate([*found, np.empty(0, np.int64)])) == list(range(len(lengths)))
    for rows in found:
        assert len(rows) == 1 or len(rows) * tokens[rows].max() <= budget


def test_unit_leaves_zeros() -> None:
    rows = np.array([[3, 4], [0, 0]], np.float32)
    np.testing.assert_allclose(unit(rows), [[0.6, 0.8], [0, 0]])
