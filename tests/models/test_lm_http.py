import json
from typing import Any

import pytest

from attar.errors import ModelError
from attar.models import LanguageModel, language_model
from attar.models.http import Endpoint
from attar.models.lm_http import HTTPLanguageModel

from .conftest import Server


def _events(*pieces: str | None) -> bytes:
    chunks: list[Any] = [{"choices": [{"delta": {"role": "assistant"}}]}]
    chunks += [{"choices": [{"delta": {"content": piece}}]} for piece in pieces]
    chunks += [{"choices": [{"delta": {}, "finish_reason": "stop"}]}, {"choices": [], "usage": {}}]
    lines = [f"data: {json.dumps(chunk)}\n\n" for chunk in chunks]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()


def _open(server: Server) -> HTTPLanguageModel:
    return HTTPLanguageModel(endpoint=Endpoint(server.url, "m", pause=0.001))


def test_pieces_are_streamed(server: Server) -> None:
    server.answer(_events("Hel", None, "", "lo é"))
    assert list(_open(server).generate("hi", max_tokens=9, seed=3)) == ["Hel", "lo é"]
    path, _, body = server.seen[0]
    assert path == "/v1/chat/completions"
    assert body["messages"] == [{"role": "user", "content": "hi"}]
    assert (body["max_tokens"], body["temperature"], body["seed"]) == (9, 0.0, 3)


def test_turns_are_sent_as_they_are(server: Server) -> None:
    server.answer(_events("ok"))
    list(_open(server).generate([{"role": "system", "content": "a\ud800"}]))
    assert server.seen[0][2]["messages"] == [{"role": "system", "content": "a\ufffd"}]


def test_stop_strings_across_pieces(server: Server) -> None:
    server.answer(_events("one <", "/st", "op> two"))
    assert "".join(_open(server).generate("x", stop=["</stop>"])) == "one "


def test_it_is_a_language_model(server: Server) -> None:
    model = language_model(server.url + "#m")
    assert isinstance(model, LanguageModel)
    assert model.name == server.url + "#m"
    assert model.context_tokens is None
    with pytest.raises(ModelError, match="use a local model"):
        model.log_likelihood("a")


def test_an_error_inside_the_stream(server: Server) -> None:
    server.answer(b'data: {"error": {"message": "out of memory"}}\n\n')
    with pytest.raises(ModelError, match="out of memory"):
        list(_open(server).generate("x"))


@pytest.mark.parametrize("event", ["[]", "3", "{}", '{"choices": [{}]}', '{"choices": [3]}'])
def test_another_stream_is_one_sentence(server: Server, event: str) -> None:
    server.answer(f"data: {event}\n\n".encode())
    with pytest.raises(ModelError, match="streamed something else"):
        list(_open(server).generate("x"))
