"""Tracebacks: the message, the first frames and the last."""

from __future__ import annotations

import traceback as python_traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.context import squeeze
from attar.context.kinds import traceback
from tests.context.kinds.rows import check_rows
from tests.context.small_tokenizers import byte_level


def deep(levels):
    if levels:
        return deep(levels - 1)
    return {}["needle"]


def real(levels):
    try:
        deep(levels)
    except KeyError:
        try:
            raise ValueError("while handling")
        except ValueError:
            return python_traceback.format_exc()


JAVA = "".join(
    ["Exception in thread main java.lang.IllegalStateException: no state\n"]
    + [f"\tat com.shop.Cart.step{i}(Cart.java:{i})\n" for i in range(20)]
    + ["Caused by: java.io.IOException: disk is full\n"]
    + [f"\tat com.disk.Disk.write{i}(Disk.java:{i})\n" for i in range(20)]
    + ["\t... 12 more\n"]
)
NODE = "TypeError: x is not a function\n" + "".join(
    f"    at step{i} (/srv/app/index.js:{i}:7)\n" for i in range(20)
)
GO = "panic: no map\n\ngoroutine 1 [running]:\n" + "".join(
    f"main.step{i}(0xc0000)\n\t/srv/app/main.go:{i} +0x1d\n" for i in range(20)
)
RUST = "thread 'main' panicked at src/main.rs:4:5:\nstack backtrace:\n" + "".join(
    f"  {i:2}: app::step{i}\n             at ./src/main.rs:{i}:5\n" for i in range(20)
)
DOTNET = "Unhandled exception. System.Exception: none\n" + "".join(
    f"   at Shop.Cart.Step{i}() in /srv/Cart.cs:line {i}\n" for i in range(20)
)


@pytest.mark.parametrize("text", [real(30), JAVA, NODE, GO, RUST, DOTNET])
def test_all_of_a_traceback_is_found(text):
    found = "".join("".join(text[a:b].split()) for a, b in traceback.find(text))
    assert found == "".join(text.split())
    for start, end in traceback.find(text):
        check_rows(text[start:end], traceback.divide(text[start:end]))


@pytest.mark.parametrize(
    ("text", "kept", "dropped"),
    [
        (JAVA, ["no state", "disk is full", "step0(", "step19(", "write0(", "write19("], "step9("),
        (NODE, ["x is not a function", "step0 ", "step19 "], "step9 "),
        (
            GO,
            ["panic: no map", "goroutine 1 [running]:", "step0(", "step19(", "main.go:19"],
            "step9(",
        ),
        (RUST, ["panicked at", "stack backtrace:", "step0\n", "step19\n"], "step9\n"),
        (DOTNET, ["System.Exception: none", "Step0(", "Step19("], "Step9("),
    ],
)
def test_the_ends_and_the_message_stay(text, kept, dropped):
    result = squeeze(text, to="45%", tokenizer=byte_level())
    assert all(part in result.text for part in kept)
    assert dropped not in result.text


def test_a_python_traceback_in_prose():
    text = "It failed at night. " * 20 + "\n\n" + real(200) + "\nWhat now? " + "It rains. " * 20
    result = squeeze(text, to="700 tokens", tokenizer=byte_level())
    for part in ("Traceback (most recent call last):", "KeyError: 'needle'", "in deep\n",
                 "ValueError: while handling"):  # fmt: skip
        assert part in result.text


def test_no_frame_without_its_message():
    text = "Traceback (most recent call last):\n" + "".join(
        f'  File "a.py", line {i}, in f{i}\n    call(one{i})\n' for i in range(30)
    )
    text += "RuntimeError: the reason\n"
    for limit in range(10, 200, 10):
        result = squeeze(text, "one7", to=f"{limit} tokens", tokenizer=byte_level())
        if "File" in result.text:
            assert "RuntimeError: the reason" in result.text
            assert result.text.startswith("Traceback")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "We meet\n  at noon\n  at the gate\n",
        "List:\n  1: one\n  2: two\n",
        "foo.bar(x)\na.b(y)\nc.d(z)\n",
    ],
)
def test_what_is_no_traceback(text):
    assert not list(traceback.find(text))


PIECES = [
    "Traceback (most recent call last):\n",
    '  File "a", line 1\n',
    "    x()\n",
    "Error: no\n",
    "\tat a.b(c.java:1)\n",
    "Caused by: x\n",
    "goroutine 1 [running]:\n",
    "a.b()\n",
    "\t/x.go:1\n",
    "\n",
    "stack backtrace:\n",
    "  1: x\n",
    "  at y:1\n",
    "#0  0x1f in f ()\n",
    "During handling of the above exception, another exception occurred:\n",
    "    ^^^^",
    "\r",
]


@given(st.lists(st.sampled_from(PIECES), max_size=30))
def test_broken_tracebacks(parts):
    text = "".join(parts)
    at = 0
    for start, end in traceback.find(text):
        assert at <= start < end
        check_rows(text[start:end], traceback.divide(text[start:end]))
        at = end
