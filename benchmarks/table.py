"""Write the README's table of figures from the results that are kept.

    python -m benchmarks.table

No figure is typed by hand: a row appears when its result file is there.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks.common import RESULTS

README = Path(__file__).parent.parent / "README.md"
BEGIN, END = "<!-- figures: python -m benchmarks.table -->", "<!-- end of figures -->"


def result(name: str) -> Any:
    """A kept result, or None."""
    path = RESULTS / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table in Markdown, and the blank line behind it."""
    yield f"| {' | '.join(heads)} |"
    yield "|---" * len(heads) + "|"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def figure(value: float | None) -> str:
    """Three digits behind the point, or a dash for nothing."""
    return "-" if value is None else f"{value:.3f}"


def packs() -> Iterator[str]:
    """Size and quality of packs beside everything in floats."""
    found = [
        (name, r) for name in ("cranfield", "cisi", "cacm", "npl") if (r := result(f"pack-{name}"))
    ]
    if not found:
        return
    yield "A whole pack (text, vectors, postings) beside the raw text, and hybrid search on it"
    yield "beside float32 vectors and float BM25 with the same fusion, in the same run:"
    yield ""
    yield from table(
        ("collection", "pack / text", "nDCG@10", "uncompressed", "kept", "Recall@100",
         "uncompressed"),
        ((f"{name}, {r['documents']:,} documents", f"{r['ratio']:.1%}", f"{ours['ndcg@10']:.4f}",
          f"{theirs['ndcg@10']:.4f}", f"{r['kept']:.1%}", f"{ours['recall@100']:.4f}",
          f"{theirs['recall@100']:.4f}")
         for name, r in found
         for ours, theirs in [(r["pack"]["hybrid"], r["reference"]["hybrid"])]),
    )  # fmt: skip
    yield "`attar measure pack $ATTAR_DATA/ir/cranfield`, or all four: `python -m benchmarks.packs`"


def stores() -> Iterator[str]:
    """Whole stores over the same texts and vectors."""
    names = [n for n in ("cranfield", "cisi", "cacm", "npl") if result(f"stores-{n}")]
    if not names:
        return
    found = {name: result(f"stores-{name}") for name in names}
    systems = [k for k, v in found[names[0]].items() if isinstance(v, dict) and "ratio" in v]
    yield "Whole stores over the same texts and the same vectors: every file on disk over the raw"
    yield "text, and nDCG@10 of each one's own hybrid (Chroma: dense) search:"
    yield ""

    def cell(row: Any) -> str:
        best = row.get("hybrid") or row.get("dense")
        return f"{row['ratio']:.2f}, {best['ndcg@10']:.3f}" if best else "-"

    yield from table(
        ("store", *names),
        ((system, *(cell(found[name].get(system, {})) for name in names)) for system in systems),
    )
    yield "`python -m benchmarks.stores`"


def vectors() -> Iterator[str]:
    """Codes of embeddings beside other libraries, by bytes."""
    measured = result("vectors-minilm")
    if not measured:
        return
    rows = {k: v for k, v in measured["indexes"].items() if v.get("bytes_per_vector", 999) < 250}
    peers = {k: v for k, v in rows.items() if not k.startswith("attar")}
    ours = {
        k: v
        for k, v in rows.items()
        if k.startswith(("attar 48", "attar 96", "attar 192"))
        and ("rerank" not in k or k.endswith(("rerank 3", "rerank 10")))
    }
    best = {k: v for k, v in peers.items() if not any(_better(x, v) for x in peers.values())}
    shown = sorted({**ours, **best}.items(), key=lambda item: item[1]["bytes_per_vector"])
    yield f"Vectors: {measured['vectors']:,} MiniLM embeddings of 384 dimensions, recall@10 without"
    yield "originals, one thread, bytes from the saved index; of the others, those that no other of"
    yield "them beats (`a + b, rerank n`: `a` is scanned, `b` read of n rows for each asked for):"
    yield ""
    yield from table(
        ("codes", "bytes a vector", "recall@10", "queries a second", "in batches"),
        ((f"**{_short(name)}**" if name in ours else _short(name), f"{row['bytes_per_vector']:.0f}",
          f"{row['recall@10']:.3f}", f"{row['queries_per_second']:,.0f}",
          f"{row['queries_per_second_batch']:,.0f}") for name, row in shown),
    )  # fmt: skip
    yield "Each fast index of the others in turns with the fastest of Attar's that takes no more"
    yield "bytes and finds as much:"
    yield ""
    yield from table(
        ("peer", "bytes", "recall@10", "Attar's bytes", "recall@10", "times as fast", "in batches"),
        ((name, f"{theirs:.0f}", f"{missed:.3f}", f"{own:.0f}", f"{found:.3f}",
          f"{pair['times_as_fast']:.2f}", f"{pair['times_as_fast_in_batches']:.2f}")
         for name, pair in measured.get("pairs", {}).items()
         for own, theirs in [pair["bytes_per_vector"]]
         for found, missed in [pair["recall@10"]]),
    )  # fmt: skip
    yield "`python -m benchmarks.vectors minilm glove`"


