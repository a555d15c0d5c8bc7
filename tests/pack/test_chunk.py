from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from attar.errors import UsageError
from attar.pack.breaks import may_break
from attar.pack.chunk import Chunk, chunk
from attar.pack.document import Document
from attar.pack.view import view


class Words:
    """Words, marks and, of long words, pieces of five letters: like WordPiece in small."""

    name = "words"
    pattern = re.compile(r"\w{1,5}|[^\w\s]")

    def count(self, text: str) -> int:
        return len(self.pattern.findall(text))

    def offsets(self, text: str) -> NDArray[np.int64]:
        spans = [m.span() for m in self.pattern.finditer(text)]
        return np.array(spans, dtype=np.int64).reshape(-1, 2)


class Bytes:
    """A byte-pair tokenizer at its worst: every byte a token, and one more at the beginning."""

    name = "bytes"

    def count(self, text: str) -> int:
        return len(text.encode()) + bool(text and not text[0].isspace())

    def offsets(self, text: str) -> NDArray[np.int64]:
        widths = [len(c.encode()) for c in text]
        first = [0] if text and not text[0].isspace() else []
        places = np.array(first + [i for i, w in enumerate(widths) for _ in range(w)], np.int64)
        return np.stack((places, places + 1), axis=1)


KINDS = ("text", "log", "markdown", "rst", "json", "csv", "code:python", "pdf", "docx")
ALPHABET = st.sampled_from(
    [
        *"aZé9 .,!?\n\r\t\"'#-=*`>|:{}[]()@_/\\&<;",
        *"Яжعرب؟کक्षि।漢字。「」カナーｶﾞไทยเ한글",
        *("\r\n", "\n\n", "    ", "# ", "- ", "```\n", "\n====\n", "---\n", "def f():\n", '"a": '),
        *(
            "👩\u200d💻",
            "👍🏽",
            "🇫🇷",
            "e\u0301",
            "\u1112\u1161\u11ab",
            "\u200d",
            "\ufe0f",
            "\u2029",
        ),
        *("\ufeff", "word ", "sentence one. ", "x" * 9, "\x0c", "\x85", "\xa0"),
    ]
)
TEXTS = st.lists(ALPHABET, max_size=60).map("".join)


def cut(text: str, limit: int, kind: str = "text", title: str = "") -> list[tuple[str, str]]:
    document = Document("d", "d", text, title, kind)
    return [(text[c.start : c.end], c.heading) for c in chunk(document, Words(), limit)]


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(KINDS), st.integers(1, 20), st.sampled_from([Words(), Bytes()]))
def test_chunks_hold_all_text_in_order_within_the_limit(
    text: str, kind: str, limit: int, tokenizer: Words | Bytes
) -> None:
    chunks = chunk(Document("d", "d", text, kind=kind), tokenizer, limit)
    position = 0
    for c in chunks:
        assert position <= c.start < c.end
        assert not text[position : c.start].replace("\ufeff", "").strip()
        piece = text[c.start : c.end]
        assert piece == piece.rstrip()
        assert kind.startswith("code") or piece == piece.lstrip()
        heading = tokenizer.count(c.heading) if c.heading else 0
        assert tokenizer.count(piece) + heading <= limit or len(piece.strip()) == 1
        position = c.end
    assert not text[position:].replace("\ufeff", "").strip()


@settings(max_examples=200, deadline=None)
@given(TEXTS, st.sampled_from(KINDS), st.integers(4, 20))
def test_only_a_word_too_long_for_a_chunk_is_cut(text: str, kind: str, limit: int) -> None:
    terminal = re.compile(r"[؟।。？！][؟।。？！.!?」)}\]>\"'\ufe0f]*\Z")
    for c in chunk(Document("d", "d", text, kind=kind), Words(), limit):
        for place in (c.start, c.end):
            if not 0 < place < len(text) or may_break(text, place):
                continue
            first = last = place
            while first > 0 and not may_break(text, first):
                first -= 1
            while last < len(text) and not may_break(text, last):
                last += 1
            word = text[first:last]
            own_line_end = kind in ("json", "csv") or text[place - 1] in "\ufeff"
            # One more token may reach into the word from what stands before it.
            assert Words().count(word) >= limit or terminal.search(text[:place]) or own_line_end


