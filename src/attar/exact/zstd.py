"""Zstandard frames (RFC 8878) without a byte to spare, opened without trust."""

from __future__ import annotations

import zstandard

from attar.errors import DamagedPackError


def compress(
    data: bytes, level: int = 19, primer: zstandard.ZstdCompressionDict | None = None
) -> bytes:
    """Compress into one frame that carries no size, no checksum and no dictionary number.

    Whoever stores the frame knows all three, and a block of text is only a few thousand bytes.
    """
    return compressor(level, len(data), primer).compress(data)


def compressor(
    level: int, size: int, primer: zstandard.ZstdCompressionDict | None = None
) -> zstandard.ZstdCompressor:
    """What writes many such frames of about `size` bytes, all with the same primer."""
    total = size + (len(primer) if primer is not None else 0)
    parameters = zstandard.ZstdCompressionParameters.from_level(
        level,
        source_size=total,
        # All of the primer stays within reach of every byte.
        window_log=min(max((total - 1).bit_length(), 10), 27),
        write_content_size=0,
        write_checksum=0,
        write_dict_id=0,
    )
    if primer is None:
        return zstandard.ZstdCompressor(compression_params=parameters)
    primer.precompute_compress(compression_params=parameters)
    return zstandard.ZstdCompressor(dict_data=primer, compression_params=parameters)


def primer(data: bytes) -> zstandard.ZstdCompressionDict:
    """Text that later frames may refer back to."""
    return zstandard.ZstdCompressionDict(data, dict_type=zstandard.DICT_TYPE_RAWCONTENT)


def decompress(
    data: bytes | memoryview, size: int, primer: zstandard.ZstdCompressionDict | None = None
) -> bytes:
    """Open one frame that must hold exactly `size` bytes; never allocates more than that.

    Raises:
        DamagedPackError: if it holds anything else.
    """
    try:
        claimed = zstandard.get_frame_parameters(data).content_size
        # The library allocates what the frame claims, whatever limit it was given.
        if claimed not in (zstandard.CONTENTSIZE_UNKNOWN, size):
            raise DamagedPackError("a compressed block claims a wrong size")
        opened = zstandard.ZstdDecompressor(dict_data=primer).decompress(
            data, max_output_size=max(size, 1)
        )
    except zstandard.ZstdError as error:
        raise DamagedPackError("a compressed block does not decompress") from error
    if len(opened) != size:
        raise DamagedPackError("a compressed block has not the length that was promised")
    return opened
