"""A visit in the making: what one step of the engine adds to the stay in a state, before it is frozen again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import Provenance
from sfdebug.engine.execution.stages import BLOCK, StagesDraft, drafted, frozen
from sfdebug.engine.execution.visit import Stage, StageName, StageStatus, Visit, VisitStatus
from sfdebug.values import MISSING, Json, Value, is_present, same

if TYPE_CHECKING:
    from collections.abc import MutableSequence

    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.visit import CatchVerdict, Fault, RetryVerdict
    from sfdebug.expressions.choice import Verdict


class VisitDraft:
    """The visit that a step works on, as plain attributes; `load_visit` takes one up, `frozen_visit` gives it back."""

    def __init__(self, visit: Visit | None) -> None:
        self.load_visit(visit)

    def load_visit(self, visit: Visit | None) -> None:
        """Take up `visit` as far as it has come; None when the branch is between two states."""
        self.visit = visit
        stages = visit.stages if visit else ()
        self.stages: MutableSequence[Stage] = list(stages) if type(stages) is tuple else drafted(stages)
        self.attempt = visit.attempt if visit else 1
        self.retrier_counts = visit.retrier_counts if visit else ()
        self.visit_fault: Fault | None = visit.fault if visit else None
        self.visit_output: Value = visit.output if visit else MISSING
        self.next: str | None = visit.next if visit else None
        self.visit_status = visit.status if visit else VisitStatus.RUNNING
        self.assigned = visit.assigned if visit else None
        self.redriven_after = visit.redriven_after if visit else 0

    @property
    def tries(self) -> int:
        """Which attempt it is, counted anew after a redrive."""
        return self.attempt - self.redriven_after

    @property
    def state(self) -> State:
        """The state of the visit in hand."""
        assert self.visit is not None
        return self.visit.state

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

    def replace_stage(self, stage: Stage) -> None:
        """Put `stage` in place of the last one of its name, which was waiting for it."""
        for position in range(len(self.stages) - 1, -1, -1):
            if self.stages[position].name is stage.name:
                self.stages[position] = stage
                return
        self.stages.append(stage)

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
        assert self.visit is not None
        stage = self.last_stage(StageName.INPUT_PATH)
        return stage.after if stage is not None and is_present(stage.after) else self.visit.input

    def drop_repeated_stages(self, mark: int, name: StageName, value: Json) -> None:
        """Forget the stages since `mark` when a retry's attempt is given the same value as the attempt before.

        `name` is the stage of that attempt's work. A retry evaluates the input's stages again (the Context
        object's RetryCount may have changed them), but there is nothing to see where they give the same.
        """
        before = self.last_stage(name) if self.tries > 1 else None
        if before is not None and before.before is not MISSING and same(before.before, value):
            del self.stages[mark:]

    def frozen_visit(self) -> Visit | None:
        """The visit as it stands now."""
        visit, stages = self.visit, self.stages
        if visit is None:
            return None
        return Visit(
            number=visit.number,
            branch=visit.branch,
            state=visit.state,
            input=visit.input,
            entered_event_id=visit.entered_event_id,
            entered_at=visit.entered_at,
            stages=tuple(stages) if type(stages) is list and len(stages) < BLOCK else frozen(stages),
            status=self.visit_status,
            attempt=self.attempt,
            retrier_counts=self.retrier_counts,
            output=self.visit_output,
            next=self.next,
            fault=self.visit_fault,
            edited=visit.edited,
            variables=visit.variables,
            assigned=self.assigned,
            redriven_after=self.redriven_after,
        )
