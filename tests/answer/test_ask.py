"""From question to answer over real parts, with small models written here."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence

import numpy as np
import pytest

from attar.answer import Relevance, ask, ask_stream
from attar.answer.prompt import NOTHING_FOUND
from attar.context.terms import stem, words_of
from attar.errors import BudgetError, UsageError
from attar.models.tokenizers import Utf8Bound
from attar.pack import Document, Pack
from attar.pack import open as open_packs

DOCUMENTS = [
    Document(
        f"doc{i}",
        f"animals/{name}.txt",
        f"About the {name}.\n\nThe {name} eats {food}. It sleeps {hours} hours a day."
        f" People often photograph it.\n\nNobody knows how old the {name} becomes.",
        title=name.title(),
    )
    for i, (name, food, hours) in enumerate(
        [("badger", "earthworms", 14), ("otter", "crayfish", 11), ("heron", "frogs", 9)]
    )
]


class HashingEmbedder:
    """Words hashed to signs (feature hashing): texts that share words are near each other."""

    name = "hashing"
    digest = "hashing-1"
    dim = 128
    max_tokens = 512
    tokenizer = Utf8Bound()

    def embed(self, texts: Sequence[str], **_):
        rows = np.zeros((len(texts), self.dim), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in stem(words_of(text)[0]):
                code = zlib.crc32(word.encode())
                row[code % self.dim] += 1 if code & 0x80000000 else -1
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


class Parrot:
    """Says the first source again, and remembers what it was asked."""

    name = "parrot"
    tokenizer = Utf8Bound()
    context_tokens = 4096

    def generate(self, prompt, *, max_tokens=256, **_):
        self.prompt = prompt
        first = prompt[-1]["content"].split("[1] ")[1].split("\n\n[2]")[0]
        yield from first.split("\n\nQuestion:")[0].partition(" ")

    def log_likelihood(self, continuation, context=""):
        raise NotImplementedError


@pytest.fixture(scope="module")
def pack(tmp_path_factory):
    with Pack.create(tmp_path_factory.mktemp("packs") / "a", embedder=HashingEmbedder()) as pack:
        pack.add(DOCUMENTS)
        yield pack


def test_an_answer_names_what_it_rests_on(pack):
    parrot = Parrot()
    answer = ask(pack, "What does the otter eat?", to="120 tokens", model=parrot)
    assert answer.found
    assert "crayfish" in answer.text
    texts = {d.id: d for d in DOCUMENTS}
    shown = parrot.prompt[-1]["content"]
    for source in answer.sources:
        document = texts[source.id]
        assert document.text[source.start : source.end] == source.text
        assert (document.source, document.title) == (source.source, source.title)
        assert f"[{source.number}] " in shown
        assert source.text in shown
    numbers = [source.number for source in answer.sources]
    assert sorted(set(numbers)) == list(range(1, max(numbers) + 1))
    assert "Question: What does the otter eat?" in shown


def test_of_several_packs_each_source_names_its_own(pack, tmp_path):
    question = "What does the otter eat?"
    alone = ask(pack, question, to="120 tokens", model=Parrot()).to_dict()
    assert all("pack" not in source for source in alone["sources"])
    other = Pack.create(tmp_path / "other", embedder=HashingEmbedder())
    other.add([Document("doc1", "animals/otter.txt", "What does the otter eat? Crayfish, mostly.")])
    folders = [pack.collection.folder, tmp_path / "other"]
    both = open_packs(folders, HashingEmbedder())
    answer = ask(both, question, to="200 tokens", model=Parrot())
    assert {source.pack for source in answer.sources} == {str(folder) for folder in folders}
    assert all(source["pack"] for source in answer.to_dict()["sources"])


def test_the_report_says_what_was_saved(pack):
    answer = ask(pack, "What does the heron eat?", to="100 tokens", model=Parrot())
    before, after = answer.report.size("tokens")
    assert after <= 100 < before
    assert {"embed", "search", "judge", "squeeze", "generate"} <= set(answer.report.seconds)
    assert json.loads(json.dumps(answer.to_dict()))["sources"][0]["number"] == 1


def test_pieces_joined_are_the_answer(pack):
    stream = ask_stream(pack, "What does the badger eat?", model=Parrot())
    assert "".join(stream).strip() == stream.answer.text
    assert stream.answer is stream.answer


def test_nothing_relevant_is_said_and_no_model_is_asked(pack):
    class Silent(Parrot):
        def generate(self, prompt, **_):
            raise AssertionError("asked")

    answer = ask(pack, "Which compiler flags enable vectorization?", model=Silent())
    assert answer.text == NOTHING_FOUND
    assert not answer.found
    assert answer.report.what == f"no passage of {len(pack.search('x', 10))} found is relevant"


def test_an_empty_pack_knows_nothing(tmp_path):
    with Pack.create(tmp_path / "empty", embedder=HashingEmbedder()) as pack:
        assert ask(pack, "Anything?", model=Parrot()).text == NOTHING_FOUND


@pytest.mark.parametrize("question", ["", "  \n"])
def test_an_empty_question_is_a_wrong_call(pack, question):
    with pytest.raises(UsageError, match="question is empty"):
        ask(pack, question, model=Parrot())


def test_no_room_for_any_text(pack):
    with pytest.raises(BudgetError, match="leaves no room"):
        ask(pack, "What does the otter eat?", to="0 tokens", model=Parrot())


@pytest.mark.parametrize("values", [{"words": 2}, {"cosine": -3}])
def test_relevance_out_of_range(values):
    with pytest.raises(UsageError):
        Relevance(**values)


@pytest.mark.model
def test_the_default_models_answer(tmp_path):
    with Pack.create(tmp_path / "real") as pack:
        pack.add(DOCUMENTS)
        answer = ask(pack, "What does the otter eat?", to="60 tokens", max_tokens=30)
        assert "crayfish" in answer.text.lower()
        assert not ask(pack, "Who won the football world cup of 1998?").found
