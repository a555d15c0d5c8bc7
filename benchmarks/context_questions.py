"""Test collections as the JSONL that `attar measure context` reads.

    ATTAR_DATA=DATA python -m benchmarks.context_questions xquad OUT.jsonl [--count 200]

Sets: `xquad` (each paragraph among others), `xquad-hard` (no content word of the question occurs in
the gold sentence), `kv` (key-value records of lost_in_the_middle), `nq` (its open-domain
questions, the gold passage among those of others) and `qmsum` (meetings with questions that ask for
a summary). Draws are seeded.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from attar.context.terms import stem, words_of
from attar.segmentation.sentences import sentences
from benchmarks.common import data

SEED = 20240607
Entry = dict[str, Any]


def xquad(count: int, among: int, language: str = "en", hard: bool = False) -> Iterator[Entry]:
    """Questions with the gold paragraph at a random place among others, drawn from all articles."""
    articles = json.loads(data("xquad", f"xquad.{language}.json").read_text(encoding="utf-8"))
    held = [p for article in articles["data"] for p in article["paragraphs"]]
    paragraphs = [p["context"] for p in held]
    asked = [(i, qa) for i, p in enumerate(held) for qa in p["qas"]]
    rng = np.random.default_rng(SEED)
    given = 0
    for number in rng.permutation(len(asked)):
        gold, qa = asked[number]
        others = [i for i in rng.permutation(len(paragraphs)) if i != gold][: among - 1]
        place = int(rng.integers(among))
        at = qa["answers"][0]["answer_start"]
        a, b = next(s for s in sentences(paragraphs[gold]) if s[0] <= at < s[1])
        if hard and content(qa["question"]) & content(paragraphs[gold][a:b]):
            continue
        yield {
            "question": qa["question"],
            "passages": [paragraphs[i] for i in (*others[:place], gold, *others[place:])],
            "answers": [answer["text"] for answer in qa["answers"]],
            "gold": place,
            "gold_sentence": [a, b],
        }
        given += 1
        if given == count:
            return


def content(text: str) -> set[str]:
    """Stems of a text's words that say what it is about."""
    from stopwords import get_stopwords

    common = set(get_stopwords("english")) | {"'s"}
    return set(stem([w for w in words_of(text)[0] if w not in common and len(w) > 1]))


def kv(count: int) -> Iterator[Entry]:
    """75 pairs of UUIDs as one JSON object; the value of one key is asked for."""
    with gzip.open(
        data("lost_in_the_middle", "kv-retrieval-75_keys.jsonl.gz"), "rt", encoding="utf-8"
    ) as lines:
        records = [json.loads(line) for line in lines]
    for number in np.random.default_rng(SEED).permutation(len(records))[:count]:
        record = records[number]
        text = json.dumps(dict(record["ordered_kv_records"]), indent=1)
        yield {
            "question": f'What is the value of the key "{record["key"]}"?',
            "passages": [text],
            "answers": [record["value"]],
        }


def nq(count: int, among: int) -> Iterator[Entry]:
    """Natural Questions with their gold passage among the gold passages of other questions."""
    with gzip.open(
        data("lost_in_the_middle", "nq-open-oracle.jsonl.gz"), "rt", encoding="utf-8"
    ) as lines:
        records = [json.loads(line) for line in lines]
    passages = [next(c["text"] for c in r["ctxs"] if c["isgold"]) for r in records]
    rng = np.random.default_rng(SEED)
    given = 0
    for number in rng.permutation(len(records)):
        record = records[number]
        there = [a for a in record["answers"] if a in passages[number]]
        others = [i for i in rng.permutation(len(records)) if i != number][: among - 1]
        place = int(rng.integers(among))
        if not there:
            continue
        yield {
            "question": record["question"],
            "passages": [passages[i] for i in (*others[:place], number, *others[place:])],
            "answers": there + [a for a in record["answers"] if a not in there],
            "gold": place,
        }
        given += 1
        if given == count:
            return


def qmsum(count: int, most_words: int) -> Iterator[Entry]:
    """Meetings of at most so many words, a turn a line; answers are summaries."""
    with data("qmsum", "test.jsonl").open(encoding="utf-8") as lines:
        meetings = [json.loads(line) for line in lines]
    asked = [(m, q) for m in meetings for q in m["specific_query_list"] if words(m) <= most_words]
    for number in np.random.default_rng(SEED).permutation(len(asked))[:count]:
        meeting, query = asked[number]
        yield {
            "question": query["query"],
            "passages": ["\n".join(turns(meeting))],
            "answers": [query["answer"]],
        }


def turns(meeting: Mapping[str, Any]) -> list[str]:
    """What everybody said, a line each."""
    return [f"{t['speaker']}: {t['content']}" for t in meeting["meeting_transcripts"]]


def words(meeting: Mapping[str, Any]) -> int:
    """Words of a meeting."""
    return sum(len(turn.split()) for turn in turns(meeting))


def entries(name: str, count: int, among: int = 10, most_words: int = 6000) -> list[Entry]:
    """The entries of a set by its name."""
    sets: dict[str, Callable[[], Iterator[Entry]]] = {
        "xquad": lambda: xquad(count, among),
        "xquad-hard": lambda: xquad(count, among, hard=True),
        "kv": lambda: kv(count),
        "nq": lambda: nq(count, among),
        "qmsum": lambda: qmsum(count, most_words),
    }
    return list(sets[name]())


def write(path: Path, found: Sequence[Entry]) -> Path:
    """One entry a line."""
    text = "".join(json.dumps(entry, ensure_ascii=False) + "\n" for entry in found)
    path.write_text(text, encoding="utf-8")
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("set", choices=("xquad", "xquad-hard", "kv", "nq", "qmsum"))
    parser.add_argument("out", type=Path)
    parser.add_argument("--count", type=int, default=200)
    parser.add_argument("--among", type=int, default=10)
    parser.add_argument("--most-words", type=int, default=6000)
    args = parser.parse_args()
    found = entries(args.set, args.count, args.among, args.most_words)
    print(len(found), "questions in", write(args.out, found))


if __name__ == "__main__":
    main()
