"""The commands that lead into the execution that a Task starts, and back with what came of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.debugger.verbs import Verb
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.text import clean
from sfdebug.tui.keys import key_of

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger, Stop
    from sfdebug.tui.commands.host import Dispatcher, NestingHost

_BACK: frozenset[str] = frozenset({"step.into", "step.over", "step.out", "step.continue"})
"""What leads back to the Task, from the end of what it has started."""


class NestedCommands:
    """Into executions that Tasks start, which have screens of their own, and out of them."""

    def __init__(self, host: NestingHost, commands: Dispatcher) -> None:
        self.host = host
        self.debugger = host.debugger
        self._commands = commands

    def hint(self) -> str:
        """How to step into what the Task at hand starts; "" where it starts nothing."""
        name = self.debugger.nested.at_hand
        return f"{key_of('step.into')} steps into {clean(name)}" if name else ""

    def with_hint(self, sentence: str) -> str:
        """A sentence about where one stands, with how to step into what the Task at hand starts."""
        hint = self.hint()
        return f"{sentence} {hint}." if hint else sentence

    @property
    def first(self) -> list[str]:
        """What is most useful here before all else: to go back, where that is possible."""
        return ["step.out"] if self.leads_back("step.out") else []

    def enter(self) -> bool:
        """Show what the Task at hand starts; whether there is such a thing."""
        if not self.debugger.nested.at_hand:
            return False
        inner = self.debugger.nested.enter()
        name = clean(inner.execution.settings.state_machine_name)
        title = f"{self.host.session_title.rpartition('#')[2]} {self.host.glyphs.within} {name}"
        state = self.host.view.state
        by = f"started by {clean(state.name)}: " if state is not None else ""
        ways = f"{key_of('step.out')} runs it to its end and goes back, {key_of('program.quit')} leaves it for now"
        self.host.open_nested(inner, title, f"{by}{ways}", lambda verb: self._came_back(inner, name, verb))
        return True

    def leads_back(self, id: str) -> bool:
        """Whether a command leads back to the Task that started what is shown here, which is over."""
        view = self.host.view
        return self.host.is_inside and id in _BACK and view.is_finished and view.is_at_tip

    def way_back(self) -> str:
        """How to go back to the Task with what came of the execution; "" where that is not possible yet."""
        return f"{key_of('step.out')} goes back with it" if self.leads_back("step.out") else ""

    def has_stepped_out(self, verb: Verb | None, was_in_branch: bool) -> bool:
        """Whether a verb has led out of what is shown here: to its end, from its top level."""
        return verb is Verb.STEP_OUT and not was_in_branch and self.leads_back("step.out")

    def leave(self, id: str) -> None:
        """Go back with what came of the execution."""
        self.host.leave_nested(Verb.RUN if id == "step.continue" else Verb.STEP_OUT)

    def _came_back(self, inner: Debugger, name: str, verb: Verb | None) -> None:
        """`verb` is what led back, None where its end was not waited for."""
        if verb is None:
            into, over = key_of("step.into"), key_of("step.over")
            is_over = inner.execution.status is not ExecutionStatus.RUNNING
            now = f"has ended: {into} shows it again" if is_over else f"waits: {into} goes on in it, {over} runs it on"
            self.host.refresh_view()
            self.host.say(f"{name} {now}")
            return
        stop: Stop = self.debugger.nested.leave(inner)
        self._commands.settle(stop)
        if not stop.is_refused and verb is Verb.RUN:
            self._commands.run("step.continue")
