"""How hard the laws are tried: a few hundred examples by default, 10,000 with ``--hypothesis-profile=laws``.

No deadlines: the suite makes no assertions about time, and machines of CI are slow when they please.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("quick", deadline=None, max_examples=150)
settings.register_profile("laws", deadline=None, max_examples=10_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))
