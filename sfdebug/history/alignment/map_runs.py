"""Map Runs in a recorded history: how each ended, and what its result must have been."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.engine.execution.decisions import Provenance, TaskFailure, TaskResult
from sfdebug.engine.execution.events import EventType
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import Scope, State
    from sfdebug.engine.execution.decisions import Answer
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.alignment.alignment import Alignment

_RESULT: Final = re.compile(r"\$states(?!\s*\.\s*(?:input|context|errorOutput)\b)")


class _MapRun(Struct):
    """How a Map Run ended: with a `failure`, or with the `output` of the Map state that it belongs to.

    `output` is MISSING when the history does not say it.
    """

    failure: TaskFailure | None = None
    output: Value = MISSING


class RecordedMapRuns:
    """Answers the questions of Map Runs: with the result that a recorded one must have had."""

    def __init__(self, alignment: Alignment) -> None:
        self._alignment = alignment

    @cached_property
    def _by_name(self) -> Mapping[str, list[_MapRun]]:
        """The Map Runs by the name of their Map state, in the order of their start."""
        runs: dict[str, list[_MapRun]] = defaultdict(list)
        latest: dict[int, _MapRun] = {}
        for index, event in enumerate(self._alignment.recording.events):
            number = self._alignment.visit_of[index]
            if number is None:
                continue
            if event.type in (EventType.MAP_RUN_STARTED, EventType.MAP_RUN_REDRIVEN):  # redriven, it asks again
                latest[number] = _MapRun()
                runs[self._alignment.visits[number].state].append(latest[number])
            elif number in latest and event.type == EventType.MAP_RUN_FAILED:
                error, cause = event.text("error"), event.text("cause")
                latest[number].failure = TaskFailure(error, cause, provenance=Provenance.RECORDED)
            elif number in latest and event.is_exit:
                latest[number].output = event.payload("output")
        return runs

    def answer(self, request: TaskRequest, *, of_the_only: bool = False) -> Answer | None:
        """The recorded answer to the question of a Map Run.

        None when there is none, when the state's fields hide what its result was, and where its child executions can
        be run, for they ask nothing. When `of_the_only` Map state of the recording, it may have another name.
        """
        runs = self._by_name.get(request.state.name, [])
        if not runs and of_the_only and len(self._by_name) == 1:
            (runs,) = self._by_name.values()
        if request.invocation >= len(runs) or (request.is_optional and not has_tasks(request.state)):
            return None
        return _answer_of(runs[request.invocation], request.state)


def _answer_of(run: _MapRun, state: State) -> Answer | None:
    if run.failure is not None or not is_present(run.output):
        return run.failure
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
