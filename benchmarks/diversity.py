"""What diverse results cost and cover, by how much diversity is asked for.

    ATTAR_DATA=... python -m benchmarks.diversity [cranfield cisi cacm npl]

- Judged questions one by one: nDCG@10, and how near each of ten results is to the nearest before
  it (the cosine of float vectors).
- 150 seeded pairs of them put as one question: alpha-nDCG@10, and how many of the two are
  answered by a relevant document among ten.
- The collection three times over, as folders full of copies are: how many different documents ten
  results hold.
- `xquad`: questions to articles of five paragraphs: documents and paragraphs among ten results.

Beside it, marginal relevance (MMR, Carbonell and Goldstein 1998) over the same candidates.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any
from unittest import mock

import numpy as np

from attar import models
from attar.measure.ir import alpha_ndcg, ndcg
from attar.measure.judged import Judged, read_judged
from attar.pack import Chunk, Document, Hit, Pack, read
from attar.pack import diversity as room
from attar.pack.passages import passage
from attar.select import mmr
from benchmarks.common import data, environment, save
from benchmarks.embeddings import CachedEmbedder

SETS = ("cranfield", "cisi", "cacm", "npl")
SHARES = (0.0, 0.1, 0.2, 0.3, 0.5)
PAIRS = 150
COPIES = 3

Search = Callable[[str], list[Hit]]


def marginal(relevance: Any, features: Any, k: int, *, weight: float) -> Any:
    """`mmr` in the place of `novelty`: the share is that of redundancy."""
    scores = (1 - weight) * relevance
    return mmr(scores, features, np.ones(len(scores)), k, weight=weight)


METHODS = {"novelty": room.novelty, "mmr": marginal}


def redundancy(hits: Sequence[Hit], pack: Pack) -> float:
    """Cosine with the nearest hit before, mean over all hits but the first."""
    units = [(pack.document(h.id), Chunk(h.start, h.end)) for h in hits]
    rows = pack.embedder.embed([passage(document, unit) for document, unit in units])
    near = rows @ rows.T
    return mean(float(near[i, :i].max()) for i in range(1, len(hits)))


def pairs(judged: Judged) -> list[tuple[str, str]]:
    """Questions without a relevant document in common."""
    chance = np.random.default_rng(0)
    names = sorted(judged.queries)
    found: list[tuple[str, str]] = []
    while len(found) < PAIRS:
        a, b = (names[i] for i in chance.choice(len(names), 2, replace=False))
        if not relevant(judged, a) & relevant(judged, b):
            found.append((a, b))
    return found


def relevant(judged: Judged, query: str) -> set[str]:
    return {d for d, grade in judged.judgements[query].items() if grade > 0}


def single(search: Search, judged: Judged, pack: Pack) -> dict[str, float]:
    found = {q: search(text) for q, text in judged.queries.items()}
    return {
        "ndcg@10": mean(ndcg([h.id for h in found[q]], judged.judgements[q]) for q in found),
        "redundancy": mean(redundancy(hits, pack) for hits in found.values() if len(hits) > 1),
    }


def double(search: Search, judged: Judged, both: Sequence[tuple[str, str]]) -> dict[str, float]:
    scores, answered = [], []
    for pair in both:
        ids = [h.id for h in search(" ".join(judged.queries[q] for q in pair))]
        topics = [relevant(judged, q) for q in pair]
        scores.append(alpha_ndcg(ids, topics))
        answered.append(sum(not topic.isdisjoint(ids) for topic in topics))
    return {"alpha_ndcg@10": mean(scores), "answered_of_2": mean(answered)}


def collection(name: str, method: str) -> list[dict[str, float]]:
    folder = data("ir", name)
    judged = read_judged(folder / "queries.jsonl", folder / "qrels.tsv")
    embedder = CachedEmbedder(models.embedder(), name)
    both = pairs(judged)
    rows = []
    with tempfile.TemporaryDirectory() as place:
        pack = Pack.create(Path(place, "once"), embedder=embedder)
        pack.add(read(folder))
        copied = Pack.create(Path(place, "copies"), embedder=embedder)
        copied.add(replace(d, id=f"{d.id}/{n}") for d in read(folder) for n in range(COPIES))
        for share in SHARES:

            def search(text: str, pack: Pack = pack, share: float = share) -> list[Hit]:
                return pack.search(text, 10, group=True, diversity=share)

            with mock.patch.object(room, "novelty", METHODS[method]):
                distinct = [
                    len({h.id.split("/")[0] for h in search(text, copied)})
                    for text in judged.queries.values()
                ]
                rows.append(
                    {
                        "diversity": share,
                        **single(search, judged, pack),
                        **double(search, judged, both),
                        "different_of_10_in_copies": mean(distinct),
                    }
                )
            print(name, method, {k: round(v, 4) for k, v in rows[-1].items()})
    return rows


def articles(method: str) -> list[dict[str, float]]:
    """XQuAD: a document is an article, a passage about a paragraph."""
    raw = json.loads(data("xquad", "xquad.en.json").read_text(encoding="utf-8"))["data"]
    documents = [
        Document(str(i), str(i), "\n\n".join(p["context"] for p in a["paragraphs"]))
        for i, a in enumerate(raw)
    ]
    questions = [q["question"] for a in raw for p in a["paragraphs"][:1] for q in p["qas"][:3]]
    embedder = CachedEmbedder(models.embedder(), "xquad")
    rows = []
    with tempfile.TemporaryDirectory() as place:
        pack = Pack.create(Path(place, "pack"), embedder=embedder)
        pack.add(documents)
        for share in SHARES:
            with mock.patch.object(room, "novelty", METHODS[method]):
                found = [pack.search(q, 10, diversity=share) for q in questions]
            rows.append(
                {
                    "diversity": share,
                    "documents_of_10": mean(len({h.id for h in hits}) for hits in found),
                    "redundancy": mean(redundancy(hits, pack) for hits in found),
                }
            )
            print("xquad", method, {k: round(v, 4) for k, v in rows[-1].items()})
    return rows


def main(names: list[str]) -> None:
    results = {
        name: {method: collection(name, method) for method in METHODS} for name in names or SETS
    }
    results["xquad"] = {method: articles(method) for method in METHODS}
    if not names:
        save("diversity", {"sets": results, "environment": environment()})


if __name__ == "__main__":
    main(sys.argv[1:])
