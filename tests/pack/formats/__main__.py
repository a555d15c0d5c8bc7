"""Make a small pack of the format that this Attar writes, and note what it answers.

    python -m tests.pack.formats NAME [TIER]

Run it once for each change of format, before the change is released: the folder NAME beside this
file stays in the repository, and every later Attar must open it (tests/pack/test_formats.py). All
is seeded; only the stamps of the files that it was made from depend on when it was made.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from attar.pack import Document, Pack, Ranking
from attar.pack.export import line_of

from ..toy import HashEmbedder, some_documents

HERE = Path(__file__).parent
RECIPE = "Unit() >> TrellisFill(bits=1.125, states=10)"
QUESTIONS = ("heat shock of a plate", "boundary layer", "élan vital")
FILES = {
    "a.md": "# Wings\r\n\r\nA wing makes lift.\r\n\r\n## Flaps\r\n\r\nFlaps raise lift.\r\n",
    "deep/b.html": "<title>Jets</title><p>A jet of <b>gas</b>.<!-- hidden --><p>Heat &amp; flow.",
    "gcd.py": "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a\n",
    "records.jsonl": '{"_id": "r1", "text": "A cone.", "metadata": {"n": [1, null]}}\n',
    "élan.txt": "\ufeffÉlan vital.\u2028It is no gas. \U0001f469\u200d\U0001f680\n",
}

EXPORTED = Document("notes/x", "elsewhere/x.md", "# X\n\nA plate.\n", "X", "markdown", {"a": "é"})


def make(folder: Path, tier: str) -> Pack:
    """A pack of files and documents, some replaced and deleted, in several segments."""
    pack = Pack.create(folder, embedder=HashEmbedder(), vectors=RECIPE, text=tier)
    with tempfile.TemporaryDirectory() as place:
        docs = Path(place, "docs")
        for name, text in FILES.items():
            (docs / name).parent.mkdir(parents=True, exist_ok=True)
            (docs / name).write_text(text, encoding="utf-8", newline="")
        (docs / "exported.jsonl").write_text(line_of(EXPORTED), encoding="utf-8", newline="\n")
        pack.sync(docs)
    pack.add(some_documents(12))
    pack.add([*some_documents(3, seed=1), Document("blank", "blank", " \n "), *copies()])
    pack.delete(["d7", "r1"])
    pack.rank_by(Ranking("zscore", 0.4, 0.9, 0.6))
    return pack


def copies() -> list[Document]:
    """Long texts that differ in a word."""
    text = " ".join(d.text for d in some_documents(6, seed=2))
    return [Document(f"copy{i}", "copies", f"Copy {i}. {text}") for i in range(3)]


def answers(pack: Pack) -> dict[str, object]:
    """What the pack holds and finds."""
    info = pack.info()
    return {
        "documents": [
            [d.id, d.source, d.text, d.title, d.kind, dict(d.metadata)] for d in pack.documents()
        ],
        "counts": [info.documents, info.units, info.text_bytes],
        "searches": [
            search(pack, question, mode)
            for question in QUESTIONS
            for mode in ("hybrid", "dense", "bm25")
        ],
    }


def search(pack: Pack, question: str, mode: str) -> dict[str, object]:
    """A search by a vector that is noted, since random numbers may change with their library."""
    vector = HashEmbedder().embed([question])[0]
    hits = pack.search(question, 8, mode, vector)  # type: ignore[arg-type]
    return {
        "question": question,
        "mode": mode,
        "vector": [round(float(x), 9) for x in vector],
        "hits": [[h.id, h.start, h.end, h.score] for h in hits],
    }


def main(name: str, tier: str = "standard") -> None:
    target = HERE / name
    target.mkdir()
    pack = make(target / "pack", tier)
    (target / "pack" / "lock").unlink()
    said = json.dumps(answers(pack), ensure_ascii=False, separators=(",", ":"))
    (target / "answers.json").write_text(said + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
