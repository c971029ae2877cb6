"""The definition: a parsed state machine. Control flow is typed; data-flow fields stay JSON, by AWS's names.

Nothing here computes or checks: `examination` builds these values, the graph draws them, the engine compiles them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import TypeAlias

from msgspec import Struct, field

from sfdebug.asl.text.source import Document, Pointer
from sfdebug.errors import Problem
from sfdebug.values import Json

StatePath: TypeAlias = "tuple[str | int, ...]"
"""The path to a state in its definition: state names with, after each Parallel or Map, the index of the branch
(0 for a Map's processor): `("Fan out", 1, "Resize")`. Unlike a name it is unique even in a faulty file."""


class StateType(StrEnum):
    """The eight state types of the States Language."""

    TASK = "Task"
    PASS = "Pass"
    CHOICE = "Choice"
    WAIT = "Wait"
    SUCCEED = "Succeed"
    FAIL = "Fail"
    PARALLEL = "Parallel"
    MAP = "Map"


class QueryLanguage(StrEnum):
    """The language of a state's expressions."""

    JSONPATH = "JSONPath"
    JSONATA = "JSONata"

    @property
    def other(self) -> QueryLanguage:
        """The language that this one is not."""
        return QueryLanguage.JSONATA if self is QueryLanguage.JSONPATH else QueryLanguage.JSONPATH


class Retrier(Struct, frozen=True, gc=False):
    """One entry of `Retry`, with the specification's defaults filled in. `index` counts from 0."""

    index: int
    error_equals: tuple[str, ...]
    interval_seconds: int
    max_attempts: int
    backoff_rate: float
    max_delay_seconds: int | None
    jitter_strategy: str
    pointer: Pointer


class Catcher(Struct, frozen=True, gc=False):
    """One entry of `Catch`; `fields` is the entry as written (ResultPath, Assign, Output, …)."""

    index: int
    error_equals: tuple[str, ...]
    next: str
    fields: Mapping[str, Json]
    pointer: Pointer


class ChoiceRule(Struct, frozen=True, gc=False):
    """One entry of `Choices`: the rule as written and where it leads."""

    index: int
    next: str
    fields: Mapping[str, Json]
    pointer: Pointer


class State(Struct, frozen=True, eq=False, gc=False):
    """One state. `fields` holds it as written; `branches` its Parallel branches, or its Map processor alone."""

    name: str
    type: StateType
    path: StatePath
    pointer: Pointer
    fields: Mapping[str, Json]
    query_language: QueryLanguage = QueryLanguage.JSONPATH
    next: str | None = None
    end: bool = False
    retriers: tuple[Retrier, ...] = ()
    catchers: tuple[Catcher, ...] = ()
    choices: tuple[ChoiceRule, ...] = ()
    default: str | None = None
    branches: tuple[Scope, ...] = ()

    @property
    def comment(self) -> str:
        """The state's Comment, "" when it has none."""
        return self._text("Comment")

    @property
    def resource(self) -> str:
        """A Task's Resource ARN, "" for the other types."""
        return self._text("Resource")

    @property
    def arguments_field(self) -> str:
        """The field that says what the state hands over to what it calls, in its query language."""
        return "Arguments" if self.query_language is QueryLanguage.JSONATA else "Parameters"

    @property
    def arguments(self) -> Json:
        """What a Task hands over, as it is written; None where it says nothing."""
        return self.fields.get(self.arguments_field)

    def _text(self, name: str) -> str:
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""

    @property
    def is_container(self) -> bool:
        """Whether the state runs branches: a Parallel or a Map."""
        return self.type in (StateType.PARALLEL, StateType.MAP)

    @property
    def is_distributed(self) -> bool:
        """Whether the state is a Map whose ProcessorConfig says DISTRIBUTED."""
        if self.type is not StateType.MAP or not self.branches:
            return False
        config = self.branches[0].fields.get("ProcessorConfig")
        return isinstance(config, dict) and config.get("Mode") == "DISTRIBUTED"


class Scope(Struct, frozen=True, eq=False, gc=False):
    """States that lead to one another: the machine's top level, a Parallel branch, or a Map's processor."""

    start_at: str
    states: Mapping[str, State]
    pointer: Pointer
    path: StatePath = ()
    comment: str = ""
    fields: Mapping[str, Json] = field(default_factory=dict)


class StateMachine(Struct, frozen=True, eq=False, gc=False):
    """A whole definition: its top scope, and the document that it was read from.

    `warnings` did not stop it from being loaded, though AWS may refuse it; `unresolved` are those of them about
    `${Placeholders}` that stand where a value is needed to run it.
    """

    scope: Scope
    document: Document
    query_language: QueryLanguage = QueryLanguage.JSONPATH
    comment: str = ""
    timeout_seconds: int | None = None
    version: str = "1.0"
    warnings: tuple[Problem, ...] = ()
    unresolved: tuple[Problem, ...] = ()

    @property
    def name(self) -> str:
        """What errors and title bars call the definition: the name of its source."""
        return self.document.source.name

    def walk(self) -> Iterator[State]:
        """Every state, containers before their content, in file order."""
        return walk(self.scope)

    def state(self, path: StatePath) -> State:
        """The state at `path`. Raises KeyError when there is none."""
        scope, state = self.scope, None
        for step in path:
            if isinstance(step, int):
                if state is None or step >= len(state.branches):
                    raise KeyError(path)
                scope = state.branches[step]
            else:
                state = scope.states[step]
        if state is None:
            raise KeyError(path)
        return state


def walk(scope: Scope) -> Iterator[State]:
    """Every state of a scope and of those inside it, containers before their content, in file order."""
    for state in scope.states.values():
        yield state
        for branch in state.branches:
            yield from walk(branch)
