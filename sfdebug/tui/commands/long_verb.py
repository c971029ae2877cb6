"""A verb at work: one at a time. The screen stays alive beside a long one, and tells how far it is."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.wording.positions import progress_of
from sfdebug.tasks.real_time import real_time_in
from sfdebug.text import clean
from sfdebug.times import duration_text
from sfdebug.tui.keys import key_of
from sfdebug.tui.terminal.guard import trouble_text
from sfdebug.tui.terminal.threads import Running
from sfdebug.tui.widgets.notice import Tone

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.timer import Timer

    from sfdebug.debugger import Stop
    from sfdebug.tui.commands.calls import CallCommands
    from sfdebug.tui.commands.host import CommandHost

_PATIENCE: Final = 0.08
"""How long the screen waits for a verb before it shows that one is running, in seconds."""

_POLL: Final = 0.05


class LongVerb:
    """Has a verb done, on a thread of its own where it takes long; `settle` gets what it ends with."""

    def __init__(self, host: CommandHost, calls: CallCommands, settle: Callable[[Stop], None]) -> None:
        self.patience = _PATIENCE
        self._host = host
        self._debugger = host.debugger
        self._calls = calls
        self._settle = settle
        self._running: Running | None = None
        self._timer: Timer | None = None
        self._began = 0.0
        self._awaited = ""
        self._has_told_running = False
        self._has_told_call = False

    @property
    def is_running(self) -> bool:
        """Whether one is at work: nobody else may touch the debugger."""
        return self._running is not None

    def begin(self, call: Callable[[Callable[[], bool]], Stop]) -> None:
        """Call a verb, which asks now and then whether it is to stop."""
        self._began = monotonic()
        running = Running(call)
        if running.start(self.patience):
            self._settle(running.result())
            return
        self._running = running
        self._timer = self._host.set_interval(_POLL, self._poll)
        self._show_progress()

    def _poll(self) -> None:
        running = self._running
        if running is None:
            return
        if not running.is_over:
            if running.is_interrupted:
                self.interrupt()  # once more: what it was about to wait for when it was told so does not know of it
            self._show_progress()
            self._tell_awaited()
            return
        self._forget()
        if self._has_told_call:  # in place of where the debugger stands
            self._has_told_call = False
            self._host.sentence.say(self._host.view.sentence)
        try:
            stop = running.result()
        except Exception as error:
            self._host.refresh_view()
            self._host.say(trouble_text(error), Tone.TROUBLE)
        else:
            self._settle(stop)

    def _forget(self) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer, self._running = None, None
        self._host.show_progress("")
        if self._has_told_running:
            self._has_told_running = False
            self._host.clear_notice()
        self._tell_awaited()

    # What is told of it

    def tell_running(self) -> None:
        """Say that nothing else can be done now; that goes away when it can."""
        self._has_told_running = self.is_running
        self._host.say(f"still running: {key_of('program.escape')} interrupts", Tone.REFUSAL)

    def _show_progress(self) -> None:
        dot, escape = self._host.glyphs.dot, key_of("program.escape")
        pace = real_time_in(self._debugger.tasks)
        if pace is not None and pace.waiting is not None:
            ways = f"{key_of('step.over')} skips it, {escape} interrupts"
            what = f"{dot} {clean(pace.waiting.what)}"  # behind the keys: the end may be cut
            self._host.show_progress(f"waiting {pace.waiting.how_long}({ways}) {what}")
            return
        seconds = int(monotonic() - self._began)
        elapsed = f", {duration_text(1_000 * seconds)}" if seconds else ""
        calling, sentence = self._calls.progress()
        if calling:
            self._has_told_call = True
            keys = f"{escape} cancels, {key_of('look.log')} shows what was sent"
            self._host.show_progress(f"{calling}{elapsed} {dot} {keys}")
            self._host.sentence.say(sentence)
            return
        execution = self._debugger.execution
        children = f", {len(execution.ended_children):,} child executions over" if execution.ended_children else ""
        work = progress_of(execution.branches.get(()))
        over = f", {work.ended:,} of {work.total:,} over" if work is not None and not children else ""
        count = f"{len(execution.events):,} events so far"
        way = f"running, {escape} interrupts {dot}"  # in front: the end may be cut
        self._host.show_progress(f"{way} {count}{children}{over}{elapsed}")

    def _tell_awaited(self) -> None:
        """Say what a call waits for, as long as it does: that somebody attaches a debugger."""
        awaited = self._debugger.calls.awaited if self.is_running else ""
        if awaited == self._awaited:
            return
        self._awaited = awaited
        if awaited:
            self._host.say(f"{awaited}; {key_of('program.escape')} cancels")
        else:
            self._host.clear_notice()

    # Ending it

    def interrupt(self) -> None:
        """Have it stop soon: at its next step, and without waiting for what it has called."""
        if self._running is not None:
            self._running.interrupt()
        self._debugger.nested.interrupt()
        self._debugger.calls.cancel()
        pace = real_time_in(self._debugger.tasks)
        if pace is not None:
            pace.interrupt()

    def shut_down(self) -> None:
        """Before the program ends: stop it, so that its thread does not outlive the screen for long."""
        if self._running is not None:
            self.interrupt()
            self._running.wait(1.0)
            self._forget()
