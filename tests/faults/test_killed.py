"""A killed writer leaves the state before or after its change; the next one clears the rest."""

from __future__ import annotations

import random
import shutil
import signal
import time
from pathlib import Path

import pytest

from attar.errors import PackError
from attar.pack import Document, Pack, Ranking
from attar.pack.merge import merge
from tests.pack.toy import HashEmbedder, some_documents

from .child import changes_of, in_child, killed_before_change
from .commands import COMMANDS
from .packs import LONG, answers, files_of, many, state

LAST = Document("last", "last", "The last one.")


def fresh(made: Path, folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    return Path(shutil.copytree(made, folder))


def check(folder: Path, allowed: list[list[Document]]) -> None:
    """The pack is one of these, can be searched, and the next change clears what the dead left."""
    found = state(folder)
    assert found in allowed
    answers(Pack.open(folder, HashEmbedder()))
    Pack.open(folder, HashEmbedder()).add([LAST])
    assert state(folder) == [*found, LAST]
    named = {path for path, _ in Pack.open(folder).collection.manifest.files()}
    there = {str(p.relative_to(folder)) for p in files_of(folder)}
    assert there == named | {"manifest.json"}


@pytest.mark.parametrize("name", COMMANDS)
def test_before_any_change_of_the_disk(name: str, made: Path, tmp_path: Path) -> None:
    def work() -> None:
        COMMANDS[name](folder)

    folder = fresh(made, tmp_path / "p")
    before, total = state(folder), changes_of(work)
    allowed = [before, state(folder)]
    chance = random.Random(f"changes {name}")
    numbers = range(total) if LONG else sorted(chance.sample(range(total), min(total, 12)))
    for number in numbers:
        fresh(made, folder)
        assert killed_before_change(work, number).signal == signal.SIGKILL
        check(folder, allowed)


@pytest.mark.parametrize("name", COMMANDS)
def test_at_any_moment(name: str, made: Path, tmp_path: Path) -> None:
    def work() -> None:
        COMMANDS[name](folder)

    folder = fresh(made, tmp_path / "p")
    before, started = state(folder), time.perf_counter()
    outcome = in_child(work)
    seconds = time.perf_counter() - started
    assert not outcome.failed, outcome.said
    allowed = [before, state(folder)]
    chance = random.Random(f"moments {name}")
    for _ in range(many(4, 200)):
        fresh(made, folder)
        in_child(work, kill_after=chance.uniform(0, seconds))
        check(folder, allowed)


def test_a_merge(made: Path, tmp_path: Path) -> None:
    def work() -> None:
        merge([made, made], target)

    target = tmp_path / "merged.attar"
    total = changes_of(work)
    whole = state(target)
    for number in range(0, total, 1 if LONG else 3):
        shutil.rmtree(target, ignore_errors=True)
        killed_before_change(work, number)
        if not target.exists():
            work()
        assert state(target) == whole
        assert [p.name for p in tmp_path.iterdir()] == [target.name]


def test_a_pack_that_was_never_finished_can_be_made_again(tmp_path: Path) -> None:
    documents = some_documents(6)

    def work() -> None:
        Pack.create(folder, embedder=HashEmbedder(), exist_ok=True).add(documents)

    folder = tmp_path / "new.attar"
    total = changes_of(work)
    whole = state(folder)
    for number in range(total):
        shutil.rmtree(folder)
        killed_before_change(work, number)
        if (folder / "manifest.json").exists():
            assert state(folder) in ([], whole)
        else:
            with pytest.raises(PackError, match="there is no pack"):
                state(folder)
        work()
        assert state(folder) == whole


def test_a_ranking_is_the_old_or_the_new(made: Path, tmp_path: Path) -> None:
    def work() -> None:
        Pack.open(folder, HashEmbedder()).rank_by(told)

    told = Ranking("rrf", 0.25, 0.6, 0.3)
    folder = fresh(made, tmp_path / "p")
    documents, total = state(folder), changes_of(work)
    found = []
    for number in range(total):
        fresh(made, folder)
        assert killed_before_change(work, number).signal == signal.SIGKILL
        found.append(Pack.open(folder).info().ranking)
        check(folder, [documents])
    fresh(made, folder)
    work()
    found.append(Pack.open(folder).info().ranking)
    # One moment decides, whatever is done before and after it.
    assert found == sorted(found, key=lambda ranking: ranking == told)
    assert (found[0], found[-1]) == (Ranking(), told)
