"""What a fuzzer found once is never found again, and seeds with a little damage are taken well."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from .child import in_child, limit_memory
from .packs import many
from .parsers import PARSERS, accepts, seeds

CASES = sorted(path for path in (Path(__file__).parent / "cases").rglob("*") if path.is_file())
ROOM = 256 << 20


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_found_cases(path: Path) -> None:
    accepts(path.parent.name, path.read_bytes())


@pytest.mark.parametrize("parser", PARSERS)
def test_seeds_are_accepted(parser: str) -> None:
    assert all(accepts(parser, seed) for seed in seeds(parser))


@pytest.mark.parametrize("parser", PARSERS)
def test_a_few_bytes_changed(parser: str) -> None:
    # Behind the checksums, in a child: neither a crash nor a greedy allocation can hide.
    chance = random.Random(parser)
    sound = list(seeds(parser))
    for seed in sound:
        accepts(parser, seed)  # compiles what is needed

    def work() -> None:
        limit_memory(ROOM)
        for _ in range(many(150, 5000)):
            data = bytearray(chance.choice(sound))
            for _ in range(chance.randint(1, 4)):
                if data:
                    data[chance.randrange(len(data))] = chance.choice([0, 1, 127, 128, 255])
            accepts(parser, bytes(data[: chance.randint(0, 2 * len(data))]))

    outcome = in_child(work)
    assert outcome.signal == 0
    assert not outcome.failed, outcome.said
