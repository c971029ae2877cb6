"""The rules of a mock: which states take one, and what its result must look like, held against the API's model.

Source: recorded refusals of TestState; AWS API reference, MockInput and TestState. A field of a result is called by its
own name, wherever it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.aws.catalogue.models import ShapeKind, result_shape
from sfdebug.engine.resources import Family, IntegrationPattern, parse_resource
from sfdebug.state_testing.context import check_context
from sfdebug.state_testing.request import (
    INVALID_DEFINITION,
    Mock,
    Request,
    TestStateError,
    ValidationMode,
    parse_json,
    refused,
)
from sfdebug.values import Json, Value, is_present

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.asl.definition import State
    from sfdebug.aws.catalogue.models import ApiShape
    from sfdebug.state_testing.tested import Tested


_MOCKED: Final = (StateType.TASK, StateType.MAP, StateType.PARALLEL)
_UNMOCKED: Final = "[Task, Wait, Pass, Succeed, Fail, Choice]"


def check_request(request: Request, tested: Tested) -> None:
    """Raises TestStateError when AWS does not test such a state with such a request."""
    state, mock = tested.state, request.mock
    if mock is None and request.configuration.map_iteration_failure_count is not None:
        raise refused("TestState does not support MapIterationFailureCount when a mock is not specified.")  # recorded
    if mock is not None and state.type not in _MOCKED:
        raise refused(f"State type '{state.type}' is not supported when a mock is specified")
    if mock is None:
        _check_unmocked(request, state)
    caused_by = request.configuration.error_caused_by_state
    if caused_by is not None and caused_by not in tested.inner_names:
        # Not recorded: AWS's words for a state that the Map or Parallel does not hold.
        raise refused(f"State '{caused_by}' of errorCausedByState was not found in the state '{state.name}'.")
    if request.context is not None:
        check_context(request.context, state)


def _check_unmocked(request: Request, state: State) -> None:
    if state.is_container:
        message = f"TestState API does not support Map or Parallel states. Supported state types include: {_UNMOCKED}"
        raise TestStateError(INVALID_DEFINITION, message)
    if state.type is not StateType.TASK:
        return
    resource = parse_resource(state.resource)
    # Not recorded: AWS's words for these; the API reference says that they need a mock.
    if resource.family is Family.ACTIVITY:
        raise TestStateError(INVALID_DEFINITION, "TestState API does not support Activity tasks without a mock.")
    if resource.pattern is not IntegrationPattern.REQUEST_RESPONSE:
        raise TestStateError(
            INVALID_DEFINITION,
            "TestState API does not support the .sync and .waitForTaskToken service integration patterns "
            "without a mock.",
        )
    if request.role_arn is None:
        raise refused("RoleArn must be specified when testing a Task state")


def mocked_result(mock: Mock, state: State) -> Json:
    """The value of a mocked result. Raises TestStateError when it cannot be what the state's work gives."""
    assert mock.result is not None
    result = parse_json(mock.result)
    if not is_present(result):
        raise refused("Mocked result must be valid JSON")  # recorded
    if state.is_container:
        _check_container_result(state, result)
    elif mock.mode is not ValidationMode.NONE:
        _check_task_result(state, result, is_strict=mock.mode is ValidationMode.STRICT)
    return result


def _check_container_result(state: State, result: Json) -> None:
    """Recorded: a Parallel gives an array of its branches' results, a Map an array, with a ResultWriter an object."""
    if state.type is StateType.MAP and "ResultWriter" in state.fields:
        if not isinstance(result, dict):
            raise refused("Mocked result must be a JSON object.")
    elif not isinstance(result, list):
        raise refused("Mocked result must be an array.")
    elif state.type is StateType.PARALLEL and len(result) != len(state.branches):
        raise refused("Mocked result must contain the same number of items as number of Parallel branches.")


