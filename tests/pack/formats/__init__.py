"""Packs of earlier formats, as they were written, and what they must answer."""
