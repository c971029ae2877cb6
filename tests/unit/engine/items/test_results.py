"""What becomes of a Map Run's items: batches, tolerated failures, the numbers of its fields, written results."""

from __future__ import annotations

import json
import math

import pytest

from sfdebug.engine.execution.children import ChildExecution, Identity
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Fault
from sfdebug.engine.execution.work import Tolerance
from sfdebug.engine.faults import THRESHOLD_EXCEEDED, StateError
from sfdebug.engine.fields.kinds import INTEGER, NUMBER
from sfdebug.engine.items.batching import batch_items
from sfdebug.engine.items.writing import (
    Transformation,
    WriterConfig,
    described,
    export_result,
    export_target,
    exported_files,
    transformed,
    writer_config,
)
from sfdebug.simulation import simulate
from sfdebug.values import MISSING, Json, Value, compact
from tests.engine_machines import scope
from tests.engine_runs import one

ARN = "arn:aws:states:us-east-1:123456789012:mapRun:Machine/Label:run-1"
START = 1_735_689_600_000


def child(number: int, output: Value = None, status: str = "SUCCEEDED", fault: Fault | None = None) -> ChildExecution:
    identity = Identity(f"arn:{number}", f"child-{number}", number, START, "arn:machine", "machine")
    ended = {"ended_at": START + 50, "output": output, "fault": fault}
    return ChildExecution((), ARN, identity, "STANDARD", ExecutionStatus(status), **ended)  # type: ignore[arg-type]


def failed(number: int, status: str = "FAILED") -> ChildExecution:
    return child(number, MISSING, status, Fault("Oops", "why"))


class TestBatches:
    def test_by_the_number_of_items(self) -> None:
        batches = batch_items([1, 2, 3], max_items_per_batch=2)
        assert [batch.input for batch in batches] == [{"Items": [1, 2]}, {"Items": [3]}]
        assert [(batch.first, batch.count) for batch in batches] == [(0, 2), (2, 1)]

    def test_by_the_bytes_of_the_whole_input(self) -> None:
        one = len(compact({"BatchInput": {"a": 1}, "Items": ["xxxx"]}))
        two = len(compact({"BatchInput": {"a": 1}, "Items": ["xxxx", "xxxx"]}))
        for limit, sizes in ((one, [1, 1, 1]), (two - 1, [1, 1, 1]), (two, [2, 1])):
            batches = batch_items(["xxxx"] * 3, max_input_bytes_per_batch=limit, batch_input={"a": 1})
            assert [batch.count for batch in batches] == sizes

    def test_bytes_are_those_of_utf_8(self) -> None:
        limit = len(compact({"Items": ["é"]}).encode())
        assert [batch.count for batch in batch_items(["é", "é"], max_input_bytes_per_batch=limit)] == [1, 1]

    def test_256_kib_are_the_limit_in_any_case(self) -> None:
        batches = batch_items(["x" * 100_000] * 5, max_items_per_batch=100, max_input_bytes_per_batch=10**9)
        assert [batch.count for batch in batches] == [2, 2, 1]

    def test_without_limits_all_go_into_one(self) -> None:
        assert [batch.count for batch in batch_items(list(range(500)))] == [500]
        assert [batch.count for batch in batch_items([1, 2], max_items_per_batch=0)] == [2]

    def test_no_items_make_no_batch(self) -> None:
        assert batch_items([], max_items_per_batch=2) == []

    @pytest.mark.parametrize("field", ["max_items_per_batch", "max_input_bytes_per_batch"])
    def test_a_limit_cannot_be_negative(self, field: str) -> None:
        with pytest.raises(StateError, match="must be positive"):
            batch_items([1], **{field: -1})

    def test_an_item_that_fits_into_no_batch_is_named(self) -> None:
        with pytest.raises(StateError) as caught:
            batch_items(["a", "b" * 50], max_input_bytes_per_batch=30)
        assert caught.value.error == "States.DataLimitExceeded"
        assert str(caught.value.cause).startswith("Item 1 alone makes a batch of 64 bytes")


