"""Machines that differ in one state: a mistake is what the engine makes of such a one from the same place on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine.program import program_of

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine, StatePath
    from sfdebug.engine.execution.execution import CompiledMachine
    from sfdebug.engine.states.base import StateProgram
    from sfdebug.values import Json


class AlteredProgram(Struct, frozen=True, eq=False):
    """A program in which one state is another one. The definition beside it stays the one that was read."""

    machine: StateMachine
    scopes: Mapping[StatePath, Mapping[str, StateProgram | Any]]

    def state(self, scope_path: StatePath, name: str) -> State:
        """The state called `name` in a scope."""
        found: State = self.scopes[scope_path][name].state
        return found


def with_state(program: CompiledMachine, state: State) -> AlteredProgram:
    """`program` with `state` in the place of the one at its path. Raises SfdebugError when it cannot be compiled."""
    scope = state.path[:-1]
    scopes = {**program.scopes, scope: {**program.scopes[scope], state.name: program_of(state)}}
    return AlteredProgram(program.machine, scopes)


def with_fields(state: State, **fields: Json) -> State:
    """`state` with other values of some fields."""
    return replace(state, fields={**state.fields, **fields})


def without_fields(state: State, *names: str) -> State:
    """`state` as if some fields were not written."""
    return replace(state, fields={name: value for name, value in state.fields.items() if name not in names})
