"""Chats: system and last message stay, older turns go first."""

from __future__ import annotations

import pytest

from attar.context import Passage, squeeze
from attar.context.kinds import chat
from attar.errors import BudgetError
from tests.context.small_tokenizers import byte_level

TURN = "We spoke of point {0}. It was a long talk about matter {0}. Much was said of it that day."


def chatml(count, tail=""):
    turns = ["<|im_start|>system\nYou are kind. Always say please.<|im_end|>\n"]
    for i in range(count):
        role = "assistant" if i % 2 else "user"
        turns.append(f"<|im_start|>{role}\n{TURN.format(i)}<|im_end|>\n")
    turns.append(f"<|im_start|>user\nWhat now? And why?<|im_end|>\n{tail}")
    return "".join(turns)


def named(count):
    turns = ["System: You are kind. Always say please.\n"]
    turns += [f"{'Assistant' if i % 2 else 'User'}: {TURN.format(i)}\n" for i in range(count)]
    return "".join([*turns, "User: What now? And why?\n"])


@pytest.mark.parametrize("text", [chatml(21), chatml(21, "<|im_start|>assistant\n"), named(21)])
@pytest.mark.parametrize("kind", ["text", "chat"])
def test_system_and_last_message_stay_whole(text, kind):
    result = squeeze(Passage(text, kind=kind), "point 3", to="35%", tokenizer=byte_level())
    for part in ("You are kind. Always say please.", "What now? And why?"):
        assert part in result.text
    assert result.text.split("\n")[0] == text.split("\n")[0]
    assert "of point 3." in result.text


@pytest.mark.parametrize("text", [chatml(41), named(41)])
def test_older_turns_are_squeezed_more(text):
    result = squeeze(text, to="40%", tokenizer=byte_level())
    kept = [sum(f"{word} {i}." in result.text for word in ("point", "matter")) for i in range(41)]
    assert sum(kept[:8]) < sum(kept[-8:])


def test_marks_come_in_pairs():
    text = chatml(21)
    for share in range(15, 100, 5):
        kept = squeeze(text, "matter 7", to=f"{share}%", tokenizer=byte_level()).text
        assert kept.count("<|im_start|>") == kept.count("<|im_end|>")


def test_what_must_stay_may_be_too_long():
    text = chatml(5)
    with pytest.raises(BudgetError, match="protected text"):
        squeeze(Passage(text, kind="chat"), to="5 tokens", tokenizer=byte_level())
    assert squeeze(text, to="5 tokens", tokenizer=byte_level()).tokens_after <= 5


@pytest.mark.parametrize(
    "text",
    ["", "User: one turn only.", "He said: no.\nShe said: yes.\n", "Note: AI: x", "<|im_end|>"],
)
def test_what_is_no_chat(text):
    assert not chat.recognises(text)
