"""Columns of whole numbers and of strings, in few bytes: the tables beside the text.

Every encoded column stands alone: it begins with its own header, and `decode_*` says how many
bytes it took. A column never claims more values than a fixed multiple of its stored bytes, so a
forged one cannot ask for memory that the file does not justify.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from attar.errors import DamagedPackError
from attar.exact.strings import Chosen, Joined, Numbered, Repeated, Strings
from attar.exact.zstd import compress, decompress

Ints = NDArray[np.int64]

_HEADER = struct.Struct("<BBQqI")  # flags, bits a value, values, smallest, stored bytes
_DELTA, _ZSTD = 1, 2
# Beyond these a decoder refuses: eight one-bit values a byte, sixteen bytes from one.
_FREE = 4096
_RATIO = 16
_PIECE = 1 << 16
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")


def encode_ints(values: NDArray[np.integer] | Sequence[int]) -> bytes:
    """Write whole numbers, in order, as the smallest of four layouts.

    The layouts are fixed-width bits above the smallest value, of the numbers or of their
    differences, each with and without zstd over the bits or whole bytes.

    Args:
        values: one dimension; each within int64, as are the differences.
    """
    flat = np.asarray(values, dtype=np.int64).reshape(-1)
    candidates = [_pack(flat, 0)]
    if len(flat) > 1:
        candidates.append(_pack(np.diff(flat, prepend=np.int64(0)), _DELTA))
    return min(candidates, key=len)


def decode_ints(data: bytes | memoryview, offset: int = 0) -> tuple[Ints, int]:
    """Read what `encode_ints` wrote at `offset`.

    Returns:
        The numbers, and the offset of the first byte after them.

    Raises:
        DamagedPackError: if the bytes are no such column.
    """
    if len(data) - offset < _HEADER.size:
        raise DamagedPackError("a column of numbers is cut short")
    flags, width, count, least, stored = _HEADER.unpack_from(data, offset)
    begin = offset + _HEADER.size
    end = begin + stored
    size = (count * width + 7) // 8
    if flags & ~(_DELTA | _ZSTD) or width > 64 or end > len(data):
        raise DamagedPackError("a column of numbers has an impossible header")
    if (width == 0 and count > _FREE) or size > stored * _RATIO + _FREE:
        raise DamagedPackError("a column of numbers claims more than its bytes can hold")
    body = bytes(data[begin:end])
    if flags & _ZSTD:
        body = decompress(body, size)
    if len(body) != size:
        raise DamagedPackError("a column of numbers has not the length that it claims")
    values = _unpack_bits(body, width, count)
    values += np.int64(least)
    if flags & _DELTA:
        np.cumsum(values, out=values)
    return values, end


def encode_strings(values: Sequence[str]) -> bytes:
    """Write strings, in order: numbered names as numbers, few different ones as a list of choices.

    Raises:
        UnicodeEncodeError: if a string holds a lone surrogate.
    """
    distinct = list(dict.fromkeys(values))
    if len(values) > 1 and 2 * len(distinct) <= len(values):
        where = {value: i for i, value in enumerate(distinct)}
        return b"c" + encode_strings(distinct) + encode_ints([where[v] for v in values])
    numbered = _numbered(values) if values else None
    if numbered is not None:
        prefix, suffix, numbers = numbered
        return b"n" + _plain([prefix, suffix]) + encode_ints(numbers)
    return b"p" + _plain(values)


def decode_strings(data: bytes | memoryview, offset: int = 0) -> tuple[Strings, int]:
    """Read what `encode_strings` wrote at `offset`.

    Returns:
        The strings, and the offset of the first byte after them.

    Raises:
        DamagedPackError: if the bytes are no such column.
    """
    tag = bytes(data[offset : offset + 1])
    offset += 1
    if tag == b"p":
        return _read_plain(data, offset)
    if tag == b"n":
        ends, offset = _read_plain(data, offset)
        numbers, offset = decode_ints(data, offset)
        if len(ends) != 2:
            raise DamagedPackError("a column of numbered names has an impossible header")
        return Numbered(ends[0], numbers, ends[1]), offset
    if tag == b"c":
        if bytes(data[offset : offset + 1]) == b"c":
            # Choices among choices: never written, and a way to nest without end.
            raise DamagedPackError("a column of names has an impossible header")
        distinct, offset = decode_strings(data, offset)
        choice, offset = decode_ints(data, offset)
        if len(choice) and not (choice.min() >= 0 and choice.max() < len(distinct)):
            raise DamagedPackError("a column of names chooses what is not there")
        if len(distinct) == 1:
            return Repeated(distinct[0], len(choice)), offset
        return Chosen(distinct, choice), offset
    raise DamagedPackError("a column of names has an impossible header")


def _pack(values: Ints, flags: int) -> bytes:
    count = len(values)
    least = int(values.min()) if count else 0
    above = values.astype(np.uint64) - np.uint64(
        least & (2**64 - 1)
    )  # modulo 2^64: never overflows
    width = int(above.max()).bit_length() if count else 0
    if width == 0 and count > _FREE:
        width = 1
    body = _pack_bits(above, width)
    # zstd sees more in whole bytes.
    squeezed, wide = min(
        ((_squeezed(_pack_bits(above, w)), w) for w in {width, (width + 7) & ~7}),
        key=lambda pair: (len(pair[0]), pair[1]),
    )
    if len(squeezed) < len(body):
        flags, width, body = flags | _ZSTD, wide, squeezed
    return _HEADER.pack(flags, width, count, least, len(body)) + body


def _squeezed(body: bytes) -> bytes:
    # Zeros after a frame mean nothing to zstd; they keep the promise of the module's first lines.
    return compress(body).ljust(-(-(len(body) - _FREE) // _RATIO), b"\0")


def _pack_bits(values: NDArray[np.uint64], width: int) -> bytes:
    if width == 0:
        return b""
    bits = np.unpackbits(
        values.astype("<u8").view(np.uint8).reshape(-1, 8), axis=1, bitorder="little"
    )
    return np.packbits(bits[:, :width], bitorder="little").tobytes()


def _unpack_bits(body: bytes, width: int, count: int) -> Ints:
    if width == 0:
        return np.zeros(count, dtype=np.int64)
    values = np.empty(count, dtype=np.int64)
    data = np.frombuffer(body, dtype=np.uint8)
    # Bits take a byte each while they are unpacked: so many values at a time, whole bytes of them.
    for start in range(0, count, _PIECE):
        n = min(_PIECE, count - start)
        piece = data[start * width // 8 : -(-(start + n) * width // 8)]
        bits = np.unpackbits(piece, count=n * width, bitorder="little").reshape(n, width)
        wide = np.zeros((n, 8), dtype=np.uint8)
        packed = np.packbits(bits, axis=1, bitorder="little")
        wide[:, : packed.shape[1]] = packed
        values[start : start + n] = wide.view("<u8").reshape(n).astype(np.uint64).view(np.int64)
    return values


def _plain(values: Sequence[str]) -> bytes:
    encoded = [value.encode("utf-8") for value in values]
    lengths = encode_ints([len(e) for e in encoded])
    joined = b"".join(encoded)
    squeezed = compress(joined)
    if len(squeezed) >= len(joined) or len(joined) > len(squeezed) * 256 + _FREE:
        squeezed = joined
    return lengths + struct.pack("<I", len(squeezed)) + squeezed


def _read_plain(data: bytes | memoryview, offset: int) -> tuple[Strings, int]:
    lengths, offset = decode_ints(data, offset)
    if len(data) - offset < 4:
        raise DamagedPackError("a column of names is cut short")
    (stored,) = struct.unpack_from("<I", data, offset)
    begin, end = offset + 4, offset + 4 + stored
    body = bytes(data[begin:end])
    # Each is looked at before their sum, which could wrap around.
    if len(lengths) and not (lengths.min() >= 0 and lengths.max() <= stored * 256 + _FREE):
        raise DamagedPackError("a column of names holds an impossible length")
    size = int(lengths.sum())
    if len(body) != stored or not stored <= size <= stored * 256 + _FREE:
        raise DamagedPackError("a column of names has not the length that it claims")
    if size != stored:
        body = decompress(body, size)
    if len(body) != size:
        raise DamagedPackError("a column of names has not the length that it claims")
    return Joined(body, lengths), end


def _numbered(values: Sequence[str]) -> tuple[str, str, list[int]] | None:
    """Split every value into one shared prefix, its own number, and one shared suffix."""
    first = re.fullmatch(r"(.*?)(0|[1-9][0-9]{0,17})([^0-9]*)", values[0], re.DOTALL | re.ASCII)
    if first is None:
        return None
    prefix, suffix = first[1], first[3]
    numbers = []
    for value in values:
        middle = value[len(prefix) : len(value) - len(suffix)]
        if (
            not value.startswith(prefix)
            or not value.endswith(suffix)
            or len(value) < len(prefix) + len(suffix)
            or _NUMBER.fullmatch(
                middle,
            )
            is None
            or not middle.isascii()
        ):
            return None
        numbers.append(int(middle))
    return prefix, suffix, numbers
