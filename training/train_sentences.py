"""Train the sentence scorer (EXIT's task): which sentences of a window hold the answer?

    python training/train_sentences.py --data FOLDER --labels FILE --encoder MINILM --out FILE

A step shows, for each of a few questions, one window with the sentence that answers it and
several without; all sentences of a question's windows compete in one softmax. What is trained is
added to the score that the untrained ranking gives (BM25 and cosines, see `attar.context.Rank`),
so that it learns what words and embeddings cannot tell.
"""

# ruff: noqa: S311, T201  (seeded draws and a report on the terminal are what is wanted)
from __future__ import annotations

import argparse
import json
import random
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch
from heads import SentenceHead
from lora import adapt, save
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from transformers import AutoModel, AutoTokenizer

LONGEST_SENTENCE = 128
LONGEST_QUESTION = 64
CLS, SEP = 101, 102


@dataclass
class Corpus:
    """Everything that a window is made of, as token numbers."""

    sentences: list[list[int]]
    texts: list[str]
    first: list[int]  # of each paragraph, and the end
    articles: list[str]
    sources: list[str]
    questions: list[list[int]]
    asked: list[dict[str, object]]
    labels: dict[int, dict[str, object]]
    vectors: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, 384), np.float16))
    asking: NDArray[np.float16] = field(default_factory=lambda: np.zeros((0, 384), np.float16))
    hard: list[list[int]] = field(default_factory=list)
    by_article: dict[str, list[int]] = field(default_factory=dict)

    @classmethod
    def read(cls, data: Path, labels: Path | None, encoder: Path) -> Corpus:
        """Read and tokenise."""
        tokenizer = AutoTokenizer.from_pretrained(encoder)
        paragraphs = [json.loads(line) for line in (data / "paragraphs.jsonl").open()]
        asked = [json.loads(line) for line in (data / "questions.jsonl").open()]
        texts = [s for p in paragraphs for s in p["sentences"]]
        first = np.cumsum([0, *(len(p["sentences"]) for p in paragraphs)]).tolist()
        measured = [json.loads(line) for line in labels.open()] if labels else []
        corpus = cls(
            ids_of(tokenizer, texts, LONGEST_SENTENCE), texts, first,
            [p["article"] for p in paragraphs], [p["source"] for p in paragraphs],
            ids_of(tokenizer, [q["question"] for q in asked], LONGEST_QUESTION), asked,
            {int(row["question"]): row for row in measured},
        )  # fmt: skip
        for number, article in enumerate(corpus.articles):
            corpus.by_article.setdefault(article, []).append(number)
        return corpus

    def held_out(self) -> tuple[list[int], list[int]]:
        """Questions to train on, and those of the last articles of each source."""
        chosen: set[str] = set()
        for source, count in (("squad", 4), ("qed", 400), ("covid", 10), ("pubmed", 50)):
            names = [a for a, s in zip(self.articles, self.sources, strict=True) if s == source]
            chosen |= set(list(dict.fromkeys(names))[-count:])
        held = [self.articles[int(str(q["paragraph"]))] in chosen for q in self.asked]
        return [i for i, h in enumerate(held) if not h], [i for i, h in enumerate(held) if h]


def ids_of(tokenizer: object, texts: list[str], longest: int) -> list[list[int]]:
    """Token numbers of texts, cut to `longest`."""
    rows: list[list[int]] = tokenizer(texts, add_special_tokens=False).input_ids  # type: ignore
    return [row[:longest] for row in rows]


