"""Logs: recognised, and rare lines survive."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.context import squeeze
from attar.context.kinds import log
from attar.context.kinds.templates import shapes_of, templates
from tests.context.small_tokenizers import byte_level

USUAL = "2024-03-01 12:00:{:02d},{:03d} INFO worker-{}: request {} served in {} ms"


def lines(count):
    return [USUAL.format(i % 60, i, i % 4, i * 7, i % 13) for i in range(count)]


@pytest.mark.parametrize(
    "line",
    [
        "2024-03-01 12:00:01 INFO started",
        "Jun 14 15:16:01 host sshd[19939]: authentication failure",
        "[Sun Dec 04 04:47:44 2005] [notice] workerEnv.init() ok",
        "081109 203615 148 INFO dfs.DataNode: PacketResponder 1 terminating",
        "17/06/09 20:10:40 INFO executor.Worker: registered",
        "03-17 16:13:38.811  1702  2395 D WindowManager: printing",
        "[10.30 16:49:06] chrome.exe - proxy.cse.cuhk.edu.hk:5070 open through proxy",
    ],
)
def test_logs_are_recognised(line):
    assert log.recognises("\n".join([line] * 20))


@pytest.mark.parametrize("text", ["", "A sentence at 12:30. " * 50, "Born in 1999.\n" * 20])
def test_prose_is_not_a_log(text):
    assert not log.recognises(text)


def test_rare_lines_and_errors_survive():
    rows = lines(400)
    rare = "2024-03-01 12:00:09,001 WARN disk: volume data is nearly full"
    error = "2024-03-01 12:00:31,001 ERROR worker-3: request 21 failed: connection reset"
    rows[123], rows[311] = rare, error
    result = squeeze("\n".join(rows), to="5%", tokenizer=byte_level())
    assert rare in result.text
    assert error in result.text
    assert all(line in rows for line in result.text.splitlines()[:-1])


def test_lines_that_differ_in_numbers_share_a_template():
    assert len(set(templates(lines(50)))) == 1


@given(st.text())
def test_rows_hold_all_that_is_not_white_space(text):
    rows = log.divide(text)
    assert "".join("".join(text[r.start : r.end].split()) for r in rows) == "".join(text.split())


def test_names_that_vary_do_not_make_a_template():
    open_ = "[10.30 16:49:06] chrome.exe - {}.example.org:443 open through proxy a.b.org:5070 HTTPS"
    names = [open_.format(name) for name in ("mail", "docs", "play", "news")]
    assert len(set(templates(names))) == 1
    assert len(set(shapes_of(names))) == 4


@pytest.mark.parametrize(
    "pair",
    [
        ("Jul 27 14:41:54 combo network: Bringing up interface: succeeded",
         "Jul 27 14:41:54 combo network: Bringing up interface: failed"),
        ("Jul 27 14:41:54 combo sshd[1]: no such user was found here",
         "Jul 27 14:41:54 combo ftpd[1]: no such user was found here"),
    ],
)  # fmt: skip
def test_what_is_not_the_same_template(pair):
    assert len(set(templates(pair))) == 2


def test_a_rare_line_stays_among_many_names():
    names = [chr(97 + i % 26) + chr(97 + i // 26) for i in range(400)]
    line = (
        "[10.30 16:49:06] chrome.exe - host{}.example.org:443 open through proxy a.b.org:80 HTTPS"
    )
    rows = [line.format(name) for name in names]
    rare = "[10.30 16:49:06] chrome.exe - a.b.org:443 could not resolve the name"
    rows[201] = rare
    assert rare in squeeze("\n".join(rows), to="3%", tokenizer=byte_level()).text


def test_stamps_give_way_before_what_is_told_once():
    rows = [f"2024-03-01 12:00:{i % 60:02d} host{i % 9} job: {w} begins" for i, w in WORDS]
    text = "\n".join([*lines(200), *rows])
    short = squeeze(text, to="9%", tokenizer=byte_level())
    assert all(f"job: {word} begins" in short.text for _, word in WORDS)
    assert not all(row in short.text for row in rows)
    long = squeeze(text, to="30%", tokenizer=byte_level())
    assert all(row in long.text for row in rows)
    cut = next(s for s in short.spans if s.text.startswith("host"))
    assert short.original(cut).text in rows


WORDS = [(i, "".join(chr(97 + (i * k) % 26) for k in (3, 5, 7, 11, 17))) for i in range(1, 41)]


def test_a_state_that_only_one_line_has_is_a_shape_of_its_own():
    rows = [f"GET page {i} gave 200 at once" for i in range(100)]
    rows[40] = rows[40].replace("200", "500")
    shapes = shapes_of(rows)
    assert shapes.count(shapes[40]) == 1
    assert len(set(shapes)) == 2


def test_an_asterisk_is_no_value():
    assert len(set(shapes_of([f"a {i} b" for i in range(30)] + ["a * b"] * 3))) == 2


def test_windows_line_ends_stay_line_ends():
    result = squeeze("\r\n".join(lines(100)), to="10%", tokenizer=byte_level())
    assert "\r" not in result.text.replace("\r\n", "")
    assert len(result.text.splitlines()) > 3
