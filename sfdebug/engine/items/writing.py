"""ResultWriter: what a Map Run returns, and the files that it writes, as values; the engine writes nothing.

Source: AWS Step Functions Developer Guide, "ResultWriter (Map)"; the fields of one result are those of the API's
DescribeExecution, recorded for nested executions (`startExecution.sync`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.engine.execution.events import utc_text
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import Fault, StageName
from sfdebug.engine.execution.work import in_order
from sfdebug.engine.faults import StateError
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.engine.execution.children import ChildExecution
    from sfdebug.engine.execution.work import MapRunWork
    from sfdebug.engine.fields.base import Fields
    from sfdebug.engine.step_draft import StepDraft

_RESULT_WRITER_FAILED: Final = "States.ResultWriterFailed"
_FAILED: Final = (ExecutionStatus.FAILED, ExecutionStatus.TIMED_OUT, ExecutionStatus.ABORTED)


class Transformation(StrEnum):
    """WriterConfig's Transformation: what becomes of each child execution's result."""

    NONE = "NONE"
    COMPACT = "COMPACT"
    FLATTEN = "FLATTEN"


class WriterConfig(Struct, frozen=True):
    """A ResultWriter's WriterConfig. `json_lines`: OutputType JSONL, for the files."""

    transformation: Transformation = Transformation.NONE
    json_lines: bool = False


class ResultWriter:
    """ResultWriter of a distributed Map: what becomes of the child executions' results."""

    __slots__ = ("_arguments", "config", "exports", "expression")

    def __init__(self, state_fields: Fields) -> None:
        self.expression = state_fields.given["ResultWriter"]
        writer = state_fields.part(self.expression, "ResultWriter")
        self.exports = "Resource" in writer.given
        self.config = writer.part(writer.given.get("WriterConfig"), "WriterConfig").given
        self._arguments = writer.payload(writer.arguments)

    def written(self, draft: StepDraft, work: MapRunWork) -> Json:
        """The result of the Map Run, as a stage of the visit: when it is exported, what the files would hold, and
        where; else the results, transformed. Nothing is written anywhere. Raises StateError."""
        children = _children(draft.execution.ended_children, work.arn)
        try:
            config = writer_config(self.config, exports=self.exports)
            if not self.exports:
                before: Json = results_of(draft, work)
                result: Json = transformed(children, config.transformation)
            else:
                arguments = self._arguments.read(draft, draft.visit.selected_input) if self._arguments else {}
                bucket, prefix = export_target(arguments)
                files = exported_files(children, config, map_run_arn=work.arn, bucket=bucket, prefix=prefix)
                before, result = {**files}, export_result(work.arn, bucket, prefix)
        except StateError as failure:
            before = results_of(draft, work)
            raise draft.visit.failed(StageName.RESULT_WRITER, before, self.expression, failure) from failure
        draft.visit.stage(StageName.RESULT_WRITER, before, result, expression=self.expression)
        return result


def writer_config(given: Mapping[str, Json] | None, *, exports: bool) -> WriterConfig:
    """The WriterConfig of a ResultWriter; `exports` says whether it has a Resource, which decides the default.

    Raises StateError States.ResultWriterFailed for a value that there is not.
    """
    fields = given or {}
    default = Transformation.NONE if exports else Transformation.COMPACT
    transformation, output_type = fields.get("Transformation", default.value), fields.get("OutputType", "JSON")
    if transformation not in tuple(Transformation):
        raise StateError(_RESULT_WRITER_FAILED, "Transformation must be NONE, COMPACT or FLATTEN.")
    if output_type not in ("JSON", "JSONL"):
        raise StateError(_RESULT_WRITER_FAILED, "OutputType must be JSON or JSONL.")
    return WriterConfig(Transformation(str(transformation)), output_type == "JSONL")


def transformed(children: Sequence[ChildExecution], transformation: Transformation) -> list[Json]:
    """The results of the child executions, in order: the result of a Map Run that exports nothing.

    An execution that did not succeed is given whole, whatever the transformation.
    """
    results: list[Json] = []
    for child in children:
        if transformation is Transformation.NONE or not is_present(child.output):
            results.append(described(child))
        elif transformation is Transformation.FLATTEN and isinstance(child.output, list):
            results.extend(child.output)
        else:
            results.append(child.output)
    return results


def described(child: ChildExecution) -> dict[str, Json]:
    """A child execution with its metadata, input and output as text, as the files have it."""
    has_output = is_present(child.output)
    fields: dict[str, Json] = {
        "Cause": child.fault.cause if child.fault else None,
        "Error": child.fault.error if child.fault else None,
        "ExecutionArn": child.arn,
        "Input": compact(child.input),
        "InputDetails": {"Included": True},
        "Name": child.name,
        "Output": compact(child.output) if is_present(child.output) else None,
        "OutputDetails": {"Included": True} if has_output else None,
        **redrive_fields(child.status),
        "StartDate": utc_text(child.identity.start_time),
        "StateMachineArn": child.identity.state_machine_arn,
        "Status": child.status.value,
        "StopDate": utc_text(child.ended_at) if child.ended_at is not None else None,
    }
    return {name: value for name, value in fields.items() if value is not None}