class Steps(Dataset):  # type: ignore[type-arg]
    """Batches, drawn anew from a seed each."""

    def __init__(
        self, corpus: Corpus, questions: list[int], steps: int, size: int, windows: int, seed: int,
        measured: float, temperature: float,
    ) -> None:  # fmt: skip
        self.corpus, self.questions = corpus, questions
        self.steps, self.size, self.windows, self.seed = steps, size, windows, seed
        self.measured, self.temperature = measured, temperature

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, step: int) -> dict[str, Tensor]:
        """The windows of `size` questions, padded, and what is wanted of their sentences."""
        per_epoch = len(self.questions) // self.size
        epoch, place = divmod(step, per_epoch)
        order = list(self.questions)
        random.Random(self.seed * 1000 + epoch).shuffle(order)
        rng = random.Random(self.seed * 10_000_019 + step)
        room = rng.choice((160, 256, 384))  # of all rows, so that little is padded
        rows: list[tuple[list[int], list[int], int]] = []
        slots: list[int] = []
        owner: list[int] = []
        target: list[float] = []
        ignore: list[bool] = []
        base: list[float] = []
        for k, i in enumerate(order[place * self.size : (place + 1) * self.size]):
            wanted = self._wanted(i)
            answer = str(self.corpus.asked[i]["answer"]).lower()
            shown = self._windows(i, room, rng)
            base += self._base(i, [s for chosen in shown for s in chosen]).tolist()
            for chosen in shown:
                ids, where = self._row(i, chosen, len(target))
                rows.append((ids, where, len(self._question(i)) + 2))
                for s in chosen:
                    owner.append(k)
                    target.append(wanted.get(s, 0.0))
                    told = s not in wanted and 4 <= len(answer) <= 80
                    ignore.append(told and answer in self.corpus.texts[s].lower())
        longest = max(len(ids) for ids, _, _ in rows)
        ids = torch.zeros(len(rows), longest, dtype=torch.long)
        slots_of = torch.full((len(rows), longest), -1, dtype=torch.long)
        types = torch.zeros(len(rows), longest, dtype=torch.long)
        mask = torch.zeros(len(rows), longest, dtype=torch.long)
        for r, (tokens, slots, begin) in enumerate(rows):
            n = len(tokens)
            ids[r, :n] = torch.tensor(tokens)
            slots_of[r, :n] = torch.tensor(slots)
            types[r, begin:n] = 1
            mask[r, :n] = 1
        return {
            "ids": ids, "slots": slots_of, "types": types, "mask": mask,
            "owner": torch.tensor(owner), "target": torch.tensor(target),
            "ignore": torch.tensor(ignore), "base": torch.tensor(base),
        }  # fmt: skip

    def _base(self, i: int, chosen: list[int]) -> NDArray[np.float32]:
        """What the untrained ranking would say, nearly: its terms are word pieces here."""
        corpus = self.corpus
        groups = np.unique(np.searchsorted(corpus.first, chosen, "right"), return_inverse=True)[1]
        rows = [corpus.sentences[s] for s in chosen]
        whole: list[list[int]] = [[] for _ in range(int(groups.max()) + 1)]
        for row, group in zip(rows, groups, strict=True):
            whole[group] += row
        vectors = corpus.vectors[chosen].astype(np.float32)
        sums = np.zeros((len(whole), vectors.shape[1]), np.float32)
        np.add.at(sums, groups, vectors)
        sums /= np.linalg.norm(sums, axis=1, keepdims=True)
        asking = corpus.asking[i].astype(np.float32)
        question = self._question(i)
        own = _z(_bm25(question, rows)) + _z(vectors @ asking)
        above = _z(_bm25(question, whole)) + _z(sums @ asking)
        return np.asarray(own + 0.7 * above[groups], dtype=np.float32)

    def _question(self, i: int) -> list[int]:
        return self.corpus.questions[i]

    def _wanted(self, i: int) -> dict[int, float]:
        """What share of the softmax each sentence of the paragraph should have."""
        corpus, q = self.corpus, self.corpus.asked[i]
        first = corpus.first[int(str(q["paragraph"]))]
        gold: list[int] = q["gold"]  # type: ignore[assignment]
        wanted = {first + g: 1.0 / len(gold) for g in gold}
        row = corpus.labels.get(i)
        if row is None or not self.measured:
            return wanted
        alone, without = np.array(row["alone"]), np.array(row["without"])
        gain = (float(str(row["none"])) - alone) + (without - float(str(row["all"])))
        share = np.exp((gain - gain.max()) / self.temperature)
        share /= share.sum()
        weight = self.measured if gold else 1.0
        mixed = {s: (1 - weight) * w for s, w in wanted.items()}
        for k, w in enumerate(share):
            s = first + int(str(row["first"])) + k
            mixed[s] = mixed.get(s, 0.0) + weight * float(w)
        return mixed

    def _windows(self, i: int, room: int, rng: random.Random) -> list[list[int]]:
        corpus, q = self.corpus, self.corpus.asked[i]
        gold: list[int] = q["gold"]  # type: ignore[assignment]
        own = int(str(q["paragraph"]))
        room -= len(self._question(i)) + 3
        wanted = self._wanted(i)
        start = corpus.first[own]
        centre = start + (rng.choice(gold) if gold else 0)
        if not gold and wanted:
            centre = max(wanted, key=lambda s: wanted[s])
        around = [*self._others(i, rng, 1), own, *self._others(i, rng, 1)]
        line = [s for p in around for s in range(corpus.first[p], corpus.first[p + 1])]
        found = [self._crop(line, line.index(centre), room, rng)]
        for _ in range(self.windows - 1):
            ps = self._others(i, rng, 3)
            line = [s for p in ps for s in range(corpus.first[p], corpus.first[p + 1])]
            # Begin at the first sentence of a paragraph as often as anywhere.
            at = 0 if rng.random() < 0.5 else rng.randrange(len(line))
            found.append(self._crop(line, at, room, rng))
        return found

    def _others(self, i: int, rng: random.Random, count: int) -> list[int]:
        """Other paragraphs: alike in meaning, of the same article, or any."""
        corpus = self.corpus
        own = int(str(corpus.asked[i]["paragraph"]))
        same = corpus.by_article[corpus.articles[own]]
        found: list[int] = []
        while len(found) < count:
            draw = rng.random()
            if draw < 0.5 and corpus.hard:
                p = rng.choice(corpus.hard[i])
            elif draw < 0.8 and len(same) > 1:
                p = rng.choice(same)
            else:
                p = rng.randrange(len(corpus.articles))
            if p != own:
                found.append(p)
        return found

    def _crop(self, line: list[int], at: int, room: int, rng: random.Random) -> list[int]:
        """Sentences of a line that fit, around one of them."""
        low = high = at
        used = len(self.corpus.sentences[line[at]])
        while True:
            sides = [s for s, ok in ((-1, low > 0), (1, high < len(line) - 1)) if ok]
            if not sides:
                break
            side = rng.choice(sides)
            size = len(self.corpus.sentences[line[low - 1 if side < 0 else high + 1]])
            if used + size > room:
                break
            used += size
            low, high = (low - 1, high) if side < 0 else (low, high + 1)
        return line[low : high + 1]

    def _row(self, i: int, chosen: list[int], slot: int) -> tuple[list[int], list[int]]:
        ids = [CLS, *self._question(i), SEP]
        slots = [-1] * len(ids)
        for k, s in enumerate(chosen):
            ids += self.corpus.sentences[s]
            slots += [slot + k] * len(self.corpus.sentences[s])
        return [*ids, SEP], [*slots, -1]


