"""Requests to an OpenAI-compatible API: retries, streams and errors in one sentence."""

from __future__ import annotations

import json
import os
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urldefrag

import httpx

from attar.errors import ModelError

_AGAIN = frozenset({408, 429, 500, 502, 503, 504})
_LONGEST_WAIT = 30.0


@dataclass(frozen=True)
class Endpoint:
    """One model of an OpenAI-compatible API. The key comes from the environment at each call.

    Args:
        base: the URL up to and with the version ("http://host:8000/v1").
        model: the model's name there.
        retries: how often a request that may succeed later is sent again.
        pause: seconds before the first repetition; each later one doubles it.
        timeout: seconds without a byte after which a request counts as failed.
    """

    base: str
    model: str
    retries: int = 4
    pause: float = 0.5
    timeout: float = 120.0

    @classmethod
    def parse(cls, url: str) -> Endpoint:
        """Read "http://host:8000/v1#model"; without `#model` the server must have just one.

        Raises:
            ModelError: if the model has to be asked for and cannot be told.
        """
        base, model = urldefrag(url)
        base = base.rstrip("/")
        return cls(base, model or _only_model(cls(base, "", retries=1)))

    @property
    def name(self) -> str:
        """What reopens it."""
        return f"{self.base}#{self.model}"

    def post(self, path: str, payload: Mapping[str, Any]) -> Any:
        """Send JSON, give the JSON that comes back.

        Raises:
            ModelError: if the server cannot be reached, refuses, or answers nonsense.
        """
        with self._answer("POST", path, {"model": self.model, **payload}) as response:
            response.read()
            return self._json(response.text)

    def get(self, path: str) -> Any:
        """The JSON at `path`; errors as for `post`."""
        with self._answer("GET", path, None) as response:
            response.read()
            return self._json(response.text)

    def stream(self, path: str, payload: Mapping[str, Any]) -> Iterator[Any]:
        """Send JSON, give each server-sent event's JSON as it comes (HTML standard, 9.2).

        Nothing is sent again once the first event has been given out.

        Raises:
            ModelError: as for `post`, or if the stream breaks off.
        """
        payload = {"model": self.model, **payload, "stream": True}
        with self._answer("POST", path, payload) as response:
            try:
                for line in response.iter_lines():
                    field, _, value = line.partition(":")
                    if field != "data":
                        continue
                    if value.strip() == "[DONE]":
                        return
                    yield self._json(value)
            except httpx.HTTPError as error:
                raise ModelError(
                    f"the answer of {self.base} broke off ({type(error).__name__}): ask again"
                ) from error

    @contextmanager
    def _answer(self, method: str, path: str, payload: Any) -> Iterator[httpx.Response]:
        """An open response with status 200, after as many attempts as are allowed."""
        headers = {"Authorization": f"Bearer {key}"} if (key := _key()) else {}
        timeout = httpx.Timeout(self.timeout, connect=10.0)
        with httpx.Client(timeout=timeout, verify=_certificates()) as client:
            try:
                request = client.build_request(
                    method, self.base + path, json=payload, headers=headers
                )
            except (httpx.InvalidURL, UnicodeEncodeError) as error:
                raise ModelError(f"{self.base!r} is not a URL that can be asked") from error
            response = self._send(client, request)
            try:
                yield response
            finally:
                response.close()

    def _send(self, client: httpx.Client, request: httpx.Request) -> httpx.Response:
        for attempt in range(self.retries + 1):
            last = attempt == self.retries
            wait = self.pause * 2**attempt
            try:
                response = client.send(request, stream=True)
            except httpx.TransportError as error:
                # Nobody there is mostly a wrong URL, and the user should soon know.
                nobody = isinstance(error, httpx.ConnectError | httpx.ConnectTimeout)
                hopeless = isinstance(error, httpx.UnsupportedProtocol)
                if last or hopeless or (nobody and attempt):
                    raise ModelError(_unreachable(self.base, error)) from error
            else:
                if response.status_code == 200:
                    return response
                if response.status_code not in _AGAIN or last:
                    raise ModelError(self._refusal(response))
                wait = max(wait, _retry_after(response))
                response.close()
            time.sleep(min(wait, _LONGEST_WAIT))
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _refusal(self, response: httpx.Response) -> str:
        try:
            response.read()
            text = _message(response.text)
        except httpx.HTTPError:
            text = ""
        finally:
            response.close()
        if key := _key():
            text = text.replace(key, "***")
        said = f": {text}" if text else ""
        status = response.status_code
        todo = {
            401: "; set ATTAR_API_KEY (or OPENAI_API_KEY) to a valid key",
            403: "; the key in ATTAR_API_KEY or OPENAI_API_KEY may not use this",
            404: f"; check the URL, which should end in the version (/v1), and the model"
            f" {self.model!r}",
            429: "; wait, or ask for fewer at once",
        }.get(status, "")
        return f"{self.base} answered with status {status}{said}{todo}"

    def _json(self, text: str) -> Any:
        try:
            return json.loads(text)
        except ValueError as error:
            raise ModelError(
                f"{self.base} did not answer with JSON: is it an OpenAI-compatible API?"
            ) from error


@lru_cache(maxsize=1)
def _certificates() -> ssl.SSLContext:
    """Read once: it takes longer than a short request."""
    return httpx.create_ssl_context()


def _key() -> str:
    return (os.environ.get("ATTAR_API_KEY") or os.environ.get("OPENAI_API_KEY") or "").strip()


def _only_model(endpoint: Endpoint) -> str:
    answer = endpoint.get("/models")
    try:
        names = [str(entry["id"]) for entry in answer["data"]]
    except (TypeError, KeyError) as error:
        raise ModelError(
            f"{endpoint.base} does not list its models: name one, as in '{endpoint.base}#model'"
        ) from error
    if len(names) != 1:
        shown = ", ".join(names[:8]) + (", ..." if len(names) > 8 else "")
        raise ModelError(
            f"{endpoint.base} has {len(names)} models ({shown}):"
            f" name one, as in '{endpoint.base}#model'"
        )
    return names[0]


def _retry_after(response: httpx.Response) -> float:
    """Seconds that the server asks to wait (RFC 9110, 10.2.3); its date form is ignored."""
    try:
        return float(response.headers.get("retry-after", "0"))
    except ValueError:
        return 0.0


def _message(text: str) -> str:
    """What the server says went wrong, on one line."""
    try:
        error = json.loads(text)["error"]
        said = str(error["message"] if isinstance(error, dict) else error)
    except (ValueError, KeyError, TypeError):
        said = text if not text.lstrip().startswith("<") else ""
    return " ".join(said.split())[:300]


def _unreachable(base: str, error: httpx.TransportError) -> str:
    if isinstance(error, httpx.TimeoutException):
        return f"{base} did not answer in time: is it overloaded, or the model still loading?"
    return f"{base} cannot be reached ({error}): check the URL and that the server runs"
