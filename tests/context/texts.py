"""Texts of every kind for property tests."""

from __future__ import annotations

from hypothesis import strategies as st

SENTENCES = [
    "All human beings are born free and equal in dignity and rights.",
    "Dr. Smith paid $3.50 on Jan. 5, and left!",
    "Is it so?",
    "Alle Menschen sind frei und gleich an Würde und Rechten geboren.",
    "Все люди рождаются свободными и равными в своём достоинстве.",
    "人人生而自由,在尊严和权利上一律平等。",
    "すべての人間は、生まれながらにして自由である。",
    "มนุษย์ทั้งปวงเกิดมามีอิสระและเสมอภาคกัน",
    "सभी मनुष्यों को गौरव और अधिकारों के मामले में समानता प्राप्त है।",
    "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.",
    "כל בני האדם נולדו בני חורין.",
    "모든 인간은 태어날 때부터 자유롭다.",
    "👩‍👩‍👧‍👦🏳️‍🌈👍🏽🇩🇪🇫🇷",
    "Z̸̡̛a̷l̶g̵o̴ ē̵̛̤ é",
    "{'key': [1, 2, 3], \"a\": null}",
    "def f(x):\n    return x + 1\n",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "supercalifragilistic" * 12,
    "0123456789abcdef" * 40,
    "字" * 300,
    "\ud800 lone \udfff surrogates",
    "\x00\x01 control \x7f\x85 characters \u2028 and \u202e order",
]
GAPS = [
    " ",
    " ",
    " ",
    "\n",
    "\n\n",
    "\r\n",
    "\r\n\r\n",
    "",
    "\t",
    "\n   ",
    " " * 40,
    "\n" * 30,
    "\u3000",
]

sentence = st.sampled_from(SENTENCES) | st.text(max_size=60)
piece = st.tuples(sentence, st.sampled_from(GAPS)).map("".join)
texts = st.lists(piece, max_size=60).map("".join)


def is_subsequence(small: str, large: str) -> bool:
    rest = iter(large)
    return all(char in rest for char in small)