def _z(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray((values - values.mean()) / max(float(values.std()), 1e-6))


def _bm25(question: list[int], rows: list[list[int]]) -> NDArray[np.float32]:
    """BM25 with k1 = 1.2 and b = 0.75 of short texts, as token numbers."""
    terms = set(question)
    counts = [Counter(t for t in row if t in terms) for row in rows]
    found = Counter(t for count in counts for t in count)
    mean = sum(map(len, rows)) / len(rows)
    idf = {t: np.log(1 + (len(rows) - n + 0.5) / (n + 0.5)) for t, n in found.items()}
    return np.array(
        [
            sum(
                idf[t] * n * 2.2 / (n + 1.2 * (0.25 + 0.75 * len(row) / mean)) for t, n in c.items()
            )
            for c, row in zip(counts, rows, strict=True)
        ],
        dtype=np.float32,
    )


def forward(encoder: nn.Module, head: nn.Module, batch: dict[str, Tensor]) -> Tensor:
    """A score for each sentence of a batch."""
    states = encoder(
        input_ids=batch["ids"], attention_mask=batch["mask"], token_type_ids=batch["types"]
    ).last_hidden_state
    inside = batch["slots"] >= 0
    scores: Tensor = head(states[inside], batch["slots"][inside], len(batch["owner"]))
    return scores.float() + head.base * batch["base"]


def loss_of(scores: Tensor, batch: dict[str, Tensor]) -> Tensor:
    """Cross-entropy with the wanted shares, per question."""
    scores = scores.masked_fill(batch["ignore"], -1e4)
    count = int(batch["owner"].max()) + 1
    zero = torch.zeros(count, device=scores.device)
    peak = torch.full_like(zero, -1e4).scatter_reduce(0, batch["owner"], scores, "amax").detach()
    total = zero.index_add(0, batch["owner"], (scores - peak[batch["owner"]]).exp())
    logs = scores - peak[batch["owner"]] - total.log()[batch["owner"]]
    mass = zero.index_add(0, batch["owner"], batch["target"])
    share = batch["target"] / mass.clamp(min=1e-6)[batch["owner"]]
    return -(share * logs).sum() / count


@torch.inference_mode()
def mine(corpus: Corpus, encoder: nn.Module, device: str, count: int = 30) -> None:
    """Find for each question the paragraphs that look most like it, its own left out."""

    def embed(rows: list[list[int]]) -> Tensor:
        order = sorted(range(len(rows)), key=lambda i: len(rows[i]))
        found = torch.empty(len(rows), 384, device=device)
        for at in range(0, len(order), 1024):
            part = order[at : at + 1024]
            longest = max(len(rows[i]) for i in part) + 2
            ids = torch.zeros(len(part), longest, dtype=torch.long)
            for k, i in enumerate(part):
                ids[k, : len(rows[i]) + 2] = torch.tensor([CLS, *rows[i], SEP])
            ids = ids.to(device)
            mask = (ids > 0)[..., None]
            states = encoder(input_ids=ids, attention_mask=mask[..., 0].long()).last_hidden_state
            mean = (states * mask).sum(1) / mask.sum(1)
            found[torch.tensor(part, device=device)] = nn.functional.normalize(mean.float(), dim=1)
        return found

    sentences, questions = embed(corpus.sentences), embed(corpus.questions)
    corpus.vectors = sentences.half().cpu().numpy()
    corpus.asking = questions.half().cpu().numpy()
    paragraph = np.repeat(np.arange(len(corpus.articles)), np.diff(corpus.first))
    for at in range(0, len(questions), 1024):
        near = (questions[at : at + 1024] @ sentences.T).topk(2 * count).indices.cpu().numpy()
        for k, row in enumerate(near):
            own = corpus.asked[at + k]["paragraph"]
            found = [int(p) for p in dict.fromkeys(paragraph[row].tolist()) if p != own]
            corpus.hard.append(found[:count] or [0])


def main() -> None:
    """Train, report the loss on what was held out, and write deltas and head."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("data", "encoder", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--epochs", type=float, default=4)
    parser.add_argument("--size", type=int, default=48, help="questions in a step")
    parser.add_argument("--windows", type=int, default=4)
    parser.add_argument("--measured", type=float, default=0.5, help="share of measured labels")
    parser.add_argument("--temperature", type=float, default=0.5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=12)
    parser.add_argument("--max-steps", type=int)
    parser.add_argument("--seconds", type=float, help="as many steps as this allows, measured")
    options = parser.parse_args()
    began = time.perf_counter()
    torch.manual_seed(options.seed)
    device = "cuda" if torch.cuda.is_available() else "cpu"
    corpus = Corpus.read(options.data, options.labels, options.encoder)
    encoder = AutoModel.from_pretrained(options.encoder, add_pooling_layer=False).float().to(device)
    with torch.autocast(device, torch.bfloat16):
        mine(corpus, encoder.eval(), device)
    encoder = adapt(encoder, options.rank).to(device)
    head = SentenceHead().to(device)
    train, held = corpus.held_out()
    train = [i for i in train if corpus.asked[i]["gold"] or i in corpus.labels]
    held = [i for i in held if corpus.asked[i]["gold"]]
    steps = int(options.epochs * (len(train) // options.size))
    steps = min(steps, options.max_steps or steps)
    make = {"measured": options.measured, "temperature": options.temperature}
    size, windows = options.size, options.windows
    loader = DataLoader(
        Steps(corpus, train, steps, size, windows, options.seed, **make),
        batch_size=None, num_workers=options.workers,
    )  # fmt: skip
    test = Steps(corpus, held, min(20, len(held) // size), size, windows, 99, **make)
    tests = [test[k] for k in range(len(test))]
    weights = [p for m in (encoder, head) for p in m.parameters() if p.requires_grad]
    optimizer = torch.optim.AdamW(weights, lr=options.rate, weight_decay=0.01)
    warm = 100
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda s: min((s + 1) / warm, max(0.0, (steps - s) / max(1, steps - warm)))
    )
    print(f"{len(train)} questions, {steps} steps; ready {time.perf_counter() - began:.1f} s")
    running = 0.0
    encoder.train()
    head.train()
    for step, batch in enumerate(loader, 1):
        batch = {k: v.to(device, non_blocking=True) for k, v in batch.items()}
        with torch.autocast(device, torch.bfloat16):
            loss = loss_of(forward(encoder, head, batch), batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(weights, 1.0)
        optimizer.step()
        schedule.step()
        if step == 20:
            twenty = time.perf_counter()
        if step == 80 and options.seconds:
            each = (time.perf_counter() - twenty) / 60
            steps = min(steps, int(options.seconds / each))
            print(f"{each:.3f} s a step: {steps} steps")
        if step == steps:
            break
        running += 0.01 * (float(loss.detach()) - running) if running else float(loss.detach())
        if step % max(1, steps // 8) == 0:
            encoder.eval()
            head.eval()
            with torch.inference_mode(), torch.autocast(device, torch.bfloat16):
                scored = [{k: v.to(device) for k, v in b.items()} for b in tests]
                value = np.mean([float(loss_of(forward(encoder, head, b), b)) for b in scored])
            print(
                f"step {step}: train {running:.3f}, held out {value:.3f},"
                f" base {float(head.base):.2f},"
                f" {time.perf_counter() - began:.0f} s",
                flush=True,
            )
            encoder.train()
            head.train()
    about = {
        "task": "sentences",
        "rank": str(options.rank),
        "seed": str(options.seed),
        "steps": str(steps),
    }
    save(options.out, encoder, head, about)


if __name__ == "__main__":
    main()
