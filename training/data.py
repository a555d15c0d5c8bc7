"""Questions whose supporting sentence is known, from sets that no benchmark here uses.

    python training/data.py --squad NQG --qed QED --covid COVID --pubmed PUBMED \
        --not-about XQUAD --more TEXT... --out FOLDER

README.md says where the sources come from, under which licence, and how many of each are kept.
Writes `paragraphs.jsonl` (source, article, sentences) and `questions.jsonl` (paragraph, question,
answer, gold: positions of the sentences that hold the answer), and `texts.jsonl`, for words.
"""

# ruff: noqa: T201  (seeded draws and a report on the terminal are what is wanted)
from __future__ import annotations

import argparse
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from attar.segmentation.sentences import sentences

_BRACKETS = {
    "-lrb-": "(", "-rrb-": ")", "-lsb-": "[", "-rsb-": "]", "``": '"', "''": '"', "--": "–",
}  # fmt: skip


_MOST = 40  # sentences; longer "paragraphs" are tables


@dataclass(frozen=True)
class Paragraph:
    """Sentences that stand together; `article` tells which paragraphs share a subject."""

    source: str
    article: str
    sentences: list[str]


@dataclass(frozen=True)
class Question:
    """A question about `paragraph`; `gold` is empty where no one marked a sentence."""

    source: str
    paragraph: int
    question: str
    answer: str
    gold: list[int]


def plain(text: str) -> str:
    """Undo the tokenisation of a treebank: "U.S. , ( and )" becomes "U.S., (and)"."""
    text = " ".join(_BRACKETS.get(word, word) for word in text.split())
    text = re.sub(r"\s+([,.;:!?%)\]]|'s\b|n't\b)", r"\1", text)
    text = re.sub(r"([(\[$])\s+", r"\1", text)
    return re.sub(r'"\s*([^"]*?)\s*"', r'"\1"', text)


def squad(folder: Path) -> Iterator[tuple[Paragraph, list[tuple[str, str, list[int]]]]]:
    """Du et al.'s test split: 44 articles of SQuAD's *training* part, sentence by sentence.

    The split's own dev part is SQuAD's dev set, hence XQuAD, and is not read. Questions of one
    paragraph come in the order of several annotators, so sentences whose first and last questions
    enclose each other stand in one paragraph.
    """
    source = (folder / "src-test.txt").read_text(encoding="utf-8").splitlines()
    target = (folder / "tgt-test.txt").read_text(encoding="utf-8").splitlines()
    for start, end in _stretches(source):
        order = list(dict.fromkeys(source[start:end]))
        asked = [
            (plain(question), "", [order.index(line)])
            for line, question in zip(source[start:end], target[start:end], strict=True)
        ]
        # The files do not mark where an article ends; they hold about 270 questions each.
        yield Paragraph("squad", f"squad {start // 270}", [plain(s) for s in order]), asked


def _stretches(lines: list[str], least: int = 12) -> Iterator[tuple[int, int]]:
    """Cut between lines so that no line stands on both sides, at least `least` lines apart."""
    last = {line: i for i, line in enumerate(lines)}
    start = end = 0
    for i, line in enumerate(lines):
        if last[line] < i + 80:  # a later one is another paragraph that repeats it
            end = max(end, last[line])
        if i >= end and i - start + 1 >= least:
            yield start, i + 1
            start = i + 1
    if start < len(lines):
        yield start, len(lines)


def qed(files: Iterable[Path]) -> Iterator[tuple[Paragraph, list[tuple[str, str, list[int]]]]]:
    """QED's training part: questions typed into a search engine, and one sentence as the reason."""
    for file in files:
        for line in file.read_text(encoding="utf-8").split("\n"):
            if not line:
                continue
            row = json.loads(line)
            text, starts = row["paragraph_text"], row["sentence_starts"]
            if not starts or not row["answer_spans"] or row["answer_type"] != "single_sentence":
                continue
            cuts = list(zip(starts, [*starts[1:], len(text)], strict=True))
            begin = row["answer_spans"][0][0]
            gold = [i for i, (a, b) in enumerate(cuts) if a <= begin < b]
            parts = [plain(text[a:b]) for a, b in cuts]
            if gold and all(parts):
                asked = [(row["question_text"], plain(row["answer_text"][0]), gold)]
                yield Paragraph("qed", row["title_text"], parts), asked


