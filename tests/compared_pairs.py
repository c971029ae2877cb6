"""Pairs of a failed execution and one that went well, made by the engine, each with what a person would name first."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from sfdebug.asl.load import definition_from
from sfdebug.debugger.recorded.session import RecordedSession, open_recording
from sfdebug.engine.execution.decisions import Answer, Redrive, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.engine.stepping import step
from sfdebug.history.recording import ExecutionInfo, Recording
from tests.debugger_runs import LAMBDA, machine, passing, task
from tests.engine_runs import begin, finish
from tests.history_runs import read_back

CHILD: Final = "arn:aws:states:us-east-1:123456789012:execution:Child:c-17"
MACHINE: Final = "arn:aws:states:us-east-1:123456789012:stateMachine:Orders"
_ENDED: Final = {"ExecutionArn": CHILD, "Status": "FAILED", "Error": "Negative", "Cause": "n is -1"}
_WENT_WELL: Final = {"ExecutionArn": CHILD.replace("17", "18"), "Status": "SUCCEEDED", "Output": {"n": 1}}
_INVOKE: Final = "arn:aws:states:::lambda:invoke"
_START: Final = 1_735_689_600_000
_DAY: Final = 86_400_000

Answers = Callable[[TaskRequest], Answer]


@dataclass(frozen=True)
class Run:
    """One execution: its input, what answers its Tasks, and what else is its own."""

    input: Any = None
    answers: dict[str, Any] = field(default_factory=dict)
    definition: dict[str, Any] | None = None
    start_time: int = _START
    redriven: bool = False
    settings: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Pair:
    """A failed execution, one that went well, and what is to be said of the two: the first line, and others in it."""

    name: str
    definition: dict[str, Any]
    failed: Run
    good: Run
    lead: str
    also: tuple[str, ...] = ()

    def sessions(self, *, with_definition: bool = True) -> tuple[RecordedSession, RecordedSession]:
        """Both, opened."""
        return (
            session(self, self.failed, "run-failed", with_definition=with_definition),
            session(self, self.good, "run-good", with_definition=with_definition),
        )


def session(pair: Pair, run: Run, name: str, *, with_definition: bool = True) -> RecordedSession:
    """One execution of a pair, opened with the definition that it ran."""
    definition = run.definition or pair.definition
    recording = record(definition, run, name)
    loaded = definition_from(definition) if with_definition else None
    return open_recording(recording, loaded, recorded_definition=loaded)


def record(definition: dict[str, Any], run: Run, name: str) -> Recording:
    """One execution as it is recorded."""

    def answers(request: TaskRequest) -> Answer:
        found = run.answers.get(request.state.name)
        if callable(found):
            found = found(request)
        elif isinstance(found, list):
            found = found[min(request.invocation, len(found) - 1)]
        if found is None:
            return TaskResult(request.input)
        return found if isinstance(found, TaskResult | TaskFailure | TaskSilence) else TaskResult(found)

    settings = {"name": name, "start_time": run.start_time, **run.settings}
    execution = finish(begin(definition, run.input or {}, **settings), answers)
    if run.redriven:
        execution = finish(step(execution, Redrive(at=execution.clock + 3_600_000)), answers)
    events = execution.history
    facts = ExecutionInfo.of_arn(f"arn:aws:states:us-east-1:123456789012:execution:Orders:{name}", name)
    found = read_back(events, f"{name}.json")
    return replace(found, facts=facts.completed(found.events))


def in_folder(pair: Pair, folder: Path) -> Path:
    """Both executions of a pair as `sfdebug fetch` saves them: a folder for each."""
    for run, name in ((pair.failed, "run-failed"), (pair.good, "run-good")):
        recording = record(pair.definition, run, name)
        place = folder / name
        place.mkdir(parents=True)
        times = [event.time for event in recording.events if event.time is not None]
        description = {
            "executionArn": recording.facts.arn,
            "stateMachineArn": MACHINE,
            "name": name,
            "status": str(recording.status),
            "startDate": times[0] / 1000,
            "stopDate": times[-1] / 1000,
        }
        (place / "history.json").write_text(json.dumps({"events": recording.history}), encoding="utf-8")
        (place / "definition.asl.json").write_text(json.dumps(run.definition or pair.definition), encoding="utf-8")
        (place / "execution.json").write_text(json.dumps(description), encoding="utf-8")
    return folder


def _choice(variable: str, **test: Any) -> dict[str, Any]:
    return {"Variable": variable, **test}


_ORDER = {"orderId": "o-1001", "requestId": "5f2c9a44-1111-4222-8333-123456789abc", "at": "2025-01-01T09:00:00Z"}
_OTHER = {"orderId": "o-1002", "requestId": "77aa9a44-1111-4222-8333-123456789abc", "at": "2025-01-01T10:30:00Z"}

_FAIL = {"Type": "Fail", "Error": "Rejected", "Cause": "not to be sold"}

FIELD = Pair(
    "a Choice on a field",
    machine(
        Check={
            "Type": "Choice",
            "Choices": [_choice("$.country", StringEquals="XX", Next="Reject")],
            "Default": "Ship",
        },
        Ship=task(),
        Reject=_FAIL,
    ),
    Run({**_ORDER, "country": "XX"}),
    Run({**_OTHER, "country": "DE"}),
    'at Check, $.country was "XX" in A, "DE" in B: A went on to Reject, B went on to Ship',
    ('$.country: A "XX", B "DE", from the input at /country',),
)

THRESHOLD = Pair(
    "a threshold on a Task's result",
    machine(
        Quote=task(
            "Enough?",
            Parameters={"sku.$": "$.sku", "n.$": "$.quantity", "token.$": "$.requestId"},
            ResultPath="$.quote",
        ),
        **{
            "Enough?": {
                "Type": "Choice",
                "Choices": [_choice("$.quote.total", NumericGreaterThan=1000, Next="TooMuch")],
                "Default": "Pay",
            }
        },
        Pay=task(),
        TooMuch=_FAIL,
    ),
    Run({**_ORDER, "sku": "a", "quantity": 100}, {"Quote": {"total": 1200, "quoteId": "q-991"}}),
    Run({**_OTHER, "sku": "a", "quantity": 2}, {"Quote": {"total": 24, "quoteId": "q-992"}}),
    'at "Enough?", $.quote.total was 1200 in A, 24 in B: A went on to TooMuch, B went on to Pay',
    (
        "$.quote.total: A 1200, B 24, from the result of Quote at /total",
        "/n: A 100, B 2, from the input at /quantity",
    ),
)

MISSING_FIELD = Pair(
    "a field that is missing",
    machine(
        Prepare=passing("Mail", Parameters={"customer.$": "$.customer"}, ResultPath="$.mail"),
        Mail=task(Parameters={"to.$": "$.mail.customer.email"}),
    ),
    Run({**_ORDER, "customer": {"name": "Ann"}}),
    Run({**_OTHER, "customer": {"name": "Bob", "email": "bob@example.com"}}),
    'Mail failed in A with States.Runtime: $.mail.customer.email is missing in A, "bob@example.com" in B',
    ('$.mail.customer.email: A missing, B "bob@example.com", from the input at /customer/email',),
)

TASK_ERROR = Pair(
    "a Task error without a retry",
    machine(
        Charge=task("Ship", Parameters={"amount.$": "$.amount", "card.$": "$.card", "requestId.$": "$.requestId"}),
        Ship=task(),
    ),
    Run(
        {**_ORDER, "amount": 30, "card": "visa-old"},
        {"Charge": TaskFailure("Declined", "visa-old has expired")},
    ),
    Run({**_OTHER, "amount": 40, "card": "visa-new"}, {"Charge": {"ok": True}}),
    "Charge failed in A with Declined (visa-old has expired); in B it succeeded",
    ('/card: A "visa-old", B "visa-new", from the input at /card',),
)

RETRIED = Pair(
    "a Task error after all its retries, called with the same",
    machine(
        Charge=task(
            "Ship",
            Parameters={"amount.$": "$.amount", "requestId.$": "$.requestId"},
            Retry=[{"ErrorEquals": ["Busy"], "IntervalSeconds": 1, "MaxAttempts": 2}],
        ),
        Ship=task(),
    ),
    Run({**_ORDER, "amount": 30}, {"Charge": TaskFailure("Busy", "try again", 1)}),
    Run({**_OTHER, "amount": 30}, {"Charge": [TaskFailure("Busy", "try again", 1), TaskResult({"ok": True}, 1)]}),
    "Charge failed in A with Busy (try again); in B it succeeded at attempt 2",
    ("it was called with the same in both, but for /requestId",),
)

TIMEOUT = Pair(
    "a Task that timed out",
    machine(Render=task("Done", TimeoutSeconds=30, Parameters={"pages.$": "$.pages"}), Done=passing()),
    Run({**_ORDER, "pages": 900}, {"Render": TaskSilence()}),
    Run({**_OTHER, "pages": 9}, {"Render": TaskResult({"url": "s3://out"}, 2)}),
    "Render failed in A with States.Timeout; in B it succeeded",
    ("/pages: A 900, B 9, from the input at /pages", "Render took 30 s in A, 2 s in B"),
)

_EACH = machine(
    Each={
        "Type": "Map",
        "ItemsPath": "$.lines",
        "ItemProcessor": machine(Pick=task("Pack", Parameters={"sku.$": "$.sku", "n.$": "$.n"}), Pack=passing()),
        "Next": "Done",
    },
    Done=passing(),
)


def _pick(request: TaskRequest) -> Answer:
    given = request.input
    if isinstance(given, dict) and given["n"] == 0:
        return TaskFailure("Empty", f"nothing of {given['sku']} is wanted")
    return TaskResult({"picked": True})


MAP_ITEM = Pair(
    "an item of a Map that fails",
    _EACH,
    Run({**_ORDER, "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 0}, {"sku": "c", "n": 2}]}, {"Pick": _pick}),
    Run({**_OTHER, "lines": [{"sku": "a", "n": 1}, {"sku": "b", "n": 4}, {"sku": "c", "n": 2}]}, {"Pick": _pick}),
    "Pick in Each #1 failed in A with Empty (nothing of b is wanted)",
    ("/n: A 0, B 4, from the input at /lines/1/n",),
)

PARALLEL = Pair(
    "a branch of a Parallel",
    machine(
        Both={
            "Type": "Parallel",
            "Branches": [
                machine(Stock=task("Reserve"), Reserve=task()),
                machine(
                    Credit=task("Score"),
                    Score={
                        "Type": "Choice",
                        "Choices": [_choice("$.score", NumericLessThan=400, Next="Poor")],
                        "Default": "Good",
                    },
                    Good=passing(),
                    Poor={"Type": "Fail", "Error": "PoorCredit"},
                ),
            ],
            "Next": "Done",
        },
        Done=passing(),
    ),
    Run(_ORDER, {"Credit": TaskResult({"score": 310, "ref": "r-88123"}, 1)}),
    Run(_OTHER, {"Credit": TaskResult({"score": 720, "ref": "r-88124"}, 1)}),
    "at Score in Both #1, $.score was 310 in A, 720 in B: A went on to Poor, B went on to Good",
    ("$.score: A 310, B 720, from the result of Credit in Both #1 at /score",),
)

JSONATA = Pair(
    "a JSONata condition",
    {
        "QueryLanguage": "JSONata",
        **machine(
            Load=task(
                "Check",
                Arguments={"id": "{% $states.input.orderId %}"},
                Output="{% $merge([$states.input, {'lines': $states.result.lines}]) %}",
            ),
            Check={
                "Type": "Choice",
                "Choices": [
                    {"Condition": "{% $count($states.input.lines) > 2 and $states.input.express %}", "Next": "Refuse"}
                ],
                "Default": "Ship",
            },
            Ship={"Type": "Succeed"},
            Refuse={"Type": "Fail", "Error": "TooLarge"},
        ),
    },
    Run({**_ORDER, "express": True}, {"Load": {"lines": [1, 2, 3, 4]}}),
    Run({**_OTHER, "express": True}, {"Load": {"lines": [1, 2]}}),
    "at Check, $states.input.lines was 4 items in A, 2 items in B: A went on to Refuse, B went on to Ship",
    ("from the result of Load at /lines",),
)

VARIABLE = Pair(
    "a variable",
    machine(
        Settings=task("Plan", Assign={"limit.$": "$.limit"}, ResultPath=None),
        Plan=passing("Check"),
        Check={
            "Type": "Choice",
            "Choices": [{"Variable": "$.amount", "NumericGreaterThanPath": "$limit", "Next": "Stop"}],
            "Default": "Go",
        },
        Go=passing(),
        Stop=_FAIL,
    ),
    Run({**_ORDER, "amount": 50}, {"Settings": {"limit": 10}}),
    Run({**_OTHER, "amount": 50}, {"Settings": {"limit": 100}}),
    "at Check, $limit was 10 in A, 100 in B: A went on to Stop, B went on to Go",
    ("$limit: A 10, B 100, from the result of Settings at /limit",),
)

CAUGHT = Pair(
    "a Catch that was taken",
    machine(
        Charge=task("Ship", Catch=[{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Refund"}]),
        Ship=passing(),
        Refund=passing("Sorry"),
        Sorry=_FAIL,
    ),
    Run(_ORDER, {"Charge": TaskFailure("Gateway", "502 from the bank")}),
    Run(_OTHER, {"Charge": {"ok": True}}),
    "Charge failed in A with Gateway (502 from the bank), and went on to Refund; in B it succeeded",
    ("it was called with the same in both, but for /orderId, /requestId, /at: like an id, a time or a token",),
)

NESTED = Pair(
    "data that is nested, through several states",
    machine(
        Take=passing("Shape", Parameters={"doc.$": "$.body.order"}),
        Shape=passing("Check", Parameters={"a": {"b.$": "$.doc.lines[1].price"}, "keep": 1}),
        Check={
            "Type": "Choice",
            "Choices": [
                {
                    "And": [_choice("$.keep", NumericEquals=1), _choice("$.a.b", NumericLessThan=0)],
                    "Next": "Bad",
                }
            ],
            "Default": "Fine",
        },
        Fine=passing(),
        Bad=_FAIL,
    ),
    Run({"body": {"order": {"lines": [{"price": 1}, {"price": -4}]}, "trace": "Root=1-5f2c-aa"}}),
    Run({"body": {"order": {"lines": [{"price": 9}, {"price": 5}]}, "trace": "Root=1-77aa-bb"}}),
    "at Check, $.a.b was -4 in A, 5 in B: A went on to Bad, B went on to Fine",
    ("$.a.b: A -4, B 5, from the input at /body/order/lines/1/price",),
)


def _status(*each: str) -> list[Any]:
    return [{"status": one} for one in each]


LOOP = Pair(
    "a loop that went round more often",
    machine(
        Poll=task("Ready?", ResultPath="$.job"),
        **{
            "Ready?": {
                "Type": "Choice",
                "Choices": [
                    _choice("$.job.status", StringEquals="DONE", Next="Fetch"),
                    _choice("$.job.status", StringEquals="LOST", Next="Lost"),
                ],
                "Default": "Nap",
            }
        },
        Nap={"Type": "Wait", "Seconds": 5, "Next": "Poll"},
        Fetch=passing(),
        Lost={"Type": "Fail", "Error": "JobLost"},
    ),
    Run(_ORDER, {"Poll": _status("RUNNING", "RUNNING", "RUNNING", "LOST")}),
    Run(_OTHER, {"Poll": _status("RUNNING", "DONE")}),
    'at "Ready?", visit 2, $.job.status was "RUNNING" in A, "DONE" in B: A went on to Nap, B went on to Fetch',
    (
        "from the result of Poll at /status",
        '"Ready?" was left for good after 4 visits in A, after 2 visits in B, when $.job.status was "LOST" in A, '
        '"DONE" in B: A went on to Lost, B went on to Fetch',
    ),
)

REDRIVEN = Pair(
    "an execution that was redriven",
    machine(Charge=task("Ship", Parameters={"amount.$": "$.amount"}), Ship=passing()),
    Run(
        {**_ORDER, "amount": 5},
        {"Charge": [TaskFailure("Down", "the bank is closed"), TaskResult({"ok": 1})]},
        redriven=True,
    ),
    Run({**_OTHER, "amount": 5}, {"Charge": {"ok": 1}}),
    "Charge failed in A with Down (the bank is closed), and went on after a redrive; in B it succeeded without",
)

PAYLOAD = Pair(
    "a payload over the limit",
    machine(Export=task("Store", Parameters={"rows.$": "$.rows"}), Store=passing()),
    Run({**_ORDER, "rows": 9000}, {"Export": {"data": "x" * 300_000}}),
    Run({**_OTHER, "rows": 3}, {"Export": {"data": "x"}}),
    "Export failed in A with States.DataLimitExceeded",
    ("/rows: A 9000, B 3, from the input at /rows",),
)

CLOCK = Pair(
    "the time of day in the Context object",
    machine(
        Open={
            "Type": "Choice",
            "Choices": [
                {"Variable": "$$.Execution.StartTime", "TimestampGreaterThan": "2025-01-01T18:00:00Z", "Next": "Closed"}
            ],
            "Default": "Serve",
        },
        Serve=passing(),
        Closed={"Type": "Fail", "Error": "Closed"},
    ),
    Run(_ORDER, start_time=_START + 22 * 3_600_000),
    Run(_OTHER, start_time=_START + 9 * 3_600_000),
    'at Open, $$.Execution.StartTime was "2025-01-01T22:00:00.000Z" in A, "2025-01-01T09:00:00.000Z" in B: '
    "A went on to Closed, B went on to Serve",
    ("from the Context object or the clock",),
)

CALLBACK = Pair(
    "a callback that reported a failure",
    machine(
        Approve={
            "Type": "Task",
            "Resource": f"{_INVOKE}.waitForTaskToken",
            "Parameters": {"FunctionName": "ask", "Payload": {"token.$": "$$.Task.Token", "who.$": "$.approver"}},
            "Next": "Done",
        },
        Done=passing(),
    ),
    Run({**_ORDER, "approver": "carol"}, {"Approve": TaskFailure("Denied", "carol said no", 60)}),
    Run({**_OTHER, "approver": "dave"}, {"Approve": TaskResult({"ok": True}, 50)}),
    "Approve failed in A with Denied (carol said no); in B it succeeded",
    ('/Payload/who: A "carol", B "dave", from the input at /approver',),
)

CHILD_FAILED = Pair(
    "an execution that a Task started",
    machine(
        Sub={
            "Type": "Task",
            "Resource": "arn:aws:states:::states:startExecution.sync:2",
            "Parameters": {
                "StateMachineArn": "arn:aws:states:us-east-1:123456789012:stateMachine:Child",
                "Input": {"n.$": "$.n"},
            },
            "Next": "Done",
        },
        Done=passing(),
    ),
    Run(
        {**_ORDER, "n": -1},
        {
            "Sub": TaskFailure(
                "States.TaskFailed",
                json.dumps(_ENDED),
            )
        },
    ),
    Run(
        {**_OTHER, "n": 1},
        {"Sub": _WENT_WELL},
    ),
    "Sub failed in A with States.TaskFailed (the execution that it started FAILED: Negative: n is -1)",
    ("/Input/n: A -1, B 1, from the input at /n", f"what it started: {CHILD}"),
)


def _work(request: TaskRequest) -> Answer:
    return TaskFailure("BadRow", "no number") if request.input == "x" else TaskResult(request.input)


MAP_RUN = Pair(
    "a distributed Map with failed children",
    machine(
        Rows={
            "Type": "Map",
            "ItemsPath": "$.rows",
            "ToleratedFailureCount": 1,
            "ItemProcessor": {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
                **machine(Work={"Type": "Task", "Resource": LAMBDA, "End": True}),
            },
            "Next": "Done",
        },
        Done=passing(),
    ),
    Run({**_ORDER, "rows": [1, "x", "x", 4]}, {"Work": _work}),
    Run({**_OTHER, "rows": [1, "x", 3, 4]}, {"Work": _work}),
    "Rows failed in A with States.ExceedToleratedFailureThreshold",
    ("what it started: arn:aws:states:us-east-1:123456789012:mapRun:",),
)

VERSIONS = Pair(
    "two versions of the definition",
    machine(Read=task("Check"), Check=passing("Write"), Write=task()),
    Run(
        _ORDER,
        {"Audit": TaskFailure("AccessDenied", "audit table")},
        definition=machine(Read=task("Check"), Check=passing("Audit"), Audit=task("Write"), Write=task()),
    ),
    Run(_OTHER),
    "after Check, A went on to Audit, B went on to Write",
    ("no data decided it: the definitions say otherwise here", "they ran different definitions"),
)

SLOW = Pair(
    "the same path, but slow",
    machine(Read=task("Sum"), Sum=task("Write"), Write=task()),
    Run({**_ORDER, "n": 5}, {"Sum": TaskResult({"s": 9, "traceId": "1-aa"}, 58)}),
    Run({**_OTHER, "n": 5}, {"Sum": TaskResult({"s": 9, "traceId": "1-bb"}, 2)}),
    "the paths are the same; Sum took 58 s in A, 2 s in B",
)

NO_MATCH = Pair(
    "a Choice of which no rule matched",
    machine(
        Route={"Type": "Choice", "Choices": [_choice("$.kind", StringEquals="parcel", Next="Ship")]},
        Ship=passing(),
    ),
    Run({**_ORDER, "kind": "letter"}),
    Run({**_OTHER, "kind": "parcel"}),
    'at Route, $.kind was "letter" in A, "parcel" in B: in A no rule matched, and it failed with States.Runtime; '
    "B went on to Ship",
    ('$.kind: A "letter", B "parcel", from the input at /kind',),
)

NO_MATCH_INSIDE = Pair(
    "a Choice without a match in a branch of a Parallel",
    machine(
        Both={
            "Type": "Parallel",
            "Branches": [machine(Log=passing("More"), More=passing()), NO_MATCH.definition],
            "Next": "Done",
        },
        Done=passing(),
    ),
    Run({**_ORDER, "kind": "letter"}),
    Run({**_OTHER, "kind": "parcel"}),
    'at Route in Both #1, $.kind was "letter" in A, "parcel" in B: in A no rule matched',
)

ITEM_FIELD = Pair(
    "a field that is missing in one item of a Map",
    machine(
        Each={
            "Type": "Map",
            "ItemsPath": "$.lines",
            "ItemProcessor": machine(Name=passing("Keep", Parameters={"name.$": "$.name"}), Keep=passing()),
            "Next": "Done",
        },
        Done=passing(),
    ),
    Run({**_ORDER, "lines": [{"name": "a"}, {}]}),
    Run({**_OTHER, "lines": [{"name": "a"}, {"name": "b"}]}),
    'Name in Each #1 failed in A with States.Runtime: $.name is missing in A, "b" in B',
    ('$.name: A missing, B "b", from the input at /lines/1/name',),
)

WRONG_VALUE = Pair(
    "a field with a value that is not allowed",
    machine(Nap={"Type": "Wait", "SecondsPath": "$.wait.seconds", "Next": "Done"}, Done=passing()),
    Run({**_ORDER, "wait": {"seconds": 1.5}}),
    Run({**_OTHER, "wait": {"seconds": 1}}),
    "Nap failed in A with States.Runtime: it reads $.wait.seconds, which is 1.5 in A, 1 in B",
    ("its Wait could not be evaluated", "$.wait.seconds: A 1.5, B 1, from the input at /wait/seconds"),
)

NO_LIST = Pair(
    "a Map that is given no list",
    {
        "QueryLanguage": "JSONata",
        **machine(
            Take={"Type": "Pass", "Output": "{% $states.input.items %}", "Next": "Each"},
            Each={"Type": "Map", "ItemProcessor": machine(Keep={"Type": "Pass", "End": True}), "End": True},
        ),
    },
    Run({**_ORDER, "items": "none"}),
    Run({**_OTHER, "items": [1, 2]}),
    'Each failed in A with States.QueryEvaluationError: it reads its input, which is "none" in A, [1, 2] in B',
    ("its Items could not be evaluated", "from the input at /items"),
)

PAIRS: Final = (
    FIELD, THRESHOLD, MISSING_FIELD, TASK_ERROR, RETRIED, TIMEOUT, MAP_ITEM, PARALLEL, JSONATA, VARIABLE, CAUGHT,
    NESTED, LOOP, REDRIVEN, PAYLOAD, CLOCK, CALLBACK, CHILD_FAILED, MAP_RUN, VERSIONS, SLOW,
    NO_MATCH, NO_MATCH_INSIDE, ITEM_FIELD, WRONG_VALUE, NO_LIST,
)  # fmt: skip
