from __future__ import annotations

import numpy as np
import pytest

from attar.context import Recomp, parse
from attar.errors import UsageError
from attar.models.base import Embedder
from tests.context.asked import read


class Letters:
    """Texts as counts of letters, of unit length."""

    name = "default"
    digest = "0"
    dim = 26
    max_tokens = 99
    tokenizer = None

    def embed(self, texts, **_):
        rows = np.array([[t.lower().count(chr(97 + i)) for i in range(26)] for t in texts], "f4")
        return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)


def asked(question):
    from dataclasses import replace

    context, task = read("Aaa bbb.", "Zzz zzz.", question=question)
    embedder: Embedder = Letters()
    return context, replace(task, embedder=embedder)


def test_the_products_with_the_question_decide():
    context, task = asked("zzz")
    found = Recomp().apply(context, task)
    assert int(np.argmax(found.scores)) == 1
    np.testing.assert_allclose(found.features @ found.features.T, np.eye(2), atol=1e-6)


def test_it_reads_back_and_says_what_it_needs():
    assert parse("recomp") == Recomp()
    assert parse(repr(Recomp("org/name"))) == Recomp("org/name")
    context, task = asked(None)
    with pytest.raises(UsageError, match="needs a question"):
        Recomp().apply(context, task)
    empty, task = read("", question="x")
    assert Recomp().apply(empty, task) is empty
