"""The machine's manual pages, which any Debian-like system has: a large real set of texts."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from attar.pack import Document

QUERIES = 500

_FOLDER = Path("/usr/share/man")
_FONT = re.compile(
    r"\\f(?:\[\w*\]|\(..|.)|\\s[-+]?\d|\\[&%/|^,:)]|\\\(..|\\\*\(..|\\\*.|\\m\[\w*\]"
)
_MARK = re.compile(r"\\([- .'`e])")
_REQUEST = re.compile(r"[.']\s*(\w*)\s*(.*)")
_SHOWN = frozenset(("B", "I", "R", "BR", "BI", "RB", "RI", "IR", "IB", "SH", "SS", "IP"))
_APART = frozenset(("SH", "SS", "PP", "P", "LP", "TP", "IP", "sp"))


def passages_and_queries(limit: int, words: int) -> tuple[list[str], list[str]]:
    """Passages of so many words, and queries: 3 to 8 words drawn from one passage each."""
    passages = list(islice(_passages(words), limit))
    rng = np.random.default_rng(0)
    queries = []
    for i in rng.integers(0, len(passages), QUERIES):
        own = passages[i].split()
        queries.append(" ".join(rng.choice(own, int(rng.integers(3, 9)))))
    return passages, queries


def documents(megabytes: float) -> Iterator[Document]:
    """Pages as plain text, a document each, in an order that mixes sections and programs.

    When all have been given, they are given again, the words of every line turned further:
    other texts, of the same words.
    """
    files = sorted(path for path in _FOLDER.rglob("*.gz") if not path.is_symlink())
    order = np.random.default_rng(0).permutation(len(files)).tolist()
    left, turn = int(megabytes * 1e6), 0
    while left > 0:
        for i in order:
            name = str(files[i].relative_to(_FOLDER)).removesuffix(".gz")
            text = _plain(files[i])
            if turn:
                name, text = f"{turn}/{name}", _turned(text, turn)
            if text:
                yield Document(name, name, text)
            left -= len(text.encode())
            if left <= 0:
                return
        turn += 1


def _plain(path: Path) -> str:
    """What a page says: without requests to the typesetter, sections and paragraphs set apart."""
    lines = []
    for line in _source(path):
        if line[:1] not in (".", "'"):
            lines.append(line)
        elif request := _REQUEST.match(line):
            name, said = request[1], request[2].replace('"', "")
            if name in _APART and lines and lines[-1]:
                lines.append("")
            if said and name in _SHOWN:
                lines.append(said)
    return _MARK.sub(r"\1", _FONT.sub("", "\n".join(lines))).strip()


def _turned(text: str, by: int) -> str:
    lines = []
    for line in text.split("\n"):
        words = line.split(" ")
        cut = by % len(words)
        lines.append(" ".join(words[cut:] + words[:cut]))
    return "\n".join(lines)


def _source(path: Path) -> list[str]:
    return gzip.decompress(path.read_bytes()).decode("utf-8", "replace").splitlines()


def _passages(size: int) -> Iterator[str]:
    for path in sorted(_FOLDER.rglob("*.gz")):
        if path.is_symlink():
            continue
        kept = " ".join(x for x in _source(path) if not x.startswith((".\\", "'", ".so")))
        words = re.sub(r"\\f.|\\[&%-]|\\\(..|\.[A-Z]{2}\b", " ", kept).split()
        for i in range(0, len(words), size):
            yield " ".join(words[i : i + size])
