"""Results that say different things, chosen from codes alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import attar
from attar.errors import UsageError
from attar.pack import Document, Hit, Pack

from .toy import HashEmbedder, some_documents

QUESTION = "heat shock of a plate"


def cosines(hits: list[Hit]) -> np.ndarray:
    rows = HashEmbedder().embed([h.text for h in hits])
    found: np.ndarray = rows @ rows.T
    return found


def redundancy(hits: list[Hit]) -> float:
    """How near each hit is to the nearest before it, on average, in floats."""
    near = cosines(hits)
    return float(np.mean([near[i, :i].max() for i in range(1, len(hits))]))


@pytest.fixture(scope="module")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    """Twelve documents, each there three times under another name, in two segments."""
    pack = Pack.create(tmp_path_factory.mktemp("copies") / "p", embedder=HashEmbedder())
    texts = [d.text for d in some_documents(12, seed=4)]
    pack.add(Document(f"{i}/{n}", "s", t) for i, t in enumerate(texts) for n in "ab")
    pack.add(Document(f"{i}/c", "s", t) for i, t in enumerate(texts))
    return pack


@pytest.mark.parametrize("mode", ["hybrid", "dense", "bm25"])
def test_copies_are_not_shown_again(copies: Pack, mode: str) -> None:
    plain = copies.search(QUESTION, k=9, mode=mode, group=True)  # type: ignore[arg-type]
    various = copies.search(QUESTION, k=9, mode=mode, group=True, diversity=0.05)  # type: ignore[arg-type]
    assert len({h.id.split("/")[0] for h in plain}) <= 4
    assert len({h.id.split("/")[0] for h in various}) == 9
    assert various[0] == plain[0]
    assert redundancy(various) < redundancy(plain)


def test_no_model_is_needed_for_words(copies: Pack) -> None:
    # The name "hash" would not be found.
    found = Pack.open(copies.collection.folder).search(QUESTION, mode="bm25", diversity=0.5)
    assert found


def test_more_diversity_is_less_redundancy(made: Path) -> None:
    pack = Pack.open(made, HashEmbedder())
    runs = [pack.search(QUESTION, k=10, diversity=d) for d in (0, 0.3, 0.6, 1)]
    said = [redundancy(run) for run in runs]
    assert said == sorted(said, reverse=True)
    assert said[-1] < said[0] - 0.02
    assert runs[0] == pack.search(QUESTION, k=10)


@settings(max_examples=25)
@given(st.integers(1, 300), st.floats(0, 1), st.integers(0, 3))
def test_hits_are_hits(made: Path, k: int, diversity: float, group: int) -> None:
    pack = Pack.open(made, HashEmbedder())
    found = pack.search(QUESTION, k=k, diversity=diversity, group=group)
    every = {(h.id, h.start): h for h in pack.search(QUESTION, k=10_000)}
    assert len(found) == len({(h.id, h.start) for h in found})
    assert all(every[h.id, h.start] == h for h in found)
    if group:
        assert len({h.id for h in found}) == min(k, 78)
    else:
        assert len(found) == min(k, len(every))


def test_over_several_packs(made: Path, copies: Pack) -> None:
    together = attar.open([made, copies.collection.folder], HashEmbedder())
    found = together.search(QUESTION, k=6, diversity=0.8)
    assert {h.pack for h in found} <= {str(made), str(copies.collection.folder)}
    assert redundancy(found) < redundancy(together.search(QUESTION, k=6))


def test_what_cannot_be(made: Path) -> None:
    pack = Pack.open(made, HashEmbedder())
    for wrong in (-0.1, 1.1, float("nan")):
        with pytest.raises(UsageError, match="diversity"):
            pack.search("gas", diversity=wrong)
    with pytest.raises(UsageError, match="group"):
        pack.search("gas", group=-1)
    assert pack.search("zebra", mode="bm25", diversity=1) == []
