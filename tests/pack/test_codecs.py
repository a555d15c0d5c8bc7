"""What a pack's codec is fitted to."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from attar.pack import Pack, codecs
from attar.pack.codecs import Codecs

from .toy import HashEmbedder

UNIT = np.random.default_rng(0).standard_normal((300, 32)).astype(np.float32)


@pytest.fixture
def pack(tmp_path: Path) -> Pack:
    return Pack.create(tmp_path / "p", embedder=HashEmbedder())


def test_many_vectors_are_sampled_from_everywhere(
    pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(codecs, "_MOST", 100)
    rows = codecs._sample(UNIT, 32)
    assert rows.shape == (100, 32)
    assert np.array_equal(rows[[0, -1]], UNIT[[0, -1]])
    name, fitted = Codecs(pack.collection).for_vectors(UNIT)
    again = Codecs(pack.collection)
    assert again.for_vectors(UNIT)[0] == name
    assert again.fresh[name].rows == 100
    assert fitted.dim == 32


@pytest.mark.parametrize("count", [0, 1, 63, 64])
def test_few_vectors_are_joined_by_directions_at_random(count: int) -> None:
    rows = codecs._sample(UNIT[:count], 32)
    assert len(rows) == 64
    assert np.array_equal(rows[:count], UNIT[:count])


def test_a_codec_of_few_vectors_is_fitted_anew_when_many_come(pack: Pack) -> None:
    found = Codecs(pack.collection)
    first, _ = found.for_vectors(UNIT[:5])
    assert found.settled(19) == first
    assert found.settled(20) is None
    second, _ = found.for_vectors(UNIT)
    assert second != first
    assert found.settled(301) == second
