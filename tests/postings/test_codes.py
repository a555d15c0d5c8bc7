"""Bits, prefix codes, lengths, lists and the dictionary, each read back."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from attar.postings import bits, block, lengths, lists, unpack
from attar.postings.dictionary import Dictionary, Terms
from attar.postings.front_coding import TERMS
from attar.postings.prefix_code import (
    MAX_LENGTH,
    Books,
    code_lengths,
    code_words,
    read_symbol,
    write_symbol,
)


@settings(deadline=None)
@given(st.lists(st.integers(0, (1 << 57) - 2)))
def test_fields_and_gamma_codes(values: list[int]) -> None:
    words = np.zeros(len(values) * 4 + 2, np.uint64)
    at = 0
    for v in values:
        at = bits.write(words, at, v, v.bit_length())
        at = bits.write_gamma(words, at, v + 1)
    end, at = at, 0
    for v in values:
        assert bits.read(words, at, v.bit_length()) == v
        w, at = bits.read_gamma(words, at + v.bit_length())
        assert w == v + 1
    assert at == end


def test_reading_past_the_end_is_safe() -> None:
    words = np.zeros(2, np.uint64)
    assert bits.read(words, 1000, 57) == 0
    assert bits.read(words, 100, 57) == 0
    assert bits.read_unary(words, 5) == bits.OUTSIDE
    assert bits.skip_ones(words, 0, 1) == bits.OUTSIDE
    assert bits.read_gamma(words, 0)[1] == bits.OUTSIDE


@settings(deadline=None)
@given(st.lists(st.integers(0, 1 << 20), min_size=1, max_size=300))
def test_prefix_codes(counts: list[int]) -> None:
    length = code_lengths(np.array(counts))
    used = np.flatnonzero(counts)
    assert (length[used] > 0).all()
    assert length.max(initial=0) <= MAX_LENGTH
    if used.size > 1:
        assert sum(2.0 ** -length[used]) == 1
    books = Books.of(np.zeros(1, np.int64), length[None].astype(np.uint8))
    again = Books.from_words(books.to_words(), 1, len(counts))
    np.testing.assert_array_equal(again.length, books.length)
    words, at = np.zeros(used.size + 2, np.uint64), 0
    code = code_words(again.length)[0]
    for s in used:
        at = write_symbol(words, at, code[s], again.length[0, s])
    at = 0
    for s in used:
        symbol, at = read_symbol(words, at, 0, again.decoder)
        assert symbol == s


def test_skewed_counts_keep_the_length_limit() -> None:
    fibonacci = [1, 1]
    while len(fibonacci) < 40:
        fibonacci.append(fibonacci[-1] + fibonacci[-2])
    assert code_lengths(np.array(fibonacci)).max() == MAX_LENGTH


@settings(deadline=None)
@given(st.lists(st.integers(0, lengths.LONGEST), max_size=400))
def test_lengths(values: list[int]) -> None:
    coded = lengths.encode_lengths(np.array(values, dtype=np.int64))
    assert lengths.decode_lengths(coded, len(values)).tolist() == values


@given(st.lists(st.integers(0, lengths.LONGEST), max_size=300))
@settings(deadline=None)
def test_lengths_are_classified(values: list[int]) -> None:
    classes, distinct = lengths.classify(np.array(values, dtype=np.int64))
    assert distinct.tolist() == sorted(set(values))
    assert distinct[classes].tolist() == values


@settings(deadline=None)
@given(
    st.integers(1, 1 << 40),
    st.lists(st.tuples(st.integers(0, 1 << 40), st.integers(1, 1 << 30)), min_size=1, max_size=128),
)
def test_blocks(total: int, postings: list[tuple[int, int]]) -> None:
    pairs = sorted({d % total: p for d, p in postings}.items())
    documents = np.array([d for d, _ in pairs])
    payloads = np.array([p for _, p in pairs])
    n = len(pairs)
    size = block.block_bits(documents, payloads, -1, total)
    words = np.zeros(size // 64 + 2, np.uint64)
    assert block.write_block(words, 0, documents, payloads, -1, total) == size
    assert lists.skip_list(words, 0, n, total) == size
    # Beside other blocks, and cut off just behind its end, where whole words cannot be loaded.
    for stream in (words, words[: -(-size // 64)]):
        out = np.zeros((2, 200), np.int64)
        at = unpack.read_documents(stream, 0, n, -1, total, out, 50)
        assert unpack.read_payloads(stream, at, n, out, 50) == size
        assert out[0, 50 : 50 + n].tolist() == documents.tolist()
        assert out[1, 50 : 50 + n].tolist() == payloads.tolist()


def test_random_gaps_cost_little_more_than_their_entropy() -> None:
    rng = np.random.default_rng(0)
    n, total = 128, 20_000
    documents = np.sort(rng.choice(total, n, replace=False))
    size = block.block_bits(documents, np.ones(n, np.int64), -1, total)
    p = n / total
    entropy = -(p * np.log2(p) + (1 - p) * np.log2(1 - p)) * total
    assert size <= 1.05 * entropy


@settings(deadline=None)
@given(st.sets(st.binary(min_size=1, max_size=40), max_size=100), st.data())
def test_dictionary(chosen: set[bytes], data: st.DataObject) -> None:
    terms = sorted(chosen)
    frequencies = [data.draw(st.integers(1, 1 << 40)) for _ in terms]
    begins = np.arange(len(terms), dtype=np.int64) * 7
    dictionary = Dictionary.build(Terms.of(terms), np.array(frequencies, np.int64), begins, 7000)
    blocks = range(-(-len(terms) // TERMS))
    assert [x for b in blocks for x in dictionary.decode(b)] == list(
        zip(terms, frequencies, strict=True)
    )
    absent = [t + b"!" for t in terms if t + b"!" not in chosen] + [b"", b"\xff" * 50]
    where, before = dictionary.find(Terms.of([*terms, *absent]))
    for i, frequency in enumerate(frequencies):
        first = i // TERMS * TERMS
        stop = 7 * (first + TERMS) if first + TERMS < len(terms) else 7000
        assert where[i].tolist() == [i - first, frequency, 7 * first, stop]
        assert before[i, : i - first + 1].tolist() == frequencies[first : i + 1]
    assert (where[len(terms) :, 0] == -1).all()
    assert (where[len(terms) :, 1] == 0).all()
