from __future__ import annotations

import builtins
import zipfile
from pathlib import Path

import pytest

from attar.pack.document import Document
from attar.pack.read import read


def one(path: Path) -> Document:
    found = read(path)
    documents = list(found)
    assert found.skipped == []
    assert len(documents) == 1
    return documents[0]


def refusal(path: Path, **options: int) -> str:
    found = read(path, **options)
    assert list(found) == []
    return found.skipped[0].reason


def pdf(pages: list[str]) -> bytes:
    """A PDF file with a line of text on each page, written by hand (ISO 32000-1)."""
    kids = " ".join(f"{4 + 2 * i} 0 R" for i in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for i, words in enumerate(pages):
        stream = f"BT /F1 12 Tf 72 720 Td ({words}) Tj ET"
        objects.append(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792]"
            f" /Resources << /Font << /F1 3 0 R >> >> /Contents {5 + 2 * i} 0 R >>"
        )
        objects.append(f"<< /Length {len(stream)} >>\nstream\n{stream}\nendstream")
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    trailer = f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R >>\nstartxref\n{len(out)}\n%%EOF\n"
    return out + f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{trailer}".encode()


def test_pdf(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(pdf(["First page.", "Second page."]))
    document = one(path)
    assert (document.title, document.kind) == ("paper", "pdf")
    assert document.text.split("\n\f") == ["First page.", "Second page."]
    path.write_bytes(pdf([""]))
    assert refusal(path).startswith("holds no text")
    path.write_bytes(b"%PDF-1.4 and then nothing")
    assert refusal(path).startswith("damaged or not")


def test_docx(tmp_path: Path) -> None:
    docx = pytest.importorskip("docx")
    path = tmp_path / "letter.docx"
    file = docx.Document()
    file.add_heading("The Letter", level=1)
    file.add_paragraph("First paragraph.")
    file.add_heading("Table", level=2)
    table = file.add_table(2, 2)
    for i, row in enumerate((("a", "b"), ("1", "2"))):
        for j, words in enumerate(row):
            table.cell(i, j).text = words
    file.add_paragraph("Last.")
    file.save(path)
    document = one(path)
    assert (document.title, document.kind) == ("The Letter", "docx")
    assert document.text == (
        "# The Letter\n\nFirst paragraph.\n\n## Table\n\n| a | b |\n| 1 | 2 |\n\nLast."
    )


def test_pptx(tmp_path: Path) -> None:
    pptx = pytest.importorskip("pptx")
    path = tmp_path / "talk.pptx"
    file = pptx.Presentation()
    slide = file.slides.add_slide(file.slide_layouts[1])
    slide.shapes.title.text = "First slide"
    slide.placeholders[1].text = "A point\nAnother"
    slide.notes_slide.notes_text_frame.text = "Say hello."
    file.slides.add_slide(file.slide_layouts[5]).shapes.title.text = "End"
    file.save(path)
    document = one(path)
    assert (document.title, document.kind) == ("First slide", "pptx")
    assert document.text == "# First slide\n\nA point\nAnother\n\nSay hello.\n\n# End"


def test_xlsx_gives_a_document_for_each_sheet(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    path = tmp_path / "book.xlsx"
    book = openpyxl.Workbook()
    book.active.title = "Prices"
    for row in (("what", "price"), ("tea", 3), (None, None), ("two\nlines", None)):
        book.active.append(row)
    book.create_sheet("Empty")
    book.save(path)
    found = read(path)
    (document,) = found
    assert (document.id, document.title, document.kind) == (
        "book.xlsx#Prices", "book: Prices", "tsv",
    )  # fmt: skip
    assert document.text == "what\tprice\ntea\t3\ntwo lines"
    assert [(s.path, s.reason) for s in found.skipped] == [("book.xlsx#Empty", "empty sheet")]


@pytest.mark.parametrize("name", ["a.docx", "a.pptx", "a.xlsx"])
def test_damaged_and_swollen_archives(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"PK\x03\x04 no archive")
    assert refusal(path).startswith("damaged or not")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b" " * 2_000_000)
    assert path.stat().st_size < 10_000
    assert refusal(path, max_bytes=1_000_000).startswith("unpacks to 2,000,000 bytes")
    assert refusal(path).startswith("damaged or not")


@pytest.mark.parametrize(
    ("name", "library"),
    [("a.pdf", "pypdf"), ("a.docx", "docx"), ("a.pptx", "pptx"), ("a.xlsx", "openpyxl")],
)
def test_a_missing_library_is_a_reason_that_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, library: str
) -> None:
    real = builtins.__import__

    def fails(module: str, *rest: object) -> object:
        if module.split(".")[0] == library:
            raise ImportError(module)
        return real(module, *rest)  # type: ignore[arg-type]

    with zipfile.ZipFile(tmp_path / name, "w") as archive:
        archive.writestr("x", "x")
    monkeypatch.setattr(builtins, "__import__", fails)
    assert "pip install 'attar[docs]'" in refusal(tmp_path / name)
