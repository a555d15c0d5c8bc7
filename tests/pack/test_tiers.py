"""Packs whose text is in the archive tier: the same pack, with other blocks of text."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from attar.errors import UsageError
from attar.pack import Document, Pack, merge
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


@pytest.mark.parametrize("tier", ["standard", "archive"])
def test_shared_passages_through_the_life_of_a_pack(tmp_path: Path, tier: str) -> None:
    """Each document holds passages of others, which come, change and go."""
    parts = [d.text + "\r\nGröße 漢字\n" for d in some_documents(90, seed=4)]
    chance = random.Random(1)
    held = {
        f"d{i}": Document(f"d{i}", f"{i}.txt", "\n\n".join(chance.sample(parts, 12)))
        for i in range(40)
    }
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder(), text=tier)
    pack.add(held.values())
    assert pack.info().repeated_bytes > 0.2 * pack.info().text_bytes
    for i in range(0, 40, 3):
        text = held[f"d{i}"].text + parts[i]
        held[f"d{i}"] = replace(held[f"d{i}"], text=text[: len(text) // 2] + text[-900:])
    pack.add([held[f"d{i}"] for i in range(0, 40, 3)])
    for i in (1, 7, 30):
        del held[f"d{i}"]
    pack.delete(["d1", "d7", "d30"])
    other = Pack.create(tmp_path / "q", embedder=HashEmbedder(), text=tier)
    twins = [replace(d, id=f"twin{d.id}", source=f"twin{d.source}") for d in held.values()]
    other.add(twins)
    merge([tmp_path / "p", tmp_path / "q"], tmp_path / "both")
    both = Pack.open(tmp_path / "both", HashEmbedder())
    for _ in range(2):
        assert {d.id: d for d in both.documents()} == held | {d.id: d for d in twins}
        for hit in both.search("wing and layer", 30):
            assert hit.text == both.document(hit.id).text[hit.start : hit.end]
        both.verify()
        both.compact()
    both.export(tmp_path / "files")
    for document in [*held.values(), *twins]:
        assert (tmp_path / "files" / document.id).read_bytes() == document.text.encode()


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
