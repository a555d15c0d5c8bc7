from __future__ import annotations

import pytest
from hypothesis import given

from attar.context import Passage, Span
from attar.context.prune import recover
from tests.context.small_tokenizers import byte_level
from tests.context.texts import texts

SOURCE = "In 1066 William the Conqueror landed at Pevensey, in Sussex. William the Silent did not."


def _kept(source: str, *pieces: str, start: int = 0) -> tuple[str, list[Span]]:
    """The pieces as spans of the source, with a space between them."""
    spans = []
    at = 0
    for piece in pieces:
        at = source.index(piece, at)
        spans.append(Span("", start + at, start + at + len(piece), piece))
        at += len(piece)
    return " ".join(pieces), spans


@pytest.mark.parametrize(
    ("answer", "recovered"),
    [
        ("William Conqueror.", "William the Conqueror."),
        ("It was William Conqueror landed", "It was William the Conqueror landed"),
        ("Conqueror landed Pevensey", "Conqueror landed at Pevensey"),
        ("Conqueror", "Conqueror"),
        ("nobody at all", "nobody at all"),
        ("Wil Conqueror", "Wil Conqueror"),
        ("", ""),
    ],
)
def test_what_was_left_out_of_a_quotation_is_put_back(answer, recovered):
    text, spans = _kept(SOURCE, "William", "Conqueror landed", "Pevensey", start=7)
    assert recover(answer, text, spans, [Passage(SOURCE, start=7)]) == recovered


def test_a_long_gap_is_not_filled():
    source = "Rollo " + "x" * 80 + " swore."
    text, spans = _kept(source, "Rollo", "swore.")
    assert recover("Rollo swore.", text, spans, [source]) == "Rollo swore."


def test_the_shortest_source_wins():
    source = "king Charles, third of France; king of France"
    text, spans = _kept(source, "king", "France", "king", "France")
    assert recover("king France", text, spans, [source]) == "king of France"


@given(texts, texts)
def test_what_was_kept_whole_comes_back_as_it_is(text, answer):
    from attar.context import squeeze

    result = squeeze(text, to="100%", tokenizer=byte_level())
    assert recover(answer, result.text, result.spans, [text]) == answer
