"""Where sentences begin and end, in any script, without a model.

The marks are those that Unicode calls sentence terminals (UAX #29, property Sentence_Terminal).
Those of scripts that write spaces between words, such as the full stop, end a sentence only
before white space, and not after an abbreviation or an initial. Those of scripts that do not,
such as the ideographic full stop, end it wherever they stand. Thai and Lao write no mark at all;
there, as everywhere, a blank line ends a sentence.
"""

from __future__ import annotations

import re
import unicodedata

# Terminals that need no space after them: Arabic, Urdu, Devanagari, Armenian, Ethiopic, Burmese,
# Khmer, Tibetan, Mongolian, ideographic and full-width forms.
_HARD = "؟۔।॥։።፧፨။៕។༎᠃᠉。｡！？．‼⁇⁈⁉"
_SOFT = ".!?…"
_CLOSERS = "\"'”’»›)]}」』）］｝】〉》〟\ufe0e\ufe0f"
_OPENERS = "\"'“‘«‹([{「『（¿¡*_`„‚"
_NEWLINE = r"(?>\r\n|[\n\r\x0b\x0c\x85\u2028\u2029])"
_BLANK = r"[^\S\n\r\x0b\x0c\x85\u2028\u2029]*"

# Each alternative matches up to where a sentence may end. What one can begin with is asked first:
# most characters are none of it, and the search is twice as fast.
_END = re.compile(
    rf"(?=[\n\r\x0b\x0c\x85\u2028\u2029#{re.escape(_HARD + _SOFT)}])(?:"
    rf"(?P<line>{_NEWLINE}(?={_BLANK}{_NEWLINE}"  # a blank line follows
    rf"|{_BLANK}(?:[-*+•◦▪–]|\d{{1,3}}[.)]|\#{{1,6}}|\||>)[^\S\r\n]"  # list item, heading, table
    rf"|{_BLANK}(?:```|~~~)))"
    rf"|(?P<heading>(?:^|(?<=[\n\r]))\#{{1,6}}[^\S\r\n][^\n\r]*)"
    rf"|(?P<hard>[{re.escape(_HARD)}][{re.escape(_HARD + _SOFT + _CLOSERS)}]*)"
    rf"|(?P<soft>[{re.escape(_SOFT)}]+[{re.escape(_CLOSERS)}]*(?=\s|\Z)))"
)
_WORD_BEFORE = re.compile(r"(?:[^\W_]+[.])*[^\W_]+\Z")
_START_AFTER = re.compile(rf"[\s{re.escape(_OPENERS)}]*")

# Words that are written with a full stop and seldom end a sentence: titles, references, months
# and the like in the larger European languages.
_WORDS = (
    "mr mrs ms dr prof st sr jr rev hon gen col capt lt sgt messrs mme mlle "
    "fig figs eq eqs sec sect chap vol vols pp eds ref refs tab cf al viz vs "
    "approx ca resp incl excl esp dept est inc ltd co corp e.g i.e a.m p.m "
    "jan feb mar apr jun jul aug sep sept oct nov dec "
    "z.b d.h u.a bzw usw vgl ggf hr fr abb bspw evtl inkl sog "
    "p.ex env av sra srta ud uds pág núm sig dott avv "
    "г гг т д п е к стр рис см др пр руб тыс млн млрд ул им св"
)
_ABBREVIATIONS = frozenset(_WORDS.split())
# These are abbreviations only where a number follows: "No. 5".
_BEFORE_NUMBERS = frozenset(("no", "nos", "nr", "p", "ch", "art"))


def sentences(text: str) -> list[tuple[int, int]]:
    """Split a text into sentences.

    Blank lines, list items, table rows and Markdown headings end a sentence too. No sentence is
    cut inside a word or between a character and its combining marks.

    Args:
        text: any text.

    Returns:
        Spans `(start, end)` in characters, in order. They do not overlap, none is empty, none
        begins or ends with white space, and together they hold every character that is not
        white space.
    """
    lower = _writes_lower_case(text)
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _END.finditer(text):
        end = match.end()
        kind = match.lastgroup
        if kind == "soft" and not _ends_here(text, match.start(), end, start, lower):
            continue
        if kind == "hard" and not _may_cut(text, match.start(), end):
            continue
        if kind == "heading" and match.start() > start:
            _append(spans, text, start, match.start())
            start = match.start()
        _append(spans, text, start, end)
        start = end
    _append(spans, text, start, len(text))
    return spans


def _append(spans: list[tuple[int, int]], text: str, start: int, end: int) -> None:
    """Add the span without the white space at its ends, unless nothing is left."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    end = start + len(piece.strip())
    if start < end:
        spans.append((start, end))


def _writes_lower_case(text: str) -> bool:
    """Whether sentences of this text begin with small letters, as in old test collections."""
    upper = small = 0
    first = _START_AFTER.match(text)
    begins = [first.end()] if first else []
    begins += [m.end() for m in re.finditer(r"[.!?]\s+", text)]
    for i in begins:
        letter = text[i : i + 1]
        upper += letter.isupper()
        small += letter.islower()
    return upper * 4 < small


def _ends_here(text: str, mark: int, end: int, start: int, lower: bool) -> bool:
    """Whether the full stop, exclamation or question mark at `mark` ends a sentence."""
    following = _START_AFTER.match(text, end)
    after = text[following.end() : following.end() + 1] if following else ""
    if not after:
        return True
    if after.islower() and not lower:
        return False
    if text[mark] != ".":
        return True
    # The longest abbreviation known is far shorter than this window.
    found = _WORD_BEFORE.search(text, max(start, mark - 24), mark)
    if found is None:
        return True
    word = found[0]
    if word.lower() in _ABBREVIATIONS or (word.lower() in _BEFORE_NUMBERS and after.isdigit()):
        return False
    if word.isdigit():  # "1. First": an item's number, when nothing stands before it
        return bool(text[start : found.start()].strip())
    if len(word) == 1:  # an initial; "I" is a word of its own
        return not word.isupper() or word == "I"
    return not ("." in word and all(len(part) == 1 for part in word.split(".")))


def _may_cut(text: str, mark: int, end: int) -> bool:
    """Whether a cut at `end` leaves numbers and characters whole."""
    after = text[end : end + 1]
    if after and (unicodedata.category(after)[0] == "M" or after == "\u200d"):
        return False
    return not (text[mark] == "．" and after.isdigit())
