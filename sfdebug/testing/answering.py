"""What answers the Tasks of a test case: what stands in the case itself, then its mock file, then, for Tasks that start
a state machine, those of the same project; and nobody else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine import Settings
from sfdebug.errors import UnansweredTaskError
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.tasks.mock_config import ordinal
from sfdebug.tasks.state_machines import StateMachines, starts_state_machine
from sfdebug.testing.model import Mismatch, MismatchKind
from sfdebug.text import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.projects.project import Project
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.testing.model import CaseAnswers


class StartedMachines:
    """Runs the machines of a project that Tasks of another one start: they are compiled when the first is started.

    Their own Tasks are answered by `tasks`.
    """

    def __init__(self, project: Project, tasks: TaskHandler | None, settings: Settings) -> None:
        self._project = project
        self._tasks = tasks
        self._settings = settings
        self._machines: StateMachines | None = None

    def answer(self, request: TaskRequest) -> Answer | None:
        """What starting the machine gives; None when the Task does something else, or starts none of the project.

        Raises UnansweredTaskError when a Task in it is answered by nobody.
        """
        if not starts_state_machine(request):
            return None
        if self._machines is None:
            found = {
                machine.arn: machine.definition
                for machine in self._project.machines
                if machine.definition is not None and not machine.definition.unresolved
            }
            settings = Settings(start_time=self._settings.start_time)
            self._machines = StateMachines(found, self._tasks, settings)
        return self._machines.answer(request)


class AnsweredCalls:
    """Answers the calls of states by their numbers. States that it does not mention are left to others."""

    def __init__(self, answers: Mapping[str, CaseAnswers]) -> None:
        self._answers = answers

    def answerer(self, request: TaskRequest) -> Answerer:
        """The case, and whether it mentions the state."""
        given = self._answers.get(request.state.name)
        file = given.place.file if given is not None else ""
        return Answerer(AnswererKind.MOCK, "the test case", file, "" if given else "the case does not mention it")

    def answer(self, request: TaskRequest) -> Answer | None:
        """The answer to this call; None when the case does not mention the state.

        Raises UnansweredTaskError when the state is called more often than there are answers.
        """
        given = self._answers.get(request.state.name)
        if given is None:
            return None
        if request.invocation < len(given.answers):
            return given.answers[request.invocation]
        if given.repeats:
            return given.answers[-1]
        raise UnansweredTaskError(
            f"'{request.state.name}' is called for the {ordinal(request.invocation + 1)} time, and its mock has "
            f"{counted(len(given.answers), 'answer')}",
            where=str(given.place),
            fix="Add an answer, or write one that is no list: it is given each time.",
        )


class NotedCalls:
    """Asks a handler, and notes of each state how often it was called up to the last time that the handler knew it: by
    that is seen which answers nobody asked for. It is for one run that only ever goes forward."""

    def __init__(self, handler: TaskHandler) -> None:
        self._handler = handler
        self.calls: dict[str, int] = {}

    def answer(self, request: TaskRequest) -> Answer | None:
        """The handler's answer."""
        answer = self._handler.answer(request)
        if answer is not None:
            name = request.state.name
            self.calls[name] = max(self.calls.get(name, 0), request.invocation + 1)
        return answer


def left_over(answers: Mapping[str, CaseAnswers], calls: Mapping[str, int]) -> Iterator[Mismatch]:
    """The answers of a case that no call was given: what the case says by them is said of nothing."""
    for name, given in answers.items():
        count = calls.get(name, 0)
        if count == 0 or (not given.repeats and count < len(given.answers)):
            yield Mismatch(MismatchKind.NOT_GIVEN, len(given.answers), count, subject=name)
