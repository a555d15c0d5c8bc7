"""Logs and other texts in which each line stands for itself."""

from __future__ import annotations

from attar.pack.splitters.unit import Unit


def split_lines(text: str) -> Unit:
    """Divide a text into lines."""
    return Unit(0, len(text), by="lines")
