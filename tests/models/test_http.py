import pytest

from attar.errors import ModelError
from attar.models.http import Endpoint

from .conftest import Server


def _endpoint(server: Server, **options: float) -> Endpoint:
    return Endpoint(server.url, "m", pause=0.001, **options)  # type: ignore[arg-type]


def test_the_model_and_the_payload_are_sent(server: Server) -> None:
    server.answer({"ok": 1})
    assert _endpoint(server).post("/x", {"a": "é"}) == {"ok": 1}
    path, headers, body = server.seen[0]
    assert path == "/v1/x"
    assert body == {"model": "m", "a": "é"}
    assert "authorization" not in headers


def test_the_key_comes_from_the_environment(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.answer({})
    monkeypatch.setenv("OPENAI_API_KEY", "general")
    _endpoint(server).post("/x", {})
    monkeypatch.setenv("ATTAR_API_KEY", "own")
    _endpoint(server).post("/x", {})
    assert [h["authorization"] for _, h, _ in server.seen] == ["Bearer general", "Bearer own"]


def test_the_key_is_never_shown(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ATTAR_API_KEY", "sk-secret")
    server.answer({"error": {"message": "bad key sk-secret"}}, 401)
    endpoint = _endpoint(server)
    with pytest.raises(ModelError, match=r"bad key \*\*\*; set ATTAR_API_KEY") as caught:
        endpoint.post("/x", {})
    assert "sk-secret" not in str(caught.value) + repr(endpoint) + endpoint.name


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_what_may_pass_is_tried_again(server: Server, status: int) -> None:
    server.answer("busy", status)
    server.answer("busy", status, retry_after="0")
    server.answer({"ok": 1})
    assert _endpoint(server).post("/x", {}) == {"ok": 1}
    assert len(server.seen) == 3


def test_in_the_end_it_gives_up(server: Server) -> None:
    server.answer({"error": "too many"}, 429, retry_after="soon")
    with pytest.raises(ModelError, match="status 429: too many; wait"):
        _endpoint(server, retries=2).post("/x", {})
    assert len(server.seen) == 3


@pytest.mark.parametrize(
    ("status", "said"), [(400, "status 400: no"), (401, "KEY"), (403, "KEY"), (404, "/v1")]
)
def test_a_refusal_is_not_tried_again(server: Server, status: int, said: str) -> None:
    server.answer({"error": {"message": "no"}}, status)
    with pytest.raises(ModelError, match=said):
        _endpoint(server).post("/x", {})
    assert len(server.seen) == 1


def test_pages_of_html_are_not_quoted(server: Server) -> None:
    server.answer(b"<html>Gateway</html>", 400)
    with pytest.raises(ModelError) as caught:
        _endpoint(server).post("/x", {})
    assert "html" not in str(caught.value)


@pytest.mark.parametrize("body", [b"", b"{", b"<html>", b"\xff\xfe{"])
def test_broken_json_is_one_sentence(server: Server, body: bytes) -> None:
    server.answer(body)
    with pytest.raises(ModelError, match="did not answer with JSON"):
        _endpoint(server).post("/x", {})


def test_nobody_there() -> None:
    with pytest.raises(ModelError, match="cannot be reached"):
        Endpoint("http://127.0.0.1:9/v1", "m", retries=1, pause=0.001).post("/x", {})


def test_no_url() -> None:
    with pytest.raises(ModelError, match="URL"):
        Endpoint("http://[", "m", retries=0).post("/x", {})


def test_a_slow_server_times_out(server: Server) -> None:
    import time

    def sleepy(_: object) -> tuple[int, dict[str, str], bytes]:
        time.sleep(0.3)
        return 200, {}, b"{}"

    server.answer_with(sleepy)
    with pytest.raises(ModelError, match="did not answer in time"):
        _endpoint(server, retries=1, timeout=0.05).post("/x", {})


def test_a_stream_gives_events_as_they_come(server: Server) -> None:
    server.answer(
        b': hello\n\nevent: x\ndata: {"a": 1}\n\ndata:{"a": 2}\n\ndata: [DONE]\n\ndata: {}'
    )
    assert list(_endpoint(server).stream("/x", {})) == [{"a": 1}, {"a": 2}]
    assert server.seen[0][2]["stream"] is True


def test_a_stream_is_tried_again_before_its_first_byte(server: Server) -> None:
    server.answer("busy", 503)
    server.answer(b'data: {"a": 1}\n\n')
    assert list(_endpoint(server).stream("/x", {})) == [{"a": 1}]


def test_a_stream_that_breaks_off_says_so(server: Server) -> None:
    server.answer(b'data: {"a": 1}\n\n', content_length="1000")
    events = _endpoint(server, timeout=0.2).stream("/x", {})
    assert next(events) == {"a": 1}
    with pytest.raises(ModelError, match="broke off"):
        list(events)
    assert len(server.seen) == 1


def test_the_only_model_needs_no_name(server: Server) -> None:
    server.answer({"data": [{"id": "org/one"}]})
    endpoint = Endpoint.parse(server.url + "/")
    assert endpoint.model == "org/one"
    assert Endpoint.parse(endpoint.name) == endpoint


def test_of_many_models_one_must_be_named(server: Server) -> None:
    server.answer({"data": [{"id": "a"}, {"id": "b"}]})
    with pytest.raises(ModelError, match=r"has 2 models \(a, b\): name one"):
        Endpoint.parse(server.url)
    server.answer({"models": 3})
    server.replies.pop(0)
    with pytest.raises(ModelError, match="does not list its models"):
        Endpoint.parse(server.url)
