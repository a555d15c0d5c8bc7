"""Workers on the machines of a Ray cluster."""

from __future__ import annotations

import importlib
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from attar.errors import AttarError, MissingExtraError, PackError

T = TypeVar("T")

_PATIENCE = 10.0  # seconds
ATTEMPTS = 3
"""How often a task is begun before its worker's death is believed to be the task's fault."""


class RayCluster:
    """The machines of a Ray cluster, building segments; a context manager.

    Attar and the embedder's packages must be installed on all of them. The machines need no
    common disk: documents go there and segments come back through Ray.

    Args:
        address: of the cluster's head, such as "10.0.0.1:6379" or "ray://10.0.0.1:10001";
            "auto" finds the one that this machine belongs to.

    Raises:
        MissingExtraError: if Ray is not installed.
        PackError: if there is no cluster at the address.
    """

    def __init__(self, address: str) -> None:
        try:
            ray: Any = importlib.import_module("ray")
        except ImportError:
            raise MissingExtraError("building on a Ray cluster", "ray") from None
        self._ray = ray
        self._ours = not ray.is_initialized()
        if self._ours:
            _check_reachable(address)
            try:
                ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR)
            except (ConnectionError, ValueError, RuntimeError) as error:
                raise PackError(
                    f"there is no Ray cluster at {address!r}: start one with `ray start`"
                ) from error
        self.size = max(1, int(ray.cluster_resources().get("CPU", 1)))
        self._run = ray.remote(_run).options(max_retries=ATTEMPTS - 1)

    def submit(self, task: Callable[..., T], /, *args: Any) -> _Job[T]:
        """Give a task away. Ray does it again if its worker or machine dies."""
        return _Job(self._ray, self._run.remote(task, args))

    def __enter__(self) -> RayCluster:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._ours:
            self._ray.shutdown()


def _check_reachable(address: str) -> None:
    """Ray itself would knock for minutes where nobody is.

    Raises:
        PackError: if nobody listens at the address.
    """
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not (host and port.isdecimal()):
        return
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()
    except OSError as error:
        raise PackError(
            f"there is no Ray cluster at {address!r}: start one with `ray start`"
        ) from error


@dataclass(frozen=True)
class _Job(Generic[T]):
    ray: Any
    reference: Any

    def result(self) -> T:
        """What came of the task."""
        try:
            value: T = self.ray.get(self.reference)
        except self.ray.exceptions.RayTaskError as error:
            if isinstance(error.cause, AttarError):
                raise error.cause from None
            raise
        except self.ray.exceptions.RayError as error:
            raise PackError(
                f"a machine of the Ray cluster failed {ATTEMPTS} times; the pack is as it was"
                " before"
            ) from error
        return value


def _run(task: Callable[..., T], args: tuple[Any, ...]) -> T:
    return task(*args)
