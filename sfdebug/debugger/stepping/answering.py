"""Who answers the Tasks of a session: its task handlers in their order, one of them that the user has chosen, or what
was answered before the session was opened again.

A choice is a setting of a fork from when it is made: it holds on that fork and on those that part from it later. It
answers nothing by itself: what is answered on the timeline stays answered so.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.asl.definition import StateType
from sfdebug.debugger.stepping.outside_calls import makes_calls, request_at
from sfdebug.engine.execution.decisions import AnswerTask, Provenance
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.tasks.answerers import REAL, USER, Answerer, AnswererKind, answer_by, answerers, first_answerer
from sfdebug.tasks.handler import FirstAnswer, checked_answer
from sfdebug.tasks.inside_calls import inside_calls
from sfdebug.tasks.nesting import nested_start
from sfdebug.tasks.outside import call_of, called_back, surroundings_in
from sfdebug.tasks.real_time import PacingHandler

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.timeline.forks import Fork
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.debugger.timeline.timeline import Timeline
    from sfdebug.engine.execution.decisions import Answer, BranchId
    from sfdebug.tasks.call_log import AttemptKey
    from sfdebug.tasks.handler import TaskHandler

_KINDS: Final = {
    Provenance.MOCKED: (AnswererKind.MOCK, AnswererKind.FILES),
    Provenance.RECORDED: (AnswererKind.RECORDING,),
    Provenance.FUNCTION: (AnswererKind.FUNCTION,),
    Provenance.SERVICE: (AnswererKind.SERVICE,),
    Provenance.COMPUTED: (AnswererKind.MACHINE,),
    Provenance.USER: (AnswererKind.USER,),
}
"""Who gives answers of a provenance."""

_REMEMBERED: Final = (Provenance.FUNCTION, Provenance.SERVICE, Provenance.COMPUTED)
"""Of answers that have, or may have, cost a call: those of a state machine that was run may have called in it."""


class AnswererChoice(Struct, frozen=True, gc=False):
    """Who is to answer a state's Task, from now on, or in one attempt, which the branch and the call's number tell.

    `fork` is the one on which that was chosen, when there were `forks` of them.
    """

    path: StatePath
    kind: AnswererKind
    fork: int
    forks: int
    attempt: tuple[BranchId, int] | None = None

    def applies(self, request: TaskRequest, fork: Fork) -> bool:
        """Whether it is about what a Task asks on a fork."""
        if self.path != request.state.path or self.attempt not in (None, (request.branch, request.invocation)):
            return False
        child: Fork | None = None
        at: Fork | None = fork
        while at is not None and at.id != self.fork:
            child, at = at, at.parent
        return at is not None and (child is None or child.id >= self.forks)


class Answering:
    """Asks the task handlers of a session; what is chosen of them by the user goes first."""

    def __init__(self, timeline: Timeline, tasks: TaskHandler | None) -> None:
        self.timeline = timeline
        self.tasks = tasks
        self.choices: tuple[AnswererChoice, ...] = ()
        """What was chosen, the newest last."""
        self.inside: Callable[[TaskRequest], Answer | None] = lambda request: None
        """What a Task gets of an execution that was stepped into."""
        self.under_way: TaskRequest | None = None
        """What a handler is asked just now, by whichever thread: a call takes its time."""
        self._remembered: dict[AttemptKey, Answer] = {}
        self._resets = 0
        """How often services had been reset when that was taken in."""

    # asking

    def ask(self, node: TimelineNode, request: TaskRequest) -> Answer | None:
        """The answer to a question at a node; None where the user is to be asked."""
        if self.is_unanswered(node, request):
            return None
        answer = self._inside(request) or self._remembered_answer(request) or self.ask_anew(request)
        if answer is None:
            self.timeline.unanswered.add((node.id, request.branch))
            return None
        return checked_answer(answer, request)

    def _inside(self, request: TaskRequest) -> Answer | None:
        """What comes of an execution that was stepped into, unless somebody else is to answer."""
        return self.inside(request) if self.choice_for(request) in (None, AnswererKind.MACHINE) else None

    def ask_anew(self, request: TaskRequest) -> Answer | None:
        """What the handlers answer now, or the one alone that was chosen."""
        choice = self.choice_for(request)
        if self.tasks is None or choice is AnswererKind.USER:
            return None
        self.under_way = request
        began = monotonic()
        try:
            return self.tasks.answer(request) if choice is None else answer_by(self.tasks, request, choice)
        finally:
            self.under_way = None
            if choice is not None and isinstance(self.tasks, PacingHandler):
                self.tasks.took(monotonic() - began)

    def foreseen(self, request: TaskRequest) -> Answer | None:
        """What a question will be answered, where that is known without the user, and without a call that leaves the
        program; None where it is not. Nothing is kept of having asked."""
        choice = self.choice_for(request)
        if self.tasks is None or choice is AnswererKind.USER:
            return None
        known = self._remembered_answer(request)
        if known is not None:
            return known
        kind = choice or first_answerer(self.tasks, request).kind
        if _leaves_program(self.tasks, request, kind) and call_of(self.tasks, request) is None:
            return None
        tasks = (
            FirstAnswer(*getattr(self.tasks, "handlers", ())) if isinstance(self.tasks, PacingHandler) else self.tasks
        )
        answer = tasks.answer(request) if choice is None else answer_by(tasks, request, choice)
        return None if answer is None else checked_answer(answer, request)

    def is_unanswered(self, node: TimelineNode, request: TaskRequest) -> bool:
        """Whether nobody but the user answers a question at a node, as far as that is known."""
        if self.tasks is None or self.choice_for(request) is AnswererKind.USER:
            return True
        key = (node.id, request.branch)
        if key in self.timeline.unanswered and called_back(self.tasks, request):
            self.timeline.unanswered.discard(key)
        return key in self.timeline.unanswered

    # what is chosen

    def choice_for(self, request: TaskRequest, fork: Fork | None = None) -> AnswererKind | None:
        """Who was chosen to answer a request on a fork, by default the current one; None where nobody was."""
        on = fork or self.timeline.fork
        return next((each.kind for each in reversed(self.choices) if each.applies(request, on)), None)

    def take_over(self, choices: Iterable[AnswererChoice]) -> None:
        """Have what was chosen under another definition, but for single attempts, on all forks that there will be."""
        self.choices = tuple(replace(one, fork=0, forks=1) for one in choices if one.attempt is None)

    def choose(self, choice: AnswererChoice) -> None:
        """Have a choice from now on. What nobody answered is asked again."""
        self.choices = (*self.choices, choice)
        waiting = [(id, branch) for id, branch in self.timeline.unanswered if self._is_about(choice, id, branch)]
        self.timeline.unanswered.difference_update(waiting)

    def _is_about(self, choice: AnswererChoice, node_id: int, branch: BranchId) -> bool:
        node = self.timeline.node(node_id)
        request = request_at(node, branch) if node is not None else None
        return request is not None and request.state.path == choice.path

    # who it is

    def who(self, request: TaskRequest) -> Answerer:
        """Who is going to be asked what a Task asks, or would be if it asked now."""
        node, choice = self.timeline.cursor.node, self.choice_for(request)
        if choice is not None:
            return next((one for one in answerers(self.tasks, request) if one.kind is choice), USER)
        if (node.id, request.branch) in self.timeline.unanswered:
            return USER
        return first_answerer(self.tasks, request)

    def about_to_call(self, request: TaskRequest) -> Answerer | None:
        """Who is really called by the next step, which asks for the first time; None where nobody is."""
        who = self.who(request)
        if who.kind not in REAL or call_of(self.tasks, request) is not None:
            return None
        is_known = self._remembered_answer(request) is not None or self._is_known_inside(request)
        return None if is_known else who

    def who_could(self, request: TaskRequest) -> tuple[Answerer, ...]:
        """All that could answer it, in the order in which they are asked; those that do not say why."""
        return answerers(self.tasks, request)

    def who_gave(self, request: TaskRequest, answer: Answer, node: TimelineNode) -> Answerer:
        """Who has given an answer, which the step to a node took in."""
        if self.timeline.decided(node):
            return USER
        by_user = answer.provenance is Provenance.USER  # what a handler says that does not say what it is
        kinds = (AnswererKind.OTHER,) if by_user else _KINDS.get(answer.provenance, (AnswererKind.OTHER,))
        possible = answerers(self.tasks, request)
        return next((one for one in possible if one.kind in kinds and not one.why_not), Answerer(kinds[0], ""))

    # what was answered before

    def remember(self) -> None:
        """Take in what the Tasks of a timeline were answered that was played again: none of it is called anew."""
        if not makes_calls(self.tasks):
            return
        self._resets = self._count_resets()
        number = 1
        while (node := self.timeline.node(number)) is not None:
            number += 1
            request, answer = answered_at(node)
            is_by_user = bool(self.timeline.decided(node))
            if request is not None and answer is not None and answer.provenance in _REMEMBERED and not is_by_user:
                self._remembered[_key(request)] = answer

    def forget(self, request: TaskRequest | None = None) -> None:
        """Have an attempt be called anew, or all that was called before the session was opened again."""
        if request is None:
            self._remembered.clear()
        else:
            self._remembered.pop(_key(request), None)

    def _remembered_answer(self, request: TaskRequest) -> Answer | None:
        """What was answered before by who answers now; nothing of it once services were reset."""
        if self._remembered and self._resets != self._count_resets():
            self._remembered.clear()
        if not self._remembered:
            return None
        found = self._remembered.get(_key(request))
        kind = self.choice_for(request) or first_answerer(self.tasks, request).kind
        return found if found is not None and kind in _KINDS[found.provenance] else None

    def _count_resets(self) -> int:
        return sum(each.resets for each in surroundings_in(self.tasks))

    def _is_known_inside(self, request: TaskRequest) -> bool:
        """Whether it was called before the session was opened again, in an execution that a Task started."""
        return bool(request.nested_in) and any(one.is_of_before(_key(request)) for one in inside_calls(self.tasks))


_DEEPEST: Final = 5
"""State machines that start one another are looked into so deep."""


def _leaves_program(tasks: TaskHandler | None, request: TaskRequest, kind: AnswererKind, depth: int = 0) -> bool:
    """Whether somebody of that kind answers by a call that leaves the program, or may do so in a state machine."""
    if kind is not AnswererKind.MACHINE:
        return kind in REAL
    start = nested_start(tasks, request)
    if start is None or depth == _DEEPEST:
        return depth == _DEEPEST
    for state in start.machine.walk():
        if state.type is StateType.TASK:
            inner = replace(request, state=state, input=state.arguments)  # as far as it is written out
            if _leaves_program(start.tasks, inner, first_answerer(start.tasks, inner).kind, depth + 1):
                return True
    return False


def _key(request: TaskRequest) -> AttemptKey:
    from sfdebug.tasks.call_log import attempt_key  # here: it loads OpenSSL, which most sessions do without

    return attempt_key(request)


def answered_at(node: TimelineNode) -> tuple[TaskRequest | None, Answer | None]:
    """The question that was answered by the step to a node, with the answer; None for other steps."""
    decision, parent = node.decision, node.parent
    if parent is None or not isinstance(decision, AnswerTask):
        return None, None
    branch = parent.execution.branches.get(decision.branch)
    is_asking = branch is not None and branch.phase is Phase.ASKING
    return branch.request if branch is not None and is_asking else None, decision.answer
