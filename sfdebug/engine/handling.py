"""Handling a fault: the Retriers in order, then the Catchers, then the failure of the branch.

Source: States Language specification, "Retrying after error" and "Fallback states".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.engine.ending import fail_branch
from sfdebug.engine.execution.visit import CatchVerdict, Fault, Stage, StageName, StageStatus, VisitStatus
from sfdebug.engine.faults import QUERY_EVALUATION_ERROR, StateError, judge_catcher, judge_retrier, with_jitter
from sfdebug.engine.states.container import ContainerProgram
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import Catcher
    from sfdebug.engine.states.base import StateProgram
    from sfdebug.engine.step_draft import StepDraft


def handle_fault(draft: StepDraft, program: StateProgram) -> None:
    """Decide what becomes of the visit's fault: wait and try again, go where a Catcher leads, or fail.

    A fault is caught once: what goes wrong after that (the Catcher's own ResultPath, an output too large) fails.
    """
    fault = draft.visit.fault
    assert fault is not None
    draft.begin_handling()
    if _is_final(draft, program):
        _fail(draft, program, fault)
    elif not _retry(draft, program, fault):
        _emit_container_failed(draft, program, fault)
        try:
            is_caught = _catch(draft, program, fault)
        except StateError as error:
            second = draft.emit_evaluation_failed(error)
            if second.error == QUERY_EVALUATION_ERROR:  # the container fails a second time
                _emit_container_failed(draft, program, second)
            _fail(draft, program, second)
        else:
            if not is_caught:
                _fail(draft, program, fault)


def _is_final(draft: StepDraft, program: StateProgram) -> bool:
    """Whether no Retrier or Catcher is asked: a Fail state's own error, or a fault after one was caught."""
    if program.state.type is StateType.FAIL:
        return True
    for stage in reversed(draft.visit.stages):
        if stage.name is StageName.CATCH and stage.status is StageStatus.MATCHED:
            return True
        if stage.name is StageName.RETRY:  # nothing was caught before another attempt
            break
    return False


def _fail(draft: StepDraft, program: StateProgram, fault: Fault) -> None:
    draft.visit.fault = fault
    draft.keep_unfinished()
    draft.end_visit(VisitStatus.FAILED)
    fail_branch(draft, fault, in_task=program.state.type is StateType.TASK)


def _retry(draft: StepDraft, program: StateProgram, fault: Fault) -> bool:
    for retrier in program.state.retriers:
        used = draft.visit.retrier_counts[retrier.index]
        verdict = judge_retrier(retrier, fault, used)
        is_taken = verdict.delay_seconds is not None
        delay = with_jitter(retrier, verdict.delay_seconds or 0.0, draft.entropy)
        draft.visit.stage(
            StageName.RETRY,
            fault.output,
            delay if is_taken else MISSING,
            expression=_written(draft, "Retry", retrier.index),
            status=StageStatus.MATCHED if is_taken else StageStatus.NOT_MATCHED,
            index=retrier.index,
            fault=fault,
            detail=verdict,
        )
        if is_taken:
            counts = list(draft.visit.retrier_counts)
            counts[retrier.index] += 1
            draft.visit.retrier_counts = tuple(counts)
            draft.visit.attempt += 1
            draft.visit.fault = None
            draft.work = None
            _get_over(draft)
            draft.sleep(delay * 1000)
            return True
        if verdict.matched:
            return False  # the first Retrier that names the error decides, also when it has no attempts left
    return False


def _get_over(draft: StepDraft) -> None:
    """A Retrier or a Catcher has taken the fault: a redrive has nothing to go on with below here."""
    draft.halted = None
    if draft.visit.state.branches:
        draft.forget_unfinished()


def _emit_container_failed(draft: StepDraft, program: StateProgram, fault: Fault) -> None:
    """Recorded: ParallelStateFailed and MapStateFailed stand where a branch failed, and where JSONata did: not where a
    path of the state's own fields cannot be used."""
    if isinstance(program, ContainerProgram):
        stage = draft.visit.last_stage(program.branches_stage)
        if fault.error == QUERY_EVALUATION_ERROR or (stage is not None and stage.fault is fault):
            draft.emit(program.failed_event)


def _catch(draft: StepDraft, program: StateProgram, fault: Fault) -> bool:
    for catcher in program.state.catchers:
        verdict = judge_catcher(catcher, fault)
        expression = _written(draft, "Catch", catcher.index)
        if not verdict.matched:
            draft.visit.stage(
                StageName.CATCH,
                fault.output,
                MISSING,
                expression=expression,
                status=StageStatus.NOT_MATCHED,
                index=catcher.index,
                fault=fault,
                detail=verdict,
            )
            continue
        output = _caught(draft, program, catcher, verdict, fault)
        _get_over(draft)
        # Recorded: a Catcher's output goes through its own fields and nothing else; OutputPath is not applied.
        draft.ready_to_exit(output, catcher.next)
        return True
    return False


def _caught(draft: StepDraft, program: StateProgram, catcher: Catcher, verdict: CatchVerdict, fault: Fault) -> Json:
    """What the Catcher gives on. Its stage comes before those of its own Assign and Output."""
    visit, expression = draft.visit, _written(draft, "Catch", catcher.index)
    mark = len(visit.stages)
    try:
        value = program.flow.caught(draft, catcher, fault)
    except StateError as error:  # the Catcher's ResultPath, which is part of its own stage
        raise visit.failed(StageName.CATCH, fault.output, expression, error) from error
    output = program.flow.caught_output(draft, catcher, fault, value)
    taken = Stage(
        StageName.CATCH,
        fault.output,
        value,
        expression,
        StageStatus.MATCHED,
        catcher.index,
        visit.tries,
        fault=fault,
        detail=verdict,
    )
    visit.stages.insert(mark, taken)
    return output


def _written(draft: StepDraft, field: str, index: int) -> Json:
    entries = draft.visit.state.fields.get(field)
    return entries[index] if isinstance(entries, list) and index < len(entries) else None
