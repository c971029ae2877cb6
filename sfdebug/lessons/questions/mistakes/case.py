"""What a mistake is made of: the question at hand with its right answer, and the engine for altered machines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.engine.execution.visit import StageName
from sfdebug.errors import SfdebugError
from sfdebug.lessons.questions.ahead import TooFarError
from sfdebug.lessons.questions.altering import with_state, without_fields
from sfdebug.lessons.questions.answers import Found, answer_in
from sfdebug.lessons.questions.subjects import visit_in
from sfdebug.values import Json, Value

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger import Debugger
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Stage, Visit
    from sfdebug.lessons.model import Asked, PredictKind
    from sfdebug.lessons.questions.ahead import Ahead, Foresight
    from sfdebug.lessons.questions.subjects import Subject

_MOST_SUSPECTS: Final = 6
_MOST_TOO_FAR: Final = 2
"""After so many altered machines that ran for too long no more are tried: the others would, too."""
_MOST_VISITS: Final = 400


class Wrong(Struct, frozen=True):
    """A wrong answer, and the sentence that mends it. Without a value, `error` is what it fails with."""

    value: Value
    sentence: str
    error: str = ""


Find: TypeAlias = "Callable[[Case], Iterable[Wrong]]"


class KnownMistake(Struct, frozen=True):
    """A mistake that people make: its id, the kinds of questions in which it shows, what somebody thinks who makes it,
    and what finds it in a question.

    `stages` are those whose questions it shows in, none where it is about whole states; None for whatever is asked.
    """

    id: str
    kinds: frozenset[PredictKind]
    thinks: str
    find: Find
    stages: tuple[StageName, ...] | None = ()

    def is_about(self, stage: StageName | None) -> bool:
        """Whether it can show in a question about a stage; None is a whole state."""
        return stage is None or self.stages is None or stage in self.stages


class Case:
    """A question where it is asked, with its right answer `found` in what comes `ahead`.

    `state` is the one that it is about, None for the whole execution.
    """

    def __init__(
        self, foresight: Foresight, asked: Asked, subject: Subject, state: State | None, ahead: Ahead, found: Found
    ) -> None:
        self.foresight = foresight
        self.asked = asked
        self.subject = subject
        self.state = state
        self.ahead = ahead
        self.found = found
        self._too_far = 0

    @property
    def debugger(self) -> Debugger:
        """The session that is asked about. It is not moved."""
        return self.foresight.debugger

    @property
    def visit(self) -> Visit | None:
        """The visit that the question is about, as it stands where the answer was found; None for an execution."""
        return self.found.visit

    @cached_property
    def visits(self) -> tuple[Visit, ...]:
        """The visits between the place of the question and its answer, the newest first; the one at hand included."""
        execution = self.found.execution
        if execution is None:
            return ()
        over = islice(reversed(execution.visits), _MOST_VISITS)
        live = (branch.visit for branch in execution.branches.values() if branch.visit is not None)
        found = {visit.number: visit for visit in (*over, *live) if visit.number >= self.subject.since}
        return tuple(found[number] for number in sorted(found, reverse=True))

    @cached_property
    def suspects(self) -> tuple[tuple[State, Visit], ...]:
        """The states whose fields the answer may hang on, each with its last visit, the nearest to the answer first."""
        mine = self.visit
        if self.asked.stage is not None and mine is not None:
            return ((mine.state, mine),)
        found: dict[tuple[str | int, ...], tuple[State, Visit]] = {}
        for visit in self.visits:
            is_only_given = mine is not None and visit.number == mine.number and self.is_about_input
            if not is_only_given:
                found.setdefault(visit.state.path, (visit.state, visit))
        return tuple(found.values())[:_MOST_SUSPECTS]

    @property
    def is_about_input(self) -> bool:
        """Whether it asks what a state gets."""
        return self.asked.kind == "input"

    @cached_property
    def base(self) -> Execution | None:
        """The execution before the visit at hand was entered; where none is, that at the cursor."""
        if not self.subject.is_at_hand:
            return self.ahead.first
        node = self.debugger.timeline.entering(self.subject.since)
        if node.parent is None or node.execution.visit_count < self.subject.since:
            return None
        self.foresight.keep_since(node.parent)
        return node.parent.execution

    @cached_property
    def can_alter(self) -> bool:
        """Whether an engine computed what is here: what was only recorded cannot be run under another machine."""
        recorded = self.debugger.recorded
        return recorded is None or recorded.replay is not None

    def altered(self, state: State, variables: Mapping[str, Json] | None = None) -> Found | None:
        """The answer if `state` stood in the definition; None where there is none then."""
        if not self.can_alter or self._too_far >= _MOST_TOO_FAR or self.base is None:
            return None
        try:
            ahead = self.foresight.altered(self.base, with_state(self.base.program, state), variables)
        except SfdebugError:
            return None
        # of another attempt: where its stage would give the same as in the one before, there is none
        for past in range(self.subject.past, -1, -1):
            try:
                return answer_in(ahead, self.asked, replace(self.subject, past=past), self.state)
            except TooFarError:
                self._too_far += 1
                return None
            except SfdebugError:
                continue
        return None

    def altering(
        self, change: Callable[[State, Visit], State | None], say: Callable[[State, Visit], str]
    ) -> Iterator[Wrong]:
        """The answers if the fields of a state were others, for each state that they may hang on."""
        for state, visit in self.suspects:
            other = change(state, visit)
            found = self.altered(other) if other is not None else None
            if found is not None:
                yield Wrong(found.value, say(state, visit), found.error)

    def skipping(
        self, name: str, is_there: Callable[[State, str], bool], say: Callable[[State, Visit], str]
    ) -> Iterator[Wrong]:
        """The answers if a field was not there, for each state that has it. Of the stage of that field, it is what the
        stage was given."""
        visit, stage = self.visit, self.found.stage
        if self.asked.stage is not None and str(self.asked.stage) == name:
            if visit is not None and stage is not None and is_there(visit.state, name):
                yield Wrong(stage.before, say(visit.state, visit))
            return
        yield from self.altering(lambda state, _: without_fields(state, name) if is_there(state, name) else None, say)

    def ended(self, visit: Visit) -> Visit:
        """A visit as it stands where the answer was found."""
        execution = self.found.execution
        return (visit_in(execution, visit.branch, visit.number) if execution is not None else None) or visit


def stage_of(visit: Visit, name: StageName) -> Stage | None:
    """The last stage with that name of a visit."""
    return next((stage for stage in reversed(visit.stages) if stage.name is name), None)
