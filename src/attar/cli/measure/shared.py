"""What the commands that measure numbers share: reading them, and writing a plot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import numpy as np
from numpy.typing import NDArray

from attar.errors import UsageError

F = TypeVar("F", bound=Callable[..., Any])


def plot_option(function: F) -> F:
    """Give a command its `--plot` option."""
    return click.option(
        "--plot",
        "picture",
        type=click.Path(dir_okay=False, path_type=Path),
        default=None,
        metavar="FILE.svg",
        help="Draw the figures, with the bound, into this SVG file.",
    )(function)


def check_picture(picture: Path | None) -> None:
    """Refuse kinds of pictures that are not drawn, before anything is measured."""
    if picture is not None and picture.suffix.lower() != ".svg":
        raise UsageError(f"plots are SVG files: give --plot {picture.with_suffix('.svg')}")


def load(path: Path) -> NDArray[Any]:
    """The array in a .npy file, mapped and not read.

    Raises:
        UsageError: if it is no such file or holds no (n, d) numbers.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except (ValueError, EOFError) as error:
        # What numpy says of other files is about pickles, which are not read here.
        raise UsageError(f"{path} is no .npy file of numbers: write one with numpy.save") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror or error}") from error
    if not isinstance(array, np.ndarray) or array.ndim != 2:
        raise UsageError(f"{path} must hold one (n, d) array of numbers")
    return array
