"""Fail: raises a fault by its own name. Source: specification, "Fail State"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.engine.execution.visit import Fault, StageName
from sfdebug.engine.faults import StateError, runtime_failure
from sfdebug.engine.fields.jsonata import JsonataField
from sfdebug.engine.fields.jsonpath import compile_value, failed, read_field
from sfdebug.engine.states.base import StateProgram
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.step_draft import StepDraft


class FailProgram(StateProgram):
    """A Fail state: Error and Cause as written, or from ErrorPath and CausePath."""

    def __init__(self, state: State) -> None:
        super().__init__(state)
        self.expressions = {
            name: JsonataField(name, state.fields[name], expected="string")
            for name in ("Error", "Cause")
            if self.is_jsonata and name in state.fields
        }
        self.readers = {
            name: compile_value(str(state.fields[f"{name}Path"])) if f"{name}Path" in state.fields else None
            for name in ("Error", "Cause")
        }

    def enter(self, draft: StepDraft) -> None:
        """Work out Error and Cause, and raise them."""
        texts: dict[str, str | None] = {}
        expression: Json = {
            field: value for field, value in self.state.fields.items() if field.removesuffix("Path") in self.readers
        }
        try:
            for name in self.readers:
                texts[name] = self._text(draft, name)
        except StateError as failure:
            raise failed(draft, StageName.ERROR, draft.input, expression, failure) from failure
        fault = Fault(texts["Error"], texts["Cause"])
        draft.stage(StageName.ERROR, draft.input, fault.output, expression=expression)
        draft.raise_fault(fault)

    def _text(self, draft: StepDraft, name: str) -> str | None:
        if name in self.expressions:
            return str(self.expressions[name].read(draft))
        compiled, field = self.readers[name], f"{name}Path"
        if compiled is None:
            text = self.state.fields.get(name)
            return text if isinstance(text, str) else None
        path = str(self.state.fields[field])
        value = read_field(draft, compiled, field, path, draft.input)
        if not isinstance(value, str):
            raise runtime_failure(f"The {field} field refers to a value which is not a string: {path}")
        return value
