"""Map Runs in a recorded history: how each ended, and what its result must have been."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.history.alignment.event_fields import details_of, id_of, payload_of, previous_of, text_of
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import Scope, State
    from sfdebug.engine.execution.decisions import Answer

_RESULT: Final = re.compile(r"\$states(?!\s*\.\s*(?:input|context|errorOutput)\b)")


@dataclass(frozen=True, slots=True)
class RecordedMapRun:
    """How a Map Run ended: a failure's `error` and `cause`, or the `output` of the Map state that it belongs to.

    `output` is MISSING when the history does not say it.
    """

    failed: bool = False
    error: str | None = None
    cause: str | None = None
    output: Value = MISSING


def recorded_map_runs(events: Sequence[Mapping[str, Json]]) -> dict[str, list[RecordedMapRun]]:
    """The Map Runs of a history by the name of their Map state, in the order of their start."""
    runs: dict[str, list[RecordedMapRun]] = defaultdict(list)
    open_runs: dict[int, tuple[str, int]] = {}
    states: dict[int, str] = {}
    for event in events:
        event_id, previous = id_of(event), previous_of(event)
        event_type, fields = str(event["type"]), details_of(event)
        is_entry = event_type.endswith("StateEntered")
        states[event_id] = str(fields.get("name")) if is_entry else states.get(previous, "")
        if event_type in ("MapRunStarted", "MapRunRedriven"):  # redriven, it asks again
            name = states[event_id]
            runs[name].append(RecordedMapRun())
            open_runs[event_id] = (name, len(runs[name]) - 1)
        elif previous in open_runs and not is_entry:
            name, index = open_runs[event_id] = open_runs[previous]
            if event_type == "MapRunFailed":
                runs[name][index] = RecordedMapRun(True, text_of(fields.get("error")), text_of(fields.get("cause")))
            elif event_type == "MapStateExited" and not runs[name][index].failed:
                runs[name][index] = RecordedMapRun(output=payload_of(fields.get("output", MISSING)))
    return dict(runs)


def answer_of(run: RecordedMapRun, state: State) -> Answer | None:
    """The recorded answer to the question of a Map Run; None when the state's fields hide what its result was."""
    if run.failed:
        return TaskFailure(run.error, run.cause, provenance=Provenance.RECORDED)
    if not is_present(run.output):
        return None
    jsonata = state.query_language is QueryLanguage.JSONATA
    result = _jsonata_result(state.fields, run.output) if jsonata else _jsonpath_result(state.fields, run.output)
    return TaskResult(result, provenance=Provenance.RECORDED) if is_present(result) else None


def has_tasks(state: State) -> bool:
    """Whether a child execution of this Map would ask for the result of a Task, or for a dataset."""
    return any(_asks(scope) for scope in state.branches)


def _asks(scope: Scope) -> bool:
    return any(
        state.type is StateType.TASK or "ItemReader" in state.fields or has_tasks(state)
        for state in scope.states.values()
    )


def _jsonata_result(fields: Mapping[str, Json], output: Json) -> Value:
    """Without an Output the state gives on its result; an Output that does not read it can do without it."""
    if "Output" not in fields:
        return output
    reads = any(_RESULT.search(json.dumps(fields.get(name))) for name in ("Output", "Assign"))
    return MISSING if reads else None


def _jsonpath_result(fields: Mapping[str, Json], output: Json) -> Value:
    """What ResultPath put into the output, when neither ResultSelector nor OutputPath changed it."""
    result_path = fields.get("ResultPath", "$")
    if result_path is None and "Assign" not in fields and "ResultSelector" not in fields:
        return None
    if "ResultSelector" in fields or fields.get("OutputPath", "$") != "$" or not isinstance(result_path, str):
        return MISSING
    try:
        return compile_path(result_path).read(Environment(output))
    except ExpressionError:
        return MISSING
