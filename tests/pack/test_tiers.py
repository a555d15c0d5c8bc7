"""Packs whose text is in the archive tier: the same pack, with other blocks of text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from attar.errors import UsageError
from attar.pack import Pack
from attar.pack.manifest import NAME
from tests.pack.toy import HashEmbedder, some_documents


def test_an_archive_is_the_same_pack_in_fewer_bytes(tmp_path: Path) -> None:
    documents = some_documents(120)
    packs = []
    for tier in ("standard", "archive"):
        pack = Pack.create(tmp_path / tier, embedder=HashEmbedder(), text=tier)
        pack.add(documents[:70])
        pack.add(documents[70:])
        pack.delete(["d3"])
        packs.append(pack)
    standard, archive = packs
    assert archive.search("tea and coffee", k=20) == standard.search("tea and coffee", k=20)
    for _ in range(2):
        assert list(archive.documents()) == list(standard.documents())
        assert archive.info().text == "archive"
        assert archive.info().parts["text"] < standard.info().parts["text"]
        archive.verify()
        # What is written anew stays in the tier.
        archive.compact()
        standard.compact()
    with Pack.open(tmp_path / "archive", HashEmbedder()) as again:
        assert again.info().text == "archive"
        assert again.document("d5") == documents[5]


def test_an_unknown_tier_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no text tier 'tape'"):
        Pack.create(tmp_path / "p", embedder=HashEmbedder(), text="tape")
    assert not (tmp_path / "p").exists()


def test_a_pack_from_before_there_was_a_choice_is_standard(tmp_path: Path) -> None:
    from attar.pack import manifest as manifests

    Pack.create(tmp_path / "p", embedder=HashEmbedder())
    path = tmp_path / "p" / NAME
    body = json.loads(path.read_text())
    del body["text"], body["crc32"]
    body["crc32"] = manifests._crc32(body)
    path.write_text(json.dumps(body))
    assert manifests.load(tmp_path / "p").text == "standard"
