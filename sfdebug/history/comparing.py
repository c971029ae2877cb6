"""Comparing a computed event with the recorded one: which fields count, what counts as equal, what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from sfdebug.errors import UsageError
from sfdebug.history.leaves import Equal, Leaf, leaves
from sfdebug.history.recording import PAYLOADS, RecordedEvent, parse_payload
from sfdebug.values import MISSING, Json, Value, compact, same

if TYPE_CHECKING:
    from sfdebug.engine.decisions import BranchId
    from sfdebug.engine.events import Event
    from sfdebug.history.unknowable import Unknowable

TIMESTAMPS: Final = "timestamps"
_FIELD_NAMES: Final = frozenset(
    {"assignedVariables", "cause", "error", "heartbeatInSeconds", "index", "input", "length", "location", "name",
     "output", "parameters", "previousEventId", "region", "resource", "resourceType", "roleArn", "state",
     "taskCredentials", "timeoutInSeconds", "workerName"}
)  # fmt: skip
"""The fields of events that can be ignored by name. Source: AWS API, the `…EventDetails` shapes."""
_LENIENT: Final = frozenset({"mapRunArn", "stateMachineAliasArn", "stateMachineVersionArn", "region"})
"""Fields that say where the execution ran, not what it did: compared only when strict."""
_DATA: Final = (*PAYLOADS, "assignedVariables", "cause", "error", "location")
"""The fields that are left out when a history is recorded without execution data."""


class Agreement(StrEnum):
    """Where the value of a field comes from when an execution is replayed."""

    BOTH = "recorded and computed agree"
    RECORDED = "recorded"
    """AWS recorded it, and the engine did not come to that event, or cannot know it (a UUID, a task token)."""
    COMPUTED = "computed"
    """The engine computed it, and AWS did not record it."""
    DIFFER = "recorded and computed differ"


@dataclass(frozen=True, slots=True)
class Difference:
    """One place where the recorded and the computed execution part.

    `field` is the name of the event's field, "type" for another event altogether, or "timestamps"; `pointer` the place
    inside a payload, "" for all of it. `kind` is "path" (other events), "data", "timing", or "unknown": nothing differs
    as far as is known, but the recording lacks what is needed to go on. `is_end` says that the replay could not follow
    the recording beyond it.
    """

    event_id: int
    branch: BranchId
    state: str
    field: str
    recorded: Value
    computed: Value
    explanation: str = ""
    pointer: str = ""
    kind: str = "data"
    event_type: str = ""
    is_end: bool = False


@dataclass(frozen=True)
class Rules:
    """What counts as a difference.

    `ignore` holds names of fields, "timestamps", and JSON Pointers ("/updatedAt": that place in any payload, and all
    below it). Waits and retry delays may be `tolerance_seconds` off. When `strict`, what AWS makes up (UUIDs, task
    tokens, …) and where it ran count too. `equal` decides on values that are no objects or arrays.
    """

    ignore: frozenset[str] = frozenset()
    strict: bool = False
    tolerance_seconds: float = 2.0
    equal: Equal = same
    pointers: tuple[str, ...] = field(init=False, default=())

    def __post_init__(self) -> None:
        """Raises UsageError for a name that no event has."""
        for name in self.ignore:
            if not name.startswith("/") and name != TIMESTAMPS and name not in _FIELD_NAMES:
                raise UsageError(
                    f"'{name}' is nothing that can be ignored",
                    fix=f"Give {TIMESTAMPS}, a JSON Pointer like /updatedAt, or one of: "
                    f"{', '.join(sorted(_FIELD_NAMES))}.",
                )
        object.__setattr__(self, "pointers", tuple(name for name in self.ignore if name.startswith("/")))

    def has_pointer(self, pointer: str) -> bool:
        """Whether the place in a payload is ignored."""
        return any(pointer == ignored or pointer.startswith(f"{ignored}/") for ignored in self.pointers)


@dataclass(frozen=True, slots=True)
class FieldDifference:
    """How one field of an event differs: the leaves of a payload, or the two values."""

    field: str
    leaves: tuple[Leaf, ...]
    accepted: bool
    """Only in what nobody can compute; not a difference unless strict."""


class Comparer:
    """Compares events under rules. It keeps what it has parsed: an output is the next state's input again."""

    def __init__(self, rules: Rules, unknowable: Unknowable, *, has_data: bool = True) -> None:
        self.rules = rules
        self._has_data = has_data
        self._unknowable = unknowable
        self._values: dict[str, Value] = {}
        self._known_equal: dict[tuple[str, int], Json] = {}

    def event(self, recorded: RecordedEvent, computed: Event) -> list[FieldDifference]:
        """The fields in which a computed event of the same type differs."""
        found: list[FieldDifference] = []
        mine: Mapping[str, Json] = computed.details or {}
        for name, value in recorded.details.items():
            if name.endswith("Details") or name in self.rules.ignore:
                continue
            if name in _LENIENT and not self.rules.strict:
                continue
            if name in PAYLOADS:
                difference = self._payload(recorded, name, mine.get(name, MISSING), computed.state)
            elif name == "assignedVariables" and isinstance(value, dict):
                difference = self._variables(value, mine.get(name, MISSING), computed.state)
            else:
                difference = self.values(name, value, mine.get(name, MISSING), computed.state)
            if difference is not None:
                found.append(difference)
        found.extend(self._computed_only(recorded, mine))
        return found

    def _computed_only(self, recorded: RecordedEvent, mine: Mapping[str, Json]) -> list[FieldDifference]:
        """Fields that AWS did not record though it records such fields."""
        without = () if self._has_data else _DATA
        return [
            FieldDifference(name, (Leaf("", MISSING, value),), accepted=False)
            for name, value in mine.items()
            if name not in recorded.details
            and not name.endswith("Details")
            and name not in self.rules.ignore
            and name not in _LENIENT
            and name not in without
            and value is not None
        ]

    def _payload(self, recorded: RecordedEvent, name: str, computed: Value, state: str) -> FieldDifference | None:
        text = recorded.details[name]
        if recorded.is_truncated(name):
            return None
        if not isinstance(text, str):
            return self.values(name, text, computed, state)
        return self.text(name, text, computed, state)

    def text(self, name: str, text: str, computed: Value, state: str) -> FieldDifference | None:
        """Compare a computed value, given or got by `state`, with a payload's JSON text."""
        if computed is MISSING:
            return FieldDifference(name, (Leaf("", self.parsed(text), MISSING),), accepted=False)
        key = (text, id(computed))
        if key in self._known_equal or compact(computed) == text:  # the text that AWS writes, nearly always
            return None
        value = self.parsed(text)
        difference = self.values(name, text if value is MISSING else value, computed, state)
        if difference is None and isinstance(computed, dict | list):
            self._known_equal[key] = computed  # kept alive, so that its id stays its own
        return difference

    def parsed(self, text: str) -> Value:
        """The value of a payload's text, parsed once; MISSING when it is not JSON."""
        value = self._values.get(text)
        if value is None:
            value = self._values[text] = parse_payload(text)
        return value

    def _variables(self, recorded: Mapping[str, Json], computed: Value, state: str) -> FieldDifference | None:
        values: dict[str, Json] = {}
        for name, text in recorded.items():
            value = self.parsed(text) if isinstance(text, str) else text
            values[name] = text if value is MISSING else value
        return self.values("assignedVariables", values, computed, state)

    def values(self, name: str, recorded: Value, computed: Value, state: str) -> FieldDifference | None:
        """Compare two values of a field; None when they are equal, or what differs is ignored."""
        if name == "cause" and isinstance(recorded, str) and isinstance(computed, str):
            recorded, computed = _json_causes(recorded, computed)
        found = [
            leaf for leaf in leaves(recorded, computed, self.rules.equal) if not self.rules.has_pointer(leaf.pointer)
        ]
        if not found:
            return None
        open_leaves = [leaf for leaf in found if not self._unknowable.explains(leaf, state)]
        if not open_leaves and not self.rules.strict:
            return FieldDifference(name, tuple(found), accepted=True)
        return FieldDifference(name, tuple(open_leaves or found), accepted=False)


def _json_causes(recorded: str, computed: str) -> tuple[Value, Value]:
    """Causes that are JSON, as Lambda functions give them, are compared as JSON."""
    if recorded[:1] == "{" and computed[:1] == "{":
        left, right = parse_payload(recorded), parse_payload(computed)
        if isinstance(left, dict) and isinstance(right, dict):
            return left, right
    return recorded, computed
