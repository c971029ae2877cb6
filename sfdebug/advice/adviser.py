"""What the rules share: the machine that is looked at, the notes that are taken, and what a Task calls."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import StateType
from sfdebug.asl.findings import our_verdict
from sfdebug.asl.reader import DefinitionReader
from sfdebug.asl.rules.resources import Integration, integration_of
from sfdebug.aws.catalogue.integrations import CALLBACK, split_pattern
from sfdebug.limits import ExecutionType

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.advice.rule import Rule
    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.asl.findings import Finding
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

_FUNCTION: Final = re.compile(r"arn:[^:]*:lambda:")
_ACTIVITY: Final = re.compile(r"arn:[^:]*:states:[^:]*:[^:]*:activity:")


class Adviser:
    """One machine under all rules; `findings` are in the order in which they were noted."""

    def __init__(self, machine: StateMachine, type: ExecutionType, *, reads_models: bool = True) -> None:
        self.machine = machine
        self.type = type
        self.reads_models = reads_models
        """Whether the API models may be read, which takes a moment."""
        self._reader = DefinitionReader(machine.document)

    @property
    def findings(self) -> list[Finding]:
        """What was noted."""
        return self._reader.findings

    @property
    def is_express(self) -> bool:
        """Whether the machine is an Express workflow."""
        return self.type is ExecutionType.EXPRESS

    @cached_property
    def states(self) -> tuple[State, ...]:
        """Every state, containers before their content."""
        return tuple(self.machine.walk())

    @cached_property
    def tasks(self) -> tuple[State, ...]:
        """Every Task."""
        return tuple(state for state in self.states if state.type is StateType.TASK)

    def note(self, rule: Rule, pointer: Pointer, what: str, fix: str = "", *, key: bool = True) -> None:
        """Note what `rule` says of the value at `pointer`, at its key unless `key` is false; its own fix by default."""
        aws = our_verdict(what, rule.code, rule.severity)
        self._reader.warn(pointer, what, fix or rule.fix, key=key, aws=aws)


def arguments_of(state: State) -> Mapping[str, Json]:
    """What a Task passes to its integration, by the names as they are written; empty when it is not an object."""
    return state.arguments if isinstance(state.arguments, dict) else {}


def given(arguments: Mapping[str, Json], name: str) -> Json:
    """An argument, whether it is computed or not; None when it is not there."""
    return arguments.get(name, arguments.get(f"{name}.$"))


def call_of(state: State) -> Integration | None:
    """The integration that a Task calls; None for a function, an activity, and what is still a placeholder."""
    return integration_of(state.resource) if state.type is StateType.TASK else None


def pattern_of(state: State) -> str:
    """The pattern with which a Task calls its integration: "", ".sync", ".sync:2" or ".waitForTaskToken"."""
    call = call_of(state)
    return "" if call is None else split_pattern(call.action)[1]


def is_callback(state: State) -> bool:
    """Whether a Task waits until somebody sends its token back."""
    return pattern_of(state) == CALLBACK


def is_activity(state: State) -> bool:
    """Whether a Task waits for a worker of an activity."""
    return _ACTIVITY.match(state.resource) is not None


def is_function(state: State) -> bool:
    """Whether a Task invokes a Lambda function, by its ARN or by the integration."""
    if state.type is not StateType.TASK:
        return False
    call = call_of(state)
    if call is not None:
        return call.service in ("lambda", "aws-sdk:lambda") and split_pattern(call.action)[0] == "invoke"
    return _FUNCTION.match(state.resource) is not None


def has_field(state: State, *names: str) -> bool:
    """Whether a state has one of these fields, or what computes it (`TimeoutSecondsPath`)."""
    return any(name in state.fields or f"{name}Path" in state.fields for name in names)
