"""The fields of the States Language: which object may have which, of what shape, in which query language.

Source: States Language specification; AWS docs, "State machine structure" and the pages of the eight state types.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeAlias

from msgspec import Struct

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.asl.parsing import shapes
from sfdebug.asl.parsing.shapes import Shape
from sfdebug.limits import (
    MAX_RETRY_ATTEMPTS,
    MAX_RETRY_INTERVAL_SECONDS,
    MAX_RETRY_MAX_DELAY_SECONDS,
    MAX_TIMEOUT_SECONDS,
    ExecutionType,
)


class FieldRule(Struct, frozen=True, gc=False):
    """What a field may hold, and the only query language that has it (None: both have it).

    `is_fixed` says that the value holds no expressions of its state, neither a path nor JSONata.
    """

    shape: Shape
    language: QueryLanguage | None = None
    is_fixed: bool = False


FieldTable: TypeAlias = Mapping[str, FieldRule]

PATH: Final = QueryLanguage.JSONPATH
DATA: Final = QueryLanguage.JSONATA

_MOST_ITEMS: Final = 100_000_000
"""Largest MaxItems of an ItemReader. AWS docs: "ItemReader (Map)"; reported: "Maximum value is 100000000"."""

_PARTS: Final = FieldRule(shapes.anything, is_fixed=True)
"""States, rules, retriers and catchers: what is in them is parsed apart."""

_WORDS: Final = FieldRule(shapes.text, is_fixed=True)
_TEXT: Final = FieldRule(shapes.text)
_LANGUAGE: Final = FieldRule(shapes.one_of(*QueryLanguage), is_fixed=True)
_SECONDS: Final = FieldRule(shapes.integer(1, MAX_TIMEOUT_SECONDS))
_READ_PATH: Final = FieldRule(shapes.single_path, PATH)
_NUMBER_PATH: Final = FieldRule(shapes.number_path, PATH)
_COUNT: Final = FieldRule(shapes.integer(0))
_TEMPLATE: Final = FieldRule(shapes.template, PATH)
_OUTPUT: Final = FieldRule(shapes.anything, DATA)
_ASSIGN: Final = FieldRule(shapes.assignments)

MACHINE: Final[FieldTable] = {
    "Comment": _WORDS,
    "StartAt": _WORDS,
    "States": _PARTS,
    "QueryLanguage": _LANGUAGE,
    "TimeoutSeconds": FieldRule(shapes.integer(0, MAX_TIMEOUT_SECONDS)),  # reported: AWS takes 0
    "Version": FieldRule(shapes.one_of("1.0")),
}
BRANCH: Final[FieldTable] = {name: MACHINE[name] for name in ("Comment", "StartAt", "States")}
PROCESSOR: Final[FieldTable] = {**BRANCH, "ProcessorConfig": FieldRule(shapes.an_object)}
PROCESSOR_CONFIG: Final[FieldTable] = {
    "Mode": FieldRule(shapes.one_of("INLINE", "DISTRIBUTED")),
    "ExecutionType": FieldRule(shapes.one_of(*ExecutionType)),
}

_STATE: Final[FieldTable] = {"Type": _WORDS, "Comment": _WORDS, "QueryLanguage": _LANGUAGE}
_FILTERS: Final[FieldTable] = {
    "InputPath": FieldRule(shapes.path_or_null, PATH),
    "OutputPath": FieldRule(shapes.path_or_null, PATH),
    "Output": _OUTPUT,
}
_ON: Final[FieldTable] = {
    **_STATE,
    **_FILTERS,
    "Assign": _ASSIGN,
    "Next": _WORDS,
    "End": FieldRule(shapes.boolean, is_fixed=True),
}
_RESULT_PATH: Final[FieldTable] = {"ResultPath": FieldRule(shapes.reference_path_or_null, PATH)}
_WORK: Final[FieldTable] = {
    **_ON,
    **_RESULT_PATH,
    "Parameters": _TEMPLATE,
    "ResultSelector": _TEMPLATE,
    "Retry": _PARTS,
    "Catch": _PARTS,
}
_ARGUMENTS: Final[FieldTable] = {"Arguments": FieldRule(shapes.anything, DATA)}

STATES: Final[Mapping[StateType, FieldTable]] = {
    StateType.TASK: {
        **_WORK,
        **_ARGUMENTS,
        "Resource": _WORDS,
        "Credentials": FieldRule(shapes.credentials),
        "TimeoutSeconds": _SECONDS,
        "TimeoutSecondsPath": _READ_PATH,
        "HeartbeatSeconds": _SECONDS,
        "HeartbeatSecondsPath": _READ_PATH,
    },
    StateType.PARALLEL: {**_WORK, **_ARGUMENTS, "Branches": _PARTS},
    StateType.MAP: {
        **_WORK,
        "ItemProcessor": _PARTS,
        "Iterator": _PARTS,
        "ItemsPath": FieldRule(shapes.items_path, PATH),
        "Items": FieldRule(shapes.items, DATA),
        "ItemSelector": FieldRule(shapes.selector),
        "ItemReader": FieldRule(shapes.settings),
        "ItemBatcher": FieldRule(shapes.settings),
        "ResultWriter": FieldRule(shapes.settings),
        "Label": FieldRule(shapes.label, is_fixed=True),
        "MaxConcurrency": _COUNT,
        "MaxConcurrencyPath": _NUMBER_PATH,
        "ToleratedFailureCount": _COUNT,
        "ToleratedFailureCountPath": _NUMBER_PATH,
        "ToleratedFailurePercentage": FieldRule(shapes.number(0, 100)),
        "ToleratedFailurePercentagePath": _NUMBER_PATH,
    },
    StateType.PASS: {**_ON, **_RESULT_PATH, "Parameters": _TEMPLATE, "Result": FieldRule(shapes.anything, PATH)},
    StateType.WAIT: {
        **_ON,
        "Seconds": FieldRule(shapes.integer(0, MAX_TIMEOUT_SECONDS)),
        "SecondsPath": _READ_PATH,
        "Timestamp": FieldRule(shapes.timestamp),
        "TimestampPath": _READ_PATH,
    },
    StateType.CHOICE: {**_STATE, **_FILTERS, "Assign": _ASSIGN, "Choices": _PARTS, "Default": _WORDS},
    StateType.SUCCEED: {**_STATE, **_FILTERS},
    StateType.FAIL: {
        **_STATE,
        "Error": _TEXT,
        "ErrorPath": FieldRule(shapes.text_path, PATH),
        "Cause": _TEXT,
        "CausePath": FieldRule(shapes.text_path, PATH),
    },
}

MAP_NUMBERS: Final[Mapping[str, FieldTable]] = {
    "ItemBatcher": {
        "MaxItemsPerBatch": _COUNT,
        "MaxItemsPerBatchPath": _NUMBER_PATH,
        "MaxInputBytesPerBatch": _COUNT,
        "MaxInputBytesPerBatchPath": _NUMBER_PATH,
    },
    "ReaderConfig": {"MaxItems": FieldRule(shapes.integer(0, _MOST_ITEMS)), "MaxItemsPath": _NUMBER_PATH},
}
"""The numbers in the settings of a Distributed Map. Reported: AWS takes those of a batch from 0 on."""

RETRIER: Final[FieldTable] = {
    "ErrorEquals": _PARTS,
    # 0 is no value of the documented range; reported: AWS takes it.
    "IntervalSeconds": FieldRule(shapes.integer(0, MAX_RETRY_INTERVAL_SECONDS)),
    "MaxAttempts": FieldRule(shapes.integer(0, MAX_RETRY_ATTEMPTS)),
    "BackoffRate": FieldRule(shapes.number(1.0)),
    "MaxDelaySeconds": FieldRule(shapes.integer(1, MAX_RETRY_MAX_DELAY_SECONDS)),
    "JitterStrategy": FieldRule(shapes.one_of("NONE", "FULL")),
    "Comment": _TEXT,
}
CATCHER: Final[FieldTable] = {
    **_RESULT_PATH,
    "ErrorEquals": _PARTS,
    "Next": _TEXT,
    "Output": _OUTPUT,
    "Assign": _ASSIGN,
    "Comment": _TEXT,
}

PROCESSORS: Final = ("ItemProcessor", "Iterator")
"""What a Map's processor is called, and was called formerly."""

