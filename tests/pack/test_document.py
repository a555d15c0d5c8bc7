"""Documents are values: comparable, hashable, and able to travel between processes."""

from __future__ import annotations

import pickle

from attar.pack import Document


def test_a_document_is_a_value() -> None:
    given = {"n": [1]}
    document = Document("a", "b", "text", metadata=given)
    given["more"] = [2]
    assert document.metadata == {"n": [1]}
    assert document == Document("a", "b", "text", metadata={"n": [1]})
    assert hash(document) == hash(Document("a", "b", "text", metadata={"n": [2]}))
    assert pickle.loads(pickle.dumps(document)) == document
