"""What others measured on AWS: a file for each source, and what it takes to try one of its statements.

A statement has an `expression` (JSONata, the Output of a Pass), a `call` of an intrinsic function (a field of a Pass's
Parameters) or a `definition`; its `input`; `tasks` (what each Task answers, in turn: a `result` or an `error`); and
what came of it: an `output`, or an `error` with the end of its `cause` or what that `contains`, or `refused` when AWS
does not take the definition. `told` is what AWS's ValidateStateMachineDefinition says of it, or true when only that it
is refused is known. `says` is the statement in words.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sfdebug import Settings, TaskFailure, TaskResult, simulate, validate
from sfdebug.engine.execution.visit import RequestKind, TaskRequest
from sfdebug.errors import SfdebugError
from sfdebug.validation import definition_error
from sfdebug.values import Json, compact, same

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of a source; `name` is what it says, or its expression."""

    source: str
    name: str
    fields: dict[str, Any]

    @property
    def definition(self) -> dict[str, Any]:
        """What is run."""
        if "definition" in self.fields:
            return dict(self.fields["definition"])
        if "call" in self.fields:
            return {
                "StartAt": "E",
                "States": {"E": {"Type": "Pass", "Parameters": {"v.$": self.fields["call"]}, "End": True}},
            }
        output = f"{{% {self.fields['expression']} %}}"
        return {
            "QueryLanguage": "JSONata",
            "StartAt": "E",
            "States": {"E": {"Type": "Pass", "Output": output, "End": True}},
        }


@dataclass(frozen=True, slots=True)
class _Answers:
    """Answers each Task with what stands for it, attempt by attempt."""

    tasks: dict[str, list[dict[str, Any]]]

    def answer(self, request: TaskRequest) -> TaskResult | TaskFailure | None:
        if request.kind is RequestKind.MAP_RUN:
            return None
        given = self.tasks[request.state.name][request.invocation]
        return TaskFailure(given["error"]) if "error" in given else TaskResult(given["result"])


def statements() -> Iterator[tuple[str, list[Statement]]]:
    """The title of each source, with its statements."""
    for path in sorted(FOLDER.glob("*.json")):
        read = json.loads(path.read_text(encoding="utf-8"))
        yield (
            read["title"],
            [Statement(fields.get("source", read["source"]), _name(fields), fields) for fields in read["statements"]],
        )


def _name(fields: dict[str, Any]) -> str:
    said = fields.get("says") or fields.get("expression")
    return said or f"{fields['call']} of {compact(fields['input'])}"


def difference(statement: Statement) -> str | None:
    """How sfdebug differs from what was measured; None when it does not."""
    wanted = statement.fields
    if "told" in wanted:
        told = [each["message"] for each in validate(statement.definition)["diagnostics"]]
        return None if told == wanted["told"] or (told and wanted["told"] is True) else f"told {told}"
    settings = Settings(execution_type=wanted.get("type", "STANDARD"))
    refusal = definition_error(compact(statement.definition), settings.execution_type)
    if wanted.get("refused"):
        return None if refusal else "it is not refused"
    if refusal:
        return f"refused: {refusal}"
    try:
        ended = simulate(
            statement.definition,
            wanted.get("input", {}),
            _Answers(wanted.get("tasks", {})),
            settings,
            max_transitions=999,
        )
    except SfdebugError as error:
        return f"refused: {error}"
    if "output" in wanted:
        output: Json = wanted["output"]
        if ended.status.value == "SUCCEEDED" and ended.output is not None and output is not None:
            return None if same(ended.output, output) else f"output {compact(ended.output)}"
        return None if ended.status.value == "SUCCEEDED" and ended.output is output else f"{ended.error}: {ended.cause}"
    if ended.status.value == "TIMED_OUT" and wanted.get("status") == "TIMED_OUT":
        return None
    if ended.error != wanted["error"] or not (ended.cause or "").endswith(wanted.get("cause", "")):
        return f"{ended.status}: {ended.error}: {ended.cause}: {ended.output}"
    return None if wanted.get("contains", "") in (ended.cause or "") else f"{ended.error}: {ended.cause}"
