"""What no replay can compute: values that AWS made up when the execution ran.

UUIDs and random numbers, task tokens, the execution's name where the recording does not say it, times to the
millisecond, and event ids inside causes where the replay numbers its events in another order.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sfdebug.expressions.timestamps import parse_timestamp

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.leaves import Leaf

UNKNOWN_NAME: Final = "name-of-the-execution-not-recorded"
UNKNOWN_MACHINE: Final = "state-machine-not-recorded"
"""What stands in a replay for names that the recording does not say."""

_UUID: Final = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", re.IGNORECASE)
_EVENT_ID: Final = re.compile(r"(?<=entered at the event id #)\d+")
_UUID_SOURCES: Final = ("States.UUID", "$uuid(")
_RANDOM_SOURCES: Final = ("States.MathRandom", "$random(", "$shuffle(")
_CLOCK_SOURCES: Final = ("$now(", "$millis(")
_CONTEXT_TIMES: Final = ("StartTime", "EnteredTime")
_CONTEXT: Final = ("$$", "$states.context")
_CLOSE: Final = 5_000
"""Milliseconds that times of the Context object may be apart: events and Context are not stamped at once."""


@dataclass(frozen=True, slots=True)
class _Sources:
    """What a state's fields draw from outside of the data."""

    uuids: bool
    random: bool
    clock: bool
    times: bool


class Unknowable:
    """Decides whether two leaves may differ because of what AWS made up. `add_token` tells of a task token."""

    def __init__(self, machine: StateMachine) -> None:
        self._states = {state.name: state for state in machine.walk()}
        self._sources: dict[str, _Sources] = {}
        assigned = [state.fields.get("Assign") for state in self._states.values()]
        self._in_variables = _sources(json.dumps([given for given in assigned if given is not None]))
        self._made_up: dict[str, None] = {UNKNOWN_NAME: None, UNKNOWN_MACHINE: None}
        self._recorded: dict[str, str] = {}
        self.event_ids: dict[int, int] = {}

    def add_token(self, token: str) -> None:
        """A task token that the replay made up."""
        self._made_up[token] = None

    def explains(self, leaf: Leaf, state: str) -> bool:
        """Whether the two values may be the same but for what AWS made up, when `state` gave or got them."""
        recorded, computed = leaf.recorded, leaf.computed
        sources = self._sources_of(state)
        if isinstance(recorded, str) and isinstance(computed, str):
            return self._explains_text(recorded, computed, sources)
        is_number = isinstance(recorded, int | float) and isinstance(computed, int | float)
        return is_number and not isinstance(recorded, bool) and (sources.random or sources.clock)

    def _sources_of(self, name: str) -> _Sources:
        """What the state draws from, what is inside it when it is a container, and what variables may hold."""
        known = self._sources.get(name)
        if known is None:
            state, variables = self._states.get(name), self._in_variables
            own = _sources(json.dumps(dict(state.fields))) if state is not None else variables
            known = self._sources[name] = _Sources(
                own.uuids or variables.uuids,
                own.random or variables.random,
                own.clock or variables.clock,
                own.times or variables.times,
            )
        return known

    def _explains_text(self, recorded: str, computed: str, sources: _Sources) -> bool:
        known = self._recorded.get(computed)
        if known is not None:
            return known == recorded
        if self._with_event_ids(computed) == recorded or _explains_time(recorded, computed, sources):
            return True
        parts = [re.escape(text) for text in self._made_up if text in computed]
        if sources.uuids:
            parts.append(_UUID.pattern)
        if not parts:
            return False
        pieces = re.split("|".join(parts), computed, flags=re.IGNORECASE)
        if len(pieces) < 2:
            return False
        fits = re.fullmatch(".+".join(map(re.escape, pieces)), recorded, re.DOTALL) is not None
        if fits:
            self._recorded[computed] = recorded
        return fits

    def _with_event_ids(self, computed: str) -> str:
        """A cause that says which event entered the state, with the recorded id."""
        return _EVENT_ID.sub(lambda match: str(self.event_ids.get(int(match[0]), match[0])), computed)


def _sources(text: str) -> _Sources:
    """What the JSON text of fields draws from. `$$` and `$states.context` alone can be the whole Context object."""
    has_times = any(f"{name}" in text for name in _CONTEXT_TIMES) or any(f'{name}"' in text for name in _CONTEXT)
    return _Sources(
        uuids=any(source in text for source in _UUID_SOURCES),
        random=any(source in text for source in _RANDOM_SOURCES),
        clock=any(source in text for source in _CLOCK_SOURCES),
        times=has_times,
    )


def _explains_time(recorded: str, computed: str, sources: _Sources) -> bool:
    if not (sources.clock or sources.times):
        return False
    left, right = parse_timestamp(recorded), parse_timestamp(computed)
    return left is not None and right is not None and abs(left - right) <= _CLOSE
