"""What AWS made up when an execution ran, and what hangs on it: random numbers, UUIDs, clocks, task tokens, names.

A replay cannot compute such values; it finds out what they feed. Beside the replayed execution, *shadows* of it take
the same decisions with another clock, from the other ends of the random numbers, under other names. A place that is the
same in all of them hangs on nothing that was made up, so there the recorded value must be the computed one. Where
shadows differ, the recorded value must be one that the same expression can have given: a UUID where a UUID is drawn, a
number of the range that is drawn from, a time of the moment of the event. What cannot be told so is never taken for
equal.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple
from weakref import WeakKeyDictionary

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine import Execution, Settings, step
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.execution import Phase
from sfdebug.errors import DecisionError
from sfdebug.json_pointer import value_at
from sfdebug.values import MISSING, Json, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.engine.execution.decisions import BranchId, Decision
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.execution import CompiledMachine
    from sfdebug.history.recording import RecordedEvent, Recording

UNKNOWN_NAME: Final = "name-of-the-execution-not-recorded"
UNKNOWN_MACHINE: Final = "state-machine-not-recorded"
"""What stands in a replay for names that the recording does not say."""

_DRAWS: Final = re.compile(r"States\.(?:UUID|MathRandom)\b|\$(?:uuid|random|shuffle)\b")
_NUMBERS: Final = re.compile(r"States\.MathRandom\b|\$(?:random|shuffle)\b")
_CLOCK: Final = re.compile(r"\$(?:now|millis)\b")
_CONTEXT: Final = re.compile(r"\$\$|\$states\b(?!\s*\.\s*(?:input|result|errorOutput)\b)")
_SETTLED: Final = re.compile(
    r"(?:\$\$|\$states\.context)\.(?:Map\.Item\.(?:Index|Value)|Execution\.Input|State\.(?:Name|RetryCount))\b"
)
"""What stands in the Context object and hangs on the data alone: it is the same with another clock and other names."""
_UPWARDS: Final = re.compile(r"[`^%]")
"""What can lead from a place to what is around it, in one query language or another."""
_SPACE: Final = re.compile(r"""('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|\s+""")
"""White space that is not within quotes."""

_EARLIER: Final = -((403 * 24 + 7) * 3_600_000 + 1_177_113)
_LATER: Final = (811 * 24 + 4) * 3_600_000 + 2_483_387
"""By how many milliseconds the clocks of shadows differ: every digit of a date changes."""
LOW: Final = (0.0, 1e-9)
HIGH: Final = (1.0 - 1e-9, 1.0)
_BETWEEN: Final = ((0.31830988618, 0.31830988619), (0.57721566490, 0.57721566491))
"""Where numbers are drawn, some between the ends, too: one of three cases, and how many decimals there are, show."""


class Dependence(StrEnum):
    """What a place of a computed value, where the recorded one is another, hangs on."""

    NOTHING = "nothing"
    """Nothing that was made up, or it could not have become the recorded value: the two differ."""
    DRAWN = "drawn"
    """AWS made it up when the execution ran, and the same expression can have given the recorded value."""
    NOT_RECORDED = "not recorded"
    """It holds the execution's name, or another fact of it, that the recording does not say."""
    NOT_TRACED = "not traced"
    """It hangs on something that was made up in a way that cannot be followed back."""


class Nature(StrEnum):
    """What a shadow has otherwise than the replayed execution."""

    CLOCK = "clock"
    CHANCE = "chance"
    NAMES = "names"


class Shadow(Struct):
    """The same execution with other made-up values. `offset` is how far its clock is off, in milliseconds."""

    nature: Nature
    settings: Settings
    offset: int
    execution: Execution


class Shadows:
    """The shadows of an execution, in step with it.

    Where one of them goes another way, `parted` says in which branch the way hangs on what was made up, and by what;
    it is then begun anew from the execution itself.
    """

    def __init__(self, execution: Execution, unknown: frozenset[str] = frozenset()) -> None:
        """`unknown` holds the names of the settings that the recording does not say."""
        self.made_up: dict[str, Dependence] = {}
        """The strings that stand for what was made up, or is not known, in the execution and in its shadows."""
        self.parted: dict[BranchId, Nature] = {}
        self._muddied: set[int] = set()
        settings = execution.settings
        for name in unknown:
            self.made_up[str(getattr(settings, name))] = Dependence.NOT_RECORDED
        self._all = [
            Shadow(nature, changed, offset, replace(execution, settings=changed))
            for nature, changed, offset in _variations(_sources_of(execution.program), settings, unknown)
        ]
        for shadow in self._all:
            for name in unknown:
                self.made_up[str(getattr(shadow.settings, name))] = Dependence.NOT_RECORDED

    def __bool__(self) -> bool:
        """Whether the definition reads anything that is made up."""
        return bool(self._all)

    def follow(self, before: Execution, decision: Decision, after: Execution) -> None:
        """Take the step that the execution took from `before` to `after`."""
        for shadow in self._all:
            try:
                moved = step(shadow.execution, decision)
            except DecisionError:
                moved = None
            if moved is None or not _is_in_step(moved, after):
                self._begin_anew(shadow, before, after)
            else:
                shadow.execution = moved
                self._note_token(moved)
        if self._all:
            self._note_token(after)

    def _begin_anew(self, shadow: Shadow, before: Execution, after: Execution) -> None:
        moved = after.moved
        self.parted[moved] = shadow.nature
        shadow.execution = replace(after, settings=shadow.settings)
        for execution in (before, after):
            self._muddied |= {branch.visit.number for branch in execution.branches.values() if branch.visit is not None}

    def _note_token(self, execution: Execution) -> None:
        branch = execution.branches.get(execution.moved)
        if branch is not None and branch.request is not None and branch.request.task_token:
            self.made_up[branch.request.task_token] = Dependence.DRAWN

    def agree(self, execution: Execution, branch_id: BranchId) -> None:
        """Give a branch of each shadow the values that the execution's own goes on with: those are known now."""
        branch = execution.branches.get(branch_id)
        if branch is None:
            return
        for shadow in self._all:
            other = shadow.execution.branches.get(branch_id)
            if other is None:
                continue
            if branch.phase is Phase.READY:
                other = replace(other, input=branch.input, variables=branch.variables)
            elif branch.visit is not None and other.visit is not None:
                visit = replace(other.visit, output=branch.visit.output, assigned=branch.visit.assigned)
                other = replace(other, visit=visit)
            branches = {**shadow.execution.branches, branch_id: other}
            shadow.execution = replace(shadow.execution, branches=branches)

    def is_muddied(self, visit: int) -> bool:
        """Whether a shadow was begun anew during a visit, so that it does not show what the visit hangs on."""
        return visit in self._muddied

    def is_alike(self, execution: Execution, branch_id: BranchId) -> bool:
        """Whether a branch has the same input and variables in all shadows: they hang on nothing that is made up."""
        branch = execution.branches[branch_id]
        for shadow in self._all:
            other = shadow.execution.branches.get(branch_id)
            if other is None or other.input != branch.input or other.variables != branch.variables:
                return False
        return True

    def read(self, find: Callable[[Execution], Value]) -> list[tuple[Shadow, Value]]:
        """What each shadow has at the place that `find` reads."""
        found = []
        for shadow in self._all:
            try:
                found.append((shadow, find(shadow.execution)))
            except (KeyError, IndexError, AttributeError):
                found.append((shadow, MISSING))
        return found


def _is_in_step(shadow: Execution, after: Execution) -> bool:
    """Whether a shadow came to where the execution came: the same branches, states, phases and kinds of events."""
    if shadow.status is not after.status or len(shadow.events) != len(after.events):
        return False
    if shadow.branches.keys() != after.branches.keys():
        return False
    mine, theirs = shadow.branches.get(after.moved), after.branches.get(after.moved)
    if mine is None or theirs is None:
        return mine is theirs
    return mine.phase is theirs.phase and mine.state_name == theirs.state_name


class _Sources(NamedTuple):
    """Whether a definition reads the Context object or a clock, and whether it draws, numbers among it."""

    context: bool
    clock: bool
    draws: bool
    numbers: bool


_SOURCES: Final[WeakKeyDictionary[CompiledMachine, _Sources]] = WeakKeyDictionary()
"""What programs read: worked out once for each, not for each of many recordings."""


def _sources_of(program: CompiledMachine) -> _Sources:
    found = _SOURCES.get(program)
    if found is None:
        text = "\n".join(map(_unsettled, _texts_in(program.machine.scope.states)))
        patterns = (_CONTEXT, _CLOCK, _DRAWS, _NUMBERS)
        found = _SOURCES[program] = _Sources(*(pattern.search(text) is not None for pattern in patterns))
    return found


def reads_what_is_made_up(state: State) -> bool:
    """Whether a state's fields draw, or read a clock or what of the Context object is not the same in every run."""
    text = "\n".join(map(_unsettled, _texts_in({state.name: state})))
    return any(pattern.search(text) is not None for pattern in (_CONTEXT, _CLOCK, _DRAWS))


def _texts_in(states: Mapping[str, State]) -> Iterator[str]:
    """All that is written in the fields of states, names of fields included."""
    stack: list[Json] = [dict(state.fields) for state in states.values()]
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            stack += value
            stack += value.values()
        elif isinstance(value, list):
            stack += value


def _unsettled(text: str) -> str:
    """An expression without what it reads of the Context object that nobody made up. What could lead up from there, to
    the rest of it, keeps all of that in."""
    if "$" not in text:
        return text
    inner = text[2:-2] if text.startswith("{%") and text.endswith("%}") else text
    return text if _UPWARDS.search(inner) else _SETTLED.sub("", text)


def _variations(
    sources: _Sources, settings: Settings, unknown: frozenset[str]
) -> Iterable[tuple[Nature, Settings, int]]:
    """The settings of the shadows that a definition needs: none where it reads nothing that is made up."""
    if sources.context or sources.clock:
        for offset in (_EARLIER, _LATER):
            yield Nature.CLOCK, replace(settings, start_time=settings.start_time + offset), offset
    if sources.draws:
        parts = (LOW, HIGH, *_BETWEEN) if sources.numbers else (LOW, HIGH)
        for number, (low, high) in enumerate(parts, 1):
            yield Nature.CHANCE, replace(settings, seed=settings.seed + number, draws_from=low, draws_below=high), 0
    if sources.context:
        names = {name: f"{getattr(settings, name)}-shadow" for name in unknown}
        # Another seed gives other task tokens; where something is drawn, the shadows of chance have those.
        seed = settings.seed if sources.draws else settings.seed + 9
        yield Nature.NAMES, replace(settings, seed=seed, **names), 0


_FACTS: Final = ("name", "state_machine_name", "region", "account", "role_arn")
"""The settings that the Context object shows, by which names a recording's facts say them, too."""


def unknown_settings(recording: Recording, settings: Settings) -> frozenset[str]:
    """The settings that the recording does not say and nobody gave."""
    known, stand_ins = recording.facts, replace(Settings(), name=UNKNOWN_NAME, state_machine_name=UNKNOWN_MACHINE)
    return frozenset(
        name for name in _FACTS if not getattr(known, name) and getattr(settings, name) == getattr(stand_ins, name)
    )


def draws_of(fields: Mapping[str, Json]) -> list[str]:
    """The texts in a state's fields by which it draws a random value, sorted."""
    found: list[str] = []
    stack: list[Json] = list(fields.values())
    while stack:
        value = stack.pop()
        if isinstance(value, str):
            if _DRAWS.search(value):
                found.append(_SPACE.sub(lambda match: match[1] or "", value))
        elif isinstance(value, dict):
            stack.extend(value.values())
        elif isinstance(value, list):
            stack.extend(value)
    return sorted(found)


def _nature_of(expression: Value) -> Nature | None:
    """What an expression makes up of itself: a random value, a time; None when it makes up nothing."""
    if not isinstance(expression, str):
        return None
    if _DRAWS.search(expression):
        return Nature.CHANCE
    return Nature.CLOCK if _CLOCK.search(expression) else None


def drawn_failure(machine: StateMachine, recorded: RecordedEvent, computed: Event | None) -> Nature | None:
    """What an expression hangs on that failed in only one of two events, where AWS made that up."""
    found = [recorded.details] if recorded.type == EventType.EVALUATION_FAILED else []
    if computed is not None and computed.type == EventType.EVALUATION_FAILED:
        found.append(computed.details or {})
    if len(found) != 1:
        return None
    name, location = found[0].get("state"), found[0].get("location")
    state = next((one for one in machine.walk() if one.name == name), None)
    if state is None or not isinstance(location, str):
        return None
    return _nature_of(value_at(dict(state.fields), f"/{location}"))
