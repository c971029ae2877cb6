"""Small machines that go through every kind of stage in both query languages, and end in every way it can end."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import Answer, Dataset, TaskFailure, TaskResult, TaskSilence
from sfdebug.values import Json
from tests.debugger_runs import machine, over_to, passing, task
from tests.explanations import InTurn

JSONATA = {"QueryLanguage": "JSONata"}
DISTRIBUTED = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}}
SDK = "arn:aws:states:::"


def jsonata(kind: str, **fields: Any) -> dict[str, Any]:
    """A state in JSONata that ends its scope unless it says otherwise."""
    leaving = {} if {"Next", "Choices"} & fields.keys() or kind in ("Succeed", "Fail") else {"End": True}
    resource = {"Resource": "arn:aws:lambda:us-east-1:123456789012:function:work"} if kind == "Task" else {}
    return {"Type": kind, **JSONATA, **resource, **leaving, **fields}


def state(kind: str, **fields: Any) -> dict[str, Any]:
    """A state in JSONPath that ends its scope unless it says otherwise."""
    return {name: value for name, value in jsonata(kind, **fields).items() if name != "QueryLanguage"}


def each(**inside: Any) -> dict[str, Any]:
    """The processor of an inline Map."""
    return {"ItemProcessor": machine(**inside)}


def child(**inside: Any) -> dict[str, Any]:
    """The processor of a distributed Map."""
    return {"ItemProcessor": {**DISTRIBUTED, **machine(**inside)}}


def reader(**config: Any) -> dict[str, Any]:
    """An ItemReader of a CSV file."""
    return {
        "Resource": f"{SDK}s3:getObject",
        "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW", **config},
        "Parameters": {"Bucket": "shop", "Key": "orders.csv"},
    }


ORDER: Json = {"order": {"total": 42}, "customer": "Ada"}
BOOM = TaskFailure("Boom", "no")
LADDER = [
    {"ErrorEquals": ["Boom"], "IntervalSeconds": 2, "MaxAttempts": 2, "BackoffRate": 3, "MaxDelaySeconds": 5},
    {"ErrorEquals": ["Bang"], "IntervalSeconds": 4, "MaxAttempts": 1, "JitterStrategy": "FULL"},
    {"ErrorEquals": ["States.ALL"], "MaxAttempts": 0},
]
CATCHES = [
    {"ErrorEquals": ["State.ALL"], "Next": "B"},
    {"ErrorEquals": ["States.ALL"], "Next": "B"},
]
FAIL = {"Type": "Fail", "Error": "Sorry", "Cause": "no money"}

Scenario = tuple[Any, Json, dict[str, tuple[Answer, ...]]]

SCENARIOS: dict[str, Scenario] = {
    "paths": (
        machine(
            A=task(
                "B",
                InputPath="$.order",
                Parameters={"amount.$": "$.total", "label": "$.name"},
                ResultSelector={"id.$": "$.id"},
                ResultPath="$.payment",
                Assign={"paid.$": "$.id"},
                OutputPath="$.payment",
            ),
            B=passing(InputPath=None, Result=["$.id"], ResultPath=None, OutputPath=None),
        ),
        ORDER,
        {"A": (TaskResult({"id": 7, "fee": 1}),)},
    ),
    "lost": (machine(A=task("B", InputPath="$.order"), B=state("Succeed")), ORDER, {"A": (TaskResult({"id": 7}),)}),
    "replaced": (machine(A=passing(Parameters={"n.$": "$.customer"}, ResultPath="$.order")), ORDER, {}),
    "kept or not": (
        machine(
            A=passing("B", InputPath="$.order"),
            B=passing("C", Parameters={"n.$": "$.total"}, ResultPath="$.made"),
            C=task("D", ResultPath=None, OutputPath="$.total"),
            D=passing("E", Parameters={"n": {"order": {"y": 1}, "x": 2}}, ResultPath="$", OutputPath="$.n"),
            E=state(
                "Choice",
                InputPath="$.order",
                OutputPath="$.x",
                Choices=[{"Variable": "$.y", "IsNull": True, "Next": "F"}],
                Default="F",
            ),
            F=passing(),
        ),
        {"order": {"total": 42}, "customer": "Ada"},
        {"C": (TaskResult({"id": 7}),)},
    ),
    "ladder": (
        machine(A=task("B", Retry=LADDER, Catch=CATCHES), B=passing()),
        ORDER,
        {"A": (BOOM, BOOM, TaskFailure("Bang"), TaskFailure("Bang"))},
    ),
    "used up": (
        machine(A=task(Retry=[{"ErrorEquals": ["Boom"], "MaxAttempts": 1}, {"ErrorEquals": ["States.ALL"]}])),
        {},
        {"A": (BOOM, BOOM)},
    ),
    "silence": (
        machine(A=task(TimeoutSeconds=5, Retry=[{"ErrorEquals": ["States.TaskFailed"]}])),
        {},
        {"A": (TaskSilence(),)},
    ),
    "heartbeat": (
        machine(
            A=task(
                TimeoutSeconds=60,
                HeartbeatSeconds=5,
                Catch=[{"ErrorEquals": ["States.HeartbeatTimeout"], "ResultPath": "$.error", "Next": "B"}],
                OutputPath="$.order",
            ),
            B=FAIL,
        ),
        ORDER,
        {"A": (TaskSilence(),)},
    ),
    "choice": (
        machine(
            A=state(
                "Choice",
                Choices=[
                    {"Variable": "$.total", "NumericGreaterThan": 100, "Next": "B"},
                    {"Variable": "$.total", "StringEquals": "42", "Next": "C"},
                    {"Variable": "$.total", "IsPresent": True, "Next": "B"},
                ],
            ),
            B=passing(),
            C=state("Choice", Choices=[{"Variable": "$.total", "IsNull": True, "Next": "B"}], Default="D"),
            D=state("Choice", Choices=[{"Variable": "$.total", "IsNull": True, "Next": "B"}]),
        ),
        {"total": "42"},
        {},
    ),
    "missing": (
        machine(A=state("Choice", Choices=[{"Variable": "$.x", "IsNull": True, "Next": "B"}]), B=passing()),
        {},
        {},
    ),
    "jsonata choice": (
        machine(
            A=jsonata(
                "Choice",
                Choices=[
                    {"Condition": "{% $states.input.total > 100 %}", "Next": "B"},
                    {"Condition": "{% $states.input.total > 10 %}", "Next": "C"},
                    {"Condition": "{% $states.input.total > 40 %}", "Next": "B"},
                ],
                Default="B",
                Output={"from": "default"},
            ),
            B=jsonata("Succeed"),
            C=jsonata("Choice", Choices=[{"Condition": "{% $states.input.rush %}", "Next": "B"}]),
        ),
        {"total": 42},
        {},
    ),
    "jsonata default": (
        machine(A=jsonata("Choice", Choices=[{"Condition": False, "Next": "B"}], Default="B"), B=jsonata("Pass")),
        {},
        {},
    ),
    "jsonata task": (
        machine(
            A=jsonata(
                "Task",
                Next="B",
                Arguments={"amount": "{% $states.input.total %}", "label": "$states.input.name"},
                Assign={"total": "{% $states.input.total %}"},
                Output={"paid": "{% $states.result.id %}"},
            ),
            B=jsonata("Pass", Assign={"total": "{% $total + 1 %}", "both": "{% $total * 2 %}"}, Output="{% $total %}"),
        ),
        {"total": 42, "customer": "Ada"},
        {"A": (TaskResult({"id": 7}),)},
    ),
    "only texts": (
        machine(
            A=jsonata("Pass", Next="B", Assign={"n": 1}),
            B=jsonata("Pass", Assign={"n": "{% $n + 1 %}", "label": "$n"}, Output="costs $n"),
        ),
        {},
        {},
    ),
    "jsonata caught": (
        machine(
            A=jsonata(
                "Task",
                Retry=[{"ErrorEquals": ["Boom"], "MaxAttempts": 1}],
                Catch=[
                    {"ErrorEquals": ["boom"], "Next": "B"},
                    {"ErrorEquals": ["Boom"], "Assign": {"why": "{% $states.errorOutput.Cause %}"}, "Next": "B"},
                ],
            ),
            B=jsonata("Fail", Error="{% $why %}"),
        ),
        {"total": 42},
        {"A": (BOOM, BOOM)},
    ),
    "jsonata undefined": (
        machine(
            A=jsonata("Task", Output="{% $states.result.id %}", Catch=[{"ErrorEquals": ["States.ALL"], "Next": "B"}]),
            B=jsonata("Wait", Seconds="{% 1.5 %}"),
        ),
        {"total": 42},
        {"A": (TaskResult({}),)},
    ),
    "jsonata arguments": (machine(A=jsonata("Task", Arguments="{% $states.input.x %}")), {}, {}),
    "jsonata assign": (machine(A=jsonata("Pass", Assign={"x": "{% $states.input.x %}"})), {}, {}),
    "path nowhere": (machine(A=task(InputPath="$.order", Parameters={"n.$": "$.customer"})), ORDER, {}),
    "selector nowhere": (
        machine(A=task(ResultSelector={"n.$": "$.customer"})),
        ORDER,
        {"A": (TaskResult({"id": 7}),)},
    ),
    "input nowhere": (machine(A=passing(InputPath="$.x")), ORDER, {}),
    "output nowhere": (machine(A=task(OutputPath="$.customer")), ORDER, {"A": (TaskResult({"id": 7}),)}),
    "result nowhere": (machine(A=passing(ResultPath="$.customer.x")), ORDER, {}),
    "assign nowhere": (
        machine(A=task(InputPath="$.order", Assign={"x.$": "$.customer"})),
        ORDER,
        {"A": (TaskResult({"id": 7}),)},
    ),
    "waits": (
        machine(
            A=state("Wait", Seconds=30, Next="B"),
            B=state("Wait", Timestamp="2020-01-01T00:00:00Z", Next="C"),
            C=state("Wait", SecondsPath="$.x"),
        ),
        {},
        {},
    ),
    "jsonata waits": (machine(A=jsonata("Wait", Seconds="{% $states.input.n %}")), {"n": 3}, {}),
    "fails": (machine(A=state("Fail", ErrorPath="$.x")), {}, {}),
    "jsonata fails": (machine(A=jsonata("Fail", Error="{% $states.input.x %}")), {}, {}),
    "parallel": (
        machine(
            A=state(
                "Parallel",
                Branches=[
                    machine(First=passing(Assign={"seen": True})),
                    machine(Second=passing()),
                ],
            )
        ),
        ORDER,
        {},
    ),
    "parallel fails": (
        machine(
            A=state(
                "Parallel",
                Parameters={"n": 1},
                Branches=[machine(F=FAIL), machine(G=passing())],
                Retry=[{"ErrorEquals": ["Sorry"], "MaxAttempts": 0}],
            )
        ),
        {},
        {},
    ),
    "jsonata parallel": (machine(A=jsonata("Parallel", Arguments={"n": 1}, Branches=[machine(F=passing())])), {}, {}),
    "jsonata parallel fails": (machine(A=jsonata("Parallel", Branches=[machine(F=FAIL)])), {}, {}),
    "map": (
        machine(A=state("Map", ItemsPath="$.items", **each(One=passing()))),
        {"items": [1, 2], "shop": "north"},
        {},
    ),
    "map selects": (
        machine(
            A=state(
                "Map",
                InputPath="$.all",
                ItemSelector={"id.$": "$.id", "item.$": "$$.Map.Item.Value"},
                ItemsPath="$.items",
                MaxConcurrency=1,
                **each(One=passing()),
            )
        ),
        {"all": {"items": [{"id": 1}], "id": 0}},
        {},
    ),
    "map fails": (
        machine(
            A=state("Map", ToleratedFailureCount=1, Catch=[{"ErrorEquals": ["X"], "Next": "B"}], **each(F=FAIL)),
            B=passing(),
        ),
        [1, 2],
        {},
    ),
    "map of nothing": (machine(A=state("Map", ItemsPath="$.x", **each(One=passing()))), {"x": []}, {}),
    "map nowhere": (machine(A=state("Map", ItemsPath="$.y", **each(One=passing()))), {"x": []}, {}),
    "selector fails": (machine(A=state("Map", ItemSelector={"x.$": "$.x"}, **each(One=passing()))), [1], {}),
    "jsonata map": (
        machine(
            A=jsonata(
                "Map",
                Items="{% $states.input.items %}",
                ItemSelector={"n": "{% $states.input.n %}"},
                ItemProcessor=machine(One=passing()),
            )
        ),
        {"items": [1, 2], "n": 3},
        {},
    ),
    "jsonata map fails": (machine(A=jsonata("Map", ItemProcessor=machine(F=FAIL))), [1], {}),
    "jsonata items": (machine(A=jsonata("Map", Items="{% 1 %}", ItemProcessor=machine(F=FAIL))), [1], {}),
    "jsonata selector": (
        machine(A=jsonata("Map", ItemSelector="{% $states.input.x %}", ItemProcessor=machine(F=FAIL))),
        [1],
        {},
    ),
    "map run": (
        machine(
            V=passing("A", Assign={"limit": 3}),
            A=state(
                "Map",
                ItemReader=reader(MaxItems=2),
                ItemSelector={"row.$": "$$.Map.Item.Value"},
                ItemBatcher={"MaxItemsPerBatch": 1},
                ToleratedFailureCount=1,
                **child(Work=task()),
            ),
        ),
        {},
        {
            "A": (Dataset(content=b"id,total\n1,10\n2,20\n3,30\n", source="s3://shop/orders.csv"),),
            "Work": (BOOM, TaskResult(1)),
        },
    ),
    "map run reads": (
        machine(A=state("Map", ItemReader=reader(), **child(One=passing()))),
        {},
        {"A": (Dataset(content=b"id,total\n1,10\n"),)},
    ),
    "map run fails": (
        machine(A=state("Map", ToleratedFailurePercentage=10, **child(F=FAIL))),
        [1, 2],
        {},
    ),
    "map run mocked": (machine(A=state("Map", **child(F=FAIL))), [1, 2], {"A": (TaskFailure("States.X", "no"),)}),
    "reader fails": (
        machine(A=state("Map", ItemReader=reader(InputType="JSON", CSVHeaderLocation="FIRST_ROW"), **child(F=FAIL))),
        {},
        {"A": (Dataset(content=b"{"),)},
    ),
    "batcher fails": (
        machine(A=state("Map", ItemBatcher={"MaxItemsPerBatchPath": "$.n"}, ItemsPath="$.x", **child(F=FAIL))),
        {"n": "x", "x": [1]},
        {},
    ),
    "jsonata map run": (
        machine(
            A=jsonata(
                "Map",
                ItemBatcher={"MaxItemsPerBatch": 2},
                ResultWriter={"WriterConfig": {"Transformation": "COMPACT"}},
                ItemProcessor={**DISTRIBUTED, **machine(One=passing())},
            )
        ),
        [1, 2],
        {},
    ),
    "jsonata map run fails": (
        machine(A=jsonata("Map", ItemProcessor={**DISTRIBUTED, **machine(F=FAIL)})),
        [1, 2],
        {},
    ),
    "jsonata reads": (
        machine(
            A=jsonata(
                "Map",
                ItemReader={
                    "Resource": f"{SDK}s3:getObject",
                    "ReaderConfig": {"InputType": "JSON"},
                    "Arguments": {"Bucket": "shop", "Key": "{% $states.input.key %}"},
                },
                Next="B",
                ItemProcessor={**DISTRIBUTED, **machine(One=passing())},
            ),
            B=jsonata(
                "Map",
                ItemBatcher={"MaxItemsPerBatch": "{% $states.input.x %}"},
                ItemProcessor={**DISTRIBUTED, **machine(Other=passing())},
            ),
        ),
        {"key": "orders.json"},
        {"A": (Dataset(content=b"[1, 2]"),)},
    ),
    "jsonata reader fails": (
        machine(
            A=jsonata(
                "Map",
                ItemReader={
                    "Resource": f"{SDK}s3:getObject",
                    "Arguments": {"Bucket": "{% $states.input.x %}", "Key": "k"},
                },
                ItemProcessor={**DISTRIBUTED, **machine(One=passing())},
            )
        ),
        {},
        {},
    ),
    "jsonata writer fails": (
        machine(
            A=jsonata(
                "Map",
                ResultWriter={"Resource": f"{SDK}s3:putObject", "Arguments": {"Bucket": "{% $states.input.x %}"}},
                ItemProcessor={**DISTRIBUTED, **machine(One=passing())},
            )
        ),
        [1],
        {},
    ),
    "defaulted": (
        machine(A=state("Choice", Choices=[{"Variable": "$", "IsNull": True, "Next": "B"}], Default="B"), B=passing()),
        {},
        {},
    ),
    "exported": (
        machine(
            A=state(
                "Map",
                ResultWriter={"Resource": f"{SDK}s3:putObject", "Parameters": {"Bucket": "shop", "Prefix": "out"}},
                **child(One=passing()),
            )
        ),
        [1],
        {},
    ),
    "writer fails": (
        machine(
            A=state(
                "Map",
                ResultWriter={"Resource": f"{SDK}s3:putObject", "Parameters": {"Bucket.$": "$[0].b"}},
                **child(One=passing()),
            )
        ),
        [1],
        {},
    ),
    "callback": (
        machine(A=state("Task", Resource=f"{SDK}sqs:sendMessage.waitForTaskToken", Parameters={"QueueUrl": "q"})),
        {},
        {},
    ),
    "sync": (machine(A=state("Task", Resource=f"{SDK}ecs:runTask.sync", TimeoutSeconds=60)), {}, {}),
    "not sync": (machine(A=state("Task", Resource=f"{SDK}states:startExecution")), {}, {}),
    "activity": (machine(A=state("Task", Resource="arn:aws:states:us-east-1:123456789012:activity:do")), {}, {}),
    "invoke": (
        machine(A=state("Task", Resource=f"{SDK}lambda:invoke", Parameters={"FunctionName": "f"})),
        {},
        {"A": (TaskResult({"ExecutedVersion": "$LATEST", "Payload": 1, "StatusCode": 200}),)},
    ),
}


def _forced(rule: int | None) -> Callable[[Debugger], None]:
    def prepare(debugger: Debugger) -> None:
        over_to(debugger, "A")
        debugger.force_choice(rule)

    return prepare


def _edited(debugger: Debugger) -> None:
    debugger.edit_input({"order": 1})


def _injected(debugger: Debugger) -> None:
    debugger.inject_failure(("A",), "Boom", "because")


PREPARED: dict[str, tuple[str, Callable[[Debugger], None]]] = {
    "forced": ("choice", _forced(0)),
    "forced as it is": ("choice", _forced(1)),
    "forced default": ("defaulted", _forced(None)),
    "jsonata forced default": ("jsonata choice", _forced(None)),
    "forced anyway": ("missing", _forced(0)),
    "jsonata forced": ("jsonata choice", _forced(0)),
    "injected": ("lost", _injected),
    "jsonata injected": ("jsonata task", _injected),
    "injected parallel": ("parallel", _injected),
    "injected jsonata parallel": ("jsonata parallel", _injected),
    "injected map": ("map", _injected),
    "injected jsonata map": ("jsonata map", _injected),
    "injected map run": ("map run fails", _injected),
    "injected jsonata map run": ("jsonata map run", _injected),
    "edited": ("lost", _edited),
}
"""Runs in which the user has had a hand, by the scenario that they change."""


def debugger_of(name: str) -> Debugger:
    """A debugger at the start of a scenario."""
    base, prepare = PREPARED.get(name, (name, lambda debugger: None))
    definition, input, answers = SCENARIOS[base]
    debugger = Debugger(definition, input, tasks=InTurn(answers))
    prepare(debugger)
    return debugger
