"""Mistakes about Map and Parallel."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName, TaskRequest
from sfdebug.lessons.model import Asked, PredictKind
from tests.debugger_runs import machine, passing, task
from tests.engine_machines import distributed, scope
from tests.question_runs import Asking, check_answers, output, says, wrong

GIVEN: dict[str, Any] = {"items": [{"n": 1}, {"n": 2}, {"n": 3}]}


def slow_first(request: TaskRequest) -> Answer:
    """The later, the sooner."""
    index = request.branch[-1][1]
    return TaskResult({f"out{index}": index}, after_seconds=10 - index)


def fails_second(request: TaskRequest) -> Answer:
    index = request.branch[-1][1]
    return TaskFailure("Broken", "two") if index == 1 else TaskResult({"ok": index})


def itself(request: TaskRequest) -> None:
    """A Map Run is run here."""


def each(**fields: Any) -> dict[str, Any]:
    """A Map over items."""
    processor = {"ItemProcessor": scope(Work=task())}
    return machine(Each={"Type": "Map", "ItemsPath": "$.items", "End": True, **processor, **fields})


BOTH = machine(
    Both={"Type": "Parallel", "End": True, "Branches": [scope(Left=task()), scope(Right=task())]},
)
RIGHT = Asked(PredictKind.INPUT, state="Right")
BATCHER = {"MaxItemsPerBatch": 2, "BatchInput": {"day": 3}}
PAIR: dict[str, Any] = {"name": "Ada", "street": "St James's Square"}
TOLERANT = machine(Each=distributed(scope(Work=task()), ItemsPath="$.items", ToleratedFailureCount=1))

ASKED: dict[str, Asking] = {
    "outputs of a Map": Asking(each(), output(), GIVEN, {"Work": slow_first}),
    "outputs of a Parallel": Asking(BOTH, output(), PAIR, {"Left": says({"l": 1}, 5), "Right": says({"r": 2})}),
    "one item": Asking(each(), output(), {"items": [{"n": 1}]}, {"Work": says("done")}),
    "one that fails": Asking(each(), output(), GIVEN, {"Work": fails_second}),
    "one that fails and is tolerated": Asking(TOLERANT, output(), GIVEN, {"Work": fails_second, "Each": itself}),
    "what an iteration gets": Asking(each(), Asked(PredictKind.INPUT, state="Work"), GIVEN, {"Work": slow_first}),
    "what the second iteration gets": Asking(
        each(MaxConcurrency=1), Asked(PredictKind.INPUT, state="Work"), GIVEN, {"Work": says({"done": True})}, into=10
    ),
    "what a branch gets": Asking(
        BOTH, Asked(PredictKind.INPUT, state="Right"), PAIR, {"Left": says(1), "Right": says(2)}
    ),
    "batches": Asking(
        machine(Each=distributed(scope(Work=task()), ItemsPath="$.items", ItemBatcher=BATCHER)),
        output(StageName.ITEM_BATCHER),
        GIVEN,
        {"Work": says(1), "Each": itself},
        into=2,
    ),
    "which list": Asking(
        machine(
            Each={
                "Type": "Map",
                "ItemsPath": "$.inner",
                "ItemProcessor": scope(One=passing()),
                "End": True,
            }
        ),
        output(),
        {"inner": ["a", "b"]},
    ),
}

EXPECTED: dict[str, Any] = {
    "outputs of a Map": (
        [{"out0": 0}, {"out1": 1}, {"out2": 2}],
        [
            (
                "outputs-in-one-object",
                {"out0": 0, "out1": 1, "out2": 2},
                ("3",),
            ),
            (
                "order-of-finishing",
                [{"out2": 2}, {"out1": 1}, {"out0": 0}],
                (),
            ),
            (
                "last-output-only",
                {"out2": 2},
                (),
            ),
            (
                "given-back",
                [{"n": 1}, {"n": 2}, {"n": 3}],
                (),
            ),
            ("items-path-ignored", [{"out0": 0}], ("ItemsPath", "`$.items`", "Each")),
            (
                "result-discarded",
                {"items": [{"n": 1}, {"n": 2}, {"n": 3}]},
                ("ResultPath", "null", "Each"),
            ),
            (
                "result-path-nested",
                [{"n": 1, "result": {"out0": 0}}, {"n": 2, "result": {"out1": 1}}, {"n": 3, "result": {"out2": 2}}],
                ("ResultPath", "Work"),
            ),
            (
                "result-path-nested",
                {"items": [{"n": 1}, {"n": 2}, {"n": 3}], "result": [{"out0": 0}, {"out1": 1}, {"out2": 2}]},
                ("ResultPath", "Each"),
            ),
        ],
    ),
    "outputs of a Parallel": (
        [{"l": 1}, {"r": 2}],
        [
            (
                "outputs-in-one-object",
                {"l": 1, "r": 2},
                ("2",),
            ),
            (
                "order-of-finishing",
                [{"r": 2}, {"l": 1}],
                ("Branches",),
            ),
            (
                "last-output-only",
                {"r": 2},
                (),
            ),
            (
                "given-back",
                {"name": "Ada", "street": "St James's Square"},
                (),
            ),
            (
                "result-discarded",
                [{"l": 1}, {"name": "Ada", "street": "St James's Square"}],
                ("ResultPath", "null", "Right"),
            ),
            (
                "result-path-nested",
                [{"l": 1}, {"name": "Ada", "street": "St James's Square", "result": {"r": 2}}],
                ("ResultPath", "Right"),
            ),
            (
                "result-discarded",
                [{"name": "Ada", "street": "St James's Square"}, {"r": 2}],
                ("ResultPath", "null", "Left"),
            ),
            (
                "result-path-nested",
                [{"name": "Ada", "street": "St James's Square", "result": {"l": 1}}, {"r": 2}],
                ("ResultPath", "Left"),
            ),
        ],
    ),
    "one item": (
        ["done"],
        [
            ("last-output-only", "done", ()),
            ("given-back", [{"n": 1}], ()),
            (
                "result-discarded",
                {"items": [{"n": 1}]},
                ("ResultPath", "null", "Each"),
            ),
            (
                "result-path-nested",
                [{"n": 1, "result": "done"}],
                ("ResultPath", "Work"),
            ),
            (
                "result-path-nested",
                {"items": [{"n": 1}], "result": ["done"]},
                ("ResultPath", "Each"),
            ),
        ],
    ),
    "one that fails": (
        "fails: Broken",
        [
            (
                "others-go-on",
                [{"ok": 0}],
                ("Each", "Broken"),
            ),
            (
                "others-go-on",
                [{"ok": 0}, None],
                ("Each", "Broken"),
            ),
        ],
    ),
    "one that fails and is tolerated": (
        [{"ok": 0}, {"Status": "FAILED", "Error": "Broken", "Cause": "two"}, {"ok": 2}],
        [
            (
                "outputs-in-one-object",
                {"ok": 2, "Status": "FAILED", "Error": "Broken", "Cause": "two"},
                ("3",),
            ),
            (
                "order-of-finishing",
                [{"ok": 0}, {"ok": 2}, {"Status": "FAILED", "Error": "Broken", "Cause": "two"}],
                (),
            ),
            (
                "failed-left-out",
                [{"ok": 0}, {"ok": 2}],
                ("1", "Status", "Error"),
            ),
            (
                "last-output-only",
                {"ok": 2},
                (),
            ),
            (
                "given-back",
                [{"n": 1}, {"n": 2}, {"n": 3}],
                (),
            ),
            ("items-path-ignored", [{"ok": 0}], ("ItemsPath", "`$.items`", "Each")),
            (
                "result-discarded",
                [{"n": 1}, {"Status": "FAILED", "Error": "Broken", "Cause": "two"}, {"n": 3}],
                ("ResultPath", "null", "Work"),
            ),
            (
                "result-discarded",
                {"items": [{"n": 1}, {"n": 2}, {"n": 3}]},
                ("ResultPath", "null", "Each"),
            ),
        ],
    ),
    "what an iteration gets": (
        {"n": 1},
        [
            (
                "whole-input-for-item",
                {"items": [{"n": 1}, {"n": 2}, {"n": 3}]},
                ("Each",),
            ),
            ("list-for-item", [{"n": 1}, {"n": 2}, {"n": 3}], ("Each", "3")),
            (
                "items-path-ignored",
                {"Key": "items", "Value": [{"n": 1}, {"n": 2}, {"n": 3}]},
                ("ItemsPath", "`$.items`", "Each"),
            ),
        ],
    ),
    "what the second iteration gets": (
        {"n": 2},
        [
            (
                "whole-input-for-item",
                {"items": [{"n": 1}, {"n": 2}, {"n": 3}]},
                ("Each",),
            ),
            ("list-for-item", [{"n": 1}, {"n": 2}, {"n": 3}], ("Each", "3")),
            (
                "one-after-another",
                {"done": True},
                ("Each",),
            ),
        ],
    ),
    "what a branch gets": (
        {"name": "Ada", "street": "St James's Square"},
        [
            (
                "input-shared-out",
                {"street": "St James's Square"},
                ("Both", "name", "street"),
            ),
            (
                "input-shared-out",
                "St James's Square",
                ("Both", "name", "street"),
            ),
        ],
    ),
    "batches": (
        [{"BatchInput": {"day": 3}, "Items": [{"n": 1}, {"n": 2}]}, {"BatchInput": {"day": 3}, "Items": [{"n": 3}]}],
        [
            (
                "batch-is-list",
                [[{"n": 1}, {"n": 2}], [{"n": 3}]],
                ("Each", "Items"),
            ),
            (
                "nothing-changes",
                [{"n": 1}, {"n": 2}, {"n": 3}],
                ("ItemBatcher", "2"),
            ),
            (
                "batch-is-list",
                [{"Items": [{"n": 1}, {"n": 2}]}, {"Items": [{"n": 3}]}],
                ("BatchInput", "ItemBatcher", "Items"),
            ),
        ],
    ),
    "which list": (
        ["a", "b"],
        [
            (
                "last-output-only",
                "b",
                (),
            ),
            (
                "items-path-ignored",
                [{"Key": "inner", "Value": ["a", "b"]}],
                ("ItemsPath", "`$.inner`", "Each"),
            ),
            (
                "result-discarded",
                {"inner": ["a", "b"]},
                ("ResultPath", "null", "Each"),
            ),
            (
                "result-path-nested",
                {"inner": ["a", "b"], "result": ["a", "b"]},
                ("ResultPath", "Each"),
            ),
        ],
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_what_mistakes_lead_to(name: str) -> None:
    check_answers(ASKED[name].question(), *EXPECTED[name])


def test_a_child_execution_gets_a_batch() -> None:
    batched = machine(Each=distributed(scope(Work=task()), ItemsPath="$.items", ItemBatcher={"MaxItemsPerBatch": 2}))
    asking = Asking(batched, Asked(PredictKind.INPUT, state="Work"), GIVEN, {"Work": says(1), "Each": itself})
    sentences = {mistake: sentence for mistake, _, sentence in wrong(asking.question())}
    assert sentences["whole-input-for-item"] == (
        "Each child execution gets its own batch, not the whole input of Each."
    )
    assert sentences["list-for-item"] == "Each child execution gets a batch of the 3 items, not the list."
