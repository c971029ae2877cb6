"""Handling a fault: the Retriers in order, then the Catchers, then the failure of the branch.

Source: States Language specification, "Retrying after error" and "Fallback states".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.engine.branches import fail_branch
from sfdebug.engine.execution.visit import CatchVerdict, Fault, Stage, StageName, StageStatus, VisitStatus
from sfdebug.engine.faults import QUERY_EVALUATION_ERROR, StateError, judge_catcher, judge_retrier
from sfdebug.engine.fields.jsonpath import failed
from sfdebug.engine.states.container import ContainerProgram
from sfdebug.values import MISSING, Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import Catcher, Retrier
    from sfdebug.engine.states.base import StateProgram
    from sfdebug.engine.step_draft import StepDraft


def handle_fault(move: StepDraft, program: StateProgram) -> None:
    """Decide what becomes of the visit's fault: wait and try again, go where a Catcher leads, or fail.

    A fault is caught once: what goes wrong after that (the Catcher's own ResultPath, an output too large) fails.
    """
    fault = move.visit_fault
    assert fault is not None
    move.begin_handling()
    if _is_final(move, program):
        _fail(move, program, fault)
    elif not _retry(move, program, fault):
        _emit_container_failed(move, program, fault)
        try:
            is_caught = _catch(move, program, fault)
        except StateError as error:
            second = move.emit_evaluation_failed(error)
            if second.error == QUERY_EVALUATION_ERROR:  # the container fails a second time
                _emit_container_failed(move, program, second)
            _fail(move, program, second)
        else:
            if not is_caught:
                _fail(move, program, fault)


def _is_final(move: StepDraft, program: StateProgram) -> bool:
    """Whether no Retrier or Catcher is asked: a Fail state's own error, or a fault after one was caught."""
    if program.state.type is StateType.FAIL:
        return True
    for stage in reversed(move.stages):
        if stage.name is StageName.CATCH and stage.status is StageStatus.MATCHED:
            return True
        if stage.name is StageName.RETRY:  # nothing was caught before another attempt
            break
    return False


def _fail(move: StepDraft, program: StateProgram, fault: Fault) -> None:
    move.visit_fault = fault
    move.keep_unfinished()
    move.end_visit(VisitStatus.FAILED)
    fail_branch(move, fault, in_task=program.state.type is StateType.TASK)


def _retry(move: StepDraft, program: StateProgram, fault: Fault) -> bool:
    for retrier in program.state.retriers:
        used = move.retrier_counts[retrier.index]
        verdict = judge_retrier(retrier, fault, used)
        is_taken = verdict.delay_seconds is not None
        delay = _with_jitter(move, retrier, verdict.delay_seconds or 0.0)
        move.stage(
            StageName.RETRY,
            fault.output,
            delay if is_taken else MISSING,
            expression=_written(move, "Retry", retrier.index),
            status=StageStatus.MATCHED if is_taken else StageStatus.NOT_MATCHED,
            index=retrier.index,
            fault=fault,
            detail=verdict,
        )
        if is_taken:
            counts = list(move.retrier_counts)
            counts[retrier.index] += 1
            move.retrier_counts = tuple(counts)
            move.attempt += 1
            move.visit_fault = None
            move.work = None
            _get_over(move)
            move.sleep(delay * 1000)
            return True
        if verdict.matched:
            return False  # the first Retrier that names the error decides, also when it has no attempts left
    return False


def _get_over(move: StepDraft) -> None:
    """A Retrier or a Catcher has taken the fault: a redrive has nothing to go on with below here."""
    move.halted = None
    if move.state.branches:
        move.forget_unfinished()


def _with_jitter(move: StepDraft, retrier: Retrier, delay: float) -> float:
    if retrier.jitter_strategy == "FULL" and delay:
        return move.entropy.uniform() * delay
    return delay


def _emit_container_failed(move: StepDraft, program: StateProgram, fault: Fault) -> None:
    """Recorded: ParallelStateFailed and MapStateFailed stand where a branch failed, and where JSONata did: not where a
    path of the state's own fields cannot be used."""
    if isinstance(program, ContainerProgram):
        stage = move.last_stage(program.branches_stage)
        if fault.error == QUERY_EVALUATION_ERROR or (stage is not None and stage.fault is fault):
            move.emit(f"{program.state.type}StateFailed")


def _catch(move: StepDraft, program: StateProgram, fault: Fault) -> bool:
    for catcher in program.state.catchers:
        verdict = judge_catcher(catcher, fault)
        expression = _written(move, "Catch", catcher.index)
        if not verdict.matched:
            move.stage(
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
        output = _caught(move, program, catcher, verdict, fault)
        _get_over(move)
        # Recorded: a Catcher's output goes through its own fields and nothing else; OutputPath is not applied.
        move.ready_to_exit(output, catcher.next)
        return True
    return False


def _caught(move: StepDraft, program: StateProgram, catcher: Catcher, verdict: CatchVerdict, fault: Fault) -> Json:
    """What the Catcher gives on. Its stage comes before those of its own Assign and Output."""
    expression, mark = _written(move, "Catch", catcher.index), len(move.stages)
    is_jsonata = move.state.query_language is QueryLanguage.JSONATA
    try:
        output = program.flow.caught_output(move, catcher, fault)
    except StateError as error:
        if len(move.stages) == mark:  # the Catcher's ResultPath, which is part of its own stage
            raise failed(move, StageName.CATCH, fault.output, expression, error) from error
        raise
    taken = Stage(
        StageName.CATCH,
        fault.output,
        fault.output if is_jsonata else output,
        expression,
        StageStatus.MATCHED,
        catcher.index,
        move.tries,
        fault=fault,
        detail=verdict,
    )
    move.stages.insert(mark, taken)
    return output


def _written(move: StepDraft, field: str, index: int) -> Json:
    entries = move.state.fields.get(field)
    return entries[index] if isinstance(entries, list) and index < len(entries) else None
