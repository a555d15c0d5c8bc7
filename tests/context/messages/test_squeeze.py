"""Chats as lists: budgets are exact, what is protected stays, calls keep what they gave."""

from __future__ import annotations

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import attar
from attar.context import ChatCount, squeeze_messages
from attar.errors import BudgetError, UsageError
from tests.context.small_tokenizers import all_kinds, byte_level
from tests.context.texts import is_subsequence, texts

many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
PARTS = st.lists(
    texts.map(lambda text: {"type": "text", "text": text})
    | st.just({"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}),
    max_size=3,
)
ROLES = st.sampled_from(["system", "developer", "user", "assistant", "tool"])
LOOSE = st.fixed_dictionaries({"role": ROLES, "content": texts | PARTS | st.none()}).map(
    lambda message: [message]
)
CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"at": 1}'}}


def round_of(said, gave):
    call = {"role": "assistant", "content": said, "tool_calls": [CALL]}
    return [call, *({"role": "tool", "tool_call_id": "c1", "content": text} for text in gave)]


ROUNDS = st.builds(round_of, st.none() | texts, st.lists(texts, min_size=1, max_size=2))
CHATS = st.lists(LOOSE | ROUNDS, max_size=8).map(lambda parts: [m for part in parts for m in part])


def all_text(message):
    content = message["content"]
    if not isinstance(content, list):
        return content or ""
    return "".join(part.get("text", "") for part in content)


def protected_of(messages):
    users = [i for i, m in enumerate(messages) if m["role"] == "user"]
    always = {i for i, m in enumerate(messages) if m["role"] in ("system", "developer")}
    return sorted(always | set(users[-1:]) | ({len(messages) - 1} if messages else set()))


@many
@given(CHATS, st.integers(0, 600), st.none() | st.just("rights"), st.sampled_from(all_kinds()))
def test_promises(messages, limit, question, tokenizer):
    count = ChatCount(tokenizer)
    given_ = json.dumps(messages)
    try:
        result = squeeze_messages(messages, question, to=f"{limit} tokens", tokenizer=tokenizer)
    except BudgetError as error:
        if not error.needed > error.allowed == limit:
            raise
        return
    assert json.dumps(messages) == given_
    assert result.tokens_before == count(messages)
    assert result.tokens_after == count(result.messages) <= limit
    assert list(result.numbers) == sorted(set(result.numbers))
    assert set(protected_of(messages)) <= set(result.numbers)
    for number, left in zip(result.numbers, result.messages, strict=True):
        before = messages[number]
        assert left.keys() == before.keys()
        assert {k: v for k, v in left.items() if k != "content"} == {
            k: v for k, v in before.items() if k != "content"
        }
        assert type(left["content"]) is type(before["content"])
        assert is_subsequence(all_text(left), all_text(before))
        assert all_text(left).strip() or not all_text(before).strip()
        if number in protected_of(messages):
            assert left == before
    for number, message in enumerate(messages):
        if number and message["role"] == "tool":
            caller = number - 1
            while messages[caller]["role"] == "tool" and caller:
                caller -= 1
            if messages[caller].get("tool_calls"):
                assert (number in result.numbers) == (caller in result.numbers)
    if count(messages) <= limit:
        assert result.messages == messages
    for span in result.spans:
        number = int(span.source[len("messages[") : -1])
        assert span.text in all_text(messages[number])


def long_chat(turns=20):
    words = "The fox runs on and on over the lazy dog. All are born free and equal. " * 4
    chat = [{"role": "system", "content": "Be brief."}]
    for i in range(turns):
        chat.append({"role": "user", "content": f"What about item{i}? {words}"})
        if i % 4 == 0:
            rows = [{"id": j, "text": words} for j in range(4)]
            chat += round_of(None, [json.dumps(rows)])
        chat.append({"role": "assistant", "content": f"Item{i} is fine. {words}"})
    return [*chat, {"role": "user", "content": "And item3?"}]


@pytest.mark.parametrize("to", ["50%", "20%", "8%", "3%"])
def test_roles_still_take_turns(to):
    result = attar.squeeze_messages(long_chat(), to=to, tokenizer=byte_level())
    said = [m["role"] for m in result.messages if not m.get("tool_calls") and m["role"] != "tool"]
    assert said[0] == "system"
    assert said[1:] == ["user", "assistant"] * (len(said) // 2 - 1) + ["user"]
    assert result.tokens_after >= 0.9 * result.tokens_before * float(to[:-1]) / 100


def test_what_the_user_asks_last_and_what_is_new_stay():
    result = squeeze_messages(long_chat(), to="15%", tokenizer=byte_level())
    said = " ".join(map(all_text, result.messages))
    assert "item3?" in said
    assert "Item3 is fine." in said
    assert "Item19 is fine." in said
    assert "Item2 is fine." not in said


def test_json_that_a_tool_gave_stays_json():
    result = squeeze_messages(long_chat(), to="40%", tokenizer=byte_level())
    gave = [m["content"] for m in result.messages if m["role"] == "tool"]
    assert gave
    assert all(isinstance(json.loads(text), list) for text in gave)


def test_a_long_run_of_tools_is_shortened_by_rounds():
    chat = [{"role": "user", "content": "Do it."}]
    for i in range(30):
        chat += round_of(f"Step {i}.", [f"Result {i}. " + "More words here. " * 20])
    result = squeeze_messages(chat, to="15%", tokenizer=byte_level())
    assert result.messages[0] == chat[0]
    assert result.messages[-1] == chat[-1]
    assert [m["role"] for m in result.messages[1:]] == ["assistant", "tool"] * (
        len(result.messages) // 2
    )
    assert len(result.messages) < len(chat)


def test_a_template_of_ones_own():
    def count(messages):
        return sum(10 + len(m["content"]) for m in messages)

    chat = long_chat(6)
    chat = [m for m in chat if m["content"] and m["role"] != "tool"]
    result = squeeze_messages(chat, to="900 tokens", count=count, tokenizer=byte_level())
    assert result.tokens_after == count(result.messages) <= 900


def test_protected_text_of_an_old_message():
    chat = long_chat()
    result = squeeze_messages(
        chat, to="15%", protect="Item2 is fine.", tokenizer=byte_level(), mark="[...]"
    )
    assert any("Item2 is fine." in all_text(m) for m in result.messages)
    assert any("[...]" in all_text(m) for m in result.messages)


@pytest.mark.parametrize(
    ("messages", "to", "says"),
    [
        ([{"role": "user", "content": "word " * 50}], "9 tokens", "the user's last"),
        ([{"role": "user"}, {"role": "user", "content": "word " * 50}], "2 tokens", "take"),
        ([{"content": "a"}], "9 tokens", "message 0 has no role"),
        (["a"], "9 tokens", "message 0 has no role"),
        ([{"role": "user", "content": 3}], "9 tokens", "content of message 0"),
        ([{"role": "user", "content": ["a"]}], "9 tokens", "content of message 0"),
        ([{"role": "user", "content": "a"}], "9 bytes", "tokens or per cent"),
    ],
)
def test_what_cannot_be_is_one_sentence(messages, to, says):
    with pytest.raises((BudgetError, UsageError), match=says) as caught:
        squeeze_messages(messages, to=to, tokenizer=byte_level())
    assert "\n" not in str(caught.value)


def test_no_messages():
    assert squeeze_messages([], to="9 tokens", tokenizer=byte_level()).messages == []


def test_plain_types():
    data = squeeze_messages(long_chat(), to="20%", tokenizer=byte_level()).to_dict()
    assert json.loads(json.dumps(data)) == data
    assert set(data) == {"messages", "numbers", "tokens_before", "tokens_after", "spans"}
