"""Assertions of a test in the functions that answer its Tasks: one that does not hold fails the test.

As a failure of the Task it would be retried and caught by the machine, and the test could pass.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from types import FrameType
from typing import Any, Final

from sfdebug.errors import UsageError

_REWRITTEN: Final = "@pytest_ar"
"""What pytest puts into the modules whose assertions it explains."""
_LIBRARY: Final = "unittest."


class OwnAssertions:
    """The functions of one run of the test in a file; `broken` is the assertion that did not hold in one of them.

    Code that the test does not hold itself, a Lambda handler for example, may raise AssertionError: so its Task fails.
    """

    def __init__(self, test_file: Path) -> None:
        self._test_file = test_file
        self.broken: AssertionError | None = None

    def watched(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function`, which ends the run where an assertion of the test does not hold in it."""

        @wraps(function, updated=())
        def call(*given: Any, **named: Any) -> Any:
            __tracebackhide__ = True
            try:
                return function(*given, **named)
            except AssertionError as error:
                if not self._is_own(error):
                    raise
                self.broken = error
                raise UsageError("an assertion in a function that answers a Task does not hold") from None

        return call

    def _is_own(self, error: AssertionError) -> bool:
        trace, frame = error.__traceback__, None
        while trace is not None:
            if not trace.tb_frame.f_globals.get("__name__", "").startswith(_LIBRARY):
                frame = trace.tb_frame
            trace = trace.tb_next
        return frame is not None and self._is_of_test(frame)

    def _is_of_test(self, frame: FrameType) -> bool:
        file = Path(frame.f_code.co_filename)
        return _REWRITTEN in frame.f_globals or file == self._test_file or file.name == "conftest.py"