def redrive_fields(status: ExecutionStatus) -> dict[str, Json]:
    """Recorded: the redrive fields of an execution that succeeded. A Standard one that did not can be redriven."""
    if status is not ExecutionStatus.SUCCEEDED:
        return {"RedriveCount": 0, "RedriveStatus": "REDRIVABLE"}
    return {
        "RedriveCount": 0,
        "RedriveStatus": "NOT_REDRIVABLE",
        "RedriveStatusReason": "Execution is SUCCEEDED and cannot be redriven",
    }


def _brief(child: ChildExecution) -> dict[str, Json]:
    """A child execution that did not succeed, as it stands in the result of a Map Run without a ResultWriter."""
    fault = child.fault or Fault(None)
    fields: dict[str, Json] = {"Status": child.status.value, "Error": fault.error, "Cause": fault.cause}
    return {name: value for name, value in fields.items() if value is not None}


def export_target(arguments: Value) -> tuple[str, str]:
    """Bucket and Prefix of a ResultWriter's resolved Parameters or Arguments.

    Raises StateError States.ResultWriterFailed when there is no Bucket.
    """
    fields = arguments if isinstance(arguments, dict) else {}
    bucket, prefix = fields.get("Bucket"), fields.get("Prefix", "")
    if not isinstance(bucket, str) or not bucket or not isinstance(prefix, str):
        raise StateError(_RESULT_WRITER_FAILED, "The ResultWriter needs a Bucket, and a Prefix that is text if any.")
    return bucket, prefix


def export_result(map_run_arn: str, bucket: str, prefix: str) -> dict[str, Json]:
    """The result of a Map Run whose results were exported (recorded: a ResultWriter with s3:putObject)."""
    return {
        "MapRunArn": map_run_arn,
        "ResultWriterDetails": {"Bucket": bucket, "Key": f"{_folder(map_run_arn, prefix)}manifest.json"},
    }


def exported_files(
    children: Sequence[ChildExecution], config: WriterConfig, *, map_run_arn: str, bucket: str, prefix: str
) -> dict[str, str]:
    """The files that the export writes: key to content, the manifest last.

    Results of the same kind share a file: SUCCEEDED_0.json, and FAILED_0.json for failed, timed out and aborted ones; a
    kind without results has none. AWS cuts long files; here each kind is one file, and no child execution is pending.
    """
    folder = _folder(map_run_arn, prefix)
    files: dict[str, str] = {}
    listed: dict[str, Json] = {}
    for kind in ("FAILED", "PENDING", "SUCCEEDED"):
        members = [child for child in children if _kind(child) == kind]
        listed[kind] = []
        if members:
            key = f"{folder}{kind}_0.json"
            files[key] = _content(transformed(members, config.transformation), config)
            listed[kind] = [{"Key": key, "Size": len(files[key].encode("utf-8", "surrogatepass"))}]
    manifest: dict[str, Json] = {"DestinationBucket": bucket, "MapRunArn": map_run_arn, "ResultFiles": listed}
    files[f"{folder}manifest.json"] = compact(manifest)
    return files


def _kind(child: ChildExecution) -> str:
    return "FAILED" if child.status in _FAILED else child.status.value


def _content(results: Sequence[Json], config: WriterConfig) -> str:
    if config.json_lines:
        return "".join(f"{compact(result)}\n" for result in results)
    return compact(list(results))


def _folder(map_run_arn: str, prefix: str) -> str:
    """Recorded: `mapJobs/<the last part of the Map Run's ARN>/`."""
    run = f"{map_run_arn.rpartition(':')[2]}/"
    return f"{prefix.rstrip('/')}/{run}" if prefix else run


def results_of(draft: StepDraft, work: MapRunWork) -> list[Json]:
    """The result of a Map Run that says nothing of its results: each child execution's output, in the items' order.

    One that failed within what is tolerated is there with its status, error and cause (measured on AWS, iwamot/sfnx).
    """
    if not work.failed_children:
        return in_order(work.ended)
    return [
        child.output if is_present(child.output) else _brief(child)
        for child in _children(draft.execution.ended_children, work.arn)
    ]


def _children(children: Sequence[ChildExecution], map_run_arn: str) -> list[ChildExecution]:
    return sorted((child for child in children if child.map_run_arn == map_run_arn), key=lambda child: child.id)