WAITS: Final = ("SecondsPath", "Seconds", "TimestampPath", "Timestamp")
"""The fields of which a Wait has one, in AWS's order (reported)."""

REQUIRED: Final[Mapping[StateType, tuple[str, ...]]] = {
    StateType.TASK: ("Resource",),
    StateType.PARALLEL: ("Branches",),
    StateType.CHOICE: ("Choices",),
}
"""Fields that a state of the type must have. A Map's processor and a Wait's time go by several names."""

_PAIRED: Final = tuple(
    name
    for fields in (*STATES.values(), *MAP_NUMBERS.values())
    for name, field in fields.items()
    if field.language is None and f"{name}Path" in fields
)
"""Fields whose value a JSONPath state can read from a path instead: the field of that name with Path."""

EXCLUSIVE: Final = (WAITS, *((name, f"{name}Path") for name in _PAIRED if name not in WAITS), PROCESSORS)
"""Groups of fields of which a state may have one."""

FIXED: Final = frozenset(name for fields in STATES.values() for name, field in fields.items() if field.is_fixed)
"""Fields of a state that hold no expressions of the state itself."""

_COMPUTED: Final = (shapes.template, shapes.selector, shapes.assignments, shapes.credentials)
TEMPLATES: Final = frozenset(
    name for fields in STATES.values() for name, field in fields.items() if field.shape in _COMPUTED
)
"""Fields of a JSONPath state in which the members whose keys end in .$ are computed."""

DISTRIBUTED: Final = ("ItemReader", "ItemBatcher", "ResultWriter", "Label")
"""Fields that mean something in a Distributed Map only. AWS docs: "Using Map state in Distributed mode"."""

INSTEAD: Final[Mapping[str, str]] = {
    **{f"{name}Path": f"{name} with an expression" for name in _PAIRED},
    "Parameters": "Arguments",
    "ResultSelector": "Output",
    "ResultPath": "Output",
    "OutputPath": "Output",
    "InputPath": "Arguments, or Output",
    "Result": "Output",
    "ItemsPath": "Items",
    "Variable": "Condition",
    "Arguments": "Parameters",
    "Output": "ResultSelector, ResultPath or OutputPath",
    "Items": "ItemsPath",
    "Condition": "Variable and a comparison operator",
}
"""What the other query language has instead of a field."""
