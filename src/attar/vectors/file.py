"""The file of a set: written and mapped without a second copy in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from attar.codec import Encoded, Fitted, storage
from attar.codec.lines import LINE, to_lines
from attar.errors import DamagedPackError
from attar.vectors.ids import Ids
from attar.vectors.partition import Partition
from attar.vectors.parts import BLOCK, Part, take_from
from attar.vectors.search import Metric


@dataclass(frozen=True, slots=True, eq=False)
class Contents:
    """What a file of a set holds.

    Args:
        fitted: the codec.
        metric: how rows are compared.
        part: the rows, mapped.
        ids: their ids.
        partition: the centroids of its lists, if it has any.
        probes: how many lists a search looks into.
        file: what was opened.
    """

    fitted: Fitted
    metric: Metric
    part: Part
    ids: Ids
    partition: Partition | None
    probes: int
    file: storage.File


def write(
    path: str | Path,
    fitted: Fitted,
    metric: str,
    parts: list[Part],
    ids: Ids,
    partition: Partition | None,
    probes: int,
) -> None:
    """Write a set, tombstones left out; the file appears whole or not at all."""
    arrays: dict[str, Any] = {f"codec.{k}": v for k, v in fitted.state.arrays.items()}
    header = {**fitted.header(), "metric": metric, "rows": str(len(ids))}
    rows = np.arange(ids.rows) if ids.alive is None else np.flatnonzero(ids.alive)
    plan = fitted.scan
    specs = fitted.coder.column_specs(fitted.dim)
    if plan is not None:
        width = specs[plan.column].shape[0]
        shape = (-(-len(rows) // LINE), width, LINE)
        arrays[f"lines.{plan.column}"] = storage.Stream(
            "uint8", shape, _pieces(parts, rows, plan.column, lines=True)
        )
    flat = [n for n in specs if plan is None or n != plan.column]
    if all(specs[n].kind == "dense" for n in flat):
        for name in flat:
            arrays[f"codes.{name}"] = storage.Stream(
                specs[name].dtype, (len(rows), *specs[name].shape), _pieces(parts, rows, name)
            )
    else:  # how many bytes ragged rows take is known when they are together
        blocks = list(_blocks(parts, rows)) or [fitted.encode(np.zeros((0, fitted.dim)))]
        whole = Encoded.concat(blocks)
        arrays |= {f"codes.{k}": v for k, v in whole.arrays().items()}
    living = ids.living
    if isinstance(living, range):  # counted up: the first tells all
        header["first_id"] = str(living.start)
    else:
        small = not len(living) or living.max() < 1 << 32
        arrays["ids"] = living.astype(np.uint32 if small else np.int64)
    if partition is not None and len(rows) and parts[0].bounds is not None:
        arrays["partition.centroids"] = partition.centroids
        arrays["partition.bounds"] = np.searchsorted(rows, parts[0].bounds).astype(np.int64)
        header["probes"] = str(probes)
    storage.write(path, arrays, header)


def _pieces(
    parts: list[Part], rows: NDArray[np.int64], name: str, *, lines: bool = False
) -> Callable[[], Iterator[NDArray[Any]]]:
    def pieces() -> Iterator[NDArray[Any]]:
        for block in _blocks(parts, rows):
            column = np.asarray(block.columns[name])
            yield to_lines(column) if lines else column

    return pieces


def _blocks(parts: list[Part], rows: NDArray[np.int64]) -> Iterator[Encoded]:
    """The rows of these numbers, so many at a time that lines never break."""
    for start in range(0, len(rows), BLOCK):
        yield take_from(parts, rows[start : start + BLOCK])


def read(path: str | Path) -> Contents:
    """Map what `write` wrote.

    Raises:
        DamagedPackError: if the file is cut short or not sound.
        NewerFormatError: if a later version wrote it.
    """
    file = storage.read(path)
    metric = next((m for m in get_args(Metric) if m == file.metadata.get("metric")), None)
    if metric is None:
        raise DamagedPackError(f"{path} does not say how its rows are compared")
    fitted = Fitted.from_parts(file.metadata, _under(file.arrays, "codec."))
    arrays = _under(file.arrays, "codes.")
    part = _part(path, fitted, arrays, file)
    ids = _ids(path, file, len(part))
    partition, probes = None, 0
    if "partition.bounds" in file.arrays:
        partition, part.bounds = _partition(path, file, fitted, len(part))
        try:
            probes = int(file.metadata["probes"])
        except (KeyError, ValueError) as error:
            raise DamagedPackError(f"{path} does not say how many lists to look into") from error
    return Contents(fitted, metric, part, ids, partition, max(0, probes), file)


def _part(
    path: str | Path, fitted: Fitted, arrays: dict[str, NDArray[Any]], file: storage.File
) -> Part:
    """The rows of a file, checked against the recipe."""
    plan = fitted.scan
    if plan is None:
        codes = fitted.encoded(arrays)
        return Part(len(codes), fitted.dim, dict(codes.columns))
    lines = file.arrays.get(f"lines.{plan.column}")
    width = fitted.coder.column_specs(fitted.dim)[plan.column].shape[0]
    try:
        rows = int(file.metadata["rows"])
    except (KeyError, ValueError) as error:
        raise DamagedPackError(f"{path} does not say how many rows it holds") from error
    expected = (-(-rows // LINE), width, LINE)
    if lines is None or rows < 0 or lines.shape != expected or lines.dtype != np.uint8:
        raise DamagedPackError(f"{path} does not hold the codes of {rows} rows")
    # An empty array of the scanned column lets the other columns be checked as usual.
    stand_in = np.broadcast_to(np.zeros((1, width), np.uint8), (rows, width))
    codes = fitted.encoded({**arrays, plan.column: stand_in})
    others = {k: v for k, v in codes.columns.items() if k != plan.column}
    return Part(rows, fitted.dim, others, (plan.column, lines))


def _ids(path: str | Path, file: storage.File, rows: int) -> Ids:
    if "first_id" in file.metadata:
        try:
            first = int(file.metadata["first_id"])
        except ValueError as error:
            raise DamagedPackError(f"{path} does not say what its first id is") from error
        return Ids(range(first, first + rows))
    ids = file.arrays.get("ids", np.zeros(0, np.int64))
    if ids.shape != (rows,) or ids.dtype not in (np.uint32, np.int64):
        raise DamagedPackError(f"{path} holds {rows} rows but no ids for as many")
    return Ids(ids.astype(np.int64))


def _partition(
    path: str | Path, file: storage.File, fitted: Fitted, rows: int
) -> tuple[Partition, NDArray[np.int64]]:
    bounds, centroids = file.arrays["partition.bounds"], file.arrays.get("partition.centroids")
    sound = (
        centroids is not None
        and centroids.dtype == np.float32
        and bounds.dtype == np.int64
        and bounds.ndim == 1
        and len(bounds) > 1
        and centroids.shape == (len(bounds) - 1, fitted.dim)
        and bounds[0] == 0
        and bounds[-1] <= rows
        and bool((np.diff(bounds) >= 0).all())
    )
    if not sound or centroids is None:
        raise DamagedPackError(f"the lists of {path} do not fit its rows")
    return Partition(centroids, file.metadata.get("metric") == "l2"), np.asarray(bounds)


def _under(arrays: Any, prefix: str) -> dict[str, NDArray[Any]]:
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
