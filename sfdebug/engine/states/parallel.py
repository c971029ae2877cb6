"""Parallel: runs its branches side by side and gathers their outputs. Source: specification, "Parallel State"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.execution import Branch, Phase
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.execution.work import ParallelWork, PreparedWork
from sfdebug.engine.states.container import ContainerProgram

if TYPE_CHECKING:
    from sfdebug.engine.step_draft import StepDraft


class ParallelProgram(ContainerProgram):
    """A Parallel state."""

    parameters_stage = StageName.PARAMETERS
    branches_stage = StageName.BRANCHES

    def prepare(self, move: StepDraft) -> PreparedWork:
        """The effective input, which every branch gets."""
        return PreparedWork(self.flow.effective_input(move))

    def announce(self, move: StepDraft, work: PreparedWork) -> int:
        """Emit ParallelStateStarted."""
        return move.emit("ParallelStateStarted")

    def start(self, move: StepDraft, work: PreparedWork, started: int) -> None:
        """Start all branches at once."""
        move.work = ParallelWork(work.input, len(self.state.branches), Log())
        for index, scope in enumerate(self.state.branches):
            move.put(
                Branch(
                    id=(*move.id, (self.state.name, index)),
                    scope_path=scope.path,
                    phase=Phase.READY,
                    state_name=scope.start_at,
                    input=work.input,
                    previous_event_id=started,
                    turn=move.execution.turn,
                    map_item=move.map_item,
                    variables=move.variables,
                    unit=move.unit,
                )
            )

    def progress(self, move: StepDraft) -> None:
        """All branches have ended: gather their outputs."""
        work = move.work
        assert isinstance(work, ParallelWork)
        self.gather(move, work.input, work.outputs, "ParallelStateSucceeded")
