"""Code squeezed to a quarter: how likely are the next lines of a function afterwards?

    python -m benchmarks.context_code [--cases 14] [--share 0.25] [--no-models] [--everything]
                                      [--installed]

A case is a function of Python's standard library, cut in the middle. The reader (the default
language model) is given the two modules most like its module by their words and the rest of the
module itself, squeezed, then the function up to the cut; the figure is the mean negative
log-likelihood of the tokens of the next lines. The question that a squeeze is told is the function
up to the cut; "own module told" is also told which of the three is being edited. "Parses" means
that what is left of each of the three modules is Python by its own parser. Reading a hundred cases
wants a GPU. Writes benchmarks/results/context_code.json; with --installed the modules are those of
other packages that are installed, and the file is context_code-installed.json.
"""

from __future__ import annotations

import argparse
import ast
import sys
import sysconfig
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np

from attar import models
from attar.budget import Budget
from attar.context import Passage, Squeezed, squeeze
from attar.context.terms import Terms
from attar.models.lm_local import LocalLanguageModel
from benchmarks.common import environment, save

SEED = 20240607
SMALLEST, LARGEST = 2_000, 9_000  # characters of a module
SHORTEST_FUNCTION = 14  # lines
OF_A_PACKAGE = 25  # modules
NEXT_LINES = 5
CHUNK = 12  # lines of a chunk
LONGEST_CASE = 6_500  # tokens of three modules
OWN = 4.0  # standard deviations by which the module that is edited is wanted more


@dataclass(frozen=True)
class Case:
    """A function cut in two, and the three modules that are squeezed."""

    name: str
    head: str
    tail: str
    modules: tuple[str, ...]


def standard() -> dict[str, str]:
    """Modules of the standard library of a readable size."""
    root = Path(sysconfig.get_paths()["stdlib"])
    found = {}
    for path in sorted(root.glob("*.py")) + sorted(root.glob("[a-z]*/*.py")):
        name = path.relative_to(root).as_posix()
        if name.startswith(("test/", "idlelib/", "lib2to3/", "site-packages", "encodings/")):
            continue
        text = path.read_text(encoding="utf-8", errors="replace")
        if SMALLEST <= len(text) <= LARGEST:
            found[name] = text
    return found


def installed() -> dict[str, str]:
    """Modules of a readable size of the packages that are installed, at most so many of each."""
    root = Path(sysconfig.get_paths()["purelib"])
    rng = np.random.default_rng(SEED)
    found: dict[str, str] = {}
    for package in sorted(path for path in root.iterdir() if path.suffix != ".dist-info"):
        files = [f for f in sorted(package.rglob("*.py")) if "test" not in f.as_posix()]
        some = (files[i] for i in rng.permutation(len(files)))
        fit = ((f, text) for f in some if SMALLEST <= len(text := read(f)) <= LARGEST)
        found |= {f.relative_to(root).as_posix(): text for f, text in islice(fit, OF_A_PACKAGE)}
    return found


def read(path: Path) -> str:
    """The text of a module; none if it does not parse here."""
    text = path.read_text(encoding="utf-8", errors="replace")
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return ""
    return text


def cut(text: str, rng: np.random.Generator) -> tuple[str, str, str] | None:
    """A function up to its middle, its next lines, and the module without it."""
    lines = text.splitlines(keepends=True)
    functions = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= SHORTEST_FUNCTION
    ]
    if not functions:
        return None
    node = functions[int(rng.integers(len(functions)))]
    first = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
    last = node.end_lineno or 0
    middle = (first + last) // 2
    tail = "".join([x for x in lines[middle:last] if x.strip()][:NEXT_LINES])
    rest = "".join(lines[:first] + lines[last:])
    try:
        ast.parse(rest)
    except SyntaxError:  # the only method of its class
        return None
    return "".join(lines[first:middle]), tail, rest


def cases(count: int, modules: dict[str, str]) -> list[Case]:
    """Seeded cases."""
    names = list(modules)
    joined = "".join(modules.values())
    ends = np.cumsum([len(text) for text in modules.values()])
    starts = np.concatenate([[0], ends[:-1]])
    rows = Terms.read(joined, starts, ends).tfidf()
    alike = (rows @ rows.T).toarray()
    rng = np.random.default_rng(SEED)
    tokenizer = models.tokenizer()
    found: list[Case] = []
    for number in rng.permutation(len(names)):
        if len(found) == count:
            break
        made = cut(modules[names[number]], rng)
        if made is None:
            continue
        head, tail, rest = made
        near = [int(i) for i in np.argsort(-alike[number], kind="stable") if i != number][:2]
        texts = (*(modules[names[i]] for i in near), rest)
        if sum(tokenizer.count(text) for text in texts) <= LONGEST_CASE:
            found.append(Case(names[number], head, tail, texts))
    return found


def attar(recipe: str | None, kind: str, case: Case, limit: int, own: float = 0.0) -> Squeezed:
    """Squeezed by a recipe; None is the default."""
    *others, last = case.modules
    return squeeze(
        [*(Passage(text, kind=kind) for text in others), Passage(last, kind=kind, prior=own)],
        case.head,
        to=Budget(limit, "tokens"),
        recipe=recipe,
    )


