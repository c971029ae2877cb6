"""What an expression sees at a place of the timeline: the data, `$states`, the variables and the Context object.

`$` is the value that flows at that place: what the stage there gave, or, before a state, its input. `$states` has what
AWS's has in JSONata, for both languages: `input`, `result`, `errorOutput` and `context`; and beside it `output`,
`attempt` (from 1) and, in a Map, `iteration` (from 1), which AWS's has not.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.wording.positions import container_of
from sfdebug.engine.context import context_at
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.timeline.nodes import Cursor
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Stage

_RESULTS: Final = frozenset(
    {StageName.RESULT, StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN}
)
_GIVEN: Final = (StageStatus.DONE, StageStatus.FORCED, StageStatus.INJECTED)


class Visible:
    """What there is to see at a cursor. All of it is looked up when it is asked for."""

    def __init__(self, cursor: Cursor) -> None:
        self.position = position_at(cursor)

    @property
    def execution(self) -> Execution:
        """The execution at that instant."""
        return self.position.execution

    @cached_property
    def stages(self) -> tuple[Stage, ...]:
        """The stages of the visit that are revealed."""
        visit = self.position.visit
        return tuple(visit.stages[: self.position.revealed]) if visit is not None else ()

    @cached_property
    def input(self) -> Value:
        """The input of the state; MISSING where none is known."""
        here = self.position
        if here.visit is not None:
            return here.visit.input
        return here.branch.input if here.branch is not None else MISSING

    @cached_property
    def data(self) -> Value:
        """The value that flows here: what the stage gave, else what it was given, else the state's input."""
        stage = self.position.stage
        if stage is not None and stage.name not in ASIDE:
            if is_present(stage.after):
                return stage.after
            if is_present(stage.before):
                return stage.before
        if stage is not None:  # a verdict, or Assign: the data are as they were
            for earlier in reversed(self.stages[:-1]):
                if earlier.name not in ASIDE and is_present(earlier.after):
                    return earlier.after
        return self.input

    @cached_property
    def result(self) -> Value:
        """What the Task, the branches or the iterations gave, or a Pass; MISSING before."""
        given = (stage for stage in reversed(self.stages) if stage.name in _RESULTS and stage.status in _GIVEN)
        return next((stage.after for stage in given), MISSING)

    @property
    def output(self) -> Value:
        """The state's output, once all of its stages are done; MISSING before."""
        visit = self.position.visit
        if visit is None or self.position.revealed < len(visit.stages):
            return MISSING
        return visit.output

    @property
    def error_output(self) -> Value:
        """The error that was raised in this visit, as a Catcher gets it; MISSING without one."""
        for stage in reversed(self.stages):
            if stage.fault is not None:
                return stage.fault.output
            if stage.name is StageName.ERROR:
                return stage.after
            if stage.name in _RESULTS and stage.status in _GIVEN:
                return MISSING  # a later attempt went well
        visit = self.position.visit
        if visit is None or visit.fault is None or self.position.revealed < len(visit.stages):
            return MISSING
        return visit.fault.output

    @property
    def attempt(self) -> int:
        """Which try of the state's task this is, from 1; from 1 again after a redrive."""
        visit, stage = self.position.visit, self.position.stage
        if visit is None:
            return 1
        if stage is not None and self.position.revealed < len(visit.stages):
            return stage.attempt
        return visit.attempt - visit.redriven_after

    @cached_property
    def iteration(self) -> int | None:
        """Which iteration of the innermost Map around it this is, from 1; None outside of one."""
        return iteration_of(self.execution, self.position.focus)

    @cached_property
    def context(self) -> dict[str, Json]:
        """The Context object."""
        state = self.position.state
        if state is None:
            return {}
        return context_at(self.execution, self.position.branch, state, self.position.visit)

    @cached_property
    def variables(self) -> Mapping[str, Json]:
        """The variables: those that the state sees, and from its Assign on what that gives them."""
        here = self.position
        if here.visit is None:
            return here.branch.variables if here.branch is not None else {}
        assigned: Mapping[str, Json] = {}
        for stage in self.stages:
            if stage.name is StageName.ASSIGN and stage.status is StageStatus.DONE and isinstance(stage.after, dict):
                assigned = stage.after
        return {**here.visit.variables, **assigned} if assigned else here.visit.variables

    def states(self, *, with_context: bool) -> dict[str, Json]:
        """`$states`."""
        values = {
            "input": self.input,
            "result": self.result,
            "output": self.output,
            "errorOutput": self.error_output,
        }
        found: dict[str, Json] = {name: value for name, value in values.items() if is_present(value)}
        found["attempt"] = self.attempt
        if self.iteration is not None:
            found["iteration"] = self.iteration
        if with_context:
            found["context"] = self.context
        return found

    def environment(self, *, with_data: bool, with_context: bool) -> Environment:
        """What JSONPath resolves against. Raises ExpressionError where it needs data that the recording lacks."""
        data = self.data
        if not is_present(data):
            if with_data:
                raise ExpressionError("the data here are not known")
            data = None
        variables = {**self.variables, "states": self.states(with_context=with_context)}
        return Environment(data, lambda: self.context, variables)


ASIDE: Final = frozenset(
    {StageName.RULE, StageName.DEFAULT, StageName.WAIT, StageName.RETRY, StageName.CATCH, StageName.REDRIVE}
    | {StageName.ASSIGN}
)
"""Stages that judge or note, and change nothing in the data that flow."""


def iteration_of(execution: Execution, branch: tuple[tuple[str, int], ...]) -> int | None:
    """Which iteration of the innermost Map around it a branch is in, from 1; None outside of one."""
    for depth in range(len(branch), 0, -1):
        container = container_of(execution, branch[:depth])
        if container is not None and container.type is StateType.MAP:
            return branch[depth - 1][1] + 1
    return None
