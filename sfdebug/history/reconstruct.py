"""Without its definition: a state machine built from a recorded history.

What the events show is there: states with their types and resources, the transitions that were taken, retries and
catches that happened, containers with their branches. What never happened is not; no expression is known.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from sfdebug.asl.load import definition_from
from sfdebug.engine.execution.events import EventType
from sfdebug.errors import DefinitionError
from sfdebug.history.recording import RecordingError
from sfdebug.limits import ExecutionType
from sfdebug.values import Json

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.visits import Attempt, RecordedVisit

_Scope = tuple[tuple[str, int], ...]
"""Which scope of the definition: like a BranchId, but 0 for all iterations of a Map."""

_COMMENT: Final = "Built from a recorded history: only what happened is here."
_UNKNOWN_RESOURCE: Final = "arn:aws:states:::not:recorded"
_RULE: Final[dict[str, Json]] = {"Variable": "$", "IsPresent": True}


def reconstruct(alignment: Alignment) -> StateMachine:
    """A definition that can be drawn and looked at, not run. Raises RecordingError when no state was entered."""
    builder = _MachineBuilder(alignment)
    title = alignment.recording.title
    if not builder.scopes.get(()):
        raise RecordingError("no state was entered: there is nothing to draw", where=title)
    try:
        return definition_from({"Comment": _COMMENT, **builder.scope(())})
    except DefinitionError as error:
        what = f"its events do not make a state machine: {error.what}"
        raise RecordingError(what, where=title, fix="Give the definition too.") from error


class _MachineBuilder:
    """Gathers the visits by scope and state, and writes states."""

    def __init__(self, alignment: Alignment) -> None:
        self._alignment = alignment
        self._visits = alignment.visits
        self.scopes: dict[_Scope, dict[str, list[RecordedVisit]]] = defaultdict(lambda: defaultdict(list))
        self._names = {visit.state for visit in self._visits}
        known: dict[str, _Scope] = {}
        for visit in self._visits:
            scope = self._scope_of(visit)
            if not visit.state or known.setdefault(visit.state, scope) != scope:
                continue  # names are unique: where events are missing, a visit can seem to be in another scope
            self.scopes[scope][visit.state].append(visit)

    def _scope_of(self, visit: RecordedVisit) -> _Scope:
        scope: list[tuple[str, int]] = []
        container, branch = visit.container, visit.branch
        while branch:
            name, index = branch[-1]
            is_map = container is not None and self._visits[container].type == "Map"
            scope.append((name, 0 if is_map else index))
            branch = branch[:-1]
            container = self._visits[container].container if container is not None else None
        return tuple(reversed(scope))

    def scope(self, key: _Scope) -> dict[str, Json]:
        """StartAt and States of a scope."""
        states = self.scopes[key]
        start = min(states, key=lambda name: states[name][0].number)
        written = {name: self._state(key, visits) for name, visits in states.items()}
        if not any("End" in state or state["Type"] in ("Succeed", "Fail") for state in written.values()):
            last = max(states, key=lambda name: states[name][-1].number)
            self._leave_open(written, last)
        return {"StartAt": start, "States": dict(written)}

    def _leave_open(self, states: dict[str, dict[str, Json]], last: str) -> None:
        """The recording stops in a loop: where it leads is not known, and no scope is without an end."""
        choice = next((state for state in states.values() if state["Type"] == "Choice"), None)
        if choice is None:
            states[last].pop("Next", None)
            states[last]["End"] = True
            return
        name = self._free_name("not recorded")
        choice["Default"] = name
        states[name] = {"Type": "Succeed", "Comment": "The recording ends before."}

    def _state(self, scope: _Scope, visits: list[RecordedVisit]) -> dict[str, Json]:
        first = visits[0]
        state: dict[str, Json] = {"Type": first.type, **self._own_fields(scope, first, visits)}
        if first.type in ("Succeed", "Fail"):
            return state
        nexts: dict[str, None] = {}
        caught: dict[str, dict[str, None]] = defaultdict(dict)
        for visit in visits:
            follower = self._alignment.next_visits.get(visit.number)
            if follower is None:
                continue
            if visit.status == "caught":
                caught[follower.state][visit.attempts[-1].error or "States.ALL"] = None
            else:
                nexts[follower.state] = None
        if first.type == "Choice":
            state["Choices"] = [{**_RULE, "Next": name} for name in nexts] or [{**_RULE, "Next": first.state}]
            return state
        if first.type in ("Task", "Parallel", "Map"):
            state |= _handlers(visits, caught)
        name = next(iter(nexts), None)
        return {**state, **({"End": True} if name is None else {"Next": name})}

    def _own_fields(self, scope: _Scope, first: RecordedVisit, visits: list[RecordedVisit]) -> dict[str, Json]:
        if first.type == "Task":
            attempts = (attempt for visit in visits for attempt in visit.attempts)
            return {"Resource": next(map(_resource, attempts), _UNKNOWN_RESOURCE)}
        if first.type == "Wait":
            lasted = [visit.milliseconds for visit in visits if visit.exited is not None]
            return {"Seconds": max(0, round((lasted[0] or 0) / 1000)) if lasted else 0}
        if first.type == "Map":
            return {"ItemProcessor": self._processor(scope, first, visits)}
        if first.type == "Parallel":
            known = sorted(key for key in self.scopes if key[:-1] == scope and key and key[-1][0] == first.state)
            return {"Branches": [self.scope(key) for key in known] or [self._nothing(first.state)]}
        return {}

    def _processor(self, scope: _Scope, first: RecordedVisit, visits: list[RecordedVisit]) -> dict[str, Json]:
        key = (*scope, (first.state, 0))
        processor = self.scope(key) if self.scopes.get(key) else self._nothing(first.state)
        events = (event for visit in visits for attempt in visit.attempts for event in attempt.events)
        if any(event.type == EventType.MAP_RUN_STARTED for event in events):
            return {
                "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": ExecutionType.STANDARD.value},
                **processor,
            }
        return processor

    def _nothing(self, container: str) -> dict[str, Json]:
        """A scope of which nothing was recorded."""
        name = self._free_name(f"inside {container}"[:70])
        comment = "The history holds no events of it."
        return {"StartAt": name, "States": {name: {"Type": "Pass", "Comment": comment, "End": True}}}

    def _free_name(self, base: str) -> str:
        name, number = base, 2
        while name in self._names:
            name, number = f"{base} {number}", number + 1
        self._names.add(name)
        return name


def _handlers(visits: list[RecordedVisit], caught: dict[str, dict[str, None]]) -> dict[str, Json]:
    """The retries and catches that happened."""
    handlers: dict[str, Json] = {}
    retried = [attempt for visit in visits for attempt in visit.attempts[:-1]]
    if retried:
        errors: list[Json] = list(dict.fromkeys(attempt.error or "States.ALL" for attempt in retried))
        most = max(len(visit.attempts) for visit in visits) - 1
        handlers["Retry"] = [_entry(errors, {"MaxAttempts": most})]
    if caught:
        handlers["Catch"] = [_entry(list(errors), {"Next": name}) for name, errors in caught.items()]
    return handlers


def _entry(errors: list[Json], more: dict[str, Json]) -> dict[str, Json]:
    """States.ALL must stand alone."""
    return {"ErrorEquals": ["States.ALL"] if "States.ALL" in errors else errors, **more}


def _resource(attempt: Attempt) -> str:
    """The Resource that an attempt was scheduled with. Source: AWS API, TaskScheduledEventDetails."""
    began = attempt.began
    resource, kind = began.text("resource"), began.text("resourceType")
    if not resource:
        return _UNKNOWN_RESOURCE
    return f"arn:aws:states:::{kind}:{resource}" if began.type == EventType.TASK_SCHEDULED and kind else resource
