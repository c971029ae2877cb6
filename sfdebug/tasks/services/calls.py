"""Tasks that call AWS services, answered by calling them: locally, at an address, or in the user's account."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, TypeVar
from uuid import uuid4

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.aws.answer_metadata import WITHOUT_METADATA, metadata
from sfdebug.aws.catalogue.models import operation
from sfdebug.aws.catalogue.names import SDK, Api, api_of
from sfdebug.aws.service_calls import BY_HAND, ServiceAnswer, ServiceCallError, ServiceFaultError
from sfdebug.engine.execution.decisions import Provenance, Submission, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.engine.faults import TASK_FAILED
from sfdebug.engine.resources import Family, IntegrationPattern, parse_resource
from sfdebug.errors import SfdebugError
from sfdebug.tasks.answerers import Answerer, AnswererKind
from sfdebug.tasks.call_log import CallLog, attempt_key
from sfdebug.tasks.callbacks import SENT
from sfdebug.tasks.inside_calls import CalleeKind
from sfdebug.tasks.outside import OutsideCall
from sfdebug.tasks.services.emr import EMR, UNKNOWN_TO_API, api_arguments, task_result
from sfdebug.tasks.services.jobs import JOBS, asked, at, has_failed, result_of
from sfdebug.tasks.services.wording import optimized_failure, sdk_failure
from sfdebug.tasks.under_way import AwaitedCall, CallsUnderWay
from sfdebug.values import Json, compact

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.tasks.callbacks import Callbacks

T = TypeVar("T")
_POLL: Final = 0.2
SLOW: Final = 5.0
"""Seconds after which a call is slow."""
_NOT_HERE: Final = frozenset({"http", "apigateway", "eks"})
"""Optimized integrations that are no call of an AWS API."""
_SENT: Final = {name.lower(): name for name in SENT}
NO_CALLBACK: Final = "called, and its task token is not answered yet: SendTaskSuccess or SendTaskFailure is to come"


class Caller(Protocol):
    """What makes the calls."""

    def call(
        self, service: str, call: str, arguments: Mapping[str, Json], *, is_sdk: bool, region: str | None = None
    ) -> ServiceAnswer:
        """The answer; raises ServiceFaultError and ServiceCallError."""


NOT_HELD: Final = ("lambda:", "states:", "sfn:")
"""What services on this machine do not hold: functions and state machines are not made there."""


class NeedsConsentError(SfdebugError):
    """A call that somebody has to allow first."""


class ServiceCall(Struct, frozen=True):
    """What a Task calls: `type` and `action` as in its Resource, and the API behind them."""

    type: str
    action: str
    api: Api
    arguments: Mapping[str, Json]
    pattern: IntegrationPattern
    parses_json: bool = False

    @property
    def is_sdk(self) -> bool:
        """Whether it is an AWS SDK integration."""
        return self.type.startswith(SDK)

    @property
    def name(self) -> str:
        """`sqs:sendMessage`."""
        return f"{self.type.removeprefix(SDK)}:{self.action}"


class ServiceTasks:
    """Answers the Tasks that call services. A call is made once; who asks the same again has the answer of then.

    `place` says where, in words. With `asks_first`, each action has to be allowed once before it is called.
    """

    def __init__(
        self,
        caller: Caller,
        callbacks: Callbacks,
        place: str,
        *,
        asks_first: bool = False,
        follows_arns: bool = True,
        without: tuple[str, ...] = (),
    ) -> None:
        """`follows_arns`: a call goes to the region that an ARN among its arguments names. Of what
        is in `without` (`NOT_HELD`) nothing is there; that it is missing would not be true of AWS: none is asked for.
        """
        self._caller = caller
        self._callbacks = callbacks
        self.place = place
        self._allowed: set[str] | None = set() if asks_first else None
        self.account_of: Callable[[], str] = lambda: ""
        """Whose account it is, in words, for who is asked."""
        self.is_attended = True
        """Whether somebody can be asked: for nobody else it is looked up whose account it is."""
        self.wanted: ServiceCall | None = None
        """The call that was not allowed yet, and asked for last."""
        self._follows_arns = follows_arns
        self._without = without
        self._log = CallLog(CalleeKind.SERVICE)
        self.inside = self._log.inside
        self.under_way: CallsUnderWay[AwaitedCall] = CallsUnderWay()
        self.on_call: Callable[[TaskRequest, OutsideCall], None] | None = None
        self.on_slow: Callable[[str], None] | None = None
        """Told in words of a call that is not answered soon, while it is waited for."""

    def answerer(self, request: TaskRequest) -> Answerer | None:
        """The service, and where it is called; None for what calls none. No model is read for it."""
        name = called_service(request)
        return Answerer(AnswererKind.SERVICE, name, self.place) if self._can_be_called(name) else None

    def answer(self, request: TaskRequest) -> Answer | None:
        """What the service answers; None for what is no call of a service, and while a task token is not answered.

        Raises ServiceCallError when it cannot be called at all, NeedsConsentError, CallCancelledError.
        """
        call = service_call(request) if self._can_be_called(called_service(request)) else None
        if call is None:
            return None
        key = attempt_key(request)
        if key in self._log:
            return self._log.answer(key, request.started_by) or self._called_back(request)
        self.inside.check_known(key)
        self._check_allowed(call)
        if request.task_token is not None and call.pattern is IntegrationPattern.CALLBACK:
            self._callbacks.expect(request.task_token)
        began = time.monotonic()
        with self.under_way.during(AwaitedCall()) as waiting:
            made = self._made(call, waiting)
        seconds = time.monotonic() - began
        answer: Answer | None = replace(made, after_seconds=seconds)
        submission = None
        if call.pattern is IntegrationPattern.CALLBACK and isinstance(made, TaskResult):
            answer, submission = None, Submission(made.output)
        found = OutsideCall(call.name, self.place, answer, seconds * 1000, submission=submission)
        self._log.add(key, found, request.started_by)
        if answer is None:
            answer = self._called_back(request)
        if self.on_call is not None:
            self.on_call(request, self._log.call(key) or found)
        return answer

    def knows(self, request: TaskRequest) -> bool:
        """Whether a Task calls a service."""
        return self._can_be_called(called_service(request)) and service_call(request) is not None

    def _can_be_called(self, name: str) -> bool:
        if not name or not name.startswith(self._without):
            return bool(name)
        return name.partition(":")[2].lower() in _SENT  # a token of a Task here is answered here

    def why_not(self, request: TaskRequest) -> str:
        """Nothing: every service can be called."""
        return ""

    def call_of(self, request: TaskRequest) -> OutsideCall | None:
        """The call that a request led to, if it did."""
        return self._log.call(attempt_key(request))

    @property
    def can_call(self) -> bool:
        """A service: each can be called."""
        return True

    def heartbeat(self, token: str) -> float:
        """When the last heartbeat for a task token came, by the monotonic clock; 0 where none did."""
        return self._callbacks.heartbeat(token)

    def forget(self, request: TaskRequest) -> bool:
        """Have the next asking call anew; whether there was a call to forget."""
        return self._log.forget(attempt_key(request))

    def forget_all(self) -> None:
        """Call everything anew that is asked from now on: what was done is gone."""
        self._log.clear()

    def question(self) -> str:
        """What would be called, where, and as whom."""
        name = self.wanted.name if self.wanted is not None else "nothing"
        account = self.account_of() if self.is_attended else ""
        return f"{name} would really be called {self.place}{account}"

    def allow(self) -> None:
        """Allow the action that was asked for last, from now on."""
        if self._allowed is not None and self.wanted is not None:
            self._allowed.add(self.wanted.name)
            self.wanted = None

    def allow_all(self) -> None:
        """Allow every action."""
        self._allowed = None

    def cancel(self) -> None:
        """Wait for no answer and for no job any more, from another thread."""
        self.under_way.cancel()

    def close(self) -> None:
        """Nothing was started for it."""

    # one call

    def _check_allowed(self, call: ServiceCall) -> None:
        if self._allowed is None or call.name in self._allowed or self._sends_here(call):
            return
        self.wanted = call
        raise NeedsConsentError(self.question(), fix="Allow it: --yes-call-aws allows all that Tasks call.")

    def _made(self, call: ServiceCall, waiting: AwaitedCall) -> TaskResult | TaskFailure:
        """What a call gives, also where a task token is still to be answered."""
        try:
            found = self._begun_with(call, waiting)
            failed = _failed_entries(call, found)
            if failed is not None:
                return failed
            if call.pattern is IntegrationPattern.SYNC and not call.is_sdk:
                return self._waited_for(call, found, waiting)
        except ServiceFaultError as fault:
            words = sdk_failure(_service_id(call), fault) if call.is_sdk else optimized_failure(call.type, fault)
            return TaskFailure(words.error, words.cause, provenance=Provenance.SERVICE)
        return TaskResult(_result(call, found), provenance=Provenance.SERVICE)

    def _begun_with(self, call: ServiceCall, waiting: AwaitedCall) -> ServiceAnswer:
        """The answer to the call itself."""
        if call.type != EMR:
            return self._called(call, call.api, call.arguments, waiting)
        if call.action in UNKNOWN_TO_API:
            raise ServiceCallError(f"{call.name} is no call of EMR's API, and sfdebug cannot make it", fix=BY_HAND)
        found = self._called(call, call.api, api_arguments(call.action, call.arguments), waiting)
        return replace(found, output=task_result(call.action, found.output))

    def _sends_here(self, call: ServiceCall) -> bool:
        """Whether a call answers the task token of a Task here, of which no service anywhere knows."""
        token = call.arguments.get("TaskToken")
        is_sent = call.api.service == "stepfunctions" and call.api.operation.lower() in _SENT
        return is_sent and isinstance(token, str) and self._callbacks.knows(token)

    def _sent(self, call: ServiceCall) -> ServiceAnswer:
        """What AWS answers to an answer for a task token. Raises ServiceFaultError."""
        body = {name[:1].lower() + name[1:]: value for name, value in call.arguments.items()}
        status, told = self._callbacks.take(_SENT[call.api.operation.lower()], body)
        if status != 200:
            code = told["__type"].rpartition("#")[2]
            raise ServiceFaultError(code, told["message"], status, str(uuid4()), code)
        return ServiceAnswer({}, request_id=str(uuid4()))

    def _called(
        self, call: ServiceCall, api: Api, arguments: Mapping[str, Json], waiting: AwaitedCall
    ) -> ServiceAnswer:
        """What comes of a call, made on a thread of its own: who does not answer for a minute can be left.

        Raises CallCancelledError, and what the caller raises.
        """
        if self._sends_here(call):
            return self._sent(call)
        region = _region_in(arguments) if self._follows_arns else None

        def run() -> ServiceAnswer:
            return self._caller.call(api.service, api.operation, arguments, is_sdk=call.is_sdk, region=region)

        slow = None if self.on_slow is None else (SLOW, partial(self.on_slow, self._slow_words(call)))
        cancelled = f"waiting for {call.name} was cancelled; what was asked for may still be done"
        return waiting.given(run, cancelled, slow=slow)

    def _slow_words(self, call: ServiceCall) -> str:
        return f"{call.name} has not answered {self.place} for {SLOW:g} s, and is waited for"

    def _waited_for(self, call: ServiceCall, begun: ServiceAnswer, waiting: AwaitedCall) -> TaskResult | TaskFailure:
        job = JOBS.get((call.type, call.action))
        if job is None:
            raise ServiceCallError(f"sfdebug does not know how to wait for the job of {call.name}.sync", fix=BY_HAND)
        arguments = asked(job, call.arguments, begun.output)
        while True:
            answer = self._called(call, Api(job.service, job.call), arguments, waiting)
            description = at(answer.output, job.path)
            status = at(description, job.status)
            if status in job.done or status in job.failed:
                break
            if status is None:
                raise ServiceCallError(f"{job.service}:{job.call} does not say how the job of {call.name}.sync stands")
            waiting.rest(_POLL, f"waiting for {call.name}.sync was cancelled; its job goes on")
        described = result_of(job, description, begun.output)
        ended = _ended(call, described, is_done=not has_failed(job, description))
        return replace(ended, submission=Submission(_result(call, begun)))

    def _called_back(self, request: TaskRequest) -> Answer | None:
        return self._callbacks.answer(request, self._log, Provenance.SERVICE, NO_CALLBACK)


def called_service(request: TaskRequest) -> str:
    """What a Task calls of a service, as its Resource says: `sqs:sendMessage`; "" where it calls none."""
    if request.kind is not RequestKind.TASK:
        return ""
    resource = parse_resource(request.resource)
    if resource.family is not Family.SERVICE or resource.type in _NOT_HERE:
        return ""
    return f"{resource.type.removeprefix(SDK)}:{resource.action.partition('.')[0]}"


def service_call(request: TaskRequest) -> ServiceCall | None:
    """The call of a service that a Task makes; None when it does something else, or no model knows the call."""
    if request.kind is not RequestKind.TASK:
        return None
    resource = parse_resource(request.resource)
    if resource.family is not Family.SERVICE or resource.type in _NOT_HERE:
        return None
    action, _, ending = resource.action.partition(".")
    api = api_of(resource.type, action)
    if api is None:
        return None
    arguments: Mapping[str, Json] = request.input if isinstance(request.input, dict) else {}
    if (resource.type, action) == ("events", "putEvents"):
        arguments = _with_senders(arguments, request)
    return ServiceCall(resource.type, action, api, arguments, resource.pattern, ending.endswith(":2"))


def _with_senders(arguments: Mapping[str, Json], request: TaskRequest) -> Mapping[str, Json]:
    """Step Functions appends the state machine and the execution to the Resources of each event.

    Source: AWS Step Functions Developer Guide, "Add EventBridge events with Step Functions". The events' schedule holds
    the entries as they were written (recorded).
    """
    entries = arguments.get("Entries")
    senders: list[Json] = [arn for arn in (request.state_machine_arn, request.execution_arn) if arn]
    if not isinstance(entries, list):
        return arguments
    told: list[Json] = []
    for entry in entries:
        given: Json = entry.get("Resources", []) if isinstance(entry, dict) else None
        if isinstance(entry, dict) and isinstance(given, list):
            entry = {**entry, "Resources": [*given, *senders]}
        told.append(entry)
    return {**arguments, "Entries": told}


def _service_id(call: ServiceCall) -> str:
    model = operation(call.api.service, call.api.operation)
    return str(model.service_model.service_id) if model is not None else call.api.service


_REGION: Final = re.compile(r"arn:aws[a-z-]*:[a-z0-9-]+:([a-z]{2}(?:-[a-z]+)+-\d):|https?://sqs\.([a-z0-9-]+)\.")


def _region_in(arguments: Mapping[str, Json]) -> str | None:
    """The region that an ARN or the address of a queue among the arguments names."""
    for value in arguments.values():
        found = _REGION.match(value) if isinstance(value, str) else None
        if found is not None:
            return found[1] or found[2]
    return None


def _result(call: ServiceCall, found: ServiceAnswer) -> Json:
    output = dict(found.output)
    if "dynamodb" in call.type and not call.arguments.get("ReturnConsumedCapacity"):
        output.pop("ConsumedCapacity", None)  # local services give it unasked
    if call.is_sdk:
        return output
    if call.type not in WITHOUT_METADATA:
        output |= metadata(call.type, found.request_id, found.headers, found.status)
    return dict(sorted(output.items()))


def _failed_entries(call: ServiceCall, found: ServiceAnswer) -> TaskFailure | None:
    """An event that the bus did not take fails the Task (recorded), and so does a task of ECS that has no place.

    Source for ECS: Step Functions Developer Guide, "Run Amazon ECS/Fargate tasks": Failures fail what is waited for.
    """
    if call.type == "ecs" and found.output.get("Failures") and call.pattern is not IntegrationPattern.REQUEST_RESPONSE:
        return TaskFailure("AmazonECS.Unknown", compact(found.output), provenance=Provenance.SERVICE)
    if call.type != "events" or not found.output.get("FailedEntryCount"):
        return None
    return TaskFailure("EventBridge.FailedEntry", compact(found.output), provenance=Provenance.SERVICE)


def _ended(call: ServiceCall, description: Json, *, is_done: bool) -> TaskResult | TaskFailure:
    if call.parses_json and isinstance(description, dict):
        description = {
            name: json.loads(value) if name in ("Input", "Output") and isinstance(value, str) else value
            for name, value in description.items()
        }
    if is_done:
        return TaskResult(description, provenance=Provenance.SERVICE)
    return TaskFailure(TASK_FAILED, compact(description), provenance=Provenance.SERVICE)
