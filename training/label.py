"""Labels by measurement: how much does a sentence, or a word, matter to a reader?

    python training/label.py sentences --data FOLDER --reader SMOLLM2 --out FILE
    python training/label.py words --data FOLDER --reader SMOLLM2 --out FILE

`sentences`: for each question with an answer, the reader's negative log-likelihood of the answer
with no context, with the paragraph, with each sentence alone, and with the paragraph without it.

`words`: for each text, words are left out at random, several times; the reader sees what is left
and then the text itself. What a word costs there when it was left out, less what it costs when it
was not, is what leaving it out loses: little for what the other words and the language tell.
"""

# ruff: noqa: S311  (seeded draws and a report on the terminal are what is wanted)
from __future__ import annotations

import argparse
import json
import random
import re
from pathlib import Path

import numpy as np
from reader import Reader

_MOST_SENTENCES = 12
_MASKS = 8
_THEN = "\n\nThe same text, written out in full:\n"


def sentences(folder: Path, reader: Reader, limit: int | None) -> list[dict[str, object]]:
    """Measure the sentences of each question's paragraph."""
    paragraphs = [json.loads(line) for line in (folder / "paragraphs.jsonl").open()]
    questions = [json.loads(line) for line in (folder / "questions.jsonl").open()]
    asked = [(i, q) for i, q in enumerate(questions) if q["answer"]][:limit]
    rows: list[tuple[str, str, str]] = []
    shapes = []
    for i, q in asked:
        parts = paragraphs[q["paragraph"]]["sentences"]
        first = max(0, (q["gold"] or [0])[0] - _MOST_SENTENCES // 2) if len(parts) > 12 else 0
        parts = parts[first : first + _MOST_SENTENCES]
        answer = q["answer"][:400]
        without = [" ".join(parts[:k] + parts[k + 1 :]) for k in range(len(parts))]
        contexts = ["", " ".join(parts), *parts, *without]
        rows += [(context[:4000], q["question"], answer) for context in contexts]
        shapes.append((i, first, len(parts)))
    nll = reader.answers(rows)
    found: list[dict[str, object]] = []
    at = 0
    for i, first, n in shapes:
        part = [round(x, 4) for x in nll[at : at + 2 + 2 * n]]
        at += 2 + 2 * n
        found.append(
            {
                "question": i, "first": first, "none": part[0], "all": part[1],
                "alone": part[2 : 2 + n], "without": part[2 + n :],
            }
        )  # fmt: skip
    return found


def words(folder: Path, reader: Reader, limit: int | None) -> list[dict[str, object]]:
    """Measure the words of texts; a word is what stands between white space."""
    texts = [json.loads(line) for line in (folder / "texts.jsonl").open()][:limit]
    rng = random.Random(5)
    rows: list[tuple[list[int], list[int]]] = []
    masks: list[list[bool]] = []
    spans = [[m.span() for m in re.finditer(r"\S+", text)] for text in texts]
    encoded = reader.tokenizer(texts, add_special_tokens=False, return_offsets_mapping=True)
    prompts = []
    for text, cuts in zip(texts, spans, strict=True):
        for k in range(_MASKS):
            # Each word is left out in half of the draws, in company that varies.
            share = (0.3, 0.5, 0.7)[k % 3]
            kept = [rng.random() < share for _ in cuts]
            masks.append(kept)
            prompts.append(
                " ".join(text[a:b] for (a, b), keep in zip(cuts, kept, strict=True) if keep) + _THEN
            )
    for n, prompt in enumerate(reader.ids(prompts)):
        rows.append((prompt, encoded.input_ids[n // _MASKS]))
    nll = reader.tokens(rows)
    found: list[dict[str, object]] = []
    for n, (text, cuts) in enumerate(zip(texts, spans, strict=True)):
        starts = np.array([a for a, _ in cuts])
        begins = np.array([a for a, _ in encoded.offset_mapping[n]])
        ends = np.array([b for _, b in encoded.offset_mapping[n]])
        # A token's offsets may hold the space before it: its last character tells its word.
        owner = np.clip(np.searchsorted(starts, np.maximum(begins, ends - 1), "right") - 1, 0, None)
        cost = np.stack(
            [
                np.bincount(owner, nll[n * _MASKS + k].numpy(), minlength=len(cuts))
                for k in range(_MASKS)
            ]
        )
        kept = np.array(masks[n * _MASKS : (n + 1) * _MASKS])
        with np.errstate(invalid="ignore", divide="ignore"):
            value = (cost * ~kept).sum(0) / (~kept).sum(0) - (cost * kept).sum(0) / kept.sum(0)
        size = np.bincount(owner, minlength=len(cuts))
        found.append(
            {
                "text": text,
                "value": [None if np.isnan(v) else round(float(v), 3) for v in value],
                "tokens": size.tolist(),
            }
        )
    return found


def main() -> None:
    """Measure and write, one JSON object a line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["sentences", "words"])
    for name in ("data", "reader", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--limit", type=int)
    options = parser.parse_args()
    measure = sentences if options.what == "sentences" else words
    rows = measure(options.data, Reader(options.reader), options.limit)
    with options.out.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


if __name__ == "__main__":
    main()
