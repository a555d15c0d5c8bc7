"""For all tests: how long an example takes says nothing here; the first one may compile."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("attar", deadline=None)
settings.load_profile("attar")