def check_failure_count(failed: int | None, result: Value, items: int | None) -> None:
    """Raises TestStateError when more iterations failed than the mocked result, or the items, let there be.

    Recorded, for an array of results of all items.
    """
    counts = [items] if items is not None else []
    if isinstance(result, list):
        counts.append(len(result))
    if failed is not None and any(failed > count for count in counts):
        raise refused("Map iteration failure count must be less than or equal to the number of Map iterations")


def _check_task_result(state: State, result: Json, *, is_strict: bool) -> None:
    resource = parse_resource(state.resource)
    if resource.family is not Family.SERVICE:
        return
    shape = result_shape(resource.type, resource.action)
    if shape is None:
        return
    if not isinstance(result, dict):
        raise refused("Mocked result must be a JSON object.")
    problem = field_problem(result, shape, is_strict=is_strict)
    if problem is not None:
        raise refused(f"Mock result schema validation error: {problem}")


def threshold_is_exceeded(failed: int | None, count: int | None, percentage: float | None, items: int) -> bool:
    """Whether so many failed iterations fail the Map.

    Recorded: without a tolerated count or percentage, no number of failed iterations does.
    """
    if failed is None:
        return False
    if count is not None and failed > count:
        return True
    return percentage is not None and items > 0 and failed * 100 > percentage * items


_WANTED: Final = {
    ShapeKind.OBJECT: "an object",
    ShapeKind.MAP: "an object",
    ShapeKind.ARRAY: "an array",
    ShapeKind.STRING: "a string",
    ShapeKind.NUMBER: "a number",
    ShapeKind.BOOLEAN: "a boolean",
}


def field_problem(result: dict[str, Json], shape: ApiShape, *, is_strict: bool) -> str | None:
    """What is wrong with the first field that does not fit; None when all do.

    Recorded: fields that the model does not know are taken, in STRICT too. `is_strict` asks for all required fields.
    """
    if is_strict:
        for names in shape.required:
            if not any(name in result for name in names):
                # Not recorded: AWS's words for a required field that is not there.
                return f"Required field '{names[0]}' is missing"
    for name, value in result.items():
        field = shape.field(name)
        problem = _value_problem(name, value, field, is_strict) if field is not None else None
        if problem is not None:
            return problem
    return None


def _value_problem(name: str, value: Json, shape: ApiShape, is_strict: bool) -> str | None:
    kind = shape.kind
    if kind is ShapeKind.ANY:
        return None
    if not _is_of_kind(value, kind):
        return f"Field '{name}' must be {_WANTED[kind]}"
    if isinstance(value, dict):
        return field_problem(value, shape, is_strict=is_strict)
    if isinstance(value, list):
        element = shape.element
        problems = (_value_problem(name, item, element, is_strict) for item in value)
        return _size_problem(name, len(value), shape) or next(filter(None, problems), None)
    if isinstance(value, str):
        if shape.enum and value not in shape.enum:
            return f"Field '{name}' is not an expected value"
        return _size_problem(name, len(value), shape)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return _bounds_problem(name, value, shape, "less than the minimum value", "the maximum value")


_TYPES: Final[Mapping[ShapeKind, tuple[type, ...]]] = {
    ShapeKind.OBJECT: (dict,),
    ShapeKind.MAP: (dict,),
    ShapeKind.ARRAY: (list,),
    ShapeKind.STRING: (str,),
    ShapeKind.BOOLEAN: (bool,),
    ShapeKind.NUMBER: (int, float),
}


def _is_of_kind(value: Json, kind: ShapeKind) -> bool:
    return isinstance(value, _TYPES[kind]) and (not isinstance(value, bool) or kind is ShapeKind.BOOLEAN)


def _bounds_problem(name: str, measured: float, shape: ApiShape, too_small: str, too_large: str) -> str | None:
    if shape.minimum is not None and measured < shape.minimum:
        return f"Field '{name}' is {too_small}"
    if shape.maximum is not None and measured > shape.maximum:
        return f"Field '{name}' exceeds {too_large}"
    return None


def _size_problem(name: str, size: int, shape: ApiShape) -> str | None:
    """Recorded for a blob that is too short."""
    return _bounds_problem(name, size, shape, "smaller than the minimum length", "the maximum length")