class TestTolerance:
    @pytest.mark.parametrize(
        ("tolerance", "failures", "total", "exceeded"),
        [
            (Tolerance(), 0, 3, False),
            (Tolerance(), 1, 3, True),
            (Tolerance(count=1), 1, 3, False),
            (Tolerance(count=1), 2, 3, True),
            (Tolerance(percentage=50), 2, 4, False),
            (Tolerance(percentage=50), 3, 4, True),
            (Tolerance(percentage=33.3), 1, 3, True),
            (Tolerance(percentage=100), 3, 3, False),
            (Tolerance(count=5, percentage=10), 2, 10, True),
            (Tolerance(count=1, percentage=50), 2, 10, True),
            (Tolerance(percentage=0), 0, 0, False),
        ],
    )
    def test_when_it_is_exceeded(self, tolerance: Tolerance, failures: int, total: int, exceeded: bool) -> None:
        assert tolerance.is_exceeded(failures, total) is exceeded

    def test_the_fault(self) -> None:
        assert THRESHOLD_EXCEEDED.details == {
            "error": "States.ExceedToleratedFailureThreshold",
            "cause": "The specified tolerated failure threshold was exceeded",
        }

    @pytest.mark.parametrize(
        ("field", "value", "cause"),
        [
            ("ToleratedFailureCount", -1, "ToleratedFailureCount cannot be negative."),
            ("ToleratedFailurePercentage", -1.1, "ToleratedFailurePercentage must be between 0 and 100."),
            ("ToleratedFailurePercentage", 100.1, "ToleratedFailurePercentage must be between 0 and 100."),
            ("ToleratedFailurePercentage", "1e999", "ToleratedFailurePercentage must be between 0 and 100."),
        ],
    )
    def test_impossible_values(self, field: str, value: Json, cause: str) -> None:
        each = {"ItemProcessor": scope(Each={"Type": "Pass", "End": True}), "ItemsPath": "$.items"}
        machine = one({"Type": "Map", **each, f"{field}Path": "$.most", "End": True})
        execution = simulate(machine, {"items": [1], "most": value})
        assert (execution.error, (execution.cause or "").partition(". ")[2]) == ("States.Runtime", cause)

    def test_possible_values(self) -> None:
        each = {"ItemProcessor": scope(Each={"Type": "Pass", "End": True}), "ItemsPath": "$.items"}
        paths = {"ToleratedFailureCountPath": "$.count", "ToleratedFailurePercentagePath": "$.share"}
        for count, share in ((0, 0), (7, 100), ("7", "1e2")):
            given: Json = {"items": [1], "count": count, "share": share}
            assert simulate(one({"Type": "Map", **each, **paths, "End": True}), given).output == [1]


class TestNumbers:
    @pytest.mark.parametrize(("value", "number"), [(2, 2), ("2", 2), ("-1", -1), ("+3", 3), (2**63 - 1, 2**63 - 1)])
    def test_integers(self, value: Json, number: int) -> None:
        assert INTEGER.found(value, "MaxItemsPath", "$.x") == number

    @pytest.mark.parametrize("value", [1.5, 2.0, "2.0", "", " 2", True, None, [], {}, 2**63, "9" * 30, "٣"])
    def test_no_integers(self, value: Json) -> None:
        with pytest.raises(StateError, match="which is not a valid integer"):
            INTEGER.found(value, "MaxItemsPath", "$.x")

    @pytest.mark.parametrize(("value", "number"), [(1, 1.0), (1.1, 1.1), ("-1.5", -1.5), (".5", 0.5), ("1e2", 100.0)])
    def test_floats(self, value: Json, number: float) -> None:
        assert NUMBER.found(value, "ToleratedFailurePercentagePath", "$.x") == number

    @pytest.mark.parametrize(("value", "shown"), [("NoNumber", "NoNumber"), ({}, "{}"), (True, "true"), (None, "null")])
    def test_the_cause_shows_the_value_and_the_path(self, value: Json, shown: str) -> None:
        with pytest.raises(StateError) as caught:
            NUMBER.found(value, "ToleratedFailurePercentagePath", "$.p")
        assert caught.value.cause == (
            f'The ToleratedFailurePercentagePath field refers to value "{shown}" which is not a valid float: $.p'
        )

    def test_a_number_beyond_all_floats(self) -> None:
        assert NUMBER.found(10**400, "ToleratedFailurePercentagePath", "$.p") == math.inf


