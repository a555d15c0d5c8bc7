"""How each kind of text is divided into the units that it was written in."""

from __future__ import annotations

from collections.abc import Callable

from attar.pack.splitters.code import split_code
from attar.pack.splitters.lines import split_lines
from attar.pack.splitters.markdown import split_markdown
from attar.pack.splitters.members import split_json
from attar.pack.splitters.prose import split_prose
from attar.pack.splitters.rows import split_rows
from attar.pack.splitters.rst import split_rst
from attar.pack.splitters.unit import Unit

_BY_KIND: dict[str, Callable[[str], Unit]] = {
    "markdown": split_markdown,
    "docx": split_markdown,
    "pptx": split_markdown,
    "rst": split_rst,
    "json": split_json,
    "csv": split_rows,
    "tsv": split_rows,
    "jsonl": split_lines,
    "log": split_lines,
}


def splitter(kind: str) -> Callable[[str], Unit]:
    """The function that divides texts of this kind; plain paragraphs for a kind unknown."""
    if kind.startswith("code"):
        return split_code
    return _BY_KIND.get(kind, split_prose)
