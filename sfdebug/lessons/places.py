"""Takes a debugger to a place that a lesson names: right before a state, or before a stage of a visit."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import StopReason
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.errors import SfdebugError
from sfdebug.tasks.mock_config import ordinal
from sfdebug.text import counted

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.debugger import Debugger
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.lessons.model import LessonPlace

MOST_STAGES: Final = 20_000
"""So many stages of a run are gone through: a lesson has some dozens, and a machine that never ends has no end."""

_ORDER: Final = {name: index for index, name in enumerate(StageName)}
_WITH_DEFAULTS: Final = frozenset(
    (
        StageName.INPUT_PATH, StageName.PARAMETERS, StageName.ARGUMENTS, StageName.ITEMS_PATH, StageName.ITEM_SELECTOR,
        StageName.RESULT_SELECTOR, StageName.RESULT_PATH, StageName.ASSIGN, StageName.OUTPUT_PATH,
    )
)  # fmt: skip
"""Fields that a state can do without: the place of their stage is where it would be."""


class PlaceError(SfdebugError):
    """A place of a lesson that its run does not come to."""


def go_to(debugger: Debugger, place: LessonPlace) -> None:
    """Put the cursor at a place of the current fork: it goes from the start, stage by stage.

    Raises:
        PlaceError: When the run does not come there. The cursor is where the run came to.
    """
    place = _checked(debugger, place)
    debugger.restart()
    if place.stage not in (None, StageName.INPUT):
        _walk(debugger, _Arrival(place).has_passed, place)
        debugger.step_back()
    elif place.state:  # nothing is explored beyond it: what is decided there makes no fork
        _walk(debugger, _Approach(debugger, place).has_come, place)
    elif place.is_end:
        _walk(debugger, is_at_end, place)


def is_at_end(debugger: Debugger) -> bool:
    """Whether the execution is over where a debugger stands, and no redrive was recorded behind it."""
    timeline = debugger.timeline
    node, fork = timeline.cursor.node, timeline.fork
    if not position_at(debugger.cursor).is_over:
        return False
    while fork.after(node) is None and timeline.is_on_recording and timeline.replay_more():
        pass
    return timeline.fork.after(node) is None


def _walk(debugger: Debugger, has_come: Callable[[Debugger], bool], place: LessonPlace) -> None:
    for _ in range(MOST_STAGES):
        if has_come(debugger):
            return
        before = debugger.cursor
        stop = debugger.step_into()
        if debugger.cursor == before:
            raise _not_reached(debugger, stop.reason, stop.text, place)
    raise PlaceError(
        f"the run goes through {MOST_STAGES:,} stages and does not come to {place}",
        where=debugger.machine.name,
        fix="If the machine never ends, choose a place before.",
    )


class _Approach:
    """Notices that the branch in focus is about to enter a state, for the time that is wanted.

    It counts as it goes along: each step of the run is looked at once.
    """

    def __init__(self, debugger: Debugger, place: LessonPlace) -> None:
        """`debugger` stands at its start."""
        self._place = place
        self._node = debugger.cursor.node
        self._entered = 0

    def has_come(self, debugger: Debugger) -> bool:
        """Whether the run has come there with the last step."""
        node = last = debugger.cursor.node
        while node is not self._node and node.parent is not None:
            self._entered += node.entered is not None and node.entered[-1] == self._place.state
            node = node.parent
        self._node = last
        position = position_at(debugger.cursor)
        is_at_hand = position.is_ready and position.state is not None and position.state.name == self._place.state
        return is_at_hand and self._entered + 1 == self._place.visit


class _Arrival:
    """Notices that a run has passed a place: the state has been entered, or the stage has come about."""

    def __init__(self, place: LessonPlace) -> None:
        self._place = place
        self._visits: dict[int, int] = {}
        """Which visit of the state each is, from 1, by its number in the run."""

    def has_passed(self, debugger: Debugger) -> bool:
        """Whether the run has come past it with the last step."""
        place, position = self._place, position_at(debugger.cursor)
        visit = position.visit
        if visit is None or visit.state.name != place.state:
            return False
        if self._visits.setdefault(visit.number, len(self._visits) + 1) != place.visit:
            return False
        return place.stage is None or _stands_behind(visit, position.revealed, place)


def _stands_behind(visit: Visit, revealed: int, place: LessonPlace) -> bool:
    """Whether the stage has come about, or one that it would be before."""
    assert place.stage is not None, "asked of stages alone"
    stages = visit.stages[:revealed]
    if sum(stage.name is place.stage for stage in stages) >= place.occurrence:
        return True
    if place.stage not in _WITH_DEFAULTS or place.occurrence > 1 or not stages:
        return False
    last = stages[-1]  # a Map Run that waits for its items is put behind the fields that it then has
    is_in_order = last.name is not StageName.MAP_RUN or last.status is not StageStatus.WAITING
    return is_in_order and _ORDER[last.name] > _ORDER[place.stage]


def _checked(debugger: Debugger, place: LessonPlace) -> LessonPlace:
    """The place, whose state there is. Raises PlaceError for one that there is not."""
    names = [state.name for state in debugger.machine.walk()]
    if f"{place.state}/{place.stage}" in names:  # a state whose name ends as if a stage were meant
        return replace(place, state=f"{place.state}/{place.stage}", stage=None)
    if not place.state or place.state in names:
        return place
    near = get_close_matches(place.state, names, 1)
    state, _, stage = place.state.rpartition("/")
    if state in names:
        near_stage = get_close_matches(stage, list(StageName), 1)
        raise PlaceError(
            f"there is no stage '{stage}'",
            where=debugger.machine.name,
            fix=f"Did you mean '{state}/{near_stage[0]}'?" if near_stage else f"There are: {', '.join(StageName)}.",
        )
    raise PlaceError(
        f"there is no state '{place.state}'",
        where=debugger.machine.name,
        fix=f"Did you mean '{near[0]}'?" if near else f"There are: {', '.join(names)}.",
    )


def _not_reached(debugger: Debugger, reason: StopReason, why: str, place: LessonPlace) -> PlaceError:
    name = debugger.machine.name
    if reason is StopReason.QUESTION and debugger.question is not None:
        asking = debugger.question.state.name
        what = f"the run does not come to {place}: the Task '{asking}' waits for an answer that nobody gives"
        return PlaceError(
            what, where=name, fix=f"Give '{asking}' an answer in the mock file, or have it answered before."
        )
    entered = sum(visit.state.name == place.state for visit in debugger.execution.visits)
    if place.stage is not None and entered >= place.visit:
        visits = [visit for visit in debugger.execution.visits if visit.state.name == place.state]
        names = dict.fromkeys(stage.name for stage in visits[place.visit - 1].stages)
        fix = f"The stages of that visit: {', '.join(names)}."
        return PlaceError(f"the run does not come to {place}", where=name, fix=fix)
    times = f"'{place.state}' is entered {counted(entered, 'time')}" if entered else f"'{place.state}' is never entered"
    visit = f", and a {ordinal(place.visit)} visit is asked for" if entered else ""
    end = "" if reason in (StopReason.END, StopReason.EDGE) else f" ({why})"
    return PlaceError(f"the run does not come to {place}: {times}{visit}{end}", where=name, fix="Name another place.")
