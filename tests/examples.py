"""How many examples property tests draw, and whether the same in each run.

By default a test that is green here is green everywhere: its examples are derived from the test, and there are half of
those that its `examples` names, as they are the same in each run and find something new only where the program has
changed. `make explore` draws new ones, ten times as many.
"""

from __future__ import annotations

import os
from typing import Final

STEADY: Final = os.environ.get("SFDEBUG_HYPOTHESIS", "steady") == "steady"
"""Whether examples are derived from the test."""


def examples(count: int) -> int:
    """How many are drawn where `count` are meant."""
    return max(count // 2, 4) if STEADY else count * 10
