"""Second looks at what failed, counted without a word between processes for each test.

pytest-rerunfailures has each process ask the controlling one before and after every test, which reads byte by byte; and
as two messages follow one another there without an answer between them, the second waits for what acknowledges the
first: 40 ms for each test, ten times what most of them take. Here a process speaks of what failed, and of nothing else.

What a test may be tried again is the same for all, so the controlling process knows it; how often one has ended its
process it counts itself. Only how many second looks there were in all is known by nobody alone, and asked where one is
wanted: what a process last heard holds until then, since the number matters for a failure alone.
"""

from __future__ import annotations

from typing import Any

import pytest
from pytest_rerunfailures import ClientStatusDB, ServerStatusDB  # type: ignore[import-untyped]


def install(config: pytest.Config) -> None:
    """Let this process count like that, behind the plugin's own beginning; nothing where it does not ask others."""
    counts = getattr(config, "failures_db", None)
    if isinstance(counts, ClientStatusDB):
        config.failures_db = Counts(counts)  # type: ignore[attr-defined]
    elif isinstance(counts, ServerStatusDB):
        counts.get_test_reruns = lambda crashed: config.getoption("reruns") or 0


class Counts:
    """What the plugin asks for in a process that runs tests."""

    def __init__(self, asked: Any) -> None:
        self._asked = asked
        self._all = 0

    def get_test_failures(self, test: str) -> int:
        """How often the test has ended a process: who counts that lets none run again too often."""
        return 0

    def set_test_reruns(self, test: str, reruns: int) -> None:
        """Known there."""

    def get_suite_reruns(self) -> int:
        return self._all

    def try_increment_suite_reruns(self, most: int) -> bool:
        """Whether there is one more second look, of so many in all."""
        is_left: bool = self._asked.try_increment_suite_reruns(most)
        self._all = self._asked.get_suite_reruns()
        return is_left
