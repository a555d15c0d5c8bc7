"""One reader a format, chosen by the file's extension; see docs/reading.md."""

from __future__ import annotations

from pathlib import PurePath

from attar.pack.readers.code import LANGUAGES, read_code
from attar.pack.readers.html import read_html
from attar.pack.readers.json import read_json
from attar.pack.readers.markdown import read_markdown
from attar.pack.readers.pdf import read_pdf
from attar.pack.readers.records import read_jsonl
from attar.pack.readers.rst import read_rst
from attar.pack.readers.sheets import read_xlsx
from attar.pack.readers.slides import read_pptx
from attar.pack.readers.source import Reader, Skipped, Source, Unreadable
from attar.pack.readers.tables import read_table
from attar.pack.readers.text import read_text
from attar.pack.readers.word import read_docx

__all__ = ["Reader", "Skipped", "Source", "Unreadable", "reader_of"]

_BY_EXTENSION: dict[str, Reader] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".mdx": read_markdown,
    ".qmd": read_markdown,
    ".html": read_html,
    ".htm": read_html,
    ".xhtml": read_html,
    ".rst": read_rst,
    ".rest": read_rst,
    ".json": read_json,
    ".geojson": read_json,
    ".jsonl": read_jsonl,
    ".ndjson": read_jsonl,
    ".csv": read_table,
    ".tsv": read_table,
    ".tab": read_table,
    ".pdf": read_pdf,
    ".docx": read_docx,
    ".pptx": read_pptx,
    ".xlsx": read_xlsx,
    **dict.fromkeys(LANGUAGES, read_code),
}


def reader_of(path: PurePath) -> Reader:
    """The reader for a file of this name; text, if it proves to be text, for a name unknown."""
    return _BY_EXTENSION.get(path.suffix.lower(), read_text)
