"""What a history does not hold: the child executions of a Map Run. Whether a change there matters cannot be computed.

Only the definition that the execution ran can tell that nothing changed: then the same came of it.
Source: AWS docs, "Using Map state in Distributed mode": child workflow executions have histories of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from sfdebug.history.replay.nondeterminism import draws_of
from sfdebug.values import MISSING, Json, Value, same

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.replay.event_comparison import Difference

_SHOWN: Final = frozenset(
    {"Type", "Comment", "Next", "End", "Retry", "Catch", "InputPath", "OutputPath", "ResultPath", "ResultSelector",
     "Assign", "Output", "Branches", "Iterator", "Arguments", "Parameters", "Result"}
)  # fmt: skip
"""Fields of a Map whose effects the history of the execution itself shows; `Parameters` is the older ItemSelector."""
_COMMENTED: Final = ("Retry", "Catch", "Choices")
_SCOPES: Final = ("ItemProcessor", "Iterator")


def unseen_map_runs(alignment: Alignment, machine: StateMachine, recorded: StateMachine | None) -> tuple[str, ...]:
    """Why the Map Runs of a history cannot be verified, a reason for each Map state.

    Args:
        alignment: The recording, followed.
        machine: The definition that is verified.
        recorded: The definition that the execution ran, None when it is not known.
    """
    reasons = []
    for name in dict.fromkeys(_map_runs(alignment)):
        state = _state(machine, name)
        if state is None or not state.is_distributed:
            continue  # the events differ
        was = _state(recorded, name) if recorded is not None else None
        if was is None:
            reasons.append(
                f"the history does not hold the child executions of '{name}', so what its items, its processor and its "
                "results came from is not compared"
            )
            continue
        changed = _changed_fields(was, state)
        if changed:
            reasons.append(
                f"'{name}' is changed in {', '.join(changed)}, and the history does not hold its child executions, "
                "which would show what that does"
            )
    return tuple(reasons)


def _map_runs(alignment: Alignment) -> Iterator[str]:
    for index, event in enumerate(alignment.recording.events):
        visit = alignment.visit_at(index) if event.type == "MapRunStarted" else None
        if visit is not None:
            yield visit.state


def _state(machine: StateMachine, name: str) -> State | None:
    return next((state for state in machine.walk() if state.name == name), None)


def _changed_fields(was: State, state: State) -> list[str]:
    """The fields that matter in child executions and are not the same in both."""
    names = [name for name in {**was.fields, **state.fields} if name not in _SHOWN or name in _SCOPES]
    if "ItemSelector" not in {**was.fields, **state.fields}:
        names.append("Parameters")
    changed = [name for name in names if not _is_same_field(was.fields, state.fields, name)]
    if was.query_language is not state.query_language:
        changed.append("QueryLanguage")
    return sorted(set(changed))


def _is_same_field(was: Mapping[str, Json], now: Mapping[str, Json], name: str) -> bool:
    left, right = was.get(name, MISSING), now.get(name, MISSING)
    if name in _SCOPES:
        left, right = _without_comments(left), _without_comments(right)
    return left is right or (left is not MISSING and right is not MISSING and same(left, right))


def _without_comments(scope: Value) -> Value:
    """A scope without its comments, those of its states, and those of their Retriers, Catchers and rules."""
    if not isinstance(scope, dict):
        return scope
    kept = {key: value for key, value in scope.items() if key != "Comment"}
    states = scope.get("States")
    if isinstance(states, dict):
        kept["States"] = {name: _state_without_comments(state) for name, state in states.items()}
    return kept


def _state_without_comments(state: Json) -> Json:
    if not isinstance(state, dict):
        return state
    kept: dict[str, Json] = {}
    for key, value in state.items():
        if key == "Comment":
            continue
        if key in _SCOPES:
            inner = _without_comments(value)
            kept[key] = value if inner is MISSING else inner
        elif key == "Branches" and isinstance(value, list):
            kept[key] = [branch if (one := _without_comments(branch)) is MISSING else one for branch in value]
        elif key in _COMMENTED and isinstance(value, list):
            kept[key] = [_entry_without_comment(entry) for entry in value]
        else:
            kept[key] = value
    return kept


def _entry_without_comment(entry: Json) -> Json:
    return {name: given for name, given in entry.items() if name != "Comment"} if isinstance(entry, dict) else entry


class UnchangedStates:
    """Which states of a definition compute as those that the execution ran: by the same fields, wherever they lead."""

    def __init__(self, machine: StateMachine, recorded: StateMachine) -> None:
        self._machine = machine
        self._recorded = recorded

    def computes_alike(self, difference: Difference) -> bool:
        """Whether the value was made by the same fields: those of its state, or of the container that gave it."""
        name = difference.state
        if difference.field == "input" and difference.event_type.endswith("StateEntered") and difference.branch:
            name = difference.branch[-1][0]
        return self.is_unchanged(name)

    def is_unchanged(self, name: str) -> bool:
        """Whether a state has the same fields in both, but for where it leads."""
        pair = self._pair(name)
        if pair is None:
            return False
        left, right = ({key: value for key, value in one.fields.items() if key not in ("Next", "End")} for one in pair)
        return same(_state_without_comments(left), _state_without_comments(right))

    def draws_alike(self, difference: Difference) -> bool:
        """Whether the state draws random values by the same expressions."""
        pair = self._pair(difference.state)
        return pair is None or draws_of(pair[0].fields) == draws_of(pair[1].fields)

    def _pair(self, name: str) -> tuple[State, State] | None:
        now, was = _state(self._machine, name), _state(self._recorded, name)
        return None if now is None or was is None else (now, was)


def first_of(differences: Iterable[Difference]) -> str:
    """Where the first of some values stands, for a reason: "event 5, output at /id"."""
    found = next(iter(differences))
    return f"event {found.event_id}, {found.field}{f' at {found.pointer}' if found.pointer else ''}"
