"""What is taken brings along what it needs, and its heading where that is cheap."""

from __future__ import annotations

import numpy as np

import attar.context.fill as filling
from attar.context import Passage, squeeze
from attar.context.units import split
from attar.context.view import View
from tests.context.small_tokenizers import byte_level

TEXT = """sums
====

Things of numbers. They are many and of all kinds that are known to people.

sums.add(*numbers)
------------------

The total of all. It is zero of none.

sums.greatest(*numbers)
-----------------------

The largest of all. An error of none.
"""


def test_a_sentence_brings_its_signature():
    result = squeeze(TEXT, "largest", to="45 bytes", tokenizer=byte_level())
    assert result.text == "sums.greatest(*numbers)\n\nThe largest of all."


def test_a_heading_that_does_not_fit_stays_out():
    result = squeeze(TEXT, "largest", to="20 bytes", tokenizer=byte_level())
    assert result.text == "The largest of all."


def test_a_long_heading_is_not_worth_it():
    units = split(View.read([Passage(TEXT)]))
    last = len(units) - 1
    costs = np.ones(len(units), dtype=np.int64)
    costs[units.head[last]] = 3
    none = np.zeros(len(units), dtype=bool)
    assert filling.fill(np.array([last]), costs, 10, units, none, 10).tolist() == [last]


def test_needs_come_first_and_headings_last():
    units = split(View.read([Passage(TEXT)]))
    last = len(units) - 1
    costs = np.ones(len(units), dtype=np.int64)
    none = np.zeros(len(units), dtype=bool)
    taken = filling.fill(np.array([last]), costs, 5, units, none, 5)
    assert taken.tolist() == [last, int(units.head[last])]
