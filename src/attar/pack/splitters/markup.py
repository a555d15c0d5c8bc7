"""HTML: sections under h1 to h6, then the blocks between them, in the visible text."""

from __future__ import annotations

from collections.abc import Iterator

from attar.pack.html import Visible
from attar.pack.splitters.unit import Unit, nest, short


def split_visible(page: Visible) -> Unit:
    """Divide the visible text of an HTML page; spans are in characters of `page.text`."""
    return nest(_blocks(page), 0, len(page.text))


def _blocks(page: Visible) -> Iterator[tuple[int, Unit]]:
    for block in page.blocks:
        words = page.text[block.start : block.end]
        if not words.strip():
            continue
        if len(block.tag) == 2 and block.tag[0] == "h" and block.tag[1] in "123456":
            yield int(block.tag[1]), Unit(block.start, block.end, heading=short(words))
        else:
            by_lines = block.tag == "pre"
            yield 0, Unit(block.start, block.end, by="lines" if by_lines else "sentences")