def _short(name: str) -> str:
    """An index's recipe without what all of them have."""
    recipe = name.split(": ", 1)[-1]
    for common in (", bits=8", ", states=10", ", most=4"):
        recipe = recipe.replace(common, "")
    return recipe


def million() -> Iterator[str]:
    """A pack of a million passages."""
    measured = result("pack-million")
    if not measured:
        return
    built, found = measured["build"], measured["search"]
    yield f"A pack of {built['units']:,} passages of manual pages, {built['text_bytes'] / 1e6:.0f}"
    yield "MB of text (vectors stand in for embeddings), one thread:"
    yield ""
    row = (
        f"{found['open_ms']:.0f} ms", f"{found['hybrid_ms']:.1f} ms", f"{found['dense_ms']:.1f} ms",
        f"{found['bm25_ms']:.1f} ms", f"{found['resident_mb']:.0f} MB",
    )  # fmt: skip
    yield from table(
        ("opening", "hybrid top 10", "dense", "BM25", "memory that this adds to a process"), [row]
    )
    yield "`python -m benchmarks.pack_million`"


def building() -> Iterator[str]:
    """Building a large pack of whole pages."""
    found = result("build")
    if not found:
        return
    one, two, use = found["workers_1"], found["workers_2"], found["use"]
    size, ratio = one["text_bytes"] / 1e6, one["ratio"]
    yield f"Building a pack of {size:,.0f} MB of manual pages, which takes {ratio:.1%} of them;"
    yield "embedding left out, and at the end 10,000 unchanged files packed again:"
    yield ""
    row = (
        f"{one['mb_per_second']:.1f} MB/s", f"{two['mb_per_second']:.1f} MB/s",
        f"{one['peak_bytes'] / 1e9:.2f} GB, {two['peak_bytes'] / 1e9:.2f} GB",
        f"{use['open_ms']:.0f} ms", f"{use['hybrid_ms_median']:.0f} ms",
        f"{use['unit_ms_median']:.2f} ms", f"{found['again']['again_seconds']:.1f} s",
    )  # fmt: skip
    yield from table(
        ("one process", "two", "most memory", "opening", "hybrid top 10", "one unit", "again"),
        [row],
    )
    yield "`python -m benchmarks.build --megabytes 1000`"


def _better(one: dict[str, float], other: dict[str, float]) -> bool:
    """Whether `one` is at least as good in bytes, recall and speed, and better in one."""
    pairs = [
        (other["bytes_per_vector"], one["bytes_per_vector"]),
        (one["recall@10"], other["recall@10"]),
        (one["queries_per_second"], other["queries_per_second"]),
    ]
    return all(x >= y for x, y in pairs) and any(x > y for x, y in pairs)


def extraction() -> Iterator[str]:
    """How often the sentence with the answer survives a squeeze."""
    measured = result("context_extract")
    if not measured:
        return
    rows = measured["rows"]
    places = list(dict.fromkeys((r["paragraphs"], r["share"]) for r in rows))
    kept = {(r["method"], r["paragraphs"], r["share"]): r["gold_sentence_kept"] for r in rows}
    yield "Squeezing: how often the sentence that holds the answer is kept, its paragraph among"
    yield f"others, in a share of the tokens ({measured['data']},"
    yield f"{measured['questions']} questions):"
    yield ""
    heads = [f"{share:.3g} of {paragraphs}".replace("0.", ".") for paragraphs, share in places]
    yield from table(
        ("sentences by", *heads),
        ((method, *(figure(kept.get((method, *place))) for place in places))
         for method in dict.fromkeys(r["method"] for r in rows)),
    )  # fmt: skip
    yield "`python -m benchmarks.context_extract`"


