"""For all tests: how long an example takes says nothing here; the first one may compile.

The same examples are tried every time, so that a change and nothing else makes a test fail.
HYPOTHESIS_PROFILE=explore draws others.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("attar", deadline=None, derandomize=True)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "attar"))
