"""Every hit of many queries cuts its text out of its source file, on real documentation."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from attar.cli.stdlib_docs import write_documents
from attar.context import Passage, squeeze
from attar.models.tokenizers import Utf8Bound
from attar.pack import Pack, read

from .toy import HashEmbedder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("library")
    write_documents(folder)
    return folder


def test_every_hit_and_every_squeezed_span(folder: Path, tmp_path: Path) -> None:
    files = {f.name: f.read_bytes().decode("utf-8") for f in folder.iterdir()}
    with Pack.create(tmp_path / "library.attar", embedder=HashEmbedder()) as pack:
        pack.add(read(folder))
    # Queries that nobody chose: the first words of every sixth file's first sentences.
    queries = [" ".join(re.findall(r"\w+", text)[2:9]) for text in list(files.values())[::6]]
    queries = [q for q in queries if q]
    assert len(queries) > 25
    checked = 0
    with Pack.open(tmp_path / "library.attar", HashEmbedder()) as pack:
        assert pack.info().documents == len(files)
        for query in queries:
            hits = pack.search(query, k=10)
            for hit in hits:
                assert files[hit.source][hit.start : hit.end] == hit.text
            passages = [Passage(h.text, h.source, h.start, h.score, h.kind) for h in hits]
            squeezed = squeeze(passages, query, to="1000 tokens", tokenizer=Utf8Bound())
            assert squeezed.tokens_after <= 1000
            for span in squeezed.spans:
                assert files[span.source][span.start : span.end] == span.text
            checked += len(hits) + len(squeezed.spans)
    assert checked > 250
