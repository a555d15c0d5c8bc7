"""Excel files (.xlsx), through openpyxl."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from attar.pack.document import Document
from attar.pack.readers.extracted import joined, opened_zip
from attar.pack.readers.source import Skipped, Source, Unreadable


def read_xlsx(source: Source) -> Iterator[Document | Skipped]:
    """Read each sheet as a table of its own: tab-separated values, formulas by their results."""
    with opened_zip(source, "Excel files") as file:
        import openpyxl

        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for sheet in book.worksheets:
            name = f"{source.name}#{sheet.title}"
            try:
                text = joined(source, _rows(sheet), "\n")
            except Unreadable as error:
                yield Skipped(name, str(error) if "more than" in str(error) else "empty sheet")
                continue
            yield Document(name, name, text, f"{source.stem}: {sheet.title}", "tsv")


def _rows(sheet: Any) -> Iterator[str]:
    for row in sheet.iter_rows(values_only=True):
        cells = ["" if value is None else " ".join(str(value).split()) for value in row]
        if any(cells):
            yield "\t".join(cells).rstrip("\t")
