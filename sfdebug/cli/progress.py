"""How far a long reading or a long run is: one line on a terminal that is written over."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sfdebug.cli.console import printable, say
from sfdebug.text import counted
from sfdebug.times import duration_text

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TextIO

    from sfdebug.aws.concurrency import Progress
    from sfdebug.aws.pacing import Slowdown
    from sfdebug.engine import Execution

_LOOK_EVERY: Final = 256
"""Steps between two looks at the clock."""

_LONG: Final = 2.0
"""Seconds that requests have waited for their turn in all before that is worth a word."""
_SOON: Final = 0.5
_AGAIN: Final = 0.2
"""Seconds before a run is called long, and between two lines about it."""


class ProgressLine:
    """One line on a terminal that is written over: what is being read, and how far. Elsewhere it says nothing."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self.is_shown = stream is not None and stream.isatty()
        self._has_text = False
        self._what = ""
        self.note = ""
        """What is said behind how far it is."""

    def begin(self, what: str, doing: str = "Reading") -> Progress:
        """Say what is read from here on, or what else is done with it; the result takes how far it is."""
        self._what = f"{doing} {printable(what)}"
        self._show("")
        return self._count

    def tell(self, text: str) -> None:
        """Say this, in place of what was said."""
        self._what = printable(text)
        self._show("")

    def waits(self, seconds: float, throttled: bool) -> None:
        """Say that AWS has to be asked again."""
        why = "AWS asks for fewer requests" if throttled else "no good answer"
        self._show(f": {why}, once more in {seconds:.0f} s")

    def paces(self, seconds: float, operation: str) -> None:
        """Say that the next request waits for its turn, so that AWS need not refuse it."""
        if seconds >= _SOON:
            self._show(f": {operation} waits {seconds:.0f} s, to stay within AWS's quota")

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._has_text:
            self._has_text = False
            self._write("\r\x1b[K")

    def _count(self, done: int, of: int | None) -> None:
        note = f" ({self.note})" if self.note else ""
        self._show(f": {done:,}{note}" if of is None else f": {done:,} of {of:,}{note}")

    def _show(self, how_far: str) -> None:
        if self.is_shown:
            self._has_text = True
            self._write(f"\r\x1b[K{self._what}{how_far} ")

    def _write(self, text: str) -> None:
        assert self._stream is not None, "it is shown"
        self._stream.write(text)
        self._stream.flush()


class Patience:
    """What keeps the requests to AWS waiting: shown on the progress line, and said once where that is not shown."""

    def __init__(self, line: ProgressLine) -> None:
        from threading import Lock  # not for --help

        self._line = line
        self._said: set[str] = set()
        self._waited = 0.0
        self._lock = Lock()
        self.slowdown: Callable[[], Slowdown | None] = lambda: None
        """What tells how fast AWS is asked, once somebody asks it."""

    def waits(self, seconds: float, throttled: bool) -> None:
        """AWS has to be asked again after so many seconds."""
        self._line.waits(seconds, throttled)
        if throttled:
            self._say("AWS asks for fewer requests: what follows is asked more slowly")
        else:
            self._say("AWS gave no good answer, and is asked again; the network may be slow")

    def paces(self, seconds: float, operation: str) -> None:
        """The next request waits so many seconds for its turn."""
        with self._lock:
            self._waited += seconds
        self._line.paces(seconds, operation)
        if self._waited >= _LONG:
            slow = self.slowdown()
            pace = f", {slow.per_second:.2g} a second" if slow is not None and slow.operation == operation else ""
            why = "AWS asks for fewer requests" if slow is not None and slow.is_throttled else "within AWS's quota"
            self._line.note = f"{operation}: {why}{pace}"
            self._say(f"{operation} waits for its turn, to stay within AWS's quota{pace}", operation)

    def _say(self, what: str, about: str = "") -> None:
        with self._lock:
            is_new = (about or what) not in self._said
            self._said.add(about or what)
        if is_new and not self._line.is_shown:
            say(f"sfdebug: {what}")


class RunWatch:
    """Looks at a run: says how far it is when it takes longer than a moment, and how far it came when somebody ends it
    before it is over."""

    def __init__(self, line: ProgressLine, clock: Callable[[], float] = time.monotonic) -> None:
        self._line = line
        self._clock = clock
        self._began = clock()
        self._next = self._began + _SOON
        self._steps = 0
        self._execution: Execution | None = None

    def __enter__(self) -> RunWatch:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._line.clear()
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            say(f"sfdebug: {self.so_far}")

    def __call__(self, execution: Execution) -> None:
        """The execution, before its next step."""
        self._execution = execution
        self._steps += 1
        if self._steps % _LOOK_EVERY:
            return
        now = self._clock()
        if now >= self._next:
            self._next = now + _AGAIN
            seconds = int(now - self._began)
            elapsed = f", {duration_text(1_000 * seconds)}" if seconds else ""
            self._line.tell(f"Running: {self._so_far(execution)}{elapsed}; Ctrl+C ends it")

    @property
    def so_far(self) -> str:
        """What had come of it, in a sentence that claims no more."""
        if self._execution is None:
            return "the run had not begun"
        return f"the run was not over: {self._so_far(self._execution)}"

    def _so_far(self, execution: Execution) -> str:
        return f"{counted(execution.visit_count, 'state')} entered, {counted(len(execution.events), 'event')}"
