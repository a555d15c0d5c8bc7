"""What stands before that which a log line says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attar.context.kinds.stamps import stamped


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("Jun 14 15:16:01 combo sshd[19939]: failure", "sshd[19939]: failure"),
        ("[Sun Dec 04 04:47:44 2005] [notice] ok", "[notice] ok"),
        ("081109 203615 148 INFO dfs.DataNode: ends", "INFO dfs.DataNode: ends"),
        ("03-17 16:13:38.811  1702  2395 D Window: x", "D Window: x"),
        ("20171223-22:15:29:606|Step_LSC|30002312|on", "Step_LSC|30002312|on"),
        ("2015-07-29 17:41:44,747 - INFO  [a] - y", "INFO  [a] - y"),
        ("worker begins", "worker begins"),
        ("", ""),
    ],
)
def test_stamps(line, says):
    assert [line[at:] for at in stamped([line] * 30)] == [says] * 30


def test_a_number_that_only_one_line_begins_with_is_said():
    lines = [f"12:00:{i:02d} reading block {i}" for i in range(60)]
    lines[7] = "12:00:07 3 blocks are broken"
    assert lines[7][stamped(lines)[7] :] == "3 blocks are broken"


def test_a_level_is_no_host():
    lines = ["Jun 14 15:16:01 alpha disk: full"] * 20 + ["Jun 14 15:16:01 ERROR disk: full"]
    found = {line[at:] for line, at in zip(lines, stamped(lines), strict=True)}
    assert found == {"ERROR disk: full", "disk: full"}


@given(st.lists(st.text() | st.sampled_from(["1 2 3", "12:00 ", "Jan 1 x", "1|2|", "| |"])))
def test_something_is_left_of_every_line(lines):
    for line, at in zip(lines, stamped(lines), strict=True):
        assert 0 <= at <= len(line)
        assert at == 0 or line[at:].strip()
