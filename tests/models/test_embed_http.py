import json
from typing import Any

import numpy as np
import pytest

from attar.errors import ModelError
from attar.models import Embedder, embedder
from attar.models.embed_http import HTTPEmbedder
from attar.models.http import Endpoint

from .conftest import Server


def _vector(text: str) -> list[float]:
    return [float(len(text)), 1.0, float(sum(map(ord, text)) % 7)]


def _backwards(body: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    rows = [{"index": i, "embedding": _vector(t)} for i, t in enumerate(body["input"])]
    return 200, {}, json.dumps({"data": rows[::-1]}).encode()


def _open(server: Server, **options: Any) -> HTTPEmbedder:
    return HTTPEmbedder(endpoint=Endpoint(server.url, "m", pause=0.001), **options)


def test_vectors_come_back_in_order_and_unit_length(server: Server) -> None:
    server.answer_with(_backwards)
    texts = [f"text {'x' * i}" for i in range(7)] + ["\ud800"]
    seen: list[tuple[str, int, int | None]] = []
    found = _open(server, batch=3).embed(texts, progress=lambda *call: seen.append(call))
    sent = [*texts[:-1], "\ufffd"]
    expected = np.array([_vector(t) for t in sent], np.float32)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert found.dtype == np.float32
    assert [len(body["input"]) for _, _, body in server.seen] == [3, 3, 2]
    assert seen == [("embed", n, 8) for n in (0, 3, 6, 8)]


def test_it_is_an_embedder(server: Server) -> None:
    server.answer_with(_backwards)
    found = embedder(server.url + "#model")
    assert isinstance(found, Embedder)
    assert found.name == server.url + "#model"
    assert found.dim == 3
    assert found.embed([]).shape == (0, 3)
    assert found.digest == embedder("http://elsewhere/v1#model").digest
    assert found.digest != embedder(server.url + "#other").digest


def test_an_empty_text_is_sent_as_a_space(server: Server) -> None:
    server.answer_with(_backwards)
    _open(server).embed([""])
    assert server.seen[0][2]["input"] == [" "]


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"data": 3},
        {"data": [{"index": 0}]},
        {"data": [{"index": 0, "embedding": "x"}]},
        {"data": [{"index": 0, "embedding": []}]},
        {"data": [{"index": 0, "embedding": [float("nan")]}]},
        {"data": []},
        {"data": [{"index": 1, "embedding": [1.0]}]},
        {"data": [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]},
    ],
)
def test_nonsense_is_one_sentence(server: Server, answer: Any) -> None:
    server.answer(answer)
    with pytest.raises(ModelError, match="answered a request for embeddings with"):
        _open(server).embed(["a"])


def test_widths_must_agree(server: Server) -> None:
    server.answer({"data": [{"index": 0, "embedding": [1.0]}]})
    server.answer({"data": [{"index": 0, "embedding": [1.0, 2.0]}]})
    with pytest.raises(ModelError, match="different widths"):
        _open(server, batch=1).embed(["a", "b"])