@settings(deadline=None)
@given(TEXTS, st.sampled_from((*KINDS, "html")))
def test_what_fits_is_one_chunk(text: str, kind: str) -> None:
    chunks = chunk(Document("d", "d", text, kind=kind), Words(), 10_000)
    assert len(chunks) == bool(view(kind, text.removeprefix("\ufeff")).strip())


def test_a_limit_below_one_is_refused() -> None:
    with pytest.raises(UsageError, match="at least 1 token"):
        chunk(Document("d", "d", "text"), Words(), 0)


def test_nothing_to_cut() -> None:
    assert cut("", 5) == []
    assert cut(" \r\n\t\u3000", 5) == []
    assert cut("\ufeff", 5) == []


def test_a_byte_order_mark_belongs_to_no_chunk() -> None:
    assert chunk(Document("d", "d", "\ufeffone"), Words(), 5) == [Chunk(1, 4)]


def test_paragraphs_then_sentences_then_words() -> None:
    text = "One two.\n\nThree four. Five six seven eight nine.\r\n\r\nTen."
    assert [piece for piece, _ in cut(text, 5)] == [
        "One two.",
        "Three four.",
        "Five six seven eight",
        "nine.\r\n\r\nTen.",
    ]
    assert cut(text, 6)[0] == ("One two.\n\nThree four.", "")


def test_sections_keep_to_themselves_and_know_their_headings() -> None:
    text = (
        "# Guide\n\nIntro.\n\n## Install\n\nRun pip. Then go on now please.\n\n"
        "### Linux\n\nUse apt.\n\n## Use\n\nCall it.\n"
    )
    assert cut(text, 9, "markdown") == [
        ("# Guide\n\nIntro.", ""),
        ("## Install\n\nRun pip.", "Guide"),
        ("Then go on now please.", "Install"),  # "Guide > Install" would take too much
        ("### Linux\n\nUse apt.", "Install"),
        ("## Use\n\nCall it.", "Guide"),
    ]
    assert all("Guide" not in h for _, h in cut(text, 9, "markdown", title="Guide"))


def test_a_heading_without_text_goes_with_its_first_section() -> None:
    text = "# A\n\n## B\n\nb b b b.\n\n## C\n\nc c c c.\n"
    assert cut(text, 11, "markdown") == [("# A\n\n## B\n\nb b b b.", ""), ("## C\n\nc c c c.", "A")]


def test_small_sections_under_one_heading_share_a_chunk() -> None:
    text = "# A\n\na a a a a a a.\n\n## B\n\nb.\n\n## C\n\nc.\n"
    assert cut(text, 11, "markdown")[-1] == ("## B\n\nb.\n\n## C\n\nc.", "A")


def test_markdown_that_is_not_what_it_seems() -> None:
    text = (
        "---\ntitle: T\n---\n\n```sh\n# no heading\nls\n```\n\n[ref]: http://x.y\n\n- one\n- two\n"
    )
    pieces = cut(text, 8, "markdown")
    assert all(heading == "" for _, heading in pieces)
    assert "".join(p for p, _ in pieces).count("no heading") == 1


def test_rst_titles() -> None:
    text = (
        "=====\nGuide\n=====\n\nIntro here.\n\nPart\n----\n\nText of it.\n\nNext\n----\n\nMore.\n"
    )
    found = cut(text, 14, "rst")
    assert found[0][1] == ""
    assert ("Next\n----\n\nMore.", "Guide") in found
    assert cut("Some ::\n\n    code\n\n....\n\nend", 3, "rst")[0][1] == ""


def test_python_is_cut_between_definitions() -> None:
    text = (
        "import a\n\n\n@decorated\nclass C:\n    x = 1\n\n    def f(self):\n        return 1\n\n"
        "    # about g\n    def g(self):\n        return (\n            2\n        )\n\n\ny = 3\n"
    )
    assert cut(text, 16, "code:python") == [
        ("import a", ""),
        ("@decorated\nclass C:\n    x = 1", ""),
        ("    def f(self):\n        return 1", "class C"),
        ("    # about g\n    def g(self):\n        return (\n            2\n        )", "class C"),
        ("y = 3", ""),
    ]


