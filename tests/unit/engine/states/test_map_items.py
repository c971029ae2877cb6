"""What a distributed Map asks for, reads, batches and writes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdebug.engine import readiness, step
from sfdebug.engine.execution.decisions import (
    Answer,
    AnswerTask,
    Dataset,
    InjectFailure,
    TaskFailure,
    TaskResult,
    TaskSilence,
)
from sfdebug.engine.execution.visit import RequestKind, StageName
from sfdebug.errors import DecisionError
from tests.engine_machines import PASS, WORK, distributed, fails_for, reads, scope, until_asked
from tests.engine_runs import begin, finish, one, run, types, visit

GET = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": {"Bucket": "b", "Key": "k.csv"}}
CSV = {**GET, "ReaderConfig": {"InputType": "CSV", "CSVHeaderLocation": "FIRST_ROW"}}
PUT = {"Resource": "arn:aws:states:::s3:putObject", "Parameters": {"Bucket": "out", "Prefix": "runs"}}
WAIT = {"Type": "Wait", "Seconds": 10, "End": True}
THRESHOLD = "States.ExceedToleratedFailureThreshold"


# asking


def test_a_run_without_a_reader_may_be_answered_or_not() -> None:
    definition = one(distributed(scope(X=PASS)))
    execution, request = until_asked(begin(definition, [1, 2]))
    assert (request.kind, request.is_optional, request.input, request.resource) == (
        RequestKind.MAP_RUN,
        True,
        [1, 2],
        "",
    )
    assert finish(execution).output == [1, 2]
    answered = step(execution, AnswerTask(request.branch, TaskResult(["a", "b"])))
    ended = finish(answered)
    assert ended.output == ["a", "b"]
    assert len(ended.ended_children) == 0
    assert types(ended) == types(finish(execution))


def test_the_result_of_a_whole_run_goes_through_the_state() -> None:
    state = distributed(scope(X=PASS), ResultSelector={"first.$": "$[0]"}, ResultPath="$.r", ItemsPath="$.l")
    execution, request = until_asked(begin(one(state), {"l": [1]}))
    ended = finish(step(execution, AnswerTask(request.branch, TaskResult([9, 8], after_seconds=30))))
    assert ended.output == {"l": [1], "r": {"first": 9}}
    assert ended.clock == 30_000


def test_a_whole_run_can_fail() -> None:
    execution, request = until_asked(begin(one(distributed(scope(X=PASS))), [1]))
    ended = finish(step(execution, AnswerTask(request.branch, TaskFailure("Broken", "by hand"))))
    assert (ended.error, ended.cause) == ("Broken", "by hand")
    assert types(ended)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


@pytest.mark.parametrize("answer", [TaskSilence(), Dataset(items=(1,))], ids=["silence", "a dataset without a reader"])
def test_answers_that_do_not_fit(answer: Answer) -> None:
    execution, request = until_asked(begin(one(distributed(scope(X=PASS))), [1]))
    with pytest.raises(DecisionError):
        step(execution, AnswerTask(request.branch, answer))


def test_a_task_takes_no_dataset() -> None:
    execution, request = until_asked(begin(one(WORK)))
    with pytest.raises(DecisionError, match="dataset"):
        step(execution, AnswerTask(request.branch, Dataset(items=(1,))))


def test_a_failure_can_be_injected() -> None:
    state = distributed(scope(X=PASS), Retry=[{"ErrorEquals": ["Odd"]}])
    execution = step(begin(one(state), [1]), InjectFailure(("A",), "Odd", "x"))
    ended = finish(execution)
    assert ended.output == [1]
    assert types(ended)[2:5] == ["MapStateStarted", "MapRunStarted", "MapRunFailed"]


# readers, batches, writers


def test_a_reader_asks_for_its_object_and_reads_it() -> None:
    reader = {**CSV, "Parameters": {"Bucket.$": "$.bucket", "Key": "k.csv"}}
    definition = one(distributed(scope(T=WORK), ItemReader=reader))
    execution, request = until_asked(begin(definition, {"bucket": "b"}))
    assert (request.kind, request.is_optional) == (RequestKind.MAP_RUN, False)
    assert (request.input, request.resource) == ({"Bucket": "b", "Key": "k.csv"}, "arn:aws:states:::s3:getObject")
    assert not readiness(execution).ready
    with pytest.raises(DecisionError):
        step(execution)
    ended = finish(execution, reads(Dataset(content=b"id,n\na,1\nb,2\n", source="s3://b/k.csv")))
    assert ended.output == [{"id": "a", "n": "1"}, {"id": "b", "n": "2"}]
    stage = next(stage for stage in visit(ended, "A").stages if stage.name is StageName.ITEM_READER)
    assert (stage.before, stage.after) == ({"Bucket": "b", "Key": "k.csv"}, ended.output)


def test_items_that_were_read_go_through_selector_and_batcher() -> None:
    state = distributed(
        scope(T=WORK),
        ItemReader=CSV,
        ItemSelector={"id.$": "$$.Map.Item.Value.id", "i.$": "$$.Map.Item.Index", "day.$": "$.day"},
        ItemBatcher={"MaxItemsPerBatch": 2, "BatchInput": {"of.$": "$.day"}},
    )
    ended = run(one(state), {"day": "mon"}, reads(Dataset(content=b"id\na\nb\nc\n")))
    item = {"day": "mon"}
    assert ended.output == [
        {"Items": [{"id": "a", "i": 0, **item}, {"id": "b", "i": 1, **item}], "BatchInput": {"of": "mon"}},
        {"Items": [{"id": "c", "i": 2, **item}], "BatchInput": {"of": "mon"}},
    ]
    names = [stage.name for stage in visit(ended, "A").stages]
    assert names == ["Input", "ItemReader", "ItemSelector", "ItemBatcher", "MapRun", "Output"]


def test_a_failed_batch_counts_with_all_its_items() -> None:
    state = distributed(scope(T=WORK), ItemBatcher={"MaxItemsPerBatch": 2}, ToleratedFailureCount=2)
    batches = [{"Items": [1, 2]}, {"Items": [3, 4]}, {"Items": [5]}]
    assert run(one(state), [1, 2, 3, 4, 5], fails_for(batches[0])).output[1:] == batches[1:]
    assert run(one(state), [1, 2, 3, 4, 5], fails_for(batches[0], batches[2])).error == THRESHOLD


def test_at_most_so_many_items_are_read() -> None:
    reader = {**CSV, "ReaderConfig": {**CSV["ReaderConfig"], "MaxItemsPath": "$.most"}}  # type: ignore[dict-item]
    ended = run(one(distributed(scope(T=WORK), ItemReader=reader)), {"most": 1}, reads(Dataset(content=b"id\na\nb\n")))
    assert ended.output == [{"id": "a"}]


@pytest.mark.parametrize(
    "answer",
    [TaskFailure("States.ItemReaderFailed", "no such object"), Dataset(content=b"\xff\xfe\x00", source="s3://b/k")],
    ids=["not found", "not readable"],
)
def test_a_reader_that_fails_can_be_retried_and_caught(answer: Any) -> None:
    reader = {**GET, "ReaderConfig": {"InputType": "JSON"}}
    retrier = {"ErrorEquals": ["States.ItemReaderFailed"], "IntervalSeconds": 1, "MaxAttempts": 1}
    catcher = {"ErrorEquals": ["States.ItemReaderFailed"], "Next": "B"}
    state = distributed(scope(T=WORK), ItemReader=reader, Retry=[retrier], Catch=[catcher])
    ended = run(one(state, B=PASS), {}, reads(answer))
    assert isinstance(ended.output, dict)
    assert ended.output["Error"] == "States.ItemReaderFailed"
    assert types(ended).count("MapRunFailed") == 2
    assert ended.clock == 1000
    uncaught = run(one(distributed(scope(T=WORK), ItemReader=reader)), {}, reads(answer))
    assert uncaught.error == "States.ItemReaderFailed"
    assert types(uncaught)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]


def test_a_writer_gives_the_place_of_its_files() -> None:
    state = distributed(scope(T=WORK), ResultWriter=PUT, ToleratedFailureCount=1)
    ended = run(one(state), [1, 2], fails_for(2))
    run_id = ended.ended_children[0].map_run_arn.rpartition(":")[2]
    assert ended.output == {
        "MapRunArn": ended.ended_children[0].map_run_arn,
        "ResultWriterDetails": {"Bucket": "out", "Key": f"runs/{run_id}/manifest.json"},
    }
    stage = next(stage for stage in visit(ended, "A").stages if stage.name is StageName.RESULT_WRITER)
    assert isinstance(stage.before, dict)
    assert set(stage.before) == {
        f"runs/{run_id}/{name}" for name in ("manifest.json", "SUCCEEDED_0.json", "FAILED_0.json")
    }
    (failed,) = json.loads(str(stage.before[f"runs/{run_id}/FAILED_0.json"]))
    assert (failed["Input"], failed["Error"], failed["Status"]) == ("2", "Bad", "FAILED")


@pytest.mark.parametrize(
    "fields",
    [
        {"ItemSelector": {"x.$": "$.gone"}},
        {"ItemBatcher": {"MaxItemsPerBatchPath": "$.gone"}},
        {"ResultWriter": {**PUT, "Parameters": {"Bucket.$": "$.gone"}}},
    ],
    ids=["ItemSelector", "ItemBatcher", "ResultWriter"],
)
def test_a_run_whose_fields_cannot_be_evaluated_has_failed(fields: dict[str, Any]) -> None:
    ended = run(one(distributed(scope(X=PASS), ItemsPath="$.l", **fields)), {"l": [1]})
    assert ended.error == "States.Runtime"
    assert [name for name in types(ended) if name.startswith("MapRun")] == ["MapRunStarted", "MapRunFailed"]


@pytest.mark.parametrize(
    ("fields", "error"),
    [
        ({"ResultWriter": {**PUT, "Parameters": {"Bucket": 5}}}, "States.ResultWriterFailed"),
        ({"ItemBatcher": {"MaxInputBytesPerBatch": 3}}, "States.DataLimitExceeded"),
    ],
    ids=["ResultWriter", "ItemBatcher"],
)
def test_a_run_that_fails_by_itself_fails_its_state_as_a_faulty_reader_does(fields: dict[str, Any], error: str) -> None:
    state = distributed(scope(X=PASS), **fields)
    ended = run(one(state), [1])
    assert ended.error == error
    assert types(ended)[-3:] == ["MapRunFailed", "MapStateFailed", "ExecutionFailed"]
    stages = visit(ended, "A").stages
    assert [stage.fault.error for stage in stages if stage.name is StageName.MAP_RUN and stage.fault] == [error]
    caught = run(one({**state, "Catch": [{"ErrorEquals": [error], "Next": "B"}]}, B={"Type": "Pass", "End": True}), [1])
    assert isinstance(caught.output, dict)
    assert caught.output["Error"] == error


def test_the_fields_of_a_map_see_what_input_path_selects() -> None:
    put = {**PUT, "Parameters": {"Bucket.$": "$.bucket"}}
    fields: dict[str, Any] = {"InputPath": "$.in", "ItemsPath": "$.l", "MaxConcurrencyPath": "$.n", "ResultWriter": put}
    ended = run(one(distributed(scope(W=WAIT), **fields)), {"in": {"l": [1, 2], "n": 1, "bucket": "b"}})
    assert isinstance(ended.output, dict)
    assert ended.output["ResultWriterDetails"]["Bucket"] == "b"
    assert ended.clock == 20_000


@pytest.mark.parametrize(
    ("transformation", "output"),
    [("COMPACT", [[1, 2], [3]]), ("FLATTEN", [1, 2, 3])],
)
def test_a_writer_without_a_place_transforms_the_result(transformation: str, output: Any) -> None:
    writer = {"WriterConfig": {"OutputType": "JSON", "Transformation": transformation}}
    assert run(one(distributed(scope(T=WORK), ResultWriter=writer)), [[1, 2], [3]]).output == output


def test_a_jsonata_run() -> None:
    state = distributed(
        scope(X={"Type": "Pass", "Output": "{% $states.input.n * 2 %}", "End": True}),
        Items="{% $states.input.list %}",
        ItemSelector={"n": "{% $states.context.Map.Item.Value + $add %}"},
        MaxConcurrency="{% 1 + 1 %}",
        ToleratedFailurePercentage="{% 12.5 %}",
        Output={"sum": "{% $sum($states.result) %}"},
    )
    definition = one({"Type": "Pass", "Assign": {"add": 10}, "Next": "M"}, M=state)
    ended = run({"QueryLanguage": "JSONata", **definition}, {"list": [1, 2, 3]})
    assert ended.output == {"sum": 72}
