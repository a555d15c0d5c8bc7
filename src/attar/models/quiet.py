"""Keep the chatter of other libraries out of a command's output, for as long as it lasts."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

_TALKERS = ("transformers", "sentence_transformers", "huggingface_hub", "accelerate")


@contextmanager
def quiet() -> Iterator[None]:
    """Silence progress bars, warnings and loggers of the model libraries, then restore them."""
    from huggingface_hub.utils.tqdm import (
        are_progress_bars_disabled,
        disable_progress_bars,
        enable_progress_bars,
    )

    loggers = [logging.getLogger(name) for name in _TALKERS]
    levels = [logger.level for logger in loggers]
    bars = not are_progress_bars_disabled()
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    if bars:
        disable_progress_bars()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        if bars:
            enable_progress_bars()
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextmanager
def quiet_transformers() -> Iterator[None]:
    """`quiet`, and the bars that transformers itself draws; imports transformers."""
    from transformers.utils import logging as chatter

    bars = chatter.is_progress_bar_enabled()
    with quiet():
        chatter.disable_progress_bar()
        try:
            yield
        finally:
            if bars:
                chatter.enable_progress_bar()
