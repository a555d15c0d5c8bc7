from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.segmentation.sentences import sentences


def cut(text: str) -> list[str]:
    return [text[a:b] for a, b in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        (" \n\t", []),
        ("One", ["One"]),
        ("It rains. It pours! Does it?  Yes.", ["It rains.", "It pours!", "Does it?", "Yes."]),
        ("Dr. Smith met J. R. Jones.", ["Dr. Smith met J. R. Jones."]),
        ("See Fig. 3, e.g. this. Then go.", ["See Fig. 3, e.g. this.", "Then go."]),
        ("So did I. Then we left.", ["So did I.", "Then we left."]),
        ("Version 3.11 is out. Use it.", ["Version 3.11 is out.", "Use it."]),
        ('He said "No." She left.', ['He said "No."', "She left."]),
        ("“Really?” he said. Yes.", ["“Really?” he said.", "Yes."]),
        ("flow over a wing . the lift was small .", ["flow over a wing .", "the lift was small ."]),
        ("今日は晴れ。明日は雨？はい！", ["今日は晴れ。", "明日は雨？", "はい！"]),
        ("他说：「好。」然后走了。", ["他说：「好。」", "然后走了。"]),
        ("हम घर गए। वह आया।", ["हम घर गए।", "वह आया।"]),
        ("هل جاء؟ نعم. ذهب۔ انتهى", ["هل جاء؟", "نعم.", "ذهب۔", "انتهى"]),
        ("Он жил в г. Москве. Потом уехал.", ["Он жил в г. Москве.", "Потом уехал."]),
        ("Is it? It is…\n\nA new part", ["Is it?", "It is…", "A new part"]),
        ("wrapped\nline\r\nhere. End", ["wrapped\nline\r\nhere.", "End"]),
        ("# Title\nText here.", ["# Title", "Text here."]),
        ("Buy:\n- milk\n- bread", ["Buy:", "- milk", "- bread"]),
        ("1. First. 2. Second.", ["1. First.", "2. Second."]),
        ("| a | b |\n| 1 | 2 |", ["| a | b |", "| 1 | 2 |"]),
        ("値は３．１４です", ["値は３．１４です"]),
        ("Wow ⁉️ Yes", ["Wow ⁉️", "Yes"]),
    ],
)
def test_sentences_of_many_languages(text: str, expected: list[str]) -> None:
    assert cut(text) == expected


SCRIPTS = st.text(
    st.sampled_from("aZé b.!?…\"'\n\r\t 。！？」؟۔।क्षиЯ́ทย👩\u200d💻\ufe0f．3#-|\u2029\xa0"),
    max_size=80,
)


@settings(deadline=None)
@given(st.one_of(SCRIPTS, st.text(max_size=80)))
def test_spans_partition_what_is_not_white_space(text: str) -> None:
    spans = sentences(text)
    position = 0
    for start, end in spans:
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()
