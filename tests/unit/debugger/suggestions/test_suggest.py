"""Offers: the shape of a result, from what the service answers and what later states read of it."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.debugger.suggestions.data_flow import path_steps
from sfdebug.debugger.suggestions.suggest import starting_value, suggest
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.values import Json
from tests.debugger_runs import LAMBDA, machine, passing, task
from tests.engine_runs import run, visit

INVOKE = "arn:aws:states:::lambda:invoke"


def offered(definition: dict[str, Any], name: str = "Ask", input: Json = None, *path: str | int) -> Json:
    return starting_value(*request_of(definition, name, input, *path))


def request_of(definition: dict[str, Any], name: str, input: Json, *path: str | int) -> tuple[TaskRequest, Any]:
    loaded = definition_from(definition)
    state = loaded.state((*path, name))
    return TaskRequest((), state, {} if input is None else input, 1, 0, 5), loaded


def choice(*rules: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {"Type": "Choice", "Choices": [{**rule, "Next": "End"} for rule in rules], "Default": "End", **fields}


def test_what_a_choice_reads_makes_its_first_rule_match() -> None:
    definition = machine(
        Ask=task("Which", ResultPath="$.payment"),
        Which=choice(
            {"Variable": "$.payment.status", "StringEquals": "PAID"},
            {"Variable": "$.payment.status", "StringEquals": "OPEN"},
            {"And": [{"Variable": "$.payment.amount", "NumericGreaterThan": 100}]},
            {"Variable": "$.payment.name", "StringMatches": "log-*.txt"},
            {"Variable": "$.payment.flag", "BooleanEquals": False},
            {"Variable": "$.total", "NumericEquals": 1},
        ),
        End=passing(),
    )
    assert offered(definition) == {"status": "PAID", "amount": 101, "name": "log-1.txt", "flag": False}


def test_the_offer_says_what_it_was_guessed_from() -> None:
    definition = machine(Ask=task("Use"), Use=passing(Parameters={"x.$": "$.orderId"}))
    assert suggest(*request_of(definition, "Ask", None)).why == "guessed from what Use reads of it"
    definition["States"]["Ask"] = task("Use", Resource=INVOKE, OutputPath="$.Payload")
    assert "what lambda:invoke answers and what Use reads" in suggest(*request_of(definition, "Ask", None)).why
    bare = machine(Ask=task())
    assert "nothing in the definition" in suggest(*request_of(bare, "Ask", None)).why


def test_a_lambda_answers_with_a_payload() -> None:
    definition = machine(
        Ask=task("Use", Resource=INVOKE, OutputPath="$.Payload"),
        Use=passing(Parameters={"id.$": "$.receiptId", "n.$": "States.ArrayLength($.lines)"}),
    )
    assert offered(definition) == {
        "ExecutedVersion": "$LATEST",
        "Payload": {"receiptId": "receiptId-1", "lines": []},
        "StatusCode": 200,
    }


def test_a_field_that_a_service_never_answers_is_not_offered() -> None:
    reader = passing(Parameters={"id.$": "$.receiptId", "x.$": "$.Payload.x"})
    value = offered(machine(Ask=task("Use", Resource=INVOKE), Use=reader))
    assert value == {"ExecutedVersion": "$LATEST", "Payload": {"x": ""}, "StatusCode": 200}


def test_a_result_selector_is_what_reads_the_result() -> None:
    definition = machine(
        Ask=task("Which", ResultSelector={"state.$": "$.body.status"}, ResultPath="$.result"),
        Which=choice({"Variable": "$.result.state", "StringEquals": "DONE"}),
        End=passing(),
    )
    assert offered(definition) == {"body": {"status": "DONE"}}
    request, _ = request_of(definition, "Ask", None)
    assert starting_value(request) == {"body": {"status": ""}}


def test_a_result_that_is_dropped_or_overwritten_is_read_no_more() -> None:
    reader = passing(Parameters={"x.$": "$.a.b"})
    assert offered(machine(Ask=task("Use", ResultPath=None), Use=reader)) == {}
    overwritten = machine(Ask=task("Other", ResultPath="$.a"), Other=task("Use"), Use=reader)
    assert offered(overwritten) == {}
    kept = machine(Ask=task("Other", ResultPath="$.a"), Other=task("Use", ResultPath="$.c"), Use=reader)
    assert offered(kept) == {"b": ""}


def test_input_paths_move_the_result() -> None:
    definition = machine(
        Ask=task("Use", ResultPath="$.a.b"),
        Use=passing(InputPath="$.a", Parameters={"x.$": "$.b.userId", "y.$": "$.c"}),
    )
    assert offered(definition) == {"userId": "userId-1"}


def test_items_of_a_map_and_input_of_a_parallel() -> None:
    inner = {"StartAt": "Use", "States": {"Use": passing(Parameters={"x.$": "$.sku"})}}
    mapped = machine(
        Ask=task("Each"), Each={"Type": "Map", "ItemsPath": "$.lines", "ItemProcessor": inner, "End": True}
    )
    assert offered(mapped) == {"lines": [{"sku": ""}]}
    both = machine(Ask=task("Both"), Both={"Type": "Parallel", "Branches": [inner], "End": True})
    assert offered(both) == {"sku": ""}


def test_a_task_inside_a_branch_is_read_by_its_branch() -> None:
    inner = {"StartAt": "Ask", "States": {"Ask": task("Use"), "Use": passing(Parameters={"x.$": "$.count"})}}
    definition = machine(Both={"Type": "Parallel", "Branches": [inner], "End": True})
    assert offered(definition, "Ask", None, "Both", 0) == {"count": 1}


def test_loops_end() -> None:
    definition = machine(
        Ask=task("Which", ResultPath="$.job"),
        Which=choice({"Variable": "$.job.status", "StringEquals": "DONE"}, Default="Wait"),
        Wait={"Type": "Wait", "SecondsPath": "$.job.seconds", "Next": "Ask"},
        End=passing(),
    )
    assert offered(definition) == {"status": "DONE", "seconds": 1}


@pytest.mark.parametrize(
    ("resource", "parameters", "fields"),
    [
        (
            "arn:aws:states:::sqs:sendMessage",
            {"MessageBody": "hello"},
            {"MD5OfMessageBody": "5d41402abc4b2a76b9719d911017c592"},
        ),
        ("arn:aws:states:::dynamodb:getItem", {"Key": {"id": {"S": "1"}}}, {"Item": {"id": {"S": "1"}}}),
        ("arn:aws:states:::dynamodb:putItem", {}, {}),
        ("arn:aws:states:::events:putEvents", {"Entries": [{}, {}]}, {"FailedEntryCount": 0}),
        ("arn:aws:states:::states:startExecution.sync:2", {"Input": {"a": 1}}, {"Output": {}, "Status": "SUCCEEDED"}),
        ("arn:aws:states:::states:startExecution.sync", {"Input": {"a": 1}}, {"Output": "{}", "Input": '{"a":1}'}),
        ("arn:aws:states:::aws-sdk:dynamodb:scan", {}, {"Items": []}),
        ("arn:aws:states:::sqs:sendMessage.waitForTaskToken", {}, {}),
        ("arn:aws:states:::aws-sdk:rekognition:detectText", {}, {}),
        (LAMBDA, {}, {}),
    ],
)
def test_services_answer_in_their_shape(resource: str, parameters: Json, fields: dict[str, Json]) -> None:
    value = offered(machine(Ask=task(Resource=resource)), "Ask", parameters)
    assert isinstance(value, dict)
    assert value.items() >= fields.items()
    assert bool(value) == bool(fields)


def test_an_earlier_answer_is_the_best_guess() -> None:
    execution = run(machine(Ask=task()), {"answer": 42})
    request, loaded = request_of(machine(Ask=task()), "Ask", None)
    found = suggest(request, loaded, [visit(execution, "Ask")])
    assert found.value == {"answer": 42}
    assert found.why == "its answer of an earlier time"


def test_the_offer_lets_the_run_go_on() -> None:
    definition = machine(
        Ask=task("Which", ResultPath="$.payment"),
        Which=choice({"Variable": "$.payment.status", "StringEquals": "PAID"}),
        End=passing(Parameters={"id.$": "$.payment.receipt.id", "n.$": "States.ArrayLength($.payment.lines)"}),
    )
    value = offered(definition)
    from sfdebug.engine.execution.decisions import TaskResult

    execution = run(definition, {}, lambda request: TaskResult(value))
    assert execution.status == "SUCCEEDED"


@pytest.mark.parametrize(
    ("path", "steps"),
    [
        ("$", ()),
        ("$.a.b", ("a", "b")),
        ("$['a b'][0].c", ("a b", 0, "c")),
        ("$.a[*].b", ("a", 0, "b")),
        ("$.a[?(@.x)].b", ("a",)),
        ("$..a", ()),
        ("$.a.length()", ("a",)),
        ("$$.Execution", None),
        ("$name.a", None),
        ("text", None),
    ],
)
def test_paths_as_far_as_they_are_plain(path: str, steps: tuple[str | int, ...] | None) -> None:
    assert path_steps(path) == steps


# JSONata, variables, and the items of a Map Run


def offer_for(definition: dict[str, Any], input: Json = None) -> Any:
    from sfdebug.debugger import Debugger

    debugger = Debugger(definition, input)
    debugger.run()
    assert debugger.asking is not None
    return suggest(debugger.asking, debugger.machine)


def jsonata(**states: Any) -> dict[str, Any]:
    return {"QueryLanguage": "JSONata", **machine(**states)}


def test_an_offer_follows_a_variable_to_the_condition_that_reads_it() -> None:
    choice = {
        "Type": "Choice",
        "Choices": [{"Condition": "{% $foo = 2 and $rows[0].name != 'x' %}", "Next": "End"}],
        "Default": "End",
    }
    assign = {"foo": "{% $states.result.foo %}", "rows": "{% $states.result.found.rows %}"}
    found = offer_for(jsonata(A=task("B", Assign=assign), B=choice, End={"Type": "Succeed"}))
    assert found.value == {"foo": 2, "found": {"rows": [{"name": ""}]}}
    assert found.why == "guessed from what A and B read of it"


def test_an_offer_follows_the_output_to_what_reads_the_input() -> None:
    output = {"order": {"id": "{% $states.result.orderId %}"}, "all": "{% $states.result %}"}
    reading = {"Type": "Pass", "Output": "{% $states.input.order.id & $states.input.all.total * 2 %}", "End": True}
    assert offer_for(jsonata(A=task("B", Output=output), B=reading)).value == {"orderId": "orderId-1", "total": 1}


def test_without_an_output_the_result_is_the_next_input() -> None:
    reading = {"Type": "Pass", "Output": "{% $count($states.input.orders) + $sum($states.input.prices) %}", "End": True}
    assert offer_for(jsonata(A=task("B"), B=reading)).value == {"orders": [], "prices": []}


def test_a_variable_of_jsonpath_is_followed_too() -> None:
    choice = {"Type": "Choice", "Choices": [{"Variable": "$v", "NumericGreaterThan": 7, "Next": "E"}], "Default": "E"}
    first = task("B", ResultSelector={"z.$": "$.total"}, ResultPath=None, Assign={"v.$": "$.z"})
    assert offer_for(machine(A=first, B=choice, E=passing())).value == {"total": 8}


def test_what_is_quoted_or_called_is_no_path() -> None:
    reading = {"Type": "Pass", "Output": "{% '$states.input.a' & $f($states.input.b.$string()) %}", "End": True}
    definition = jsonata(A=task("B", Assign={"f": 1}), B=reading)
    assert "a" not in offer_for(definition).value


def test_a_variable_that_is_assigned_anew_holds_the_result_no_more() -> None:
    again = {"Type": "Pass", "Assign": {"foo": 1}, "Output": 1, "Next": "C"}
    reading = {"Type": "Pass", "Output": "{% $foo.id %}", "End": True}
    assert offer_for(jsonata(A=task("B", Assign={"foo": "{% $states.result %}"}), B=again, C=reading)).value == {}


def reader(resource: str = "s3:getObject", **config: Any) -> dict[str, Any]:
    return {
        "Resource": f"arn:aws:states:::{resource}",
        "ReaderConfig": config,
        "Arguments": {"Bucket": "b", "Key": "k"},
    }


def each(reader: dict[str, Any], first: dict[str, Any], **fields: Any) -> dict[str, Any]:
    processor = {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}, **machine(W=first)}
    return jsonata(Each={"Type": "Map", "ItemReader": reader, "ItemProcessor": processor, "End": True, **fields})


def test_items_are_offered_as_the_child_executions_read_them() -> None:
    first = passing(Output="{% $states.input.id & $number($states.input.total) %}")
    found = offer_for(each(reader(InputType="CSV", CSVHeaderLocation="FIRST_ROW"), first))
    assert found.value == [{"id": "id-1", "total": "1"}] * 2, "all values of a CSV file are texts"
    assert found.why == "guessed from what W reads of each item"


def test_items_are_offered_with_the_headers_and_as_a_listing() -> None:
    given = reader(InputType="CSV", CSVHeaderLocation="GIVEN", CSVHeaders=["a", "b"])
    assert offer_for(each(given, passing())).value == [{"a": "", "b": ""}] * 2
    listing = reader("s3:listObjectsV2")
    del listing["ReaderConfig"], listing["Arguments"]["Key"]
    assert offer_for(each(listing, passing())).value[0]["StorageClass"] == "STANDARD"


def test_items_are_followed_through_selector_and_batches() -> None:
    first = passing(Output="{% $states.input.Items[0].n > 3 %}")
    selector = {"n": "{% $states.context.Map.Item.Value.count %}"}
    found = offer_for(each(reader(InputType="JSON"), first, ItemSelector=selector, ItemBatcher={"MaxItemsPerBatch": 2}))
    assert found.value == [{"count": 4}] * 2