def test_code_with_braces_keeps_the_closing_one() -> None:
    text = "int f(int a)\n{\n    return a;\n}\n\nint g(int b)\n{\n    return b;\n}\n"
    assert [p for p, _ in cut(text, 12, "code:c")] == [text[:32].rstrip(), text[32:].strip()]


def test_json_is_cut_between_members() -> None:
    text = '{"a": {"b": [1, 2], "c": "long text. more of it"}, "d": [true, null]}'
    found = cut(text, 14, "json")
    assert "".join(p.replace(" ", "") for p, _ in found) == text.replace(" ", "")
    assert found[-1][0].startswith('"d"')
    assert cut("[" * 5000, 50, "json")
    assert cut('{"a": [1, {"b": ', 3, "json")


def test_rows_are_kept_whole_and_know_their_columns() -> None:
    text = 'name,place\nAnn,"Par\nis, France"\nBob,Rome\n'
    assert cut(text, 12, "csv") == [
        ("name,place", ""),
        ('Ann,"Par\nis, France"', "name,place"),
        ("Bob,Rome", "name,place"),
    ]
    assert cut("1,2\n3,4\n", 3, "csv")[-1] == ("3,4", "")
    assert cut('a\tb\n5"\tx\n6"\ty\n', 4, "tsv")[-1][0] == '6"\ty'


def test_html_chunks_are_slices_that_begin_and_end_at_text() -> None:
    text = (
        "<html><head><title>T</title><style>p{}</style></head><body><h1>A &amp; B</h1>"
        "<script>if (a<b) {}</script><p>One <b>two</b> three&nbsp;four a b c. "
        "Five <i>six</i> seven d e f g.</p>"
        "<h2>End</h2><p>Done<br>now h i j k.</p></body></html>"
    )
    found = cut(text, 12, "html")
    assert [view("html", p) for p, _ in found] == [
        "A & B",
        "One two three four a b c.",
        "Five six seven d e f g.",
        "End\nDone\nnow h i j k.",
    ]
    assert [h for _, h in found] == ["", "A & B", "A & B", "A & B"]
    assert found[1][0] == "One <b>two</b> three&nbsp;four a b c."


TAGS = "<p> </p> <b> </b> <h1> </h1> <br> <td> </td> <pre> </pre> <script> </script> <!-- --> < >"
REFERENCES = "&amp; &lt &#x41; &bad; &notit; &fjlig; &semi; & ' \" = é 漢字。"
HTML = st.lists(
    st.sampled_from([*TAGS.split(), *REFERENCES.split(), '<a href="x>y">', "word ", "two. ", "\n"]),
    max_size=40,
).map("".join)


@settings(max_examples=300, deadline=None)
@given(HTML, st.integers(1, 12))
def test_html_chunks_show_what_the_page_shows(text: str, limit: int) -> None:
    chunks = chunk(Document("d", "d", text, kind="html"), Words(), limit)
    shown = [view("html", text[c.start : c.end]) for c in chunks]
    assert all(Words().count(s) <= limit for s in shown)
    assert "".join("".join(shown).split()) == "".join(view("html", text).split())
    assert all(a.end <= b.start for a, b in pairwise(chunks))


def test_characters_of_a_word_too_long_stay_whole() -> None:
    family = "👩\u200d👩\u200d👧"
    pieces = [p for p, _ in cut(family * 6, 10)]
    assert all(p.count(family) * len(family) == len(p) for p in pieces)
    assert len(pieces) > 1
    flags = [p for p, _ in cut("🇫🇷🇩🇪🇮🇹", 3)]
    assert all(len(p) % 2 == 0 for p in flags)


def test_slabs_of_a_long_text_agree_with_the_whole() -> None:
    text = "some words in a line. " * 40_000
    chunks = chunk(Document("d", "d", text), Words(), 100)
    assert "".join(text[c.start : c.end] for c in chunks).replace(" ", "") == text.replace(" ", "")
    assert all(Words().count(text[c.start : c.end]) <= 100 for c in chunks)
