"""How far a long reading is: one line on a terminal that is written over."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.cli.console import printable

if TYPE_CHECKING:
    from typing import TextIO

    from sfdebug.aws.concurrency import Progress


class ProgressLine:
    """One line on a terminal that is written over: what is being read, and how far. Elsewhere it says nothing."""

    def __init__(self, stream: TextIO | None) -> None:
        self._stream = stream
        self._is_shown = stream is not None and stream.isatty()
        self._what = ""

    def begin(self, what: str, doing: str = "Reading") -> Progress:
        """Say what is read from here on, or what else is done with it; the result takes how far it is."""
        self._what = f"{doing} {printable(what)}"
        self._show("")
        return self._count

    def waits(self, seconds: float, throttled: bool) -> None:
        """Say that AWS has to be asked again."""
        why = "AWS asks for fewer requests" if throttled else "no good answer"
        self._show(f": {why}, once more in {seconds:.0f} s")

    def clear(self) -> None:
        """Leave nothing behind."""
        if self._is_shown:
            self._write("\r\x1b[K")

    def _count(self, done: int, of: int | None) -> None:
        self._show(f": {done:,}" if of is None else f": {done:,} of {of:,}")

    def _show(self, how_far: str) -> None:
        if self._is_shown:
            self._write(f"\r\x1b[K{self._what}{how_far} ")

    def _write(self, text: str) -> None:
        assert self._stream is not None, "it is shown"
        self._stream.write(text)
        self._stream.flush()
