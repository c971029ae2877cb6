"""A terminal that has gone in the middle of what was to be written keeps nobody waiting."""

from __future__ import annotations

import errno
import io
import threading

from textual.drivers._writer_thread import MAX_QUEUED_WRITES, WriterThread

from sfdebug.tui.terminal.output import LastingOutput


class Gone(io.StringIO):
    """A terminal that goes after some writes."""

    left = 2

    def write(self, text: str) -> int:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.EIO, "Input/output error")
        return super().write(text)

    def flush(self) -> None:
        if self.left < 0:
            raise OSError(errno.EIO, "Input/output error")


def test_what_is_written_to_a_terminal_that_has_gone_is_let_go() -> None:
    terminal = Gone()
    writer = WriterThread(LastingOutput(terminal))  # type: ignore[arg-type]
    writer.start()

    def write_much() -> None:
        for _ in range(3 * MAX_QUEUED_WRITES):
            writer.write("x")
        writer.stop()

    program = threading.Thread(target=write_much, name="test-program", daemon=True)
    program.start()
    program.join(60)
    assert not program.is_alive(), "it waits for a thread that has ended"
    assert terminal.getvalue() == "xx"