class TestTransformations:
    CHILDREN = (child(0, [1, 2]), child(1, {"a": 1}), failed(2))

    def test_compact_gives_the_outputs_and_failures_whole(self) -> None:
        assert transformed(self.CHILDREN, Transformation.COMPACT) == [[1, 2], {"a": 1}, described(self.CHILDREN[2])]

    def test_flatten_opens_arrays(self) -> None:
        assert transformed(self.CHILDREN, Transformation.FLATTEN) == [1, 2, {"a": 1}, described(self.CHILDREN[2])]

    def test_none_gives_each_with_its_metadata(self) -> None:
        assert transformed(self.CHILDREN[:1], Transformation.NONE) == [
            {
                "ExecutionArn": "arn:0",
                "Input": "0",
                "InputDetails": {"Included": True},
                "Name": "child-0",
                "Output": "[1,2]",
                "OutputDetails": {"Included": True},
                "RedriveCount": 0,
                "RedriveStatus": "NOT_REDRIVABLE",
                "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
                "StartDate": "2025-01-01T00:00:00.000Z",
                "StateMachineArn": "arn:machine",
                "Status": "SUCCEEDED",
                "StopDate": "2025-01-01T00:00:00.050Z",
            }
        ]

    def test_a_failure_has_error_and_cause_and_no_output(self) -> None:
        fields = described(failed(1))
        assert (fields["Error"], fields["Cause"], fields["Status"]) == ("Oops", "why", "FAILED")
        assert fields["RedriveStatus"] == "REDRIVABLE"
        assert "Output" not in fields

    def test_an_output_that_is_null_is_an_output(self) -> None:
        assert transformed([child(0, None)], Transformation.COMPACT) == [None]


class TestExport:
    def test_the_result_says_where_it_is(self) -> None:
        details = {"Bucket": "results", "Key": "jobs/run-1/manifest.json"}
        assert export_result(ARN, "results", "jobs") == {"MapRunArn": ARN, "ResultWriterDetails": details}
        assert export_result(ARN, "results", "jobs/") == export_result(ARN, "results", "jobs")
        assert export_result(ARN, "r", "")["ResultWriterDetails"] == {"Bucket": "r", "Key": "run-1/manifest.json"}

    def test_files_by_status_and_a_manifest(self) -> None:
        children = (child(0, "a"), failed(1), failed(2, "TIMED_OUT"), child(3, "é"))
        config = WriterConfig(Transformation.COMPACT)
        files = exported_files(children, config, map_run_arn=ARN, bucket="results", prefix="jobs")
        folder = "jobs/run-1"
        assert json.loads(files[f"{folder}/SUCCEEDED_0.json"]) == ["a", "é"]
        assert [entry["Status"] for entry in json.loads(files[f"{folder}/FAILED_0.json"])] == ["FAILED", "TIMED_OUT"]
        manifest = json.loads(files[f"{folder}/manifest.json"])
        assert (manifest["DestinationBucket"], manifest["MapRunArn"]) == ("results", ARN)
        assert manifest["ResultFiles"]["PENDING"] == []
        assert manifest["ResultFiles"]["SUCCEEDED"] == [{"Key": f"{folder}/SUCCEEDED_0.json", "Size": 10}]
        assert list(files)[-1] == f"{folder}/manifest.json"

    def test_a_status_without_results_has_no_file(self) -> None:
        files = exported_files([child(0)], WriterConfig(), map_run_arn=ARN, bucket="b", prefix="")
        assert sorted(files) == ["run-1/SUCCEEDED_0.json", "run-1/manifest.json"]
        assert json.loads(files["run-1/manifest.json"])["ResultFiles"]["FAILED"] == []

    def test_json_lines(self) -> None:
        config = WriterConfig(Transformation.FLATTEN, json_lines=True)
        files = exported_files([child(0, [1, 2])], config, map_run_arn=ARN, bucket="b", prefix="p")
        assert files["p/run-1/SUCCEEDED_0.json"] == "1\n2\n"

    def test_the_defaults_of_writer_config(self) -> None:
        assert writer_config(None, exports=True) == WriterConfig(Transformation.NONE)
        assert writer_config({}, exports=False) == WriterConfig(Transformation.COMPACT)
        given: dict[str, Json] = {"Transformation": "FLATTEN", "OutputType": "JSONL"}
        assert writer_config(given, exports=True) == WriterConfig(Transformation.FLATTEN, json_lines=True)

    @pytest.mark.parametrize("given", [{"Transformation": "SQUASH"}, {"OutputType": "XML"}, {"Transformation": []}])
    def test_other_values_of_writer_config(self, given: dict[str, Json]) -> None:
        with pytest.raises(StateError) as caught:
            writer_config(given, exports=True)
        assert caught.value.error == "States.ResultWriterFailed"

    def test_the_target(self) -> None:
        assert export_target({"Bucket": "b", "Prefix": "p"}) == ("b", "p")
        assert export_target({"Bucket": "b"}) == ("b", "")
        for arguments in (None, {}, {"Bucket": ""}, {"Bucket": "b", "Prefix": 1}):
            with pytest.raises(StateError):
                export_target(arguments)  # type: ignore[arg-type]
