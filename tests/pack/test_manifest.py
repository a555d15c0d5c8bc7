"""The manifest comes back as written; a hostile one leads nowhere."""

from __future__ import annotations

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.errors import DamagedPackError, NewerFormatError, PackError
from attar.pack import Pack
from attar.pack.manifest import (
    PARTS,
    CodecEntry,
    DeletedEntry,
    EmbedderEntry,
    FileEntry,
    Manifest,
    SegmentEntry,
    load,
    save,
)

COUNT = st.integers(0, 2**62 - 1)
FILE = st.builds(FileEntry, COUNT, st.integers(0, 2**32 - 1))
CODEC = f"codec-{'0' * 32}.safetensors"
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)


@st.composite
def manifests(draw: st.DrawFn) -> Manifest:
    numbers = draw(st.lists(st.integers(1, 10**9), unique=True, max_size=4))
    segments = [
        SegmentEntry(
            id=f"{n:06d}",
            documents=draw(COUNT),
            units=draw(COUNT),
            text_bytes=draw(COUNT),
            codec=CODEC,
            files={name: draw(FILE) for name in PARTS},
            deleted=draw(
                st.none() | st.builds(DeletedEntry, st.just("deleted.5"), FILE, COUNT, COUNT, COUNT)
            ),
        )
        for n in sorted(numbers)
    ]
    return Manifest(
        embedder=EmbedderEntry(draw(TEXT), draw(TEXT), draw(COUNT)),
        vectors=draw(TEXT),
        analyzer=draw(TEXT),
        generation=draw(COUNT),
        next_segment=10**9 + 1,
        codecs={CODEC: CodecEntry(draw(FILE), draw(COUNT))},
        segments=tuple(segments),
    )


@given(manifests())
def test_it_comes_back(tmp_path_factory: pytest.TempPathFactory, manifest: Manifest) -> None:
    folder = tmp_path_factory.mktemp("m")
    save(folder, manifest)
    assert load(folder) == manifest
    assert [p.name for p in folder.iterdir()] == ["manifest.json"]


def changed(folder: Path, **changes: Any) -> None:
    path = folder / "manifest.json"
    raw = json.loads(path.read_text("utf-8"))
    for dotted, value in changes.items():
        *way, last = dotted.split("__")
        target = raw
        for step in way:
            target = target[int(step) if step.isdigit() else step]
        if value is KeyError:
            del target[last]
        else:
            target[last] = value
    # Whoever forges a manifest can forge its checksum.
    raw.pop("crc32")
    canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    path.write_text(json.dumps({**raw, "crc32": zlib.crc32(canonical.encode())}), "utf-8")


@pytest.mark.parametrize(
    "changes",
    [
        {"segments__0__id": "../../etc"},
        {"segments__0__id": "/etc/passwd"},
        {"segments__0__id": "000001/../000002"},
        {"segments__0__id": "000001\n"},
        {"segments__0__id": "٠٠٠٠٠١"},
        {"segments__0__id": 1},
        {"segments__1__id": "000001"},
        {"segments__0__deleted__name": "../x"},
        {"segments__0__codec": "codec-../../x.safetensors"},
        {"segments__0__codec": f"codec-{'f' * 32}.safetensors"},
        {"segments__0__files": {"../text": {"size": 1, "crc32": 1}}},
        {"segments__0__files__text.blocks__size": -1},
        {"segments__0__files__text.blocks__size": 10**30},
        {"segments__0__files__text.blocks__size": 1.5},
        {"segments__0__documents": True},
        {"segments__0__documents": 7},
        {"segments__0__units": 10**15},
        {"segments": {}},
        {"segments": None},
        {"segments": [None]},
        {"codecs": []},
        {"embedder": None},
        {"embedder__dim": 31},
        {"generation": "1"},
        {"next_segment": 1},
        {"vectors": KeyError},
        {"format": "1"},
        {"format": None},
    ],
)
def test_a_hostile_manifest_is_refused(copy: Path, changes: dict[str, Any]) -> None:
    changed(copy, **changes)
    with pytest.raises(DamagedPackError):
        Pack.open(copy).verify()


@pytest.mark.parametrize(
    "text", ["", "[]", "{", "nul", "[" * 100_000, "\ud800", '"\\ud800"', "\xff"]
)
def test_what_is_no_manifest_is_refused(copy: Path, text: str) -> None:
    (copy / "manifest.json").write_bytes(text.encode("latin-1", "replace"))
    with pytest.raises(DamagedPackError, match="manifest"):
        Pack.open(copy)


def test_a_newer_format_is_said_to_be_newer(copy: Path) -> None:
    changed(copy, format=99, segments=KeyError)
    with pytest.raises(NewerFormatError, match="pack format 99"):
        Pack.open(copy)


def test_a_folder_without_a_manifest_is_no_pack(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="no pack"):
        Pack.open(tmp_path)
    with pytest.raises(PackError, match="no pack"):
        Pack.open(tmp_path / "nowhere")


def test_a_link_out_of_the_folder_is_refused(copy: Path, tmp_path: Path) -> None:
    for part in PARTS:
        path = copy / "segments" / "000001" / part
        path.rename(tmp_path / part)
        path.symlink_to(tmp_path / part)
        with pytest.raises(PackError, match=part):
            Pack.open(copy)
        path.unlink()
        (tmp_path / part).rename(path)
    Pack.open(copy).verify()
