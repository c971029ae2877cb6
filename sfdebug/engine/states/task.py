"""Task: schedules work outside, waits for its answer, and passes it through the result stages.

Source: States Language specification, "Task State"; the events are those of AWS's recorded executions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from sfdebug.engine.context import task_token
from sfdebug.engine.execution.decisions import (
    AnswerTask,
    Dataset,
    Provenance,
    Submission,
    TaskFailure,
    TaskResult,
    TaskSilence,
)
from sfdebug.engine.execution.events import NOT_TRUNCATED, EventType
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import Fault, StageName, StageStatus
from sfdebug.engine.execution.work import TaskWork
from sfdebug.engine.faults import DATA_LIMIT_EXCEEDED, HEARTBEAT_TIMEOUT, TIMEOUT, StateError, query_failure
from sfdebug.engine.fields.base import read_whole
from sfdebug.engine.fields.kinds import Integer
from sfdebug.engine.parameters import check_parameters
from sfdebug.engine.payload import check_size
from sfdebug.engine.resources import Family, IntegrationPattern, Resource, parse_resource
from sfdebug.engine.states.base import StateProgram
from sfdebug.errors import DecisionError
from sfdebug.limits import MAX_TIMEOUT_SECONDS
from sfdebug.values import MISSING, Json, is_present

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.fields.base import Field
    from sfdebug.engine.step_draft import StepDraft

_NOTHING_KNOWN: Final = Submission()


class _Events(NamedTuple):
    """The types of the events of an attempt. `failures` are those of a failure, by what is left without the prefix."""

    scheduled: EventType
    started: EventType
    succeeded: EventType
    timed_out: EventType
    failed: EventType
    failures: Mapping[str, EventType]


_EVENTS: Final = {
    Family.LAMBDA: _Events(
        EventType.LAMBDA_FUNCTION_SCHEDULED,
        EventType.LAMBDA_FUNCTION_STARTED,
        EventType.LAMBDA_FUNCTION_SUCCEEDED,
        EventType.LAMBDA_FUNCTION_TIMED_OUT,
        EventType.LAMBDA_FUNCTION_FAILED,
        {
            "ScheduleFailed": EventType.LAMBDA_FUNCTION_SCHEDULE_FAILED,
            "StartFailed": EventType.LAMBDA_FUNCTION_START_FAILED,
        },
    ),
    Family.ACTIVITY: _Events(
        EventType.ACTIVITY_SCHEDULED,
        EventType.ACTIVITY_STARTED,
        EventType.ACTIVITY_SUCCEEDED,
        EventType.ACTIVITY_TIMED_OUT,
        EventType.ACTIVITY_FAILED,
        {"ScheduleFailed": EventType.ACTIVITY_SCHEDULE_FAILED},
    ),
    Family.SERVICE: _Events(
        EventType.TASK_SCHEDULED,
        EventType.TASK_STARTED,
        EventType.TASK_SUCCEEDED,
        EventType.TASK_TIMED_OUT,
        EventType.TASK_FAILED,
        {"StartFailed": EventType.TASK_START_FAILED, "SubmitFailed": EventType.TASK_SUBMIT_FAILED},
    ),
}


class _Limit(Integer):
    """A time limit in seconds."""

    def computed(self, value: Json, field: str) -> Json:
        """Measured on AWS (gabrielmoreira/tiny-asl-machine): the words for a result that is out of bounds."""
        if isinstance(value, int) and not 0 <= value <= MAX_TIMEOUT_SECONDS:
            raise query_failure(f"{field} must be between 0 and {MAX_TIMEOUT_SECONDS} but was: {value}", field)
        return value


_LIMIT: Final = _Limit()


class TaskProgram(StateProgram):
    """A Task state. Phases: WORK (about to schedule), ASKING, SLEEPING (an answer on its way), then EXIT."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.resource: Resource = parse_resource(state.resource)
        self.events = _EVENTS[self.resource.family]
        self.timeout = self.fields.value("TimeoutSeconds", _LIMIT)
        self.heartbeat = self.fields.value("HeartbeatSeconds", _LIMIT)
        # Recorded: `Credentials` may hold paths and variables.
        self.credentials = self.fields.payload("Credentials")

    def enter(self, draft: StepDraft) -> None:
        """Compute the effective input."""
        self._prepare(draft)

    def proceed(self, draft: StepDraft) -> None:
        """Schedule an attempt, or take in the answer (or the silence) that was on its way."""
        work = draft.work
        if work is None:
            self._prepare(draft)
            return
        assert isinstance(work, TaskWork)
        if work.answer is not None:
            self._take_in(draft, work, work.answer)
        else:
            self._schedule(draft, work)

    def answer(self, draft: StepDraft, decision: AnswerTask) -> None:
        """The outside has answered: now, or after some virtual time, or never."""
        work = draft.work
        assert isinstance(work, TaskWork)
        answer = decision.answer
        if isinstance(answer, Dataset):
            raise DecisionError(f"'{self.state.name}' is a Task: it cannot be answered with a dataset")
        draft.request = None
        if not work.has_begun:
            self._emit_begun(draft, answer.submission or _NOTHING_KNOWN)
        limit, _ = _first_limit(work, is_silent=isinstance(answer, TaskSilence))
        if isinstance(answer, TaskSilence):
            delay = limit
        elif answer.after_seconds > limit:  # too late, but no heartbeat was missed
            answer, delay = TaskFailure(TIMEOUT, None, limit, answer.provenance), limit
        else:
            delay = answer.after_seconds
        if delay <= 0:
            self._take_in(draft, work, answer)
        else:
            draft.work = replace(work, answer=answer)
            draft.sleep(delay * 1000)

    def begin(self, draft: StepDraft, submission: Submission) -> None:
        """The task has begun outside; its answer is still to come. Raises DecisionError when it has begun already."""
        work = draft.work
        assert isinstance(work, TaskWork)
        if work.has_begun:
            raise DecisionError(f"'{self.state.name}' has begun already")
        self._emit_begun(draft, submission)
        draft.work = replace(work, has_begun=True)

    # before the task

    def _prepare(self, draft: StepDraft) -> None:
        token = None
        if self.resource.pattern is not IntegrationPattern.REQUEST_RESPONSE:  # recorded: .sync tasks see a token too
            token = task_token(draft.settings, draft.id, draft.visit.entered_event_id, draft.visit.attempt)
        mark = len(draft.visit.stages)
        selected = self.flow.selected_input(draft)
        draft.task_token = token
        value = self.flow.effective_input(draft, selected)
        draft.task_token = None
        draft.visit.drop_repeated_stages(mark, StageName.TASK, value)
        check_size(value, draft.settings.max_payload_bytes, self.resource.label)
        check_parameters(
            self.resource,
            value,
            self.state.query_language,
            checks_arguments=draft.settings.checks_arguments,
        )
        draft.work = TaskWork(
            value,
            timeout_seconds=_limit(self.timeout, draft),
            heartbeat_seconds=_limit(self.heartbeat, draft),
            task_token=token,
            credentials=self._read_credentials(draft),
        )
        draft.phase = Phase.WORK

    def _read_credentials(self, draft: StepDraft) -> Json:
        """What Credentials gives, which no stage shows: only where it fails, as a part of what builds the call."""
        if self.credentials is None:
            return None
        value = draft.visit.selected_input
        try:
            return self.credentials.read(draft, value)
        except StateError as failure:
            stage, expression = self.fields.arguments, self.credentials.expression
            raise draft.visit.failed(stage, value, expression, failure) from failure

    def _schedule(self, draft: StepDraft, work: TaskWork) -> None:
        event_id = self._emit_scheduled(draft, work)
        injection = draft.take_injection(self.state.path)
        draft.visit.stage(
            StageName.TASK, work.input, MISSING, expression=self.state.resource, status=StageStatus.WAITING
        )
        draft.work = replace(work, scheduled_at=draft.clock)
        if injection is not None:
            self._emit_begun(draft, _NOTHING_KNOWN)
            fault = self._emit_failed(draft, Fault(injection.error, injection.cause))
            self._fail(draft, fault, StageStatus.INJECTED, Provenance.USER)
            return
        draft.ask(
            work.input,
            event_id,
            timeout_seconds=work.timeout_seconds,
            heartbeat_seconds=work.heartbeat_seconds,
            task_token=work.task_token,
        )

    # after the task

    def _take_in(self, draft: StepDraft, work: TaskWork, answer: Answer) -> None:
        if isinstance(answer, TaskResult):
            self._succeed(draft, work, answer)
        elif isinstance(answer, TaskFailure):
            event = (answer.submission or _NOTHING_KNOWN).failure
            fault = self._emit_failed(draft, Fault(answer.error, answer.cause), event)
            self._fail(draft, fault, StageStatus.FAILED, answer.provenance)
        else:
            _, is_heartbeat = _first_limit(work, is_silent=True)
            fault = self._emit_failed(draft, Fault(HEARTBEAT_TIMEOUT if is_heartbeat else TIMEOUT))
            self._fail(draft, fault, StageStatus.FAILED, answer.provenance)

    def _succeed(self, draft: StepDraft, work: TaskWork, result: TaskResult) -> None:
        try:
            check_size(result.output, draft.settings.max_payload_bytes, self.resource.label)
        except StateError as failure:
            fault = self._emit_failed(draft, Fault(DATA_LIMIT_EXCEEDED, failure.cause))
            self._fail(draft, fault, StageStatus.FAILED, result.provenance)
            return
        self._emit(draft, self.events.succeeded, {"output": result.output, "outputDetails": NOT_TRUNCATED})
        resource, provenance = self.state.resource, result.provenance
        draft.visit.end_stage(StageName.TASK, work.input, result.output, expression=resource, provenance=provenance)
        draft.task_token = work.task_token  # measured on AWS (iwamot/sfnx): Assign sees it too
        draft.ready_to_exit(self.flow.state_output(draft, result.output), self.state.next)

    def _fail(self, draft: StepDraft, fault: Fault, status: StageStatus, provenance: Provenance) -> None:
        assert isinstance(draft.work, TaskWork)
        draft.visit.end_stage(
            StageName.TASK,
            draft.work.input,
            MISSING,
            expression=self.state.resource,
            status=status,
            provenance=provenance,
            fault=fault,
        )
        draft.work = None
        draft.raise_fault(fault)

    # events

    def _emit_scheduled(self, draft: StepDraft, work: TaskWork) -> int:
        resource = self.resource
        details: dict[str, Json]
        if resource.family is Family.SERVICE:
            region = draft.settings.region
            details = {
                "resourceType": resource.type,
                "resource": resource.action,
                "region": region,
                "parameters": work.input,
            }
        else:
            details = {"resource": resource.arn, "input": work.input, "inputDetails": NOT_TRUNCATED}
        if work.timeout_seconds is not None:
            details["timeoutInSeconds"] = work.timeout_seconds
        if isinstance(work.credentials, dict) and resource.family is not Family.ACTIVITY:
            details["taskCredentials"] = {"roleArn": work.credentials.get("RoleArn")}
        if work.heartbeat_seconds is not None and resource.family is not Family.LAMBDA:
            details["heartbeatInSeconds"] = work.heartbeat_seconds
        event_id = draft.emit(self.events.scheduled, details)
        if resource.family is not Family.ACTIVITY:
            self._emit(draft, self.events.started, {})
        return event_id

    def _emit_begun(self, draft: StepDraft, submission: Submission) -> None:
        """The events that only the outside can fill in: who took an activity, what the submitted call returned."""
        if not submission.begun:
            return
        if self.resource.family is Family.ACTIVITY:
            name = submission.worker_name
            self._emit(draft, self.events.started, {} if name is None else {"workerName": name})
        elif self.resource.pattern is not IntegrationPattern.REQUEST_RESPONSE:
            response = submission.response
            details: dict[str, Json] = {}
            if is_present(response):
                details = {"output": response, "outputDetails": NOT_TRUNCATED}
            self._emit(draft, EventType.TASK_SUBMITTED, details)

    def _emit_failed(self, draft: StepDraft, fault: Fault, event: str = "Failed") -> Fault:
        """Emit the event of a failed attempt, and return the fault as AWS reports it.

        Recorded: a missed heartbeat stands in a TimedOut event as States.Timeout.
        """
        if fault.error == HEARTBEAT_TIMEOUT:
            fault = Fault(TIMEOUT, fault.cause, (HEARTBEAT_TIMEOUT,))
        events = self.events
        failed = events.failures.get(event, events.failed)
        self._emit(draft, events.timed_out if fault.error == TIMEOUT else failed, fault.details)
        return fault

    def _emit(self, draft: StepDraft, event: EventType, details: dict[str, Json]) -> None:
        resource = self.resource
        if resource.family is Family.SERVICE:
            details = {"resourceType": resource.type, "resource": resource.action, **details}
        draft.emit(event, details)


def _limit(field: Field | None, draft: StepDraft) -> int | None:
    """A time limit in seconds. Not recorded: what becomes of 0, and the words for a path that leads out of bounds."""
    seconds = read_whole(field, draft, draft.visit.selected_input)
    if field is not None and seconds is not None and seconds <= 0:
        raise field.failure(f"{field.name.removesuffix('Path')} must be positive, but it is {seconds}.")
    return seconds


def _first_limit(work: TaskWork, *, is_silent: bool) -> tuple[float, bool]:
    """Seconds until a task without an answer times out, and whether it is a missed heartbeat that ends it.

    A task that does answer is taken to send its heartbeats in time.
    """
    timeout = work.timeout_seconds if work.timeout_seconds is not None else MAX_TIMEOUT_SECONDS
    if is_silent and work.heartbeat_seconds is not None and work.heartbeat_seconds < timeout:
        return work.heartbeat_seconds, True
    return timeout, False