def covid(file: Path) -> Iterator[tuple[Paragraph, list[tuple[str, str, list[int]]]]]:
    """COVID-QA: questions of biomedical experts about papers, cut into paragraphs."""
    for article in json.loads(file.read_text(encoding="utf-8"))["data"]:
        for item in article["paragraphs"]:
            text = item["context"]
            spans = sentences(text)
            for begin in range(0, len(spans), 8):
                part = spans[begin : begin + 8]
                low, high = part[0][0], part[-1][1]
                asked = []
                for qa in item["qas"]:
                    at = qa["answers"][0]["answer_start"]
                    if low <= at < high:
                        to = at + len(qa["answers"][0]["text"].strip())
                        gold = [i for i, (a, b) in enumerate(part) if a < to and b > at]
                        asked.append((qa["question"], qa["answers"][0]["text"].strip(), gold))
                parts = [" ".join(text[a:b].split()) for a, b in part]
                yield Paragraph("covid", str(item["document_id"]), parts), asked


def pubmed(file: Path) -> Iterator[tuple[Paragraph, list[tuple[str, str, list[int]]]]]:
    """PubMedQA, labelled part: a title that asks, and the abstract without its conclusion."""
    for key, row in json.loads(file.read_text(encoding="utf-8")).items():
        text = "\n\n".join(row["CONTEXTS"])
        parts = [" ".join(text[a:b].split()) for a, b in sentences(text)]
        yield Paragraph("pubmed", key, parts), [(row["QUESTION"], row["LONG_ANSWER"], [])]


def main() -> None:
    """Write both files and print how many of each source there are."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("squad", "qed", "covid", "pubmed", "not-about", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--more", type=Path, nargs="*", default=[], help="books, manuals")
    options = parser.parse_args()
    evaluated = json.loads(options.not_about.read_text(encoding="utf-8"))["data"]
    titles = {article["title"].replace("_", " ").lower() for article in evaluated}
    options.out.mkdir(parents=True, exist_ok=True)
    groups = [
        squad(options.squad),
        qed(sorted(options.qed.glob("nq-train-*.jsonlines"))),
        covid(options.covid),
        pubmed(options.pubmed),
    ]
    counts: dict[str, list[int]] = {}
    long_text: dict[str, list[str]] = {}
    number = 0
    with (
        (options.out / "paragraphs.jsonl").open("w", encoding="utf-8") as paragraphs,
        (options.out / "questions.jsonl").open("w", encoding="utf-8") as questions,
    ):
        for paragraph, asked in (pair for group in groups for pair in group):
            if not 0 < len(paragraph.sentences) <= _MOST or paragraph.article.lower() in titles:
                continue
            if paragraph.source in ("qed", "covid", "pubmed"):  # the others have no capitals
                long_text.setdefault(paragraph.source, []).extend(paragraph.sentences)
            _write(paragraphs, asdict(paragraph))
            for question, answer, gold in asked:
                row = Question(paragraph.source, number, question, answer, gold)
                _write(questions, asdict(row))
            count = counts.setdefault(paragraph.source, [0, 0, 0])
            count[0] += 1
            count[1] += len(paragraph.sentences)
            count[2] += len(asked)
            number += 1
    for file in options.more:
        text = file.read_text(encoding="utf-8", errors="replace")
        long_text[file.name] = [" ".join(text[a:b].split()) for a, b in sentences(text)]
    with (options.out / "texts.jsonl").open("w", encoding="utf-8") as file:
        for parts in long_text.values():
            for text in _stretch_of(parts):
                file.write(json.dumps(text, ensure_ascii=False) + "\n")
    print("source: paragraphs, sentences, questions")
    for source, count in counts.items():
        print(f"{source}: {count[0]}, {count[1]}, {count[2]}")


def _stretch_of(parts: list[str], words: int = 110) -> Iterator[str]:
    """Sentences that follow one another, about `words` words at a time."""
    held: list[str] = []
    for part in parts:
        held.append(part)
        if sum(len(p.split()) for p in held) >= words:
            text = " ".join(held)
            if len(text) < 2000:
                yield text
            held = []


def _write(file: Any, row: dict[str, Any]) -> None:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
