"""The data flow of a state: what becomes of its input before the work, and of its result after it.

The stages are those of both query languages in their order; a state has those of its own language's fields.
Source: States Language specification, "Input and Output Processing"; AWS docs, "Transforming data with JSONata".
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import StateError
from sfdebug.engine.fields.jsonpath import JsonPathFields
from sfdebug.engine.payload import check_size, check_variables
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.definition import Catcher, ChoiceRule, State
    from sfdebug.engine.execution.visit import Fault
    from sfdebug.engine.fields.base import Field, Fields
    from sfdebug.engine.step_draft import StepDraft
    from sfdebug.values import Json


def fields_of(state: State) -> Fields:
    """The fields of a state, in its query language. JSONata is loaded when a state is written in it."""
    if state.query_language is QueryLanguage.JSONPATH:
        return JsonPathFields(state.fields)
    from sfdebug.engine.fields.jsonata import JsonataFields

    return JsonataFields(state.fields)


class Flow:
    """What a state does to the data around its work. All methods add their stages to the visit, and raise StateError
    when a field cannot be evaluated. A field that the state does not have passes its value on."""

    def __init__(self, state: State, fields: Fields) -> None:
        self._input_path = fields.selection(StageName.INPUT_PATH)
        self._arguments_stage = fields.arguments
        # The Parameters of a Map are what its ItemSelector was called formerly.
        self._arguments = fields.payload(fields.arguments) if state.type is not StateType.MAP else None
        self._result_selector = fields.payload("ResultSelector")
        self._result_path = fields.result_path()
        self._finish = _Finish(fields, fields)
        # Recorded: the Output of a JSONata Choice is that of its Default, its OutputPath is every rule's.
        self._rules = [
            _Finish(own, fields if fields.output is StageName.OUTPUT_PATH else own)
            for own in (fields.part(rule.fields, f"Choices[{rule.index}]") for rule in state.choices)
        ]
        catchers = [fields.part(catcher.fields, f"Catch[{catcher.index}]") for catcher in state.catchers]
        self._catchers = [(own.result_path(), _Finish(own, own)) for own in catchers]

    def selected_input(self, draft: StepDraft) -> Json:
        """The raw input, or what InputPath selects from it: what the state works on."""
        path = self._input_path
        return draft.input if path is None else path.apply(draft, StageName.INPUT_PATH, draft.input)

    def effective_input(self, draft: StepDraft, value: Json) -> Json:
        """What the work is given of the selected input `value`: what Parameters or Arguments make of it."""
        field = self._arguments
        return value if field is None else field.apply(draft, self._arguments_stage, value)

    def state_output(self, draft: StepDraft, result: Json) -> Json:
        """The output of a Task, Parallel or Map whose work gave `result`; also assigns its variables."""
        draft.visit.result = result
        return self.pass_output(draft, result)

    def pass_output(self, draft: StepDraft, result: Json) -> Json:
        """The output of a Pass whose Result or effective input is `result`; also assigns its variables.

        Assign sees the result, through ResultSelector. In JSONata a Pass has no `$states.result`.
        """
        if self._result_selector is not None:
            result = self._result_selector.apply(draft, StageName.RESULT_SELECTOR, result)
        path = self._result_path
        output = result if path is None else path.apply(draft, StageName.RESULT_PATH, result)
        return self._finish.apply(draft, result, output)

    def selected_output(self, draft: StepDraft, value: Json) -> Json:
        """The output of a Wait, a Succeed or a Choice's Default, which work on `value`; also assigns variables."""
        return self._finish.apply(draft, value, value)

    def rule_output(self, draft: StepDraft, rule: ChoiceRule, value: Json) -> Json:
        """The output of a Choice when `rule` matches; also assigns the rule's variables, not those of the state."""
        return self._rules[rule.index].apply(draft, value, value)

    def caught(self, draft: StepDraft, catcher: Catcher, fault: Fault) -> Json:
        """What a Catcher makes of the input and the Error Output: the latter at its ResultPath, or the latter alone."""
        path, _ = self._catchers[catcher.index]
        return fault.output if path is None else path.read(draft, fault.output)

    def caught_output(self, draft: StepDraft, catcher: Catcher, fault: Fault, value: Json) -> Json:
        """The output of a state whose fault `catcher` takes, of what it made of it; also assigns its variables.

        Recorded: the state's OutputPath is not applied.
        """
        draft.visit.error_output = fault.output
        _, finish = self._catchers[catcher.index]
        return finish.apply(draft, fault.output, value)


class _Finish:
    """Assign, and what gives the output, of a state, a Choice rule or a Catcher."""

    __slots__ = ("_assign", "_output", "_stage")

    def __init__(self, own: Fields, output: Fields) -> None:
        """`own` are the fields of which Assign is one, `output` those with the Output or OutputPath."""
        self._assign = own.payload("Assign") if own.given.get("Assign") else None
        self._output: Field | None = output.finish_output()
        self._stage = output.output

    def apply(self, draft: StepDraft, seen: Json, value: Json) -> Json:
        """Assign the variables, which a path finds in `seen`, and give the output of `value`."""
        if self._assign is not None:
            _assign(draft, self._assign, seen)
        return value if self._output is None else self._output.apply(draft, self._stage, value)


def _assign(draft: StepDraft, field: Field, seen: Json) -> None:
    """Note that the visit in hand gives these variables new values, once it is left.

    Source: AWS docs, "Passing data between states with variables": everything in a state sees the values at entry.
    """
    visit = draft.visit
    try:
        assigned = field.read(draft, seen)
    except StateError as failure:
        raise visit.failed(StageName.ASSIGN, seen, field.expression, failure) from failure
    if not isinstance(assigned, dict):
        return
    check_size(assigned, draft.settings.max_payload_bytes, draft.state_name)
    check_variables({**draft.variables, **assigned}, draft.settings.max_payload_bytes)
    old: dict[str, Json] = {name: draft.variables[name] for name in assigned if name in draft.variables}
    visit.stage(StageName.ASSIGN, old or MISSING, assigned, expression=field.expression)
    visit.assigned = assigned
