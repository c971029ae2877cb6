"""Who answers: what was answered before the session was opened again, and until when that holds."""

from __future__ import annotations

from pathlib import Path

from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import Answer
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.tasks.callbacks import Callbacks
from sfdebug.tasks.services.calls import ServiceTasks
from sfdebug.values import Json
from tests.nested_calls import Queue, send
from tests.session_runs import going_on, keeper_of


class Local:
    """Services on this machine, of which only that they can be reset is real."""

    has_services = has_local_data = can_be_reset = True
    on_begin = None
    notes = ()
    is_beginning = False

    def __init__(self, queue: Queue) -> None:
        self.services = ServiceTasks(queue, Callbacks(), "here")
        self.resets = 0

    @property
    def handlers(self) -> tuple[ServiceTasks, ...]:
        return (self.services,)

    def answer(self, request: TaskRequest) -> Answer | None:
        return self.services.answer(request)

    def take_notes(self) -> tuple[str, ...]:
        return ()

    def contents(self) -> tuple[dict[str, Json] | None, dict[str, Json]]:
        return None, {}

    def reset(self) -> None:
        self.services.forget_all()
        self.resets += 1

    def close(self) -> None:
        pass


def test_what_was_answered_before_is_forgotten_when_services_are_reset(tmp_path: Path) -> None:
    machine = {"StartAt": "Ask", "States": {"Ask": send("ask", End=True)}}
    queue, path = Queue(), tmp_path / "session"
    debugger = Debugger(machine, {}, tasks=Local(queue))
    keeper = keeper_of(debugger, path)
    debugger.run()
    assert keeper.keep()
    keeper.close()
    local = Local(queue)
    debugger = going_on(path, debugger.machine, local).debugger
    debugger.restart()
    debugger.edit_input({"on": "a fork"})
    debugger.run()
    assert queue.sent == ["ask"], "nothing is called twice"
    local.reset()
    debugger.restart()
    debugger.edit_input({"on": "another fork"})
    debugger.run()
    assert queue.sent == ["ask", "ask"], "what the services held is gone"
