"""How a pack ranks: told once, kept in the manifest, used by every search."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import attar
from attar.errors import DamagedPackError, UsageError
from attar.pack import Pack, Ranking, manifest, merge
from attar.postings import BM25
from attar.report import Loss

from .toy import HashEmbedder, some_documents

TUNED = Ranking("zscore", 0.3, 0.6, 0.2, Loss("nDCG@10", 0.4, 0.3, "12 held-out queries"))
QUESTION = "heat shock of a plate"


def opened(folder: Path) -> Pack:
    return Pack.open(folder, HashEmbedder())


def test_what_a_pack_is_told_is_what_searches_do(copy: Path) -> None:
    pack = opened(copy)
    plain = pack.search(QUESTION, k=100)
    asked = pack.search(QUESTION, k=100, fusion="rrf", weight=0.3)
    pack.rank_by(Ranking("rrf", 0.3))
    assert opened(copy).search(QUESTION, k=100) == asked != plain
    # A search may still say otherwise, in part or in whole.
    assert opened(copy).search(QUESTION, k=100, fusion="minmax", weight=0.5) == plain
    pack.rank_by(None)
    assert opened(copy).search(QUESTION, k=100) == plain
    assert pack.info().ranking == Ranking()


def test_bm25_is_computed_with_the_pack_s_parameters(copy: Path) -> None:
    pack = opened(copy)
    pack.rank_by(Ranking(k1=0.4, b=0.1))
    found = pack.search(QUESTION, k=1000, mode="bm25")
    segments = pack.collection.segments
    terms = QUESTION.replace("of a ", "").split()
    from attar.postings import Statistics

    statistics = Statistics.gather([s.postings for s in segments], terms)
    best = max(
        float(s.postings.scores(terms, statistics, BM25(k1=0.4, b=0.1)).max()) for s in segments
    )
    assert found[0].score == pytest.approx(best)
    assert found[0].score != pytest.approx(opened(copy).search("gas", mode="bm25")[0].score)


def test_it_outlives_every_change(copy: Path, tmp_path: Path) -> None:
    pack = opened(copy)
    generation = json.loads((copy / "manifest.json").read_text())["generation"]
    pack.rank_by(TUNED)
    pack.rank_by(TUNED)
    assert json.loads((copy / "manifest.json").read_text())["generation"] == generation + 1
    pack.add(some_documents(2, prefix="new"))
    pack.delete(["d1"])
    pack.compact()
    assert opened(copy).info().ranking == TUNED
    assert "0.4000" in str(TUNED)
    assert "untuned 0.3000" in str(TUNED)


def test_packs_together_rank_by_what_all_were_told(made: Path, copy: Path, tmp_path: Path) -> None:
    opened(copy).rank_by(TUNED)
    together = attar.open([made, copy], HashEmbedder())
    assert together.collection.ranking == Ranking()
    merge([made, copy], tmp_path / "m")
    assert opened(tmp_path / "m").info().ranking == Ranking()
    # What was measured on one collection says nothing of another.
    merge([copy, copy], tmp_path / "n")
    assert opened(tmp_path / "n").info().ranking == TUNED.settings
    assert attar.open([copy, copy]).collection.ranking == TUNED.settings


UNIT = st.floats(0, 1)
MEASURED = st.builds(
    Loss, st.text(max_size=9), st.floats(0, 1), st.none() | st.floats(0, 1), st.text(max_size=9)
)


@given(
    st.builds(
        Ranking,
        st.sampled_from(["minmax", "zscore", "rrf"]),
        UNIT,
        st.floats(0, 1e5),
        UNIT,
        st.none() | MEASURED,
    )
)
def test_it_comes_back_from_json(ranking: Ranking) -> None:
    assert Ranking.from_dict(json.loads(json.dumps(asdict(ranking)))) == ranking


@pytest.mark.parametrize(
    "wrong",
    [{"fusion": "best"}, {"weight": 1.1}, {"weight": float("nan")}, {"k1": -1.0}, {"b": 2.0}],
)
def test_impossible_settings_are_refused(copy: Path, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        replace(Ranking(), **wrong)
    forge(copy, {**asdict(Ranking()), **wrong})
    with pytest.raises(DamagedPackError, match="manifest"):
        Pack.open(copy)


@pytest.mark.parametrize(
    "hostile", [[], {}, "minmax", {**asdict(Ranking()), "weight": True},
                {**asdict(Ranking()), "k1": "1"}, {**asdict(Ranking()), "measured": {"metric": 1}},
                {**asdict(Ranking()), "fusion": ["minmax"]}]
)  # fmt: skip
def test_a_hostile_ranking_is_damage(copy: Path, hostile: Any) -> None:
    forge(copy, hostile)
    with pytest.raises(DamagedPackError, match="manifest"):
        Pack.open(copy)


def test_a_pack_that_does_not_say_ranks_by_the_defaults(copy: Path) -> None:
    forge(copy, KeyError)
    assert manifest.load(copy).ranking is None
    assert Pack.open(copy).info().ranking == Ranking()


def forge(folder: Path, ranking: Any) -> None:
    """Write a manifest that says so, with the checksum that belongs to it."""
    path = folder / "manifest.json"
    raw = json.loads(path.read_text("utf-8"))
    raw.pop("crc32")
    raw["ranking"] = ranking
    if ranking is KeyError:
        del raw["ranking"]
    canonical = json.dumps(raw, sort_keys=True, separators=(",", ":"))
    path.write_text(json.dumps({**raw, "crc32": zlib.crc32(canonical.encode())}), "utf-8")
