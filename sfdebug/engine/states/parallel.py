"""Parallel: runs its branches side by side and gathers their outputs. Source: specification, "Parallel State"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.execution.work import ParallelWork, PreparedWork, in_order
from sfdebug.engine.states.container import ContainerProgram

if TYPE_CHECKING:
    from sfdebug.engine.step_draft import StepDraft


class ParallelProgram(ContainerProgram):
    """A Parallel state."""

    branches_stage = StageName.BRANCHES
    failed_event = EventType.PARALLEL_STATE_FAILED

    def prepare(self, draft: StepDraft) -> PreparedWork:
        """The effective input, which every branch gets."""
        return PreparedWork(self.flow.effective_input(draft, self.flow.selected_input(draft)))

    def announce(self, draft: StepDraft, work: PreparedWork) -> int:
        """Emit ParallelStateStarted."""
        return draft.emit(EventType.PARALLEL_STATE_STARTED)

    def start(self, draft: StepDraft, work: PreparedWork, started: int) -> None:
        """Start all branches at once."""
        draft.work = ParallelWork(work.input, len(self.state.branches), Log())
        for index, scope in enumerate(self.state.branches):
            self.start_branch(draft, index, scope, work.input, started, draft.map_item)

    def progress(self, draft: StepDraft) -> None:
        """All branches have ended: gather their outputs."""
        work = draft.work
        assert isinstance(work, ParallelWork)
        self.gather(draft, work.input, in_order(work.ended), EventType.PARALLEL_STATE_SUCCEEDED)