def logs() -> Iterator[str]:
    """What is told once or twice in a log, at a tenth of the tokens."""
    measured = result("context_logs")
    if not measured:
        return
    found = {(r["form"], r["method"]): r for r in measured["summary"] if r["budget"] == "10%"}
    forms = list(dict.fromkeys(form for form, _ in found))
    key = "labelled" if "labelled" in next(iter(found.values())) else "masked"
    yield "Logs, and JSON made of them: the share of templates of one or two lines that survive in"
    yield "10% of the tokens (loghub, 16 systems of 2,000 lines; mean, and the least of a system):"
    yield ""

    def share(row: Any) -> str:
        return f"{row[key]:.3f} ({row[f'{key}, least'][1]:.3f})"

    yield from table(
        ("kept by", *forms),
        ((method, *(share(found[form, method]) for form in forms))
         for method in dict.fromkeys(method for _, method in found)),
    )  # fmt: skip
    yield "`python -m benchmarks.context_logs`"


def reading() -> Iterator[str]:
    """What a reader makes of what is left."""
    names = {"xquad": "XQuAD", "qmsum": "QMSum"}
    found = {title: r for name, title in names.items() if (r := result(f"context_read-{name}"))}
    if not found:
        return
    loss = {
        (f["name"], title, f["budget"]): f["loss"]["mean"]
        for title, r in found.items()
        for f in r["figures"]
    }
    places = list(dict.fromkeys((title, budget) for _, title, budget in loss if budget))
    counts = ", ".join(f"{r['questions']} questions of {title}" for title, r in found.items())
    yield "What a reader makes of it: negative log-likelihood of the answer, nats a token, lower is"
    yield f"better ({counts}; reader SmolLM2, on a GPU):"
    yield ""

    def read(name: str, title: str, budget: str) -> str:
        return figure(loss.get((name, title, budget), loss.get((name, title, None))))

    yield from table(
        ("what is read", *(f"{title}, {budget}" for title, budget in places)),
        ((READ.get(name, name), *(read(name, *place) for place in places))
         for name in dict.fromkeys(name for name, _, _ in loss)),
    )  # fmt: skip
    yield "`python -m benchmarks.context_read xquad --count 200 --budgets 25%,12.5%,6%` and"
    yield "`qmsum --count 40 --budgets 12.5% --most-words 7000 --no-full`"


def code() -> Iterator[str]:
    """The next lines of a function after modules squeezed to a quarter."""
    measured = result("context_code")
    if not measured:
        return
    count, share = measured["cases"], measured["share"]
    yield f"Code: {count} functions of Python's standard library cut in two; loss of the next lines"
    yield f"after the rest of the module and two like it, squeezed to {share:.0%}:"
    yield ""

    def cells(row: Any) -> Sequence[str]:
        parsed, paired = row["outputs_that_parse"], row["paired_difference_of"].get(DEFAULT)
        return (
            row["method"], figure(row["loss"]),
            f"{-paired[0]:+.3f} ± {paired[1]:.3f}" if paired else "",
            "-" if parsed is None else f"{parsed:.0%}", f"{row['ms_per_1000_tokens']:.0f}",
        )  # fmt: skip

    yield from table(
        ("modules by", "loss", "more than the default's, ± 95%", "parses", "ms for 1,000 tokens"),
        map(cells, sorted(measured["rows"], key=lambda row: float(row["loss"]))),
    )
    yield "`python -m benchmarks.context_code --cases 100`"


DEFAULT = "default, model-free"
READ = {
    "full": "the full text",
    "empty": "nothing",
    "gold passage": "the paragraph that holds the answer",
    "truncate(start)": "the beginning",
    "default": "default, with MiniLM",
    "model-free": "default, model-free",
    "high": '`effort="high"`',
    "rank(bm25, paragraph=0.0, neighbour=0.0) >> extract(top)": "BM25 sentences",
    "rank(dense, paragraph=0.0, neighbour=0.0) >> extract(top)": "MiniLM sentences",
}
TABLES = (packs, stores, million, building, vectors, extraction, reading, code, logs)


def main() -> None:
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    tables = "\n\n".join("\n".join(t) for figures in TABLES if (t := list(figures())))
    README.write_text(f"{before}{BEGIN}\n\n{tables}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
