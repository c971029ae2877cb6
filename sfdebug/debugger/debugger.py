"""The Debugger: every verb that a face can call. It knows nothing of a screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sfdebug.asl.load import definition_from
from sfdebug.debugger.arguments import why_no_branch, why_no_number, why_no_text
from sfdebug.debugger.stepping import availability as abilities
from sfdebug.debugger.stepping.back import Backtracker, at_start
from sfdebug.debugger.stepping.breakpoints import Breakpoints
from sfdebug.debugger.stepping.forward import MOST_STEPS, Walker
from sfdebug.debugger.stepping.interventions import Interventions, refused
from sfdebug.debugger.timeline.histories import history_at
from sfdebug.debugger.timeline.pending_decisions import pending_text
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.timeline.stops import Stop, StopReason
from sfdebug.debugger.timeline.timeline import Timeline
from sfdebug.debugger.view.build import ViewBuilder
from sfdebug.debugger.wording import positions as words
from sfdebug.engine import Settings, start
from sfdebug.errors import NestingError, SfdebugError
from sfdebug.tasks.handler import checked_handler, checked_input
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import Any

    from sfdebug.asl.definition import StateMachine, StatePath
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.stepping.outcome_forecast import OutcomeForecast
    from sfdebug.debugger.timeline.histories import History
    from sfdebug.debugger.timeline.nodes import Cursor
    from sfdebug.debugger.view.model import BranchLine, StageLine, View
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Answer, BranchId
    from sfdebug.engine.execution.visit import TaskRequest, Visit
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.values import Json, Value

    Interrupt = Callable[[], bool]


class Debugger:
    """One debugging session of one definition with one input.

    Every verb returns a `Stop`, and never raises for what a user can do wrong: such a stop has the reason
    REFUSED and says why, and nothing has changed (a task handler that cannot do its work refuses too, where its
    Task asks). `view()` is what there is to see after it.
    """

    def __init__(
        self,
        definition: dict[str, Any] | str | Path | StateMachine,
        input: Value = MISSING,
        *,
        tasks: TaskHandler | None = None,
        settings: Settings | None = None,
        most_steps: int = MOST_STEPS,
    ) -> None:
        """Without `input` the execution starts with `{}`, as StartExecution does.

        `tasks` answers the Tasks that it knows; the others are questions to the user. `most_steps` bounds how
        far one verb goes in a machine that never ends. Without a start_time in `settings` the execution starts at
        2025-01-01T00:00:00Z, so that equal runs are equal.

        Raises DefinitionError or UnsupportedError for the definition, InputError when StartExecution would not take
        the input, UsageError when `definition` or `tasks` is none.
        """
        self.machine = definition_from(definition)
        settings = settings or Settings()
        execution = start(self.machine, checked_input(input, settings), settings)
        self._set_up(Timeline(execution), checked_handler(tasks), most_steps)

    @classmethod
    def on_recording(
        cls, run: RecordedSession, *, tasks: TaskHandler | None = None, most_steps: int = MOST_STEPS
    ) -> Debugger:
        """A session on a recorded execution: the whole of it is there at once, and stands at its start.

        The recording itself never changes: whatever is imposed makes a fork, whose Tasks are answered as recorded
        where that can be told, then by `tasks`, then by the user.
        """
        from sfdebug.debugger.recorded.answers import ForkAnswers
        from sfdebug.debugger.recorded.main_line import recorded_timeline

        debugger = cls.__new__(cls)
        debugger.machine = run.machine
        debugger._set_up(recorded_timeline(run), ForkAnswers(run.alignment, checked_handler(tasks)), most_steps)
        return debugger

    def _set_up(self, timeline: Timeline, tasks: TaskHandler | None, most_steps: int) -> None:
        self.breakpoints = Breakpoints()
        self.timeline = timeline
        self._walker = Walker(self.timeline, self.breakpoints, tasks, most_steps)
        self._backtracker = Backtracker(self.timeline, self.breakpoints)
        self._interventions = Interventions(self.timeline, self._backtracker)
        self._looker = ViewBuilder(self.timeline, self.breakpoints, self.machine, self._walker.is_unanswered)
        self._stop = at_start(self.timeline)

    # where it stands

    @property
    def cursor(self) -> Cursor:
        """The place on the timeline."""
        return self.timeline.cursor

    @property
    def execution(self) -> Execution:
        """The execution at the cursor."""
        return self.timeline.cursor.node.execution

    @property
    def recorded(self) -> RecordedSession | None:
        """The recording that is debugged; None for a simulation."""
        return self.timeline.record.run if self.timeline.record is not None else None

    def lines_of(self, visit: Visit) -> tuple[StageLine, ...]:
        """The stages of a visit, all of them; in a recording with their origins."""
        return self._looker.lines_of(visit)

    @property
    def stop(self) -> Stop:
        """Why the last verb stopped."""
        return self._stop

    @property
    def asking(self) -> TaskRequest | None:
        """The Task at the cursor that waits for its answer, whoever gives it: in the focused branch, else in any."""
        return self._interventions.asking()

    @property
    def question(self) -> TaskRequest | None:
        """The Task that waits for the user: nobody else answers it, and no answer is explored."""
        request = self.asking
        return request if request and self._looker.is_for_user(self.timeline.cursor.node, request) else None

    def view(self) -> View:
        """What there is to see at the cursor."""
        return self._looker.view(self._stop, self.question)

    def branches(self) -> tuple[BranchLine, ...]:
        """The live branches, containers before their content."""
        return self._looker.branches(position_at(self.timeline.cursor))

    def visits_of(self, path: StatePath) -> list[Visit]:
        """All visits to a state up to the cursor, in the order of entry; those that are not over come as they are."""
        return self._looker.visits_of(path)

    def can(self, verb: str, path: StatePath | None = None) -> str | None:
        """Why a verb, by its method's name, is not possible at the cursor, in plain words; None when it is.

        `path` is the state that `inject_failure` is meant for, by default the one at the cursor. Raises KeyError
        for a name that is no verb.
        """
        return abilities.why_unavailable(self, self._interventions, verb, path)

    # forward

    def step_into(self) -> Stop:
        """One stage further, into branches and iterations."""
        return self._do(self._walker.into)

    def step_over(self, interrupt: Interrupt | None = None) -> Stop:
        """One state further in the branch in focus: a Parallel or Map is run whole."""
        return self._do(lambda: self._walker.over(interrupt), interrupt)

    def step_out(self, interrupt: Interrupt | None = None) -> Stop:
        """Until the branch or iteration in focus has ended; at the top level, the execution."""
        return self._do(lambda: self._walker.out(interrupt), interrupt)

    def run(self, interrupt: Interrupt | None = None) -> Stop:
        """On to a breakpoint, a watched fault, a question, or the end.

        `interrupt`, here and in the other verbs, is asked between steps whether to stop.
        """
        return self._do(lambda: self._walker.run(interrupt), interrupt)

    # back

    def step_back(self) -> Stop:
        """One stage back: the reverse of `step_into`."""
        return self._do(self._backtracker.back)

    def back_over(self) -> Stop:
        """To before the state at hand, or standing before one, before the previous: the reverse of `step_over`."""
        return self._do(self._backtracker.over)

    def back_out(self) -> Stop:
        """To where the branch or iteration began; from there, to before its Parallel or Map."""
        return self._do(self._backtracker.out)

    def run_back(self) -> Stop:
        """To the previous breakpoint or watched fault, or to the start."""
        return self._do(self._backtracker.run)

    def restart(self) -> Stop:
        """To the start; the timeline and its forks are kept."""
        self.timeline.put_cursor(self.timeline.nodes[0])
        return self._stopped(at_start(self.timeline))

    # jumps

    def scrub(self, delta: int) -> Stop:
        """Along the explored timeline by `delta` events; events of one step of the engine belong together.

        These are the events of the execution, or, inside a child execution of a Map Run, of that one.
        """
        if why := why_no_number(delta, "a distance"):
            return self._stopped(refused(why))
        history = history_at(self.timeline, position_at(self.timeline.cursor))
        here = history.count_at(self.timeline.cursor.node)
        target = here + delta
        if delta < 0:
            first = history.node_at(here)
            before = history.count_at(first.parent) if first.parent else 1
            target = min(target, before)
        return self._goto_count(history, max(1, target))

    def goto_event(self, event_id: int) -> Stop:
        """To where an event of the current fork happened; to the last one when there is no such event.

        Inside a child execution of a Map Run it is an event of that one, and the focus stays with it.
        """
        if why := why_no_number(event_id, "an event"):
            return self._stopped(refused(why))
        history = history_at(self.timeline, position_at(self.timeline.cursor))
        return self._goto_count(history, history.position_of(event_id))

    def _goto_count(self, history: History, count: int) -> Stop:
        """To where so many of the events had happened."""
        node = history.node_at(count)
        place = node.last_place if history.count_at(node) < count else 0
        return self._jump_to(node.id, place, history.child_id)

    def goto_child(self, arn: str) -> Stop:
        """To where the child execution with that ARN ended on this fork."""
        if why := why_no_text(arn, "an ARN"):
            return self._stopped(refused(why))
        over = self.timeline.facts.child(arn)
        if over is None:
            return self._stopped(refused("that child execution has not ended on this timeline"))
        return self._jump_to(self.timeline.nodes[over[0]].id, 0, over[1].id)

    def goto_node(self, node_id: int) -> Stop:
        """To a node by its id, on whatever fork it is."""
        if why := why_no_number(node_id, "a node"):
            return self._stopped(refused(why))
        node = self.timeline.node(node_id)
        if node is None:
            return self._stopped(refused(f"there is no node {node_id} in the timeline"))
        return self._jump_to(node_id, node.last_place)

    def goto_visit(self, number: int) -> Stop:
        """To where the visit with that number began."""
        if why := why_no_number(number, "a visit"):
            return self._stopped(refused(why))
        node = self.timeline.entering(number)
        if node.execution.visit_count != number or number < 1:
            return self._stopped(refused(f"there is no visit {number} on this timeline"))
        return self._jump_to(node.id, 0)

    def switch_fork(self, fork_id: int) -> Stop:
        """To another fork, where its cursor was left."""
        if why := why_no_number(fork_id, "a timeline"):
            return self._stopped(refused(why))
        try:
            self.timeline.switch(fork_id)
        except KeyError:
            return self._stopped(refused(f"there is no timeline {fork_id}"))
        where = words.describe_position(position_at(self.timeline.cursor))
        return self._stopped(Stop(StopReason.JUMP, f"on {self.timeline.current.name}: {where}"))

    def goto_failure(self) -> Stop:
        """To what made a recording fail; from there, or where nothing did, to the next fault."""
        from sfdebug.debugger.recorded.failure import goto_failure

        return self._stopped(goto_failure(self.timeline) or refused("nothing has failed here"))

    def goto_place(self, place: int, branch: BranchId | None = None) -> Stop:
        """To where the recorded event at a place (from 0) happened, on the recording itself."""
        if why := why_no_number(place, "a place") or (why_no_branch(branch) if branch is not None else None):
            return self._stopped(refused(why))
        record = self.timeline.record
        if record is None or not 0 <= place < len(record.past):
            return self._stopped(refused("there is no such recorded event"))
        node = self.timeline.main_nodes[record.node_of_place(place)]
        focus = branch if branch is not None and branch in node.execution.branches else None
        self.timeline.put_cursor(node, focus=focus)
        return self._stopped(Stop(StopReason.JUMP, words.describe_position(position_at(self.timeline.cursor))))

    def fork_here(self) -> Stop:
        """From the cursor on the recording becomes a simulation, on a fork."""
        return self._do(self._interventions.fork_here)

    def take_in(self, run: RecordedSession) -> bool:
        """More of the recorded execution has become known; whether the cursor stood at its end until now."""
        from sfdebug.debugger.recorded.main_line import take_in

        if run.machine is not self.machine:  # built from the events: with more of them, it has more states
            self.machine = run.machine
            self._looker = ViewBuilder(self.timeline, self.breakpoints, self.machine, self._walker.is_unanswered)
        was_at_end = take_in(self.timeline, run)
        if was_at_end:
            self.timeline.put_cursor(self.timeline.tip)
            self._stop = Stop(StopReason.JUMP, words.describe_position(position_at(self.timeline.cursor)))
        return was_at_end

    def set_live(self, *, is_live: bool) -> None:
        """Whether more of the recorded execution may become known."""
        record = self.timeline.record
        if record is not None:
            record.run = replace(record.run, is_live=is_live)

    def leave_fork(self) -> Stop:
        """Undo: take back the user's decision at the cursor or right ahead of it, else go back to the parent timeline.

        A decision that was made on the current fork itself is taken back by a fork that ends before it; the fork
        that has the decision stays. A fork that a decision made is left for the timeline that it parted from.
        """
        taken_back = self._interventions.take_back()
        if taken_back is not None:
            return self._stopped(taken_back)
        parent = self.timeline.current.parent
        if parent is None:
            return self._stopped(refused(self._interventions.why_not_leave() or ""))
        return self.switch_fork(parent)

    def focus_branch(self, branch_id: BranchId) -> Stop:
        """Look at another live branch, and step that one from here."""
        if why := why_no_branch(branch_id):
            return self._stopped(refused(why))
        node = self.timeline.cursor.node
        if node.is_over or branch_id not in node.execution.branches:
            return self._stopped(refused("that branch is not running here"))
        self.timeline.put_cursor(node, focus=branch_id)
        return self._stopped(Stop(StopReason.JUMP, words.describe_position(position_at(self.timeline.cursor))))

    # interventions

    def force_choice(self, rule: int | None) -> Stop:
        """The Choice at the cursor takes rule `rule` (from 0), or its Default when it is None.

        Inside or after its visit this goes back to before it. In the explored past it makes a fork.
        """
        return self._do(lambda: self._interventions.force(rule))

    def inject_failure(self, state_path: StatePath, error: str, cause: str | None = None, attempts: int = 1) -> Stop:
        """The next `attempts` attempts of the Task, Parallel or Map at `state_path` fail with this error and cause.

        When the cursor is in a visit to it, the attempt at hand is the first of them: a task that waits fails now;
        what has begun or is over begins again.
        """
        return self._do(lambda: self._interventions.inject(state_path, error, cause, attempts))

    def foretell_injection(
        self, state_path: StatePath, error: str, cause: str | None = None, attempts: int = 1
    ) -> OutcomeForecast | None:
        """What would become of the visit at hand if that were injected; None when the state is not at hand."""
        return self._interventions.foretell_injection(state_path, error, cause, attempts)

    def foretell_answer(self, answer: Answer) -> OutcomeForecast | None:
        """What would become of the Task that waits if it were answered so. Nothing is changed."""
        return self._interventions.foretell_answer(answer)

    def edit_input(self, value: Json) -> Stop:
        """The state about to run, or at hand, runs with `value` as its input."""
        return self._do(lambda: self._interventions.edit_input(value))

    def answer_task(self, answer: Answer) -> Stop:
        """Answer the Task that waits: in the branch in focus, else in any."""
        return self._do(lambda: self._interventions.answer(answer))

    def edit_result(self, answer: Answer) -> Stop:
        """Give the task of the visit at hand another answer."""
        return self._do(lambda: self._interventions.edit_result(answer))

    # inner workings

    def _jump_to(self, node_id: int, place: int, child_id: BranchId = ()) -> Stop:
        """To a place of a node. Where that belongs to another branch than one of `child_id`, look at `child_id` itself,
        which may have ended there."""
        node = self.timeline.node(node_id)
        assert node is not None
        is_inside = node.focus_at(place)[: len(child_id)] == child_id
        before = node.parent.execution.branches if node.parent else {}
        focus = child_id if not is_inside and (child_id in node.execution.branches or child_id in before) else None
        self.timeline.put_cursor(node, place, focus)
        spot = position_at(self.timeline.cursor)
        if spot.is_over:
            return self._stopped(Stop(StopReason.END, words.end(spot.execution)))
        if node.parent is None:
            return self._stopped(at_start(self.timeline))
        return self._stopped(Stop(StopReason.JUMP, words.describe_position(spot)))

    def _do(self, verb: Callable[[], Stop], interrupt: object = None) -> Stop:
        if interrupt is not None and not callable(interrupt):
            return self._stopped(refused("an interrupt is a function without arguments"))
        try:
            return self._stopped(verb())
        except SfdebugError as error:  # a task handler that cannot do what it was asked for
            return self._stopped(refused(str(error)))
        except RecursionError:
            return self._stopped(refused(str(NestingError())))

    def _stopped(self, stop: Stop) -> Stop:
        ahead = "" if stop.is_refused else pending_text(self.timeline)
        self._stop = replace(stop, text=f"{stop.text}; {ahead}") if ahead else stop
        return self._stop
