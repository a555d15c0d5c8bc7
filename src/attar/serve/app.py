"""The HTTP API of one pack; the JSON is that of the commands (docs/json.md)."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from importlib import resources
from typing import TYPE_CHECKING, Any

from attar.answer import ask
from attar.context import Passage, squeeze, squeeze_messages
from attar.errors import AttarError, MissingExtraError, UsageError
from attar.pack import Pack

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

MAX_BODY = 64 * 2**20
"""The longest request that is read, in bytes."""

Handler = Callable[[Mapping[str, Any]], Any]
Kind = type | tuple[type, ...]


def create_app(pack: Pack, *, model: str = "default") -> Starlette:
    """An ASGI application over an open pack.

    `GET /` is the page and `GET /info` what the pack holds. `POST /search`, `/squeeze` and
    `/ask` take a JSON object with the names of the commands' options and give what the commands
    print with `--json`; `/squeeze` also takes `messages` in place of `text`. An error is
    `{"error": "one sentence"}` with status 400 when the call was wrong and 500 when the work
    failed.

    Args:
        pack: what is searched; as it was when it was opened.
        model: the language model that answers.

    Raises:
        MissingExtraError: without the packages of `attar[serve]`.
    """
    try:
        from starlette.applications import Starlette
        from starlette.concurrency import run_in_threadpool
        from starlette.responses import HTMLResponse, JSONResponse
        from starlette.routing import Route
    except ImportError as error:
        raise MissingExtraError("serving over HTTP", "serve") from error

    page_text = resources.files("attar.serve").joinpath("page.html").read_text(encoding="utf-8")
    # One at a time: two cores gain nothing from more, and a language model holds one state.
    turn = threading.Lock()

    def answer(handler: Handler, request: Mapping[str, Any]) -> tuple[int, Any]:
        try:
            with turn:
                return 200, handler(request)
        except AttarError as error:
            return (400 if error.exit_status == 2 else 500), {"error": str(error)}

    def post(path: str, handler: Handler) -> Route:
        async def endpoint(request: Request) -> Response:
            try:
                body = await _body(request)
            except UsageError as error:
                return JSONResponse({"error": str(error)}, 400)
            status, data = await run_in_threadpool(answer, handler, body)
            return JSONResponse(data, status)

        return Route(path, endpoint, methods=["POST"])

    async def page(request: Request) -> Response:
        return HTMLResponse(page_text)

    async def info(request: Request) -> Response:
        return JSONResponse(pack.info().to_dict())

    def search(body: Mapping[str, Any]) -> Any:
        options: dict[str, Kind] = {
            "k": int,
            "mode": str,
            "group": int,
            "weight": (int, float),
            "fusion": str,
            "diversity": (int, float),
        }
        found = pack.search(_need(body, "question", str), **_some(body, options))
        return [hit.to_dict() for hit in found]

    def squeezed(body: Mapping[str, Any]) -> Any:
        from attar import models

        options: dict[str, Kind] = {
            "to": str,
            "protect": (list, str),
            "effort": str,
            "recipe": str,
            "mark": str,
        }
        given: dict[str, Any] = {
            "embedder": pack.embedder,
            "tokenizer": models.tokenizer(str(body.get("tokenizer", "default"))),
            **_some(body, options),
        }
        question = _need(body, "question", str) if body.get("question") is not None else None
        if "messages" in body:
            return squeeze_messages(_need(body, "messages", list), question, **given).to_dict()
        text = _need(body, "text", str)
        source, kind = str(body.get("source", "")), str(body.get("kind", "text"))
        return squeeze([Passage(text, source=source, kind=kind)], question, **given).to_dict()

    def answered(body: Mapping[str, Any]) -> Any:
        options = _some(body, {"to": str, "k": int})
        return ask(pack, _need(body, "question", str), model=model, **options).to_dict()

    return Starlette(
        routes=[
            Route("/", page),
            Route("/info", info),
            post("/search", search),
            post("/squeeze", squeezed),
            post("/ask", answered),
        ]
    )


async def _body(request: Request) -> Mapping[str, Any]:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > MAX_BODY:
            raise UsageError(f"the request is longer than {MAX_BODY:,} bytes: send less at a time")
    try:
        body = json.loads(bytes(data))
    except (ValueError, RecursionError):
        raise UsageError("the request is not JSON: send an object") from None
    if not isinstance(body, dict):
        raise UsageError("the request is not a JSON object: send names and values")
    return body


def _need(body: Mapping[str, Any], name: str, kind: Kind) -> Any:
    if not isinstance(body.get(name), kind):
        kinds = kind if isinstance(kind, tuple) else (kind,)
        named = "number" if float in kinds else " or ".join(k.__name__ for k in kinds)
        raise UsageError(f"the request needs {name!r}, a {named}")
    return body[name]


def _some(body: Mapping[str, Any], kinds: Mapping[str, Kind]) -> dict[str, Any]:
    """Those of the optional values that the request holds, each of its kind."""
    return {name: _need(body, name, kind) for name, kind in kinds.items() if name in body}
