"""Choosing who answers a Task, at the cursor or elsewhere: who that can be, and what becomes of what was explored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.definition import StateType
from sfdebug.debugger.stepping.answering import AnswererChoice, answered_at
from sfdebug.debugger.stepping.back import asking_node
from sfdebug.debugger.stepping.outside_calls import ended_node, request_at, request_before
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.verbs import Stop, StopReason, Verb, no_path, refused
from sfdebug.debugger.wording.answerers import in_words
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.errors import DecisionError
from sfdebug.expressions.jsonata.expression import is_jsonata_string
from sfdebug.tasks.answerers import REAL, AnswererKind

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StatePath
    from sfdebug.debugger.stepping.answering import Answering
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.position import Position
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.visit import Visit
    from sfdebug.tasks.answerers import Answerer
    from sfdebug.values import Json


class AnswererChoosing:
    """Who answers the Task of a state, and another one in its place."""

    def __init__(self, timeline: Timeline, answering: Answering) -> None:
        self.timeline = timeline
        self.answering = answering

    def request(self, path: StatePath | None = None) -> TaskRequest | None:
        """What the Task at the cursor asks, or at `path`: now, or last in the visit at hand; else as far as the
        definition tells. None for what is no Task."""
        here = position_at(self.timeline.cursor)
        state = self._state(here, path)
        if state is None or state.type is not StateType.TASK:
            return None
        if here.state is state and here.visit is not None:
            found = request_at(here.node, here.visit.branch) if _is_asking(here) else None
            if found is None and not _is_ahead(here):
                found = request_before(here.node, here.visit)
            if found is not None:
                return found
        return self._planned(here, state)

    def who_answers(self, path: StatePath | None = None) -> Answerer | None:
        """Who has answered the Task of the visit at hand, or else will; None for what is no Task."""
        request = self.request(path)
        if request is None:
            return None
        return self.who_has_answered(path) or self.answering.who(request)

    def who_has_answered(self, path: StatePath | None = None) -> Answerer | None:
        """Who has answered the Task of the visit at hand; None where it waits, or another attempt is to come."""
        here = position_at(self.timeline.cursor)
        is_there = here.visit is not None and path in (None, here.visit.state.path)
        if here.visit is None or not is_there or _is_asking(here) or _is_ahead(here):
            return None
        return self.who_answered(here.visit, until=here.node)

    def who_has_answered_ahead(self, path: StatePath | None = None) -> Answerer | None:
        """Who has given the answer that a state's Task is going to get without anybody being asked anew: it is explored
        further on on this fork, or what would be called was called in this attempt. None where nobody has."""
        here = position_at(self.timeline.cursor)
        state, fork = self._state(here, path), self.timeline.fork
        if state is None or state.type is not StateType.TASK:
            return None
        visit = here.visit if here.state is state else None
        if visit is None:
            at = self.timeline.facts.stop_after(here.node.index, [state.path], on_fault=False)
            entered = fork.nodes[at] if at is not None else None
            branch = entered.execution.branches.get(entered.moved) if entered is not None else None
            return self.who_answered(branch.visit) if branch is not None and branch.visit is not None else None
        asking = asking_node(ended_node(fork, visit) or fork.nodes[-1], visit)
        if asking is not None and asking.index >= here.node.index and (who := self.who_answered(visit)) is not None:
            return who
        request = request_at(here.node, visit.branch) if _is_asking(here) else None
        if request is None:
            return None
        who = self.answering.who(request)
        return who if who.kind in REAL and self.answering.about_to_call(request) is None else None

    def who_answered(
        self, visit: Visit, attempt: int | None = None, *, until: TimelineNode | None = None
    ) -> Answerer | None:
        """Who has answered an attempt of a visit's Task, by default the last one on the current fork, `until` a node of
        it; None where nobody has."""
        fork = self.timeline.fork
        ended = ended_node(fork, visit) or fork.nodes[-1]
        last = until if until is not None and until.index < ended.index else ended
        node = asking_node(last, visit)
        while node is not None:
            after = fork.after(node)
            request, answer = answered_at(after) if after is not None else (None, None)
            is_it = request is not None and request.branch == visit.branch
            is_it = is_it and request is not None and attempt in (None, request.attempt)
            if is_it and after is not None and request is not None and answer is not None:
                return self.answering.who_gave(request, answer, after)
            node = asking_node(node.parent, visit) if node.parent is not None else None
        return None

    def why_not(self, path: StatePath | None = None) -> Stop | None:
        """Why nobody can be chosen; None when somebody can."""
        here = position_at(self.timeline.cursor)
        state = self._state(here, path)
        if state is None:
            return refused("there is no state here")
        if state.type is not StateType.TASK:
            return refused(f"{named(state.name)} is a {state.type}, not a Task")
        return None

    def choose(self, kind: AnswererKind, path: StatePath | None, *, every: bool) -> Stop:
        """Have the Task be answered by that kind from now on, or in the attempt at hand alone.

        Where the cursor is after its answer, or where that is explored already, a fork goes on from before it.
        """
        refusal = (no_path(path) if path is not None else None) or self.why_not(path)
        if refusal is None and kind not in tuple(AnswererKind):
            refusal = refused(f"who answers a Task is one of {', '.join(AnswererKind)}")
        if refusal is not None:
            return refusal
        request = self.request(path)
        assert request is not None
        state = request.state
        who = next((one for one in self.answering.who_could(request) if one.kind is kind), None)
        if who is None or who.why_not:
            why = who.why_not if who is not None else f"nothing of the kind {kind.value} is given"
            return refused(f"{named(state.name)} cannot be answered so: {why}", Verb.ANSWER_TASK)
        here = position_at(self.timeline.cursor)
        base = here.node
        if here.visit is not None and here.visit.state is state and not _is_ahead(here):
            base = asking_node(here.node, here.visit) or base
        is_every = every or state is not here.state
        attempt = None if is_every else (request.branch, request.invocation)
        text = f"{named(state.name)} is answered by {in_words(who)}{'' if is_every else ', in this attempt'}"
        forked = None
        if self._is_answered_after(base, state, attempt):
            try:
                self.timeline.branch_off(base, text)
            except DecisionError as error:
                return refused(error.what)
            forked = self.timeline.current.id
        if base is not here.node or forked is not None:
            cursor = self.timeline.cursor
            is_same = base is cursor.node
            self.timeline.put_cursor(base, cursor.stage_offset if is_same else None, cursor.focus if is_same else None)
        self.answering.choose(
            AnswererChoice(state.path, kind, self.timeline.fork.id, len(self.timeline.lines), attempt)
        )
        return Stop(StopReason.CHANGED, text, forked)

    # inner workings

    def _state(self, here: Position, path: StatePath | None) -> State | None:
        if path is None or (here.state is not None and here.state.path == path):
            return here.state
        try:
            return here.execution.machine.state(path)
        except KeyError:
            return None

    def _planned(self, here: Position, state: State) -> TaskRequest:
        """What a Task would ask that has not: of its arguments, those that stand in the definition."""
        number = here.execution.invocations.get(state.path, 0)
        branch = here.focus if here.state is state else ()
        return TaskRequest(branch, state, _static(state), 1, number, 0)

    def _is_answered_after(self, base: TimelineNode, state: State, attempt: tuple[object, int] | None) -> bool:
        """Whether an answer is explored beyond a node that would be another's now; a recording is never made longer."""
        if self.timeline.is_on_recording:
            return True
        for node in self.timeline.nodes[base.index + 1 :]:
            request, _ = answered_at(node)
            is_of_it = request is not None and request.state.path == state.path
            if is_of_it and request is not None and attempt in (None, (request.branch, request.invocation)):
                return True
        return False


def _is_live(here: Position) -> bool:
    """Whether the visit at hand goes on at the cursor's node."""
    live = here.branch.visit if here.branch is not None else None
    return live is not None and here.visit is not None and live.number == here.visit.number


def _is_asking(here: Position) -> bool:
    """Whether the Task of the visit at hand waits for its answer at the cursor's node."""
    return _is_live(here) and here.branch is not None and here.branch.phase is Phase.ASKING


def _is_ahead(here: Position) -> bool:
    """Whether the next attempt of the visit at hand is still to come: after a Retry, or before the first."""
    branch = here.branch
    if branch is None or not _is_live(here):
        return False
    return branch.phase in (Phase.WORK, Phase.FAULT) or (branch.phase is Phase.SLEEPING and branch.work is None)


def _static(state: State) -> Json:
    """The arguments of a Task that are written as they are."""
    given = state.fields.get("Parameters", state.fields.get("Arguments"))
    if not isinstance(given, dict):
        return {}
    return {
        name: value
        for name, value in given.items()
        if not name.endswith(".$") and not (isinstance(value, str) and is_jsonata_string(value))
    }