def chunks(case: Case, limit: int) -> str:
    """Chunks of lines by BM25, in their order."""
    lines = "\n\n".join(case.modules).splitlines(keepends=True)
    texts = ["".join(lines[i : i + CHUNK]) for i in range(0, len(lines), CHUNK)]
    ends = np.cumsum([len(t) for t in texts])
    scores = Terms.read("".join(texts), np.concatenate([[0], ends[:-1]]), ends).bm25(case.head)
    tokenizer = models.tokenizer()
    taken: list[int] = []
    for i in np.argsort(-scores, kind="stable").tolist():
        if tokenizer.count("".join(texts[k] for k in sorted([*taken, i]))) <= limit:
            taken.append(i)
    return "".join(texts[k] for k in sorted(taken))


PROSE = "rank(bm25, paragraph=0.7, neighbour=0.3, passage=0.0) >> extract(mmr)"


def parses(result: Squeezed) -> bool:
    """Whether what is left of each passage is Python."""
    try:
        for _, text in result.passages:
            ast.parse(text)
    except SyntaxError:
        return False
    return True


def methods(with_models: bool) -> dict[str, Callable[[Case, int], Squeezed | str]]:
    """Every way to shorten the context, by name; the last one keeps nothing."""
    found: dict[str, Callable[[Case, int], Squeezed | str]] = {
        "default, model-free": partial(attar, None, "code"),
        "default, own module told": partial(attar, None, "code", own=OWN),
        "as prose is ranked": partial(attar, PROSE, "code"),
        "truncation, the beginning": partial(attar, "truncate(start)", "prose"),
        "truncation, the end": partial(attar, "truncate(end)", "prose"),
        "BM25 chunks": chunks,
    }
    if with_models:
        found |= {
            "LongCodeZip": partial(attar, "rank(bm25) >> longcodezip(blocks)", "code"),
            "LongCodeZip, own module told": partial(
                attar, "rank(bm25) >> longcodezip(blocks)", "code", own=OWN
            ),
            "LLMLingua": partial(attar, "rank(bm25) >> prune(lingua)", "prose"),
        }
    return found | {"nothing": lambda case, limit: ""}


def interval(differences: Sequence[float]) -> list[float]:
    """Mean and half the width of its 95% interval."""
    values = np.asarray(differences)
    half = 1.96 * values.std(ddof=1) / np.sqrt(len(values)) if len(values) > 1 else 0.0
    return [round(float(values.mean()), 4), round(float(half), 4)]


def main() -> None:
    """Run all cases and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=14)
    parser.add_argument("--share", type=float, default=0.25)
    parser.add_argument("--everything", action="store_true", help="Read the whole context too.")
    parser.add_argument("--no-models", action="store_true", help="Only stages without a model.")
    parser.add_argument("--installed", action="store_true", help="Modules of other packages.")
    args = parser.parse_args()
    reader, tokenizer = models.language_model(), models.tokenizer()
    if not isinstance(reader, LocalLanguageModel):
        sys.exit("the reader must be a local model")
    todo = cases(args.cases, installed() if args.installed else standard())
    ways = methods(not args.no_models)
    if args.everything:  # reading it takes as long as all the others
        ways["everything"] = lambda case, limit: "\n\n".join(case.modules)
    losses: dict[str, list[float]] = {name: [] for name in ways}
    parsed: dict[str, list[bool]] = {name: [] for name in ways}
    spent: dict[str, float] = dict.fromkeys(ways, 0.0)
    tokens = 0
    for number, case in enumerate(todo):
        before = tokenizer.count("\n\n".join(case.modules))
        tokens += before
        limit = int(args.share * before)
        prompts = []
        for name, way in ways.items():
            began = time.process_time()
            made = way(case, limit)
            spent[name] += time.process_time() - began
            text = made if isinstance(made, str) else made.text
            if isinstance(made, Squeezed):
                parsed[name].append(parses(made))
            prompts.append((case.tail, f"{text}\n\n{case.head}"))
        for name, read in zip(ways, reader.log_likelihoods(prompts), strict=True):
            losses[name].append(-float(read.mean()))
        print(number, case.name, {n: round(x[-1], 3) for n, x in losses.items()}, flush=True)
    ours = [name for name in ways if name.startswith(("default", "LongCodeZip"))]
    rows = [
        {
            "method": name,
            "loss": round(float(np.mean(values)), 4),
            "outputs_that_parse": round(float(np.mean(parsed[name])), 4) if parsed[name] else None,
            "ms_per_1000_tokens": round(1e6 * spent[name] / tokens, 2),
            "paired_difference_of": {
                own: interval([a - b for a, b in zip(losses[own], values, strict=True)])
                for own in ours
                if own != name
            },
        }
        for name, values in losses.items()
    ]
    figures = {
        "data": "installed packages" if args.installed else "Python's standard library",
        "cases": len(todo),
        "share": args.share,
        "seed": SEED,
        "tokens_per_case": tokens // max(1, len(todo)),
        "reader_on": str(reader.module.device.type),
        "environment": environment("torch", "transformers"),
        "rows": rows,
    }
    path = save("context_code-installed" if args.installed else "context_code", figures)
    for row in rows:
        print(row)
    print(path.name)


if __name__ == "__main__":
    main()
