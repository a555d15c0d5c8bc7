"""Arrays in a safetensors file: mapped into memory, checked before use, replaced atomically.

The file is plain safetensors (an 8-byte little-endian header length, a JSON header, the
data), so that any of its readers opens it. It is read here without the library for two
reasons: the arrays are to be mapped, not copied, and no size in a damaged or hostile header
may be believed before it was compared with the length of the file.
"""

from __future__ import annotations

import hashlib
import json
import mmap
import os
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attar.errors import DamagedPackError, NewerFormatError, PackError

FORMAT = 1
"""Version of everything `codec` and `vectors` write; docs/format.md says what it means."""

MAX_HEADER = 1 << 20
_TYPES = {
    "BOOL": "bool", "U8": "uint8", "I8": "int8", "U16": "uint16", "I16": "int16",
    "U32": "uint32", "I32": "int32", "U64": "uint64", "I64": "int64",
    "F16": "float16", "F32": "float32", "F64": "float64",
}  # fmt: skip
_NAMES = {v: k for k, v in _TYPES.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Stream:
    """An array that is written piece by piece, so that it is never whole in memory.

    Args:
        dtype: numpy's name of the element type.
        shape: of the whole.
        pieces: gives its pieces along the first axis; asked twice, for checksum and file.
    """

    dtype: str
    shape: tuple[int, ...]
    pieces: Callable[[], Iterable[NDArray[Any]]]

    @property
    def nbytes(self) -> int:
        """Bytes of the whole."""
        return prod(self.shape) * np.dtype(self.dtype).itemsize


@dataclass(frozen=True, slots=True, eq=False)
class File:
    """An opened file.

    Args:
        path: where it lies.
        metadata: the texts of its header.
        arrays: read-only views into the mapped file.
        mapped: the file.
    """

    path: Path
    metadata: Mapping[str, str]
    arrays: Mapping[str, NDArray[Any]]
    mapped: mmap.mmap

    def let_go(self) -> None:
        """Keep no page of the file in memory; what is looked at again is read again."""
        if hasattr(self.mapped, "madvise"):
            self.mapped.madvise(mmap.MADV_DONTNEED)

    def verify(self) -> None:
        """Compare the checksum with every byte.

        Raises:
            DamagedPackError: if any differs.
        """
        if checksum(self.arrays, self.metadata) != self.metadata.get("attar.checksum"):
            raise DamagedPackError(f"{self.path} was changed: its checksum does not match")


def checksum(arrays: Mapping[str, NDArray[Any] | Stream], metadata: Mapping[str, str]) -> str:
    """BLAKE2b-128 over header texts, names, types, shapes and elements, in the order of names."""
    digest = hashlib.blake2b(digest_size=16)
    texts = {k: v for k, v in metadata.items() if k != "attar.checksum"}
    digest.update(json.dumps(texts, sort_keys=True).encode())
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"\n{name} {_type(array)} {list(array.shape)}\n".encode())
        for piece in _pieces(array):
            digest.update(_raw(piece))
    return digest.hexdigest()


def write(
    path: str | Path, arrays: Mapping[str, NDArray[Any] | Stream], metadata: Mapping[str, str]
) -> None:
    """Write arrays and texts; the file appears whole or not at all.

    Raises:
        PackError: if it cannot be written.
    """
    path = Path(path)
    texts = {"attar.format": str(FORMAT), **metadata}
    texts["attar.checksum"] = checksum(arrays, texts)
    header: dict[str, Any] = {"__metadata__": texts}
    # Widest elements first, as the format's reference writer does: every array stays aligned.
    order = sorted(arrays, key=lambda name: (-np.dtype(_type(arrays[name])).itemsize, name))
    end = 0
    for name in order:
        array, start = arrays[name], end
        end += array.nbytes
        header[name] = {
            "dtype": _NAMES[_type(array)],
            "shape": list(array.shape),
            "data_offsets": [start, end],
        }
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    try:
        handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(len(text).to_bytes(8, "little") + text)
                for name in order:
                    for piece in _pieces(arrays[name]):
                        out.write(_raw(piece))
                out.flush()
                os.fsync(out.fileno())
            os.chmod(temporary, 0o644)
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise PackError(f"cannot write {path}: {error.strerror or error}") from error


def read(path: str | Path) -> File:
    """Map a file that `write` wrote. The arrays' bytes are not touched yet.

    Raises:
        PackError: if it cannot be opened.
        DamagedPackError: if its header is not sound.
        NewerFormatError: if a later version wrote it.
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            length = int.from_bytes(file.read(8), "little")
            if size < 8 or length > min(MAX_HEADER, size - 8):
                raise DamagedPackError(f"{path} is cut short or not a file of Attar's")
            text = file.read(length)
            # Mapped through the same handle: the name may stand for another file by now.
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        data = np.frombuffer(mapped, np.uint8)[8 + length :]
    except OSError as error:
        raise PackError(f"cannot open {path}: {error.strerror or error}") from error
    try:
        header = json.loads(text)
        metadata = {str(k): str(v) for k, v in header.pop("__metadata__").items()}
        version = int(metadata["attar.format"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise DamagedPackError(f"the header of {path} cannot be read") from error
    if version > FORMAT:
        raise NewerFormatError(
            f"{path} is of format {version}, this Attar reads up to {FORMAT}: upgrade Attar"
        )
    arrays = {name: _view(path, data, name, entry) for name, entry in header.items()}
    if sum(a.nbytes for a in arrays.values()) != data.nbytes:
        raise DamagedPackError(f"{path} is cut short or has bytes that belong to no array")
    return File(path, metadata, arrays, mapped)


def _type(array: NDArray[Any] | Stream) -> str:
    return array.dtype if isinstance(array, Stream) else array.dtype.name


def _pieces(array: NDArray[Any] | Stream) -> Iterable[NDArray[Any]]:
    return array.pieces() if isinstance(array, Stream) else (array,)


def _raw(array: NDArray[Any]) -> memoryview:
    flat: Any = np.ascontiguousarray(array).reshape(-1).view(np.uint8)
    return memoryview(flat)


def _view(path: Path, data: NDArray[np.uint8], name: str, entry: Any) -> NDArray[Any]:
    try:
        dtype = np.dtype(_TYPES[entry["dtype"]]).newbyteorder("<")
        shape = [int(s) for s in entry["shape"]]
        start, end = (int(o) for o in entry["data_offsets"])
        elements = 1
        for s in shape:
            elements *= s
        sound = min(shape, default=0) >= 0 and elements * dtype.itemsize == end - start
        if not (sound and 0 <= start <= end <= data.nbytes):
            raise ValueError
        return np.asarray(data)[start:end].view(dtype).reshape(shape)
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise DamagedPackError(f"{path}: the array {name!r} does not fit into the file") from error
