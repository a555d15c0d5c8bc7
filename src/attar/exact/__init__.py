"""Bytes written in fewer bytes, bit for bit: texts in blocks, tables in columns."""

from attar.exact.reader import TextReader
from attar.exact.text import TextFile, write_text

__all__ = ["TextFile", "TextReader", "write_text"]
