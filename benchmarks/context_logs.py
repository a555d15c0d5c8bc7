"""What happens once in a log of 2,000 lines, is it still there at a tenth of the tokens?

    ATTAR_DATA=DATA python -m benchmarks.context_logs [--labels FOLDER] [--budgets 10% 5%]

The 16 logs of loghub_2k as they are, as JSON Lines and as one JSON array of the same records.
Templates are those that people labelled (`*_structured.csv`, which come with the logs at
github.com/logpai/loghub; FOLDER holds them or a copy of that repository, by default `loghub` in
the benchmarks' cache, else the folder of the logs), and besides, by a mask that every program
could use: lines equal but for what holds a digit or a slash. Rare is a template of one or two
lines; it survives where what a line of it says (all behind time, host and level) is whole in the
output. Without labels there are only the masks, and a line must stay as a whole.

`whole lines` is what keeping whole lines could reach at best, the shortest of each rare template,
the shortest templates first; `needed` is what all of these take, as a share of the budget. Beside
Attar's default, with and without a question for errors: the beginning, lines at random, BM25 with
that question, and Drain3's clusters, a line of each in turn, the smallest first. Writes
benchmarks/results/context_logs.json.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from attar import models
from attar.budget import Budget
from attar.context import squeeze
from attar.models.base import Tokenizer
from benchmarks.common import cache, data, environment, save

SEED = 20240607
ERRORS = "error failed exception warning fatal"
NOT_SAID = ("LineId", "EventId", "EventTemplate")
_VARIES = re.compile(r"\S*[\d/\\]\S*")


@dataclass(frozen=True)
class Entry:
    """One line: as it stands, what it says, the same as a record, and the label of its template."""

    line: str
    said: str
    record: dict[str, Any]
    label: str | None


@dataclass(frozen=True)
class Form:
    """One way to write a log down.

    Args:
        name: of the form.
        join: writes pieces, one an entry, as one text.
        piece: how an entry is written.
        survivors: of what is left of a text, which entries are still told.
    """

    name: str
    join: Callable[[Iterable[str]], str]
    piece: Callable[[Entry], str]
    survivors: Callable[[str, Sequence[Entry]], set[int]]


def read(path: Path, labels: Path) -> list[Entry]:
    """All lines that are not blank."""
    text = path.read_bytes().decode("utf-8", "replace").replace("\r\n", "\n")
    lines = [line for line in text.split("\n") if line.strip()]
    table = next(labels.rglob(f"{path.name}_structured.csv"), None)
    if table is None:
        return [Entry(line, line, {"line": i, "text": line}, None) for i, line in enumerate(lines)]
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    return [
        Entry(
            line,
            row["Content"].strip(),
            {name: value for name, value in row.items() if name not in NOT_SAID and value},
            row["EventId"],
        )
        for line, row in zip(lines, rows, strict=True)
    ]


def told_by_lines(text: str, entries: Sequence[Entry]) -> set[int]:
    """Entries of which some line holds all that they say, and nothing that was not in theirs."""
    left = {line.strip() for line in text.split("\n")}
    found = set()
    for number, entry in enumerate(entries):
        line = entry.line.strip()
        rest = len(line) - len(entry.said)
        if line in left or any(line[at:] in left for at in range(1, rest + 1)):
            found.add(number)
    return found


def told_by_records(records: Iterable[Any], entries: Sequence[Entry]) -> set[int]:
    """Entries of which some record still holds what they say."""
    left = {
        record.get("Content", record.get("text")) for record in records if isinstance(record, dict)
    }
    return {
        i for i, e in enumerate(entries) if e.record.get("Content", e.record.get("text")) in left
    }


def told_by_json_lines(text: str, entries: Sequence[Entry]) -> set[int]:
    return told_by_records((parsed(line) for line in text.split("\n")), entries)


def told_by_array(text: str, entries: Sequence[Entry]) -> set[int]:
    return told_by_records(parsed(text) or (), entries)


def parsed(text: str) -> Any:
    """What the JSON says; None if it is none."""
    try:
        return json.loads(text)
    except ValueError:
        return None


def in_json(entry: Entry) -> str:
    return json.dumps(entry.record, ensure_ascii=False)


FORMS = (
    Form("lines", "\n".join, lambda entry: entry.line, told_by_lines),
    Form("JSON Lines", "\n".join, in_json, told_by_json_lines),
    Form("JSON array", lambda pieces: f"[{', '.join(pieces)}]", in_json, told_by_array),
)


def valid(form: Form, text: str) -> bool | None:
    """Whether it is still JSON; None for lines."""
    if form.name == "lines":
        return None
    parts = [text] if form.name == "JSON array" else [p for p in text.split("\n") if p.strip()]
    return all(parsed(part) is not None for part in parts)


def rare_of(templates: Sequence[str]) -> set[str]:
    return {template for template, often in Counter(templates).items() if often <= 2}


def best_of_whole_lines(
    costs: Sequence[int], templates: Sequence[str], limit: int
) -> tuple[float, float]:
    """The greatest share of rare templates that whole lines can keep, and what all would take."""
    rare = rare_of(templates)
    cheapest: dict[str, int] = {}
    for cost, template in zip(costs, templates, strict=True):
        if template in rare:
            cheapest[template] = min(cost, cheapest.get(template, cost))
    kept = spent = 0
    for cost in sorted(cheapest.values()):
        spent += cost
        kept += spent <= limit
    return kept / len(rare), spent / limit


def packed(
    form: Form, order: Iterable[int], pieces: Sequence[str], limit: int, tokenizer: Tokenizer
) -> str:
    """Whole pieces in the order of the log, taken in the given order while they fit."""
    costs = [tokenizer.count(piece + "\n") for piece in pieces]
    taken: list[int] = []
    room = limit
    for number in order:
        if costs[number] <= room:
            taken.append(number)
            room -= costs[number]
    while True:  # tokens join or split at the seams
        text = form.join(pieces[i] for i in sorted(taken))
        if tokenizer.count(text) <= limit or not taken:
            return text
        taken.pop()


def by_bm25(pieces: Sequence[str]) -> list[int]:
    """The pieces that share most with a question for errors first."""
    import bm25s

    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(pieces), show_progress=False), show_progress=False)
    scores = index.get_scores(bm25s.tokenize(ERRORS, return_ids=False, show_progress=False)[0])
    return sorted(range(len(pieces)), key=lambda i: -float(scores[i]))


def by_drain(entries: Sequence[Entry]) -> list[int]:
    """The first entry of each of Drain3's clusters, the smallest clusters first; then second ones.

    As its makers ask, it reads what the lines say, without their header.
    """
    from drain3 import TemplateMiner
    from drain3.template_miner_config import TemplateMinerConfig

    miner = TemplateMiner(config=TemplateMinerConfig())
    clusters = [miner.add_log_message(entry.said)["cluster_id"] for entry in entries]
    sizes, seen = Counter(clusters), Counter[int]()
    ranks = []
    for cluster, entry in zip(clusters, entries, strict=True):
        seen[cluster] += 1
        ranks.append((seen[cluster], sizes[cluster], len(entry.line)))
    return sorted(range(len(entries)), key=ranks.__getitem__)


def methods(
    form: Form, entries: Sequence[Entry], limit: int, tokenizer: Tokenizer, drain: bool
) -> Iterable[tuple[str, str]]:
    """What each method leaves of a log in one form."""
    pieces = [form.piece(entry) for entry in entries]
    text, budget = form.join(pieces), Budget(limit, "tokens")
    mixed = list(range(len(pieces)))
    random.Random(SEED).shuffle(mixed)  # noqa: S311 - an order, not a secret
    yield "attar", squeeze(text, to=budget, tokenizer=tokenizer).text
    yield "attar, asked for errors", squeeze(text, ERRORS, to=budget, tokenizer=tokenizer).text
    yield "BM25", packed(form, by_bm25(pieces), pieces, limit, tokenizer)
    yield "the beginning", packed(form, range(len(pieces)), pieces, limit, tokenizer)
    yield "at random", packed(form, mixed, pieces, limit, tokenizer)
    if drain:
        yield "Drain3", packed(form, by_drain(entries), pieces, limit, tokenizer)


def rows(
    system: str, entries: Sequence[Entry], budget: str, tokenizer: Tokenizer, drain: bool
) -> Iterable[dict[str, Any]]:
    """Figures of all methods and forms for one log."""
    labelled = entries[0].label is not None
    ways = {"masked": [" ".join(_VARIES.sub("*", e.said).split()) for e in entries]}
    if labelled:
        ways["labelled"] = [str(entry.label) for entry in entries]
    for form in FORMS:
        pieces = [form.piece(entry) for entry in entries]
        before = tokenizer.count(form.join(pieces))
        limit = Budget.parse(budget).limit(before, "tokens")
        costs = [tokenizer.count(piece + "\n") for piece in pieces]
        bounds = {
            name: best_of_whole_lines(costs, templates, limit)
            for name, templates in ways.items()
            if rare_of(templates)
        }
        for method, text in methods(form, entries, limit, tokenizer, drain):
            told = form.survivors(text, entries)
            after = tokenizer.count(text)
            row: dict[str, Any] = {
                "system": system, "form": form.name, "budget": budget, "method": method,
                "used": round(after / limit, 4), "exceeded": after > limit,
                "valid": valid(form, text),
            }  # fmt: skip
            for name, (bound, needed) in bounds.items():
                rare = rare_of(ways[name])
                kept = {ways[name][i] for i in told} & rare
                row[name] = {
                    "rare": len(rare),
                    "kept": round(len(kept) / len(rare), 4),
                    "whole lines": round(bound, 4),
                    "needed": round(needed, 4),
                }
            yield row


def summary(found: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """For each form, budget and method: the mean share kept, the least, and what went wrong."""
    groups: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for row in found:
        groups.setdefault((row["form"], row["budget"], row["method"]), []).append(row)
    lines = []
    for (form, budget, method), group in groups.items():
        line: dict[str, Any] = {"form": form, "budget": budget, "method": method}
        for name in ("labelled", "masked"):
            shares = {row["system"]: row[name]["kept"] for row in group if name in row}
            if shares:
                least = min(shares, key=shares.__getitem__)
                line[name] = round(sum(shares.values()) / len(shares), 4)
                line[f"{name}, least"] = [least, shares[least]]
        line["exceeded"] = sum(row["exceeded"] for row in group)
        line["invalid"] = sum(row["valid"] is False for row in group)
        line["least used"] = min(row["used"] for row in group)
        lines.append(line)
    return lines


def main() -> None:
    """Measure all logs and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--labels", type=Path, help="a folder with *_structured.csv in it")
    parser.add_argument("--budgets", nargs="+", default=["10%", "5%"])
    parser.add_argument("--systems", nargs="*", help="only these")
    args = parser.parse_args()
    folder = data("loghub_2k")
    kept = cache("loghub")
    labels = args.labels or (kept if kept.is_dir() else folder)
    tokenizer = models.tokenizer()
    drain = importlib.util.find_spec("drain3") is not None
    found = []
    for path in sorted(folder.glob("*_2k.log")):
        system = path.name.removesuffix("_2k.log")
        if args.systems and system not in args.systems:
            continue
        entries = read(path, labels)
        for budget in args.budgets:
            found += rows(system, entries, budget, tokenizer, drain)
        for row in found:
            if row["system"] == system and row["method"] == "attar":
                print(row, flush=True)
    short = summary(found)
    for line in short:
        print(line, flush=True)
    if not args.systems:
        own = [row for row in found if row["method"] == "attar"]
        peers = ("bm25s", "drain3") if drain else ("bm25s",)
        save(
            "context_logs",
            {"seed": SEED, "environment": environment(*peers), "summary": short, "rows": own},
        )


if __name__ == "__main__":
    main()
