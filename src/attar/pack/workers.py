"""Worker processes on this machine."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Generic, TypeVar

from attar.errors import PackError, UsageError

T = TypeVar("T")

ATTEMPTS = 3
"""How often a task is begun before its worker's death is believed to be the task's fault."""


class Workers:
    """Processes that build segments beside this one; a context manager.

    They are started afresh (spawned) when there is work, and again when one of them dies.

    Args:
        size: how many.

    Raises:
        UsageError: if that is less than one.
    """

    def __init__(self, size: int) -> None:
        if size < 1:
            raise UsageError(f"there must be 1 worker or more, not {size}")
        self.size = size
        self.generation = 0
        self._pool: ProcessPoolExecutor | None = None

    def submit(self, task: Callable[..., T], /, *args: Any) -> _Job[T]:
        """Give a task away. It is done again if its worker dies."""
        return _Job(self, task, args, *self.start(task, args))

    def start(self, task: Callable[..., T], args: tuple[Any, ...]) -> tuple[Future[T], int]:
        """Begin a task; tells in which generation of processes."""
        if self._pool is None:
            self._pool = ProcessPoolExecutor(
                self.size,
                multiprocessing.get_context("spawn"),
                _begin,
                (max(1, (os.cpu_count() or 1) // self.size),),
            )
        try:
            return self._pool.submit(task, *args), self.generation
        except BrokenProcessPool:
            self.renew(self.generation)
            return self.start(task, args)

    def renew(self, generation: int) -> None:
        """Leave a generation of processes of which one died; the next task starts another."""
        if generation == self.generation and self._pool is not None:
            self._pool.shutdown(wait=False)
            self._pool = None
            self.generation += 1

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=error is None, cancel_futures=True)
            self._pool = None


@dataclass
class _Job(Generic[T]):
    workers: Workers
    task: Callable[..., T]
    args: tuple[Any, ...]
    future: Future[T]
    generation: int

    def result(self) -> T:
        """What came of the task."""
        for _ in range(ATTEMPTS - 1):
            try:
                return self.future.result()
            except BrokenProcessPool:
                self.workers.renew(self.generation)
                self.future, self.generation = self.workers.start(self.task, self.args)
        try:
            return self.future.result()
        except BrokenProcessPool as error:
            self.workers.renew(self.generation)
            raise PackError(
                f"a worker died {ATTEMPTS} times, perhaps for want of memory: use fewer workers;"
                " the pack is as it was before"
            ) from error


def _begin(threads: int) -> None:
    """In a new process: as many threads as are its share, and no words when interrupted."""
    signal.signal(signal.SIGINT, lambda *_: os._exit(130))
    for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
        os.environ.setdefault(name, str(threads))
