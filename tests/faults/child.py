"""Work in a forked child, which may be killed, starved of memory or of room on the disk."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

# Everything by which a process changes what lies in folders, as Python's audit events name it.
CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "os.truncate"})
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


@dataclass(frozen=True)
class Outcome:
    """How a child ended.

    Args:
        signal: that ended it; 0 if it came to its end.
        failed: whether an exception escaped.
        said: what its work returned, or the traceback.
    """

    signal: int
    failed: bool
    said: str


def in_child(work: Callable[[], object], kill_after: float | None = None) -> Outcome:
    """Run `work` in a copy of this process.

    Args:
        work: what it returns is passed on as text.
        kill_after: seconds until SIGKILL.
    """
    source, sink = os.pipe()
    child = os.fork()
    if not child:
        os.close(source)
        status = 1
        try:
            said = str(work())
            status = 0
        except BaseException:  # noqa: BLE001 - the parent is told of everything
            said = traceback.format_exc()
        with open(sink, "w", encoding="utf-8", errors="replace") as out:
            out.write(said)
        os._exit(status)
    os.close(sink)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    with open(source, encoding="utf-8") as heard:
        said = heard.read()
    _, status = os.waitpid(child, 0)
    ended = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return Outcome(ended, os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0, said)


def changes_of(work: Callable[[], object]) -> int:
    """How many times a piece of work changes something on the disk."""
    seen = 0

    def count(event: str, args: tuple[object, ...]) -> None:
        nonlocal seen
        seen += _is_change(event, args)

    def counted() -> int:
        sys.addaudithook(count)
        work()
        return seen

    outcome = in_child(counted)
    assert not outcome.failed, outcome.said
    return int(outcome.said)


def killed_before_change(work: Callable[[], object], number: int) -> Outcome:
    """Run `work` in a child that is killed just before it changes the disk for the n-th time."""
    left = number

    def kill(event: str, args: tuple[object, ...]) -> None:
        nonlocal left
        if _is_change(event, args):
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            left -= 1

    def hooked() -> None:
        sys.addaudithook(kill)
        work()

    return in_child(hooked)


def limit_memory(more: int) -> None:
    """Let this process grow by so many bytes of address space and no further."""
    used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + more, used + more))


def limit_files(size: int) -> None:
    """Let this process write no file beyond so many bytes: EFBIG stands for a full disk."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def _is_change(event: str, args: tuple[object, ...]) -> bool:
    if event == "open":
        flags = args[2]
        return isinstance(flags, int) and bool(flags & WRITING)
    return event in CHANGES
