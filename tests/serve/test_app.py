"""The HTTP API over a real pack; the application is called in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from attar.models.tokenizers import Utf8Bound
from attar.pack import Document, Pack
from attar.progress import Progress, silent

pytest.importorskip("starlette")
from starlette.testclient import TestClient

from attar.serve import create_app

TEXT = "A wing makes lift. Its drag grows with the square of speed. Tea is a drink."


class Letters:
    """Counts letters: texts that share letters are near each other."""

    name, digest, dim, max_tokens = "letters", "letters-1", 32, 512
    tokenizer = Utf8Bound()

    def embed(self, texts: Sequence[str], *, progress: Progress = silent) -> NDArray[np.float32]:
        rows = np.ones((len(texts), self.dim), np.float32)
        for row, text in zip(rows, texts, strict=True):
            for char in text:
                row[ord(char) % self.dim] += 1
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    folder: Path = tmp_path_factory.mktemp("serve") / "docs.attar"
    with Pack.create(folder, embedder=Letters()) as pack:
        pack.add([Document("wings", "wings.txt", TEXT)])
        yield TestClient(create_app(pack))


def test_page_and_info(client: TestClient) -> None:
    assert "<title>Attar</title>" in client.get("/").text
    assert client.get("/info").json()["documents"] == 1


def test_search(client: TestClient) -> None:
    hits = client.post("/search", json={"question": "drag of a wing", "k": 3}).json()
    assert [set(h) for h in hits] == [{"id", "source", "start", "end", "score", "text"}]
    assert TEXT[hits[0]["start"] : hits[0]["end"]] == hits[0]["text"]


def test_search_takes_the_options_of_the_command(client: TestClient) -> None:
    options = {"group": True, "weight": 1, "fusion": "rrf", "diversity": 0.5, "mode": "hybrid"}
    hits = client.post("/search", json={"question": "drag of a wing", **options}).json()
    assert [h["id"] for h in hits] == ["wings"]
    assert len(client.post("/search", json={"question": "drag", "group": 2}).json()) == 1


def test_squeeze(client: TestClient) -> None:
    body = {"text": TEXT, "question": "What makes lift?", "to": "30 tokens", "tokenizer": "utf-8"}
    data = client.post("/squeeze", json=body).json()
    assert data["tokens_after"] <= 30
    assert data["text"] in TEXT


def test_squeeze_takes_a_recipe_protection_and_an_effort(client: TestClient) -> None:
    body = {
        "text": TEXT * 3,
        "question": "What makes lift?",
        "to": "60 tokens",
        "tokenizer": "utf-8",
        "recipe": "rank(bm25) >> extract(top)",
        "effort": "high",
        "protect": ["Tea is"],
        "mark": "[...]",
        "kind": "prose",
    }
    data = client.post("/squeeze", json=body).json()
    assert data["tokens_after"] <= 60
    assert data["text"].count("Tea is") == 3
    assert "[...]" in data["text"]


def test_squeeze_takes_the_messages_of_a_chat(client: TestClient) -> None:
    chat = [{"role": "system", "content": "Be brief."}]
    for i in range(9):
        chat.append({"role": "user", "content": f"What about {i}? {TEXT}"})
        chat.append({"role": "assistant", "content": f"It is {i}. {TEXT}"})
    chat.append({"role": "user", "content": "And tea?"})
    body = {"messages": chat, "to": "300 tokens", "tokenizer": "utf-8"}
    data = client.post("/squeeze", json=body).json()
    assert data["tokens_after"] <= 300
    assert [data["messages"][i] for i in (0, -1)] == [chat[0], chat[-1]]
    assert [chat[i]["role"] for i in data["numbers"]] == [m["role"] for m in data["messages"]]


@pytest.mark.model
def test_ask_says_that_nothing_was_found(client: TestClient) -> None:
    data = client.post("/ask", json={"question": "zzzz qqqq"}).json()
    assert set(data) == {"answer", "sources", "report"}


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/search", b"not json", "not JSON"),
        ("/search", b"[1]", "not a JSON object"),
        ("/search", b"{}", "needs 'question'"),
        ("/search", b'{"question": "  "}', "empty"),
        ("/search", b'{"question": "wing", "k": "many"}', "needs 'k'"),
        ("/search", b'{"question": "wing", "mode": "magic"}', "magic"),
        ("/search", b'{"question": "wing", "diversity": 2}', "diversity"),
        ("/search", b'{"question": "wing", "weight": "much"}', "needs 'weight', a number"),
        ("/search", b'{"question": "wing", "fusion": "best"}', "known: minmax"),
        ("/search", b'{"question": "wing", "group": -1}', "group"),
        ("/squeeze", b'{"text": "a b c", "to": "many"}', "budget"),
        ("/squeeze", b'{"to": "9 tokens"}', "needs 'text'"),
        ("/squeeze", b'{"text": "a b c", "effort": "most"}', "no effort 'most'"),
        ("/squeeze", b'{"text": "a b c", "question": 3}', "needs 'question', a str"),
        ("/squeeze", b'{"text": "a b c", "protect": 3}', "needs 'protect', a list or str"),
        ("/squeeze", b'{"text": "a b c", "to": "1 tokens", "recipe": "best"}', "best"),
        ("/squeeze", b'{"messages": [{"content": "a"}]}', "message 0 has no role"),
        ("/squeeze", b'{"messages": "a"}', "needs 'messages'"),
        ("/search", b"[" * 100_000, "not JSON"),
    ],
)
def test_wrong_calls_are_one_sentence(
    client: TestClient, path: str, body: bytes, says: str
) -> None:
    reply = client.post(path, content=body)
    assert reply.status_code == 400
    assert says in reply.json()["error"]
    assert "\n" not in reply.json()["error"]


def test_a_request_that_is_too_long(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("attar.serve.app.MAX_BODY", 100)
    reply = client.post("/search", content=b'{"question": "' + b"a" * 200 + b'"}')
    assert reply.status_code == 400
    assert "longer than" in reply.json()["error"]
