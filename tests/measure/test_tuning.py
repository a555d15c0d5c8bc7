"""Tuning against searching, and its promise: a gain that holds for other questions."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from attar.errors import UsageError
from attar.measure import tuning
from attar.measure.ir import ndcg
from attar.measure.judged import Judged
from attar.measure.tuning import DEFAULT, Tuner, plot, tune
from attar.pack import Document, Pack, Ranking

from ..pack.toy import SUBJECTS, HashEmbedder, some_documents


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Pack:
    pack = Pack.create(tmp_path_factory.mktemp("tune") / "p", embedder=HashEmbedder())
    pack.add(some_documents(40))
    pack.add(some_documents(30, seed=1, prefix="e"))
    pack.delete(["d3", "e5", "e6"])
    return pack


@pytest.fixture(scope="module")
def judged() -> Judged:
    chance = np.random.default_rng(0)
    names = [f"d{i}" for i in range(40)] + [f"e{i}" for i in range(30)] + ["nobody"]
    queries = {f"q{i}": " ".join(chance.choice(SUBJECTS, 2)) for i in range(12)}
    judgements = {
        q: {str(d): int(chance.integers(0, 4)) for d in chance.choice(names, 12, replace=False)}
        for q in queries
    }
    return Judged(queries, judgements)


def test_every_figure_is_that_of_a_search(pack: Pack, judged: Judged) -> None:
    found = tune(pack, judged)
    tried = [DEFAULT, Ranking("rrf", 0.25, 0.6, 0.3), Ranking("zscore", 1.0, 3.0, 0.9)]
    tried += [replace(t, fusion="minmax", weight=0.0) for t in tried]
    tuner = Tuner.of(pack, judged)
    for ranking in tried:
        pack.rank_by(ranking)
        expected = [
            ndcg([h.id for h in pack.search(q, 10, group=True)], judged.judgements[name], 10)
            for name, q in judged.queries.items()
        ]
        np.testing.assert_allclose(
            tuner.ndcg[:, tuner.settings.index(ranking)], expected, atol=1e-12
        )
    pack.rank_by(None)
    assert found.default == pytest.approx(tuner.ndcg[:, tuner.settings.index(DEFAULT)].mean())
    assert found.best == pytest.approx(tuner.ndcg.mean(axis=0).max())
    assert max(max(curve) for curve in found.curves.values()) == pytest.approx(found.best)
    assert tune(pack, judged) == found  # the same questions give the same answer


def test_chance_is_not_taken_for_a_gain() -> None:
    """Of a thousand rankings that differ by luck alone one looks far better, and is not."""
    settings = tuning._settings()
    luck = np.random.default_rng(1).uniform(0, 1, (60, len(settings)))
    found = Tuner(luck, settings).choose()
    assert found.best > 0.6
    assert abs(found.held_out - 0.5) < 0.1
    low, high = found.interval
    assert low < found.held_out - found.default < high


def test_a_real_gain_is_found() -> None:
    settings = tuning._settings()
    good = settings.index(Ranking("zscore", 0.8, 0.9, 0.3))
    ndcg = np.random.default_rng(2).uniform(0, 0.5, (40, len(settings)))
    ndcg[:, good] += 0.4
    found = Tuner(ndcg, settings).choose()
    assert found.chosen.settings == settings[good]
    assert found.improves
    assert found.interval[0] > 0.2
    assert found.chosen.measured is not None
    assert found.chosen.measured.value == pytest.approx(ndcg[:, good].mean(), abs=1e-6)
    assert found.chosen.measured.reference == pytest.approx(found.default, abs=1e-6)
    assert found.chosen.measured.data == "40 held-out queries"


def test_where_all_are_equal_the_defaults_stay() -> None:
    settings = tuning._settings()
    found = Tuner(np.full((10, len(settings)), 0.3), settings).choose()
    assert found.chosen == DEFAULT == settings[0]
    assert not found.improves
    assert found.interval == pytest.approx((0.0, 0.0), abs=1e-12)


def test_long_documents_count_by_their_best_unit(tmp_path: Path) -> None:
    pack = Pack.create(tmp_path / "p", embedder=HashEmbedder())
    long = " ".join(f"{a} {b} wave." for a in SUBJECTS for b in SUBJECTS)
    pack.add([Document("long", "long", long), *some_documents(5)])
    assert pack.info().units > 10
    judged = Judged({str(i): "wave gas" for i in range(6)}, {str(i): {"long": 1} for i in range(6)})
    rank = [h.id for h in pack.search("wave gas", 10, group=True)].index("long") + 1
    assert tune(pack, judged).default == pytest.approx(1 / np.log2(rank + 1))


def test_wrong_questions_are_refused(pack: Pack, judged: Judged) -> None:
    few = Judged(dict(list(judged.queries.items())[:4]), judged.judgements)
    with pytest.raises(UsageError, match="at least 5"):
        tune(pack, few)
    others = Judged(judged.queries, {q: {"x.md": 1} for q in judged.queries})
    with pytest.raises(UsageError, match=r"ids like 'x\.md'.* like 'd0'"):
        tune(pack, others)


def test_the_picture_holds_every_curve(pack: Pack, judged: Judged) -> None:
    drawn = plot(tune(pack, judged), "p & q")
    assert drawn.startswith("<svg")
    assert "p &amp; q: 12 questions" in drawn
    assert drawn.count("<polyline") == len(tuning.FUSIONS)
