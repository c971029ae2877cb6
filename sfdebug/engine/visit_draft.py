"""The draft of a visit: what one step of the engine adds to the stay in a state, before it is frozen again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.stages import BLOCK, StagesDraft, drafted, frozen
from sfdebug.engine.execution.visit import Stage, StageName, StageStatus, Visit, VisitStatus
from sfdebug.values import MISSING, is_present, same

if TYPE_CHECKING:
    from collections.abc import Mapping, MutableSequence

    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.visit import CatchVerdict, Fault, RetryVerdict
    from sfdebug.engine.faults import StateError
    from sfdebug.expressions.choice import Verdict
    from sfdebug.values import Json, Value


class VisitDraft:
    """The visit that a step works on, as plain attributes.

    `result` and `error_output` are what `$states` has of them from now on, in this step: they are not kept.
    """

    __slots__ = (
        "assigned",
        "attempt",
        "branch",
        "edited",
        "entered_at",
        "entered_event_id",
        "error_output",
        "fault",
        "input",
        "next",
        "number",
        "output",
        "redriven_after",
        "result",
        "retrier_counts",
        "stages",
        "state",
        "status",
        "variables",
    )

    def __init__(
        self,
        number: int,
        branch: BranchId,
        state: State,
        input: Json,
        entered_event_id: int,
        entered_at: int,
        variables: Mapping[str, Json],
        *,
        edited: bool,
    ) -> None:
        """A visit that has just begun."""
        self.number = number
        self.branch = branch
        self.state = state
        self.input = input
        self.entered_event_id = entered_event_id
        self.entered_at = entered_at
        self.variables = variables
        self.edited = edited
        self.stages: MutableSequence[Stage] = []
        self.status = VisitStatus.RUNNING
        self.attempt = 1
        self.retrier_counts: tuple[int, ...] = (0,) * len(state.retriers)
        self.output: Value = MISSING
        self.next: str | None = None
        self.fault: Fault | None = None
        self.assigned: Mapping[str, Json] | None = None
        self.redriven_after = 0
        self.result: Value = MISSING
        self.error_output: Value = MISSING

    @classmethod
    def of(cls, visit: Visit) -> VisitDraft:
        """`visit` as far as it has come."""
        draft = cls(
            visit.number,
            visit.branch,
            visit.state,
            visit.input,
            visit.entered_event_id,
            visit.entered_at,
            visit.variables,
            edited=visit.edited,
        )
        stages = visit.stages
        draft.stages = list(stages) if type(stages) is tuple else drafted(stages)
        draft.status = visit.status
        draft.attempt = visit.attempt
        draft.retrier_counts = visit.retrier_counts
        draft.output = visit.output
        draft.next = visit.next
        draft.fault = visit.fault
        draft.assigned = visit.assigned
        draft.redriven_after = visit.redriven_after
        return draft

    @property
    def tries(self) -> int:
        """Which attempt it is, counted anew after a redrive."""
        return self.attempt - self.redriven_after

    def stage(
        self,
        name: StageName,
        before: Value,
        after: Value,
        *,
        expression: Value = MISSING,
        status: StageStatus = StageStatus.DONE,
        index: int | None = None,
        provenance: Provenance = Provenance.COMPUTED,
        fault: Fault | None = None,
        detail: Verdict | RetryVerdict | CatchVerdict | None = None,
    ) -> None:
        """Add a stage to the visit."""
        tries = self.attempt - self.redriven_after
        self.stages.append(Stage(name, before, after, expression, status, index, tries, provenance, fault, detail))

    def failed(self, name: StageName, before: Value, expression: Value, failure: StateError) -> StateError:
        """`failure`, after the stage in which it happened has been added to the visit."""
        self.stage(
            name, before, MISSING, expression=expression, status=StageStatus.FAILED, fault=self.fault_of(failure)
        )
        return failure

    def fault_of(self, failure: StateError) -> Fault:
        """The fault that `failure` becomes, in AWS's words for this visit's state."""
        return failure.fault(self.state.name, self.entered_event_id)

    def end_stage(
        self,
        name: StageName,
        before: Value,
        after: Value,
        *,
        expression: Value = MISSING,
        status: StageStatus = StageStatus.DONE,
        provenance: Provenance = Provenance.COMPUTED,
        fault: Fault | None = None,
    ) -> None:
        """Put how a stage ended in the place of the last one of its name, which was waiting for it."""
        ended = Stage(name, before, after, expression, status, None, self.tries, provenance, fault)
        for position in range(len(self.stages) - 1, -1, -1):
            if self.stages[position].name is name:
                self.stages[position] = ended
                return
        self.stages.append(ended)

    def stage_last(self, name: StageName) -> None:
        """Put the latest stage with that name behind all others: what was noted since belongs before it."""
        for position in range(len(self.stages) - 1, -1, -1):
            if self.stages[position].name is name:
                self.stages.append(self.stages.pop(position))
                return

    def last_stage(self, name: StageName) -> Stage | None:
        """The latest stage with that name."""
        if isinstance(self.stages, StagesDraft):
            return self.stages.last(name)
        return next((stage for stage in reversed(self.stages) if stage.name is name), None)

    @property
    def selected_input(self) -> Json:
        """What `$` means in the state's fields: the input, or what InputPath selected from it.

        Source: specification, "InputPath": the selection is what the state uses.
        """
        stage = self.last_stage(StageName.INPUT_PATH)
        return stage.after if stage is not None and is_present(stage.after) else self.input

    def drop_repeated_stages(self, mark: int, name: StageName, value: Json) -> None:
        """Forget the stages since `mark` when a retry's attempt is given the same value as the attempt before.

        `name` is the stage of that attempt's work. A retry evaluates the input's stages again (the Context
        object's RetryCount may have changed them), but there is nothing to see where they give the same.
        """
        before = self.last_stage(name) if self.tries > 1 else None
        if before is not None and before.before is not MISSING and same(before.before, value):
            del self.stages[mark:]

    def frozen(self) -> Visit:
        """The visit as it stands now."""
        stages = self.stages
        return Visit(
            self.number,
            self.branch,
            self.state,
            self.input,
            self.entered_event_id,
            self.entered_at,
            tuple(stages) if type(stages) is list and len(stages) < BLOCK else frozen(stages),
            self.status,
            self.attempt,
            self.retrier_counts,
            self.output,
            self.next,
            self.fault,
            self.edited,
            self.variables,
            self.assigned,
            self.redriven_after,
        )
