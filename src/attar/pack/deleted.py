"""Tombstones: which documents of a segment are no more."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Collection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from attar.errors import DamagedPackError
from attar.exact.columns import decode_ints, encode_ints
from attar.pack.disk import damaged

MAGIC = b"ATTARDEL"
_CRC = struct.Struct("<I")


def encode_deleted(documents: Collection[int]) -> bytes:
    """Write the numbers of a segment's deleted documents."""
    body = MAGIC + encode_ints(sorted(documents))
    return body + _CRC.pack(zlib.crc32(body))


def decode_deleted(path: Path, data: bytes, documents: int) -> NDArray[np.int64]:
    """Read what `encode_deleted` wrote.

    Args:
        path: the file, for messages.
        data: its bytes.
        documents: how many the segment has.

    Raises:
        DamagedPackError: if the bytes are not what was written, or do not fit the segment.
    """
    try:
        body = data[: -_CRC.size]
        if not body.startswith(MAGIC) or zlib.crc32(body) != _CRC.unpack(data[-_CRC.size :])[0]:
            raise DamagedPackError("its checksum does not fit")
        numbers, _ = decode_ints(body, len(MAGIC))
        if len(numbers) and not (
            numbers[0] >= 0 and numbers[-1] < documents and bool((np.diff(numbers) > 0).all())
        ):
            raise DamagedPackError("it names documents that the segment does not have")
    except (DamagedPackError, struct.error) as error:
        raise damaged(path, str(error)) from error
    return numbers
