"""Packs of earlier formats open, verify and answer as they did; others are refused in words."""

from __future__ import annotations

import json
import shutil
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from attar.errors import NewerFormatError, OldFormatError
from attar.pack import Document, Pack, manifest, merge

from .formats import __main__ as maker
from .toy import HashEmbedder, some_documents

FORMATS = Path(maker.__file__).parent
MADE = sorted(path.parent.name for path in FORMATS.glob("*/answers.json"))


@pytest.fixture
def old(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Path, Any]:
    """A copy of a kept pack, and what was noted when it was made."""
    kept = FORMATS / request.param
    said = json.loads((kept / "answers.json").read_text(encoding="utf-8"))
    return Path(shutil.copytree(kept / "pack", tmp_path / "p")), said


def test_there_are_some() -> None:
    assert "first" in MADE
    assert sum(p.stat().st_size for p in FORMATS.rglob("*") if p.is_file()) < 300_000


@pytest.mark.parametrize("old", MADE, indirect=True)
def test_an_old_pack_answers_as_it_did(old: tuple[Path, Any]) -> None:
    folder, said = old
    before = {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    pack = Pack.open(folder, HashEmbedder())
    pack.verify()
    assert list(pack.documents()) == [Document(*fields) for fields in said["documents"]]
    info = pack.info()
    assert [info.documents, info.units, info.text_bytes] == said["counts"]
    assert len(said["searches"]) == 9
    for search in said["searches"]:
        vector = np.array(search["vector"], np.float32)
        hits = pack.search(search["question"], 8, search["mode"], vector)
        assert [[h.id, h.start, h.end] for h in hits] == [hit[:3] for hit in search["hits"]]
        assert [h.score for h in hits] == pytest.approx(
            [hit[3] for hit in search["hits"]], abs=1e-5
        )
        for hit in hits:
            assert hit.text == pack.document(hit.id).text[hit.start : hit.end]
    assert {p: p.read_bytes() for p in folder.rglob("*") if p.is_file()} == before


@pytest.mark.parametrize("old", MADE, indirect=True)
def test_an_old_pack_lives_on(old: tuple[Path, Any], tmp_path: Path) -> None:
    folder, said = old
    pack = Pack.open(folder, HashEmbedder())
    there = len(said["documents"])
    pack.add(some_documents(4, prefix="new"))
    assert pack.delete(["d2", "new1"]) == 2
    pack.compact()
    again = Pack.open(folder, HashEmbedder())
    again.verify()
    assert again.info().documents == there + 2
    merge([folder], tmp_path / "m")
    Pack.open(tmp_path / "m").verify()


def test_the_script_makes_such_a_pack_today(tmp_path: Path) -> None:
    pack = maker.make(tmp_path / "p", "standard")
    said = json.loads((FORMATS / MADE[-1] / "answers.json").read_text(encoding="utf-8"))
    noted = json.loads(json.dumps(maker.answers(pack)))
    assert noted["documents"] == said["documents"]
    assert noted["counts"] == said["counts"]


def with_format(folder: Path, version: object) -> None:
    path = folder / manifest.NAME
    raw = json.loads(path.read_text("utf-8"))
    raw.pop("crc32")
    raw["format"] = version
    canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    path.write_text(json.dumps({**raw, "crc32": zlib.crc32(canonical.encode())}), "utf-8")


def test_a_format_that_is_not_read_is_said(copy: Path) -> None:
    with_format(copy, manifest.FORMAT + 1)
    with pytest.raises(NewerFormatError, match="install a newer one") as newer:
        Pack.open(copy)
    with_format(copy, manifest.OLDEST - 1)
    with pytest.raises(OldFormatError, match="export") as older:
        Pack.open(copy)
    for error in (newer, older):
        assert str(copy) in str(error.value)
        assert "\n" not in str(error.value)


@pytest.mark.parametrize("name", ["text.blocks", "units.columns", "postings.bin"])
def test_a_file_of_a_newer_format_is_said(copy: Path, name: str) -> None:
    path = copy / "segments" / "000001" / name
    data = bytearray(path.read_bytes())
    data[8] = 99  # behind eight bytes of magic
    path.write_bytes(data)
    with pytest.raises(NewerFormatError, match=name):
        Pack.open(copy, HashEmbedder()).search("gas")


@pytest.mark.parametrize("name", ["vectors.safetensors", "codec-*"])
def test_codes_of_a_newer_format_are_said(copy: Path, name: str) -> None:
    path = next(copy.rglob(name))
    data = path.read_bytes()
    assert data.count(b'"attar.format":"1"') == 1
    path.write_bytes(data.replace(b'"attar.format":"1"', b'"attar.format":"9"'))
    with pytest.raises(NewerFormatError, match=path.name):
        Pack.open(copy, HashEmbedder()).search("gas")


@pytest.mark.parametrize("version", [2, 4])
def test_a_text_of_a_forgotten_format_is_said(copy: Path, version: int) -> None:
    """Archive tiers that were never released, and are not read any more."""
    path = copy / "segments/000001/text.blocks"
    data = bytearray(path.read_bytes())
    data[8] = version
    path.write_bytes(data)
    with pytest.raises(OldFormatError, match=r"text\.blocks"):
        Pack.open(copy)
