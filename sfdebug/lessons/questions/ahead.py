"""What comes after the place where a debugger stands, and after it under altered rules: the engine walks on the side,
and nothing of the session moves.

What is explored already is followed as it is; beyond it the engine is asked as the debugger would ask it, and so are
the task handlers. What only the user can answer, or what would really be called, ends it with the reason.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, TypeAlias

from msgspec.structs import replace

from sfdebug.debugger.stepping.forward import choose_move
from sfdebug.engine import step
from sfdebug.engine.execution.decisions import AnswerTask
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.status import ExecutionStatus
from sfdebug.engine.execution.visit import RequestKind, TaskRequest
from sfdebug.lessons.questions.model import CannotAskError
from sfdebug.tasks.answerers import AnswererKind, first_answerer

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.timeline.nodes import TimelineNode
    from sfdebug.engine.execution.decisions import Answer, BranchId, Decision
    from sfdebug.engine.execution.execution import Branch, CompiledMachine, Execution
    from sfdebug.values import Json

MOST_STEPS: Final = 20_000
"""So many steps are looked ahead. What comes later is not asked for."""

MOST_ALTERED_STEPS: Final = 1_000
"""Under an altered machine it is fewer: there are many, and each is walked anew."""
_WRITTEN_DOWN: Final = (AnswererKind.MOCK, AnswererKind.RECORDING, AnswererKind.FILES, AnswererKind.MACHINE)
"""Who answers the same whatever is asked, as far as it is said what that is."""

_Key: TypeAlias = "tuple[BranchId, StatePath, int]"
_Ask: TypeAlias = "Callable[[TaskRequest], Answer | None]"


class TooFarError(CannotAskError):
    """What is asked for comes later than is looked."""


class Ahead:
    """Executions one after the other, from a place on, as far as somebody looks."""

    def __init__(self, first: Execution, moves: Iterator[Execution]) -> None:
        self.first = first
        self._seen = [first]
        self._moves = moves
        self._why: CannotAskError | None = None

    def __iter__(self) -> Iterator[Execution]:
        """All executions up to the end. Raises CannotAskError where it cannot be told how it goes on."""
        index = 0
        while True:
            while index < len(self._seen):
                yield self._seen[index]
                index += 1
            if self._why is not None:
                raise self._why
            try:
                following = next(self._moves, None)
            except CannotAskError as why:
                self._why = why
                raise
            if following is None:
                return
            self._seen.append(following)

    @property
    def seen(self) -> tuple[Execution, ...]:
        """Those that somebody has looked at."""
        return tuple(self._seen)

    def end(self) -> Execution:
        """The execution when it is over. Raises CannotAskError where that is not known."""
        *_, last = self
        if last.status is ExecutionStatus.RUNNING:
            raise CannotAskError("how the execution ends was not recorded")
        return last


class Foresight:
    """What a debugger would come to. It keeps what Tasks were answered, so that altered runs are answered alike."""

    def __init__(self, debugger: Debugger) -> None:
        self.debugger = debugger
        self._kept: dict[_Key, Answer] = {}

    @property
    def focus(self) -> BranchId:
        """The branch that a step goes on with."""
        cursor = self.debugger.cursor
        return cursor.branch if cursor.branch in cursor.node.execution.branches else cursor.node.focus

    def ahead(self, focus: BranchId | None) -> Ahead:
        """What comes after the cursor, as the verbs go: with a branch in focus, or in the engine's own order."""
        return Ahead(self.debugger.execution, self._ahead(focus))

    def _ahead(self, focus: BranchId | None) -> Iterator[Execution]:
        timeline = self.debugger.timeline
        fork, node = timeline.fork, timeline.cursor.node
        while True:
            following = fork.after(node)
            if following is None and timeline.is_on_recording:
                # the replay of a recording may be under way: it goes on where one looks, and the cursor stays
                if timeline.fork is fork and timeline.replay_more():
                    continue
                return
            if following is None:
                break
            self._keep(node.execution, following.decision)
            node = following
            yield node.execution
        yield from self._computed(node.execution, focus, self._ask)

    def altered(self, first: Execution, program: CompiledMachine, variables: Mapping[str, Json] | None = None) -> Ahead:
        """The same from an execution on, under another program; with `variables`, in the branch that it moves next."""
        begun = replace(first, program=program)
        focus = self.focus
        branch = begun.branches.get(focus)
        if variables is not None and branch is not None:
            changed: Branch = replace(branch, variables=dict(variables))
            begun = replace(begun, branches={**begun.branches, focus: changed})
        return Ahead(begun, self._computed(begun, focus, self._ask_again, MOST_ALTERED_STEPS))

    def _computed(
        self, execution: Execution, focus: BranchId | None, ask: _Ask, most: int = MOST_STEPS
    ) -> Iterator[Execution]:
        for _ in range(most):
            if execution.status is not ExecutionStatus.RUNNING:
                return
            move = choose_move(execution, focus, ask)
            if isinstance(move, TaskRequest):
                raise self._nobody_answers(move)
            self._keep(execution, move.decision)
            execution = step(execution, move.decision)
            yield execution
        raise TooFarError(
            f"it goes on for more than {most:,} steps, and nobody looks further", fix="Ask for what comes before."
        )

    # answers

    def _ask(self, request: TaskRequest) -> Answer | None:
        nested, answering = self.debugger.nested, self.debugger.answering
        if nested.is_open(request):
            what = f"what '{request.state.name}' gets hangs on the execution that it started, which is not over"
            raise CannotAskError(what, fix="Run that execution to its end first.")
        return nested.known_answer(request) or answering.foreseen(request)

    def _ask_again(self, request: TaskRequest) -> Answer | None:
        """The same answer as before. Of others, only those that are written down are asked for what nobody asks."""
        kept = self._kept.get(_key(request))
        if kept is not None or first_answerer(self.debugger.tasks, request).kind not in _WRITTEN_DOWN:
            return kept
        return self._ask(request)

    def keep_since(self, node: TimelineNode) -> None:
        """Keep also what Tasks were answered between a node of the fork and the cursor."""
        timeline = self.debugger.timeline
        for at in timeline.nodes[node.index + 1 : timeline.cursor.node.index + 1]:
            if at.parent is not None:
                self._keep(at.parent.execution, at.decision)

    def _keep(self, before: Execution, decision: Decision | None) -> None:
        if isinstance(decision, AnswerTask):
            branch = before.branches.get(decision.branch)
            if branch is not None and branch.request is not None and branch.phase is Phase.ASKING:
                self._kept.setdefault(_key(branch.request), decision.answer)

    def _nobody_answers(self, request: TaskRequest) -> CannotAskError:
        name = request.state.name
        if self.debugger.answering.about_to_call(request) is not None:
            return CannotAskError(f"'{name}' would really be called to know it", fix="Step over it first.")
        what = "its items" if request.kind is RequestKind.MAP_RUN else "a result"
        return CannotAskError(
            f"'{name}' asks for {what}, and only you can answer", fix="Mock its answer, or answer it."
        )


def _key(request: TaskRequest) -> _Key:
    return request.branch, request.state.path, request.invocation
