"""Comparing a computed event with the recorded one: which fields count, what counts as equal, what differs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from msgspec.json import encode as fast_json

from sfdebug.errors import UsageError
from sfdebug.history.leaves import MOST_LEAVES, Equal, Leaf, leaves
from sfdebug.history.recording import PAYLOADS, RecordedEvent, parse_payload
from sfdebug.history.replay.dependence import DependenceTracer, Window, unlike_each_other
from sfdebug.history.replay.nondeterminism import Dependence, Shadows
from sfdebug.history.replay.prefixes import KnownPart, known_parts, shared_start
from sfdebug.json_pointer import value_at
from sfdebug.values import MISSING, Json, Value, compact, same

if TYPE_CHECKING:
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import BranchId
    from sfdebug.engine.execution.events import Event

TIMESTAMPS: Final = "timestamps"
FIELD_NAMES: Final = frozenset(
    {"assignedVariables", "cause", "error", "heartbeatInSeconds", "index", "input", "length", "location", "name",
     "output", "parameters", "previousEventId", "region", "resource", "resourceType", "roleArn", "state",
     "taskCredentials", "timeoutInSeconds", "workerName"}
)  # fmt: skip
"""The fields of events that can be ignored by name. Source: AWS API, the `…EventDetails` shapes."""
_LENIENT: Final = frozenset({"mapRunArn", "stateMachineAliasArn", "stateMachineVersionArn", "region"})
"""Fields that say where the execution ran, not what it did: compared only when strict."""
_DATA: Final = (*PAYLOADS, "assignedVariables", "cause", "error", "location")
"""The fields that are left out when a history is recorded without execution data."""
_MARKS: Final = frozenset({"inputDetails", "outputDetails"})
"""What stands beside most payloads."""
_NAMES: Final = frozenset({"name", "resource", "resourceType", "region"})
"""Fields that are text in every event that has them."""
_OF_THE_ACCOUNT: Final = ("roleArn",)
"""Fields that say who ran it: tools leave them out."""
_MOST_TOLERANCE: Final = 1e9
"""More seconds than an execution may last (a year, AWS's quota for Standard ones), and safe to count in."""


def why_no_tolerance(seconds: Any) -> str | None:
    """Why waits cannot differ by so many seconds, in a sentence; None when they can."""
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    if is_number and 0 <= seconds < _MOST_TOLERANCE:
        return None
    return f"{f'{seconds:g}' if isinstance(seconds, float) else repr(seconds)} is no number of seconds to tolerate"


class DifferenceKind(StrEnum):
    """What kind of a difference it is."""

    PATH = "path"
    """Other events."""
    DATA = "data"
    TIMING = "timing"
    UNKNOWN = "unknown"
    """Nothing differs as far as is known, but what is needed to tell is not recorded, or cannot be followed."""


class Difference(Struct, frozen=True, gc=False):
    """One place where the recorded and the computed execution part.

    `field` is the name of the event's field, "type" for another event altogether, or "timestamps"; `pointer` the place
    inside a payload, "" for all of it. `is_end` says that the replay could not follow the recording beyond it;
    `is_carried` that the same values stood at the same place of the state's input, so that it began earlier.
    """

    event_id: int
    branch: BranchId
    state: str
    field: str
    recorded: Value
    computed: Value
    explanation: str = ""
    pointer: str = ""
    kind: DifferenceKind = DifferenceKind.DATA
    event_type: str = ""
    is_end: bool = False
    is_carried: bool = False

    @classmethod
    def at(
        cls,
        event: RecordedEvent,
        branch: BranchId,
        state: str,
        field: str,
        recorded: Value,
        computed: Value,
        explanation: str = "",
        *,
        pointer: str = "",
        kind: DifferenceKind = DifferenceKind.DATA,
        is_end: bool = False,
        is_carried: bool = False,
    ) -> Difference:
        """A difference at a recorded event."""
        what = (recorded, computed, explanation, pointer, kind)
        return cls(event.id, branch, state, field, *what, event.type, is_end=is_end, is_carried=is_carried)


class Rules(Struct, frozen=True, dict=True):
    """What counts as a difference.

    `ignore` holds names of fields, "timestamps", and JSON Pointers ("/updatedAt": that place in any payload, and all
    below it). Waits and retry delays may take `tolerance_seconds` longer than their fields say, and `early_seconds`
    less: AWS is late now and then, never early. When `strict`, what AWS makes up (UUIDs, task tokens, …) and where it
    ran count too. `equal` decides on values that are no objects or arrays.
    """

    ignore: frozenset[str] = frozenset()
    strict: bool = False
    tolerance_seconds: float = 2.0
    early_seconds: float = 0.0
    equal: Equal = same

    def __post_init__(self) -> None:
        """Raises UsageError for a name that no event has."""
        for name in self.ignore:
            if not name.startswith("/") and name != TIMESTAMPS and name not in FIELD_NAMES:
                raise UsageError(
                    f"'{name}' is nothing that can be ignored",
                    fix=f"Give {TIMESTAMPS}, a JSON Pointer like /updatedAt, or one of: "
                    f"{', '.join(sorted(FIELD_NAMES))}.",
                )

    @cached_property
    def pointers(self) -> tuple[str, ...]:
        """What `ignore` says of places in payloads."""
        return tuple(name for name in self.ignore if name.startswith("/"))

    def has_pointer(self, pointer: str) -> bool:
        """Whether the place in a payload is ignored."""
        return any(pointer == ignored or pointer.startswith(f"{ignored}/") for ignored in self.pointers)


class FieldDifference(Struct, frozen=True, gc=False):
    """How one field of an event differs: the leaves of a payload, or the two values.

    `leaves` differ; the others are no difference as far as can be told, and the recorded values are taken over:
    `drawn` was made up by AWS, `unnamed` holds a fact of the execution that the recording does not say, of `untraced`
    it cannot be followed what it hangs on.
    """

    field: str
    leaves: tuple[Leaf, ...] = ()
    drawn: tuple[Leaf, ...] = ()
    unnamed: tuple[Leaf, ...] = ()
    untraced: tuple[Leaf, ...] = ()

    @property
    def taken(self) -> tuple[Leaf, ...]:
        """The leaves whose recorded values are taken over."""
        return self.drawn + self.unnamed + self.untraced


class ComparedValue(Struct, frozen=True):
    """What is being compared: the recorded event, when the value was computed, and where shadows have theirs.

    `is_muddied` says that the shadows show nothing of it.
    """

    event: RecordedEvent
    window: Callable[[], Window]
    find: Callable[[Execution], Value]
    is_muddied: bool = False


def is_written_as(value: Value, text: str) -> bool:
    """Whether `text` is how `value` is written, to the letter, so that it holds the same and nothing need be walked.

    False says nothing: a value can be written in many ways. msgspec writes most values as AWS does, in a tenth of the
    time; where it does not, or refuses, Python's own writer is asked, as it is where a null can stand for a NaN.
    """
    if value is MISSING:
        return False
    try:
        if fast_json(value) == text.encode() and "null" not in text:
            return True
    except (TypeError, ValueError, OverflowError, RecursionError):
        pass
    return compact(value) == text


class Comparer:
    """Compares events under rules. It keeps what it has parsed: an output is the next state's input again."""

    def __init__(self, rules: Rules, shadows: Shadows, tracer: DependenceTracer, *, has_data: bool = True) -> None:
        self.rules = rules
        self._has_data = has_data
        self._shadows = shadows
        self._tracer = tracer
        self._values: dict[str, Value] = {}
        self._known_equal: dict[tuple[str, int], Json] = {}

    def event(
        self,
        recorded: RecordedEvent,
        computed: Event,
        window: Callable[[RecordedEvent], Callable[[], Window]],
        *,
        is_muddied: bool = False,
        but: frozenset[str] = frozenset(),
    ) -> list[FieldDifference]:
        """The fields in which a computed event of the same type differs; those of `but` have been compared already."""
        found: list[FieldDifference] = []
        mine: Mapping[str, Json] = computed.details or {}
        for name, value in recorded.details.items():
            if name in but or name in _MARKS:
                continue
            theirs = mine.get(name, MISSING)
            if (value == theirs and name in _NAMES) or self.is_plainly_same(name, value, theirs):
                continue
            if name.endswith("Details") or name in self.rules.ignore:
                continue
            if name in _LENIENT and not self.rules.strict:
                continue
            subject = ComparedValue(recorded, window(recorded), _in_event(computed.id, name), is_muddied)
            difference = self.field(name, value, theirs, subject)
            if difference is not None:
                found.append(difference)
        if not mine.keys() <= recorded.details.keys():
            found.extend(self._computed_only(recorded, mine, but))
        return found

    def is_plainly_same(self, name: str, recorded: Json, computed: Value) -> bool:
        """Whether a field that is text, as nearly all are, is so to the letter: then no rule finds a difference in it.
        False says nothing."""
        if not isinstance(recorded, str):
            return False
        if name not in PAYLOADS:
            return recorded == computed
        if self._known_equal and (recorded, id(computed)) in self._known_equal:
            return True
        return is_written_as(computed, recorded)

    def field(self, name: str, recorded: Json, computed: Value, subject: ComparedValue) -> FieldDifference | None:
        """Compare one field of an event, as recorded, with the computed value; None when nothing differs."""
        if name in self.rules.ignore:
            return None
        if subject.event.is_truncated(name):
            return self._prefix(name, recorded, computed, subject)
        if name in PAYLOADS and isinstance(recorded, str):
            return self.text(name, recorded, computed, subject)
        if name == "assignedVariables" and isinstance(recorded, dict):
            return self._variables(recorded, computed, subject)
        return self.values(name, recorded, computed, subject)

    def _computed_only(
        self, recorded: RecordedEvent, mine: Mapping[str, Json], but: frozenset[str]
    ) -> list[FieldDifference]:
        """Fields that AWS did not record though it records such fields."""
        without = _OF_THE_ACCOUNT if self._has_data else (*_OF_THE_ACCOUNT, *_DATA)
        return [
            FieldDifference(name, (Leaf("", MISSING, value),))
            for name, value in mine.items()
            if name not in recorded.details
            and not name.endswith("Details")
            and name not in self.rules.ignore
            and name not in _LENIENT
            and name not in without
            and name not in but
            and value is not None
        ]

    def _prefix(self, name: str, recorded: Json, computed: Value, subject: ComparedValue) -> FieldDifference | None:
        """Compare what AWS left of a payload that it cut off: the values that are whole in it."""
        if not isinstance(recorded, str):
            return None
        pairs = []
        for part in known_parts(recorded):
            if self.rules.has_pointer(part.pointer):
                continue
            value = value_at(computed, part.pointer)
            is_alike = part.is_start and self._can_start(value, part, subject)
            if value is MISSING or not (is_alike or self.rules.equal(part.value, value)):
                pairs.append(Leaf(part.pointer, part.value, value))
        return self._sorted(name, pairs, (MISSING, computed), subject)

    def _can_start(self, value: Value, part: KnownPart, subject: ComparedValue) -> bool:
        """Whether a text begins as the recorded one that is cut off: as far as all of it hangs on nothing made up."""
        start = str(part.value)
        if not isinstance(value, str) or value.startswith(start):
            return isinstance(value, str)
        if self.rules.strict:
            return False
        others = [value_at(root, part.pointer) for _, root in self._shadows.read(subject.find)]
        known = shared_start([value, *(other for other in others if isinstance(other, str))])
        return len(known) < len(value) and start.startswith(known[: len(start)]) and len(known) < len(start)

    def text(self, name: str, text: str, computed: Value, subject: ComparedValue) -> FieldDifference | None:
        """Compare a computed value with a payload's JSON text."""
        if computed is MISSING:
            return FieldDifference(name, (Leaf("", self.parsed(text), MISSING),))
        if self.is_plainly_same(name, text, computed):  # the text that AWS writes, nearly always
            return None
        value = self.parsed(text)
        difference = self.values(name, text if value is MISSING else value, computed, subject)
        if difference is None and isinstance(computed, dict | list):
            self._known_equal[text, id(computed)] = computed  # kept alive, so that its id stays its own
        return difference

    def parsed(self, text: str) -> Value:
        """The value of a payload's text, parsed once; MISSING when it is not JSON."""
        value = self._values.get(text)
        if value is None:
            value = self._values[text] = parse_payload(text)
        return value

    def variables(self, recorded: Mapping[str, Json]) -> dict[str, Json]:
        """The values of recorded variables, each of which is a JSON text."""
        values: dict[str, Json] = {}
        for name, text in recorded.items():
            value = self.parsed(text) if isinstance(text, str) else text
            values[name] = text if value is MISSING else value
        return values

    def _variables(
        self, recorded: Mapping[str, Json], computed: Value, subject: ComparedValue
    ) -> FieldDifference | None:
        return self.values("assignedVariables", self.variables(recorded), computed, subject)

    def values(self, name: str, recorded: Value, computed: Value, subject: ComparedValue) -> FieldDifference | None:
        """Compare two values of a field; None when they are equal, or what differs is ignored."""
        if isinstance(recorded, str) and isinstance(computed, str) and recorded == computed:
            return None  # names, resources, regions: most fields
        is_json = name == "cause" and _are_json_causes(recorded, computed)
        if is_json:
            recorded, computed = parse_payload(str(recorded)), parse_payload(str(computed))
        # Behind any number of places that AWS made up there may be one that differs.
        most = None if self._shadows or self.rules.pointers else MOST_LEAVES
        found = [
            leaf
            for leaf in leaves(recorded, computed, self.rules.equal, most)
            if not self.rules.has_pointer(leaf.pointer)
        ]
        return self._sorted(name, found, (recorded, computed), subject, is_json=is_json)

    def _sorted(
        self,
        name: str,
        found: Sequence[Leaf],
        roots: tuple[Value, Value],
        subject: ComparedValue,
        *,
        is_json: bool = False,
    ) -> FieldDifference | None:
        """The leaves by what they hang on; None when there are none."""
        if not found:
            return None
        if self.rules.strict:
            return FieldDifference(name, tuple(found))
        others = self._shadows.read(subject.find)
        if is_json:
            others = [(shadow, parse_payload(value)) for shadow, value in others if isinstance(value, str)]
        window = subject.window()
        by_kind: dict[Dependence, list[Leaf]] = {kind: [] for kind in Dependence}
        for leaf in found:
            kind = self._tracer.dependence(leaf, subject.event, window, roots, others)
            if kind is Dependence.NOTHING and subject.is_muddied:
                kind = Dependence.NOT_TRACED
            by_kind[kind].append(leaf)
        related = unlike_each_other(by_kind[Dependence.DRAWN], others)
        by_kind[Dependence.NOT_TRACED] += related
        by_kind[Dependence.DRAWN] = [leaf for leaf in by_kind[Dependence.DRAWN] if leaf not in related]
        return FieldDifference(
            name,
            tuple(by_kind[Dependence.NOTHING][:MOST_LEAVES]),
            tuple(by_kind[Dependence.DRAWN]),
            tuple(by_kind[Dependence.NOT_RECORDED]),
            tuple(by_kind[Dependence.NOT_TRACED]),
        )


def _in_event(event_id: int, name: str) -> Callable[[Execution], Value]:
    """How to find a field of an event, by its computed id, in a shadow."""
    return lambda execution: (execution.events[event_id - 1].details or {}).get(name, MISSING)


def _are_json_causes(recorded: Value, computed: Value) -> bool:
    """Causes that are JSON, as Lambda functions give them, are compared as JSON."""
    return all(
        isinstance(cause, str) and cause[:1] == "{" and isinstance(parse_payload(cause), dict)
        for cause in (recorded, computed)
    )
