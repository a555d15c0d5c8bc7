"""What `attar squeeze --show` prints."""

from __future__ import annotations

from attar.cli.shown import shown
from attar.context import Span


def test_dropped_text_is_dim_and_protected_text_underlined():
    text = "Out. In. [Kept] out."
    painted = shown(text, [Span("", 5, 8, "In."), Span("", 9, 15, "[Kept]", protected=True)])
    assert painted.plain == text
    styles = {painted.plain[s.start : s.end]: str(s.style) for s in painted.spans}
    assert styles == {"Out. ": "dim", " ": "dim", "[Kept]": "underline", " out.": "dim"}


def test_nothing_kept_and_nothing_there():
    assert [str(s.style) for s in shown("All out.", []).spans] == ["dim"]
    assert shown("", []).plain == ""
