"""Does squeezing keep its word? Seeded random texts, budgets and tokenizers.

    python -m benchmarks.context_exact [--cases 5000]

Texts are put together from pieces of many scripts, JSON, code, logs and noise. For each case:
the budget is not exceeded; protected text is there byte for byte; every span cuts its text out
of its source; the result is a subsequence; JSON is valid; and from 200 on, how much of
the budget is used. Writes benchmarks/results/context_exact.json.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar import models
from attar.budget import Budget
from attar.context import squeeze
from attar.context.kinds import json_text
from attar.errors import BudgetError
from attar.models.base import Tokenizer

SEED = 20240609
PIECES = (
    "All human beings are born free and equal. ",
    "Dr. Smith paid $3.50 on Jan. 5, and left!\n",
    "# A heading\n\n",
    "name(a, b)\n----------\n\n",
    "Все люди рождаются свободными. ",
    "人人生而自由,在尊严和权利上一律平等。",
    "มนุษย์ทั้งปวงเกิดมามีอิสระ ",
    "सभी मनुष्यों को अधिकार है। ",
    "كل الناس أحرار. ",
    "👩‍👩‍👧‍👦🏳️‍🌈🇩🇪 ",
    "Z̸̡̛a̷l̶g̵o̴ ",
    "| a | b |\n|---|---|\n| 1 | 2 |\n",
    "supercalifragilistic" * 8,
    "\ud800 lone \udfff ",
    "\x00\x01 control \u2028 \u202e ",
    "\n\n",
    "\r\n",
    " " * 30,
)
KINDS = ("mixed", "mixed", "mixed", "json", "code", "log")


@dataclass(frozen=True)
class Utf8:
    """One token a byte."""

    name: str = "UTF-8 bytes"

    def count(self, text: str) -> int:
        """Bytes of the text."""
        return len(text.encode("utf-8", "surrogatepass"))

    def offsets(self, text: str) -> NDArray[np.int64]:
        """Start and end of the character of each byte."""
        rows = [(i, i + 1) for i, c in enumerate(text) for _ in c.encode("utf-8", "surrogatepass")]
        return np.array(rows, dtype=np.int64).reshape(-1, 2)


def text_of(kind: str, rng: random.Random) -> str:
    """A random text of a kind."""
    size = rng.choice((0, 1, 5, 20, 60))
    if kind == "json":
        rows = [
            {"id": i, "words": rng.choice(PIECES)[:40], "at": rng.random()} for i in range(size)
        ]
        return json.dumps({"rows": rows, "last": None}, ensure_ascii=rng.random() < 0.5)
    if kind == "code":
        parts = ["import os\n\n\n"]
        for i in range(size):
            parts.append(f"def part{i}(x):\n    y = x + {rng.randrange(99)}\n    return y\n\n\n")
        return "".join(parts)
    if kind == "log":
        words = ("served", "lost", "error: no disk", "ready")
        return "".join(
            f"2024-01-01 10:00:{i % 60:02d} INFO {rng.choice(words)} {rng.randrange(999)}\n"
            for i in range(size * 2)
        )
    return "".join(rng.choice(PIECES) for _ in range(size))


def within(small: str, large: str) -> bool:
    """Whether `small` is a subsequence of `large`."""
    rest = iter(large)
    return all(char in rest for char in small)


def check(case: int, tokenizers: list[Tokenizer]) -> tuple[Counter[str], float | None]:
    """What happened in one case, and the share of a large budget that was used."""
    rng = random.Random(SEED * 100_003 + case)  # noqa: S311 - cases, not secrets
    kind = rng.choice(KINDS)
    text = text_of(kind, rng)
    tokenizer = rng.choice(tokenizers)
    before = tokenizer.count(text)
    limit = rng.randrange(before + 3) if rng.random() < 0.8 else rng.randrange(1000)
    start = rng.randrange(len(text) + 1)
    protect = (start, min(len(text), start + rng.randrange(60))) if rng.random() < 0.3 else ()
    question = rng.choice((None, "human rights", "what was lost?", "part7"))
    found: Counter[str] = Counter(cases=1)
    try:
        result = squeeze(
            text, question, to=Budget(limit, "tokens"), protect=protect, tokenizer=tokenizer
        )
    except BudgetError:
        found["protected_text_too_long"] = 1
        return found, None
    found["budget_exceeded"] = tokenizer.count(result.text) > limit
    found["protected_text_altered"] = bool(protect) and text[slice(*protect)] not in result.text
    found["span_not_from_source"] = any(text[s.start : s.end] != s.text for s in result.spans)
    found["not_a_subsequence"] = not within(result.text, text)
    strict = json_text.recognises(text)
    # A protected text may leave no room for the brackets around it.
    if strict and not protect and limit >= 16:
        found["json_cases"] = 1
        try:
            json.loads(result.text)
        except ValueError:
            found["json_invalid"] = 1
    used = None
    if 200 <= limit < before:
        used = tokenizer.count(result.text) / limit
        # JSON, code and tables are kept in whole members, statements and rows.
        context = result.context
        whole = context is not None and bool((context.units.atomic & ~context.kept).any())
        found["less_than_95_percent_used"] = used < 0.95 and not whole
        found["less_than_80_percent_used"] = used < 0.8
    return found, used


def main() -> None:
    """Run all cases and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=5000)
    args = parser.parse_args()
    named: dict[str, Tokenizer] = {
        "UTF-8 bytes": Utf8(),
        "SmolLM2 (byte-level BPE)": models.tokenizer(),
        "MiniLM (WordPiece)": models.embedder().tokenizer,
    }
    total: Counter[str] = Counter()
    shares = []
    for case in range(args.cases):
        found, used = check(case, list(named.values()))
        total.update({name: int(value) for name, value in found.items()})
        if used is not None:
            shares.append(used)
    result = {
        "seed": SEED,
        "tokenizers": list(named),
        **total,
        "budgets_of_200_or_more": len(shares),
        "least_share_used": round(min(shares, default=1.0), 4),
    }
    out = Path(__file__).parent / "results" / "context_exact.json"
    out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
