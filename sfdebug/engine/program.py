"""A definition compiled: every expression of every state is parsed once, when the program is made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import Scope, StateMachine, StatePath, StateType
from sfdebug.engine.states.choice import ChoiceProgram
from sfdebug.engine.states.fail import FailProgram
from sfdebug.engine.states.map import MapProgram
from sfdebug.engine.states.parallel import ParallelProgram
from sfdebug.engine.states.pass_ import PassProgram, SucceedProgram
from sfdebug.engine.states.task import TaskProgram
from sfdebug.engine.states.wait import WaitProgram
from sfdebug.errors import UnsupportedError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import State
    from sfdebug.engine.states.base import StateProgram

_PROGRAMS: Final[Mapping[StateType, type[StateProgram]]] = {
    StateType.PASS: PassProgram,
    StateType.TASK: TaskProgram,
    StateType.CHOICE: ChoiceProgram,
    StateType.WAIT: WaitProgram,
    StateType.SUCCEED: SucceedProgram,
    StateType.FAIL: FailProgram,
    StateType.PARALLEL: ParallelProgram,
    StateType.MAP: MapProgram,
}


def program_of(state: State) -> StateProgram:
    """A state with its expressions compiled."""
    if not state.is_distributed:
        return _PROGRAMS[state.type](state)
    from sfdebug.engine.states.distributed_map import MapRunProgram  # reads CSV, gzip, …: most definitions need none

    return MapRunProgram(state)


class Program:
    """A state machine ready to run. Immutable once made; one program serves any number of executions."""

    def __init__(self, machine: StateMachine) -> None:
        """Compile `machine`. Raises UnsupportedError when it cannot be run as it stands (`${Placeholder}`)."""
        problems = machine.unresolved
        if problems:
            first = problems[0]
            raise UnsupportedError("\n".join(map(str, problems)), where="", fix=first.fix)
        self.machine = machine
        self.scopes: dict[StatePath, Mapping[str, StateProgram]] = {}
        self._compile(machine.scope)

    def __reduce__(self) -> tuple[type[Program], tuple[StateMachine]]:
        """Compiled expressions are closures, which no pickle holds: a copy is compiled anew from the definition."""
        return Program, (self.machine,)

    def __copy__(self) -> Program:
        return self

    def __deepcopy__(self, memo: object) -> Program:
        return self

    def _compile(self, scope: Scope) -> None:
        self.scopes[scope.path] = {name: program_of(state) for name, state in scope.states.items()}
        for state in scope.states.values():
            for branch in state.branches:
                self._compile(branch)

    def state(self, scope_path: StatePath, name: str) -> State:
        """The state called `name` in a scope."""
        return self.scopes[scope_path][name].state
