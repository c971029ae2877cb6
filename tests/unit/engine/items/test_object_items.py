"""Maps over JSON objects: inline and distributed, from the input, from an expression and from a dataset."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.engine.execution.decisions import Dataset
from sfdebug.engine.execution.settings import ObjectItems
from sfdebug.engine.execution.visit import StageName
from tests.engine_machines import details, distributed, jsonata, reads, scope
from tests.engine_runs import one, run, types, visit

ONLY = scope(X={"Type": "Pass", "End": True})
PRICES: Any = {"fig": 3, "oat": None}
PAIRS = [{"Key": "fig", "Value": 3}, {"Key": "oat", "Value": None}]
NAMED = {"k.$": "$$.Map.Item.Key", "v.$": "$$.Map.Item.Value", "i.$": "$$.Map.Item.Index", "all.$": "$.all"}
COMPUTED = {"k": "{% $states.context.Map.Item.Key %}", "v": "{% $states.context.Map.Item.Value %}"}


def inline(**fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": ONLY, "End": True, **fields}


@pytest.mark.parametrize(
    "definition",
    [
        one(inline(ItemsPath="$.prices")),
        one(distributed(ONLY, ItemsPath="$.prices")),
        one(inline(InputPath="$.prices")),
        one(inline(ItemsPath="$$.Execution.Input.prices")),
        jsonata(inline(Items="{% $states.input.prices %}")),
        jsonata(distributed(ONLY, Items="{% $states.input.prices %}")),
        jsonata(inline(Items={"fig": 3, "oat": "{% $states.input.prices.oat %}"})),
        jsonata(distributed(ONLY, Items={"fig": 3, "oat": None})),
    ],
)
def test_each_pair_is_an_iteration(definition: dict[str, Any]) -> None:
    ended = run(definition, {"prices": PRICES})
    assert ended.output == PAIRS
    assert details(ended, "MapStateStarted") == [{"length": 2}]


@pytest.mark.parametrize("make", [inline, lambda **fields: distributed(ONLY, **fields)])
def test_the_whole_input_may_be_an_object(make: Any) -> None:
    assert run(one(make()), PRICES).output == PAIRS
    assert run(jsonata(make()), PRICES).output == PAIRS
    assert run(one(make()), {}).output == []


@pytest.mark.parametrize("make", [inline, lambda **fields: distributed(ONLY, **fields)])
def test_an_item_selector_sees_key_and_value(make: Any) -> None:
    ended = run(one(make(ItemsPath="$.prices", ItemSelector=NAMED)), {"prices": PRICES, "all": 2})
    assert ended.output == [
        {"k": "fig", "v": 3, "i": 0, "all": 2},
        {"k": "oat", "v": None, "i": 1, "all": 2},
    ]
    ended = run(jsonata(make(Items="{% $states.input %}", ItemSelector=COMPUTED)), PRICES)
    assert ended.output == [{"k": "fig", "v": 3}, {"k": "oat", "v": None}]


def test_the_iterations_of_an_inline_map_see_the_key_too() -> None:
    processor = scope(X={"Type": "Pass", "Parameters": {"k.$": "$$.Map.Item.Key"}, "End": True})
    assert run(one(inline(ItemProcessor=processor)), PRICES).output == [{"k": "fig"}, {"k": "oat"}]


def test_pairs_are_batched() -> None:
    ended = run(one(distributed(ONLY, ItemBatcher={"MaxItemsPerBatch": 5})), PRICES)
    assert ended.output == [{"Items": PAIRS}]


@pytest.mark.parametrize("selector", [None, NAMED])
def test_a_json_dataset_may_be_an_object(selector: Any) -> None:
    fields: dict[str, Any] = {} if selector is None else {"ItemSelector": {"k.$": "$$.Map.Item.Key"}}
    reader = {"Resource": "arn:aws:states:::s3:getObject", "ReaderConfig": {"InputType": "JSON"}, "Parameters": {}}
    dataset = Dataset(content=b'{"fig": 3, "oat": null}', source="s3://b/k")
    ended = run(one(distributed(ONLY, ItemReader=reader, **fields)), {}, reads(dataset))
    assert ended.output == (PAIRS if selector is None else [{"k": "fig"}, {"k": "oat"}])
    (stage,) = [stage for stage in visit(ended, "A").stages if stage.name is StageName.ITEM_READER]
    assert stage.after == PAIRS
    ended = run(one(distributed(ONLY, ItemReader=reader)), {}, reads(dataset), object_items=ObjectItems.NOWHERE)
    assert (ended.error, ended.cause) == ("States.ItemReaderFailed", "Attempting to map over non-iterable node.")


@pytest.mark.parametrize("allowed", [ObjectItems.NOWHERE, ObjectItems.DISTRIBUTED])
def test_where_objects_are_no_items_an_inline_map_fails_as_recorded(allowed: ObjectItems) -> None:
    ended = run(one(inline(ItemsPath="$.prices")), {"prices": PRICES}, object_items=allowed)
    assert ended.error == "States.Runtime"
    assert (ended.cause or "").endswith('Reference path "$.prices" must point to array.')
    ended = run(jsonata(inline(Items="{% $states.input %}")), PRICES, object_items=allowed)
    assert ended.error == "States.QueryEvaluationError"
    assert (ended.cause or "").endswith("Expected 'array', but was 'object' for value: {\"fig\":3,\"oat\":null}")
    ended = run(jsonata(inline()), PRICES, object_items=allowed)
    assert (ended.cause or "").endswith('Map state input must be an array but was: {"fig":3,"oat":null}')


def test_a_distributed_map_takes_objects_by_its_own_setting() -> None:
    definition = one(distributed(ONLY))
    assert run(definition, PRICES, object_items=ObjectItems.DISTRIBUTED).output == PAIRS
    assert run(definition, PRICES, object_items=ObjectItems.NOWHERE).error == "States.Runtime"


@pytest.mark.parametrize("items", ["text", 5, None, True])
def test_what_is_neither_array_nor_object_is_refused(items: Any) -> None:
    assert run(one(inline(ItemsPath="$.items")), {"items": items}).error == "States.Runtime"
    ended = run(jsonata(inline(Items="{% $states.input.items %}")), {"items": items})
    assert ended.error == "States.QueryEvaluationError"
    assert types(ended)[-3:] == ["EvaluationFailed", "MapStateFailed", "ExecutionFailed"]
