"""The Debugger: every verb that a face can call. It knows nothing of a screen."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.load import Definition
from sfdebug.debugger import availability
from sfdebug.debugger.breakpoints.breakpoints import Breakpoints
from sfdebug.debugger.stepping.answering import Answering
from sfdebug.debugger.stepping.back import Backtracker, at_start
from sfdebug.debugger.stepping.choosing import AnswererChoosing
from sfdebug.debugger.stepping.forward import MOST_STEPS, TRAVELS, Walker
from sfdebug.debugger.stepping.interventions import Interventions
from sfdebug.debugger.stepping.jumps import Jumps
from sfdebug.debugger.stepping.nested import NestedRuns
from sfdebug.debugger.stepping.outside_calls import OutsideCalls
from sfdebug.debugger.stepping.targets import Targets
from sfdebug.debugger.stepping.travel import RunningVerb, go_on
from sfdebug.debugger.stepping.undo import Undo
from sfdebug.debugger.timeline.position import position_at
from sfdebug.debugger.timeline.timeline import Timeline
from sfdebug.debugger.verb_table import VerbTable
from sfdebug.debugger.verbs import Stop, StopReason, Verb, check_count, no_number
from sfdebug.debugger.view.build import ViewBuilder
from sfdebug.debugger.watches import Watches, WatchLine
from sfdebug.debugger.wording import positions as words
from sfdebug.engine import start
from sfdebug.projects.addresses import load
from sfdebug.tasks.handler import FirstAnswer, checked_handler, checked_input, checked_settings
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.definition import StatePath
    from sfdebug.debugger.data_origins.model import DataOrigin, DataSide
    from sfdebug.debugger.data_origins.origins import DataOrigins
    from sfdebug.debugger.explaining.model import StageExplanation
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.stepping.forecasts import ChoiceForecast, OutcomeForecast
    from sfdebug.debugger.stepping.travel import Interrupt, Travel
    from sfdebug.debugger.timeline.nodes import Cursor
    from sfdebug.debugger.view.model import BranchLine, StageLine, View
    from sfdebug.engine import Execution, Settings
    from sfdebug.engine.execution.decisions import Answer, BranchId
    from sfdebug.engine.execution.visit import TaskRequest, Visit
    from sfdebug.history.replay.replay import ReplayProgress
    from sfdebug.tasks.answerers import AnswererKind
    from sfdebug.tasks.handler import TaskHandler
    from sfdebug.values import Json, Value

_VERBS: Final = VerbTable["Debugger"](lambda debugger, stop, before: debugger._stopped(stop, before))
_verb: Final = _VERBS.verb


class Debugger:
    """One debugging session of one definition with one input.

    Every verb returns a `Stop`, and never raises for what a user can do wrong: such a stop has the reason
    REFUSED and says why, and nothing has changed (a task handler that cannot do its work refuses too, where its
    Task asks). `view()` is what there is to see after it. `nested.enter()` gives the debugger of the execution that the
    Task at hand starts, `nested.leave(it)` answers the Task with its end.
    """

    def __init__(
        self,
        definition: Definition,
        input: Value = MISSING,
        *,
        tasks: TaskHandler | None = None,
        settings: Settings | None = None,
        most_steps: int = MOST_STEPS,
    ) -> None:
        """Start an execution.

        Args:
            definition: A path, a text in JSON or YAML, a dict, or a loaded definition.
            input: The execution's input; without one it starts with `{}`, as StartExecution does.
            tasks: Answers the Tasks that it knows; the others are questions to the user.
            settings: When it starts, what it is called, and more. Without a start_time it starts at
                2025-01-01T00:00:00Z, so that equal runs are equal.
            most_steps: Bounds how far one verb goes in a machine that never ends.

        Raises:
            DefinitionError: When the definition cannot be read, or is no valid one.
            UnsupportedError: When it cannot be run as it stands.
            InputError: When StartExecution would not take the input.
            UsageError: When `definition`, `tasks` or `settings` is none, or `most_steps` no count.
        """
        self.machine = load(definition)
        settings = checked_settings(settings)
        execution = start(self.machine, checked_input(input, settings), settings)
        self._set_up(Timeline(execution), checked_handler(tasks), most_steps)

    @classmethod
    def on_recording(
        cls, run: RecordedSession, *, tasks: TaskHandler | None = None, most_steps: int = MOST_STEPS
    ) -> Debugger:
        """A session on a recorded execution: the whole of it is there at once, and stands at its start.

        The recording itself never changes: whatever is imposed makes a fork, whose Tasks are answered as recorded
        where that can be told, then by `tasks`, then by the user. Raises UsageError for what is no session.
        """
        from sfdebug.debugger.recorded.main_line import recorded_timeline
        from sfdebug.debugger.recorded.recording_forks import ForkAnswers
        from sfdebug.debugger.recorded.session import check_session

        check_session(run)
        debugger = cls.__new__(cls)
        debugger.machine = run.machine
        others = [] if tasks is None else [tasks]
        debugger._set_up(recorded_timeline(run), FirstAnswer(ForkAnswers(run.alignment), *others), most_steps)
        return debugger

    def _set_up(self, timeline: Timeline, tasks: TaskHandler | None, most_steps: int) -> None:
        check_count("most_steps", most_steps, MOST_STEPS)
        self.breakpoints = Breakpoints(self.machine)
        self.watches = Watches()
        self.timeline = timeline
        self._came_from: Cursor | None = None
        self.answering = Answering(self.timeline, tasks)
        self.answerers = AnswererChoosing(self.timeline, self.answering)
        self._walker = Walker(self.timeline, self.breakpoints, self.answering, most_steps)
        self._backtracker = Backtracker(self.timeline, self.breakpoints)
        self._interventions = Interventions(self.timeline, self._backtracker, self.answering)
        self.calls = OutsideCalls(self.timeline, tasks)
        self._jumps = Jumps(self.timeline)
        self.undoing = Undo(self.timeline, self._jumps)
        self._targets = Targets(self.timeline, self._walker, self._backtracker, self._jumps)
        self._origins: DataOrigins | None = None
        self._views = self._view_builder()
        self._stop = at_start(self.timeline)
        self.nested: NestedRuns[Debugger] = NestedRuns(self)
        self.answering.inside = self.nested.answer

    # where it stands

    @property
    def tasks(self) -> TaskHandler | None:
        """What answers Tasks before the user is asked."""
        return self.answering.tasks

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
        if self.timeline.record is None:
            return None
        from sfdebug.debugger.recorded.main_line import recorded_line

        line = recorded_line(self.timeline)
        return line.run if line is not None else None

    def lines_of(self, visit: Visit) -> tuple[StageLine, ...]:
        """The stages of a visit, all of them; in a recording with their origins."""
        return self._views.lines_of(visit)

    def done_lines_of(self, visit: Visit) -> tuple[StageLine, ...]:
        """Those of them that have come about, without what is still planned."""
        return self._views.done_lines_of(visit)

    def explanation(
        self, row: int | None = None, *, visit: Visit | None = None, state: StatePath | None = None
    ) -> StageExplanation:
        """What a good teacher says of a stage: what happened, why, and what one might have expected.

        Without arguments it is about where the cursor stands: the stage there, a state that is about to run, the end.
        Of a stage that is still to come it tells what its field is for, and nothing of what will come of it.

        Args:
            row: The place of a stage in `view().visit_stages`, from 0, by default that of the cursor; in a `visit` by
                default the last one, in a `state` the first.
            visit: A visit whose stages they are in place of the one at the cursor.
            state: The path of a state whose stages to come they are, as if it were entered.

        Raises:
            UsageError: When there is no such stage, or no such state.
        """
        from sfdebug.debugger.explaining.asking import StageExplainer

        return StageExplainer(self.timeline, self._views, self.recorded).asked(row, visit, state)

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
        return request if request and self._views.is_for_user(self.timeline.cursor.node, request) else None

    def resume(self) -> None:
        """Stop where the cursor is: a saved session has put it there, whose calls are not made anew."""
        self.answering.remember()
        self._stop = Stop(StopReason.JUMP, words.describe_position(position_at(self.timeline.cursor)))

    def view(self) -> View:
        """What there is to see at the cursor."""
        return self._views.view(self._stop, self.question)

    def watched(self) -> tuple[WatchLine, ...]:
        """The watches, with their values here and where the last verb began that moved the cursor."""
        return self.watches.lines(self.timeline.cursor, self._came_from)

    def branches(self) -> tuple[BranchLine, ...]:
        """The live branches, containers before their content."""
        return self._views.branches(position_at(self.timeline.cursor))

    def visits_of(self, path: StatePath) -> list[Visit]:
        """All visits to a state up to the cursor, in the order of entry; those that are not over come as they are."""
        return self._views.visits_of(path)

    def can(self, verb: Verb, path: StatePath | None = None) -> bool:
        """Whether a verb is possible at the cursor; `path` is as in `why_unavailable`."""
        return self.why_unavailable(verb, path) is None

    def why_unavailable(self, verb: Verb, path: StatePath | None = None) -> Stop | None:
        """Why a verb does nothing at the cursor, as a refusal that says it; None when it is possible.

        A verb that is unavailable changes nothing: it ends REFUSED, or, where only steps lead nowhere, with the stop of
        where it stands (START, QUESTION, END). One that is available refuses only arguments that do not fit.

        `path` is that of `inject_failure`, by default the one at the cursor. Raises ValueError for what is no verb.
        """
        return _VERBS.why_unavailable(self, verb, path)

    def do(self, verb: Verb, interrupt: Interrupt | None = None) -> Stop:
        """A verb that needs nothing but the cursor, by its name; `interrupt` is for those that go on until they arrive.

        Raises TypeError for a verb that needs more.
        """
        method: Callable[..., Stop] = getattr(self, Verb(verb))
        return method(interrupt) if verb in TRAVELS and verb != Verb.STEP_INTO else method()

    # where values come from

    def who_changed(
        self,
        pointer: str = "",
        *,
        visit: int | None = None,
        stage: int | None = None,
        side: DataSide | None = None,
        variable: str = "",
    ) -> DataOrigin:
        """Who changed a value: the way that it came, the stage that writes its place next, and what reads it later on.

        Without arguments it is the whole of what the stage at the cursor gave; before a state, the input to come.

        Args:
            pointer: A JSON Pointer to the value in what the stage gave, was given, or in the variable.
            visit: The number of a visit of the current fork, by default the one at the cursor.
            stage: The index among the visit's stages, by default the last that is revealed.
            side: DataSide.BEFORE for what the stage was given; by default what it gave.
            variable: The name of a variable instead, as the state of the visit sees it.

        Returns:
            Its `steps` lead back, the newest first. Where it cannot be known who wrote a value, the last one says why.

        Raises:
            UsageError: When the fork has no such visit or stage.
        """
        from sfdebug.debugger.data_origins.asking import asked

        return asked(self._data_origins(), position_at(self.cursor), pointer, visit, stage, side, variable)

    def _data_origins(self) -> DataOrigins:
        from sfdebug.debugger.data_origins.origins import DataOrigins

        if self._origins is None:
            self._origins = DataOrigins(self.timeline)
        return self._origins

    def running(self, verb: Verb) -> RunningVerb:
        """A verb that goes forward, to be driven in slices: nothing has moved before its first `advance`.

        Raises TypeError for a verb that does not go forward, ValueError for what is no verb.
        """
        travel = TRAVELS.get(Verb(verb))
        if travel is None:
            raise TypeError(f"{verb} does not go on until it arrives: call it")
        began = self.timeline.cursor
        return RunningVerb(Verb(verb), travel(self._walker), self.timeline, lambda stop: self._stopped(stop, began))

    # forward

    @_verb(availability.forward)
    def step_into(self) -> Stop:
        """One stage further, into branches and iterations."""
        return self._going(self._walker.into())

    @_verb(availability.forward)
    def step_over(self, interrupt: Interrupt | None = None) -> Stop:
        """One state further in the branch in focus: a Parallel or Map is run whole."""
        return self._going(self._walker.over(), interrupt)

    @_verb(availability.forward)
    def step_out(self, interrupt: Interrupt | None = None) -> Stop:
        """Until the branch or iteration in focus has ended; at the top level, the execution."""
        return self._going(self._walker.out(), interrupt)

    @_verb(availability.forward)
    def run(self, interrupt: Interrupt | None = None) -> Stop:
        """On to a breakpoint, a watched fault, a question, or the end.

        `interrupt`, here and in the other verbs, is asked between steps whether to stop.
        """
        return self._going(self._walker.run(), interrupt)

    def stop_here(self) -> Stop | None:
        """What stops at the very place where one stands; None when nothing does.

        `run` goes on from there without asking: whoever stands at a breakpoint has stopped at it. A run that is not
        watched has not, at its start.
        """
        return self._walker.standing()

    @_verb(availability.forward)
    def run_to_state(self, path: StatePath, interrupt: Interrupt | None = None) -> Stop:
        """On to before the state at `path` is entered next, or to what stops a run."""
        return self._going(self._targets.to_state(path), interrupt)

    @_verb(availability.forward)
    def run_to_event(self, event_id: int, interrupt: Interrupt | None = None) -> Stop:
        """On to where an event of the explored timeline happened, or to what stops a run before."""
        return self._going(self._targets.to_event(event_id), interrupt)

    @_verb(availability.forward)
    def run_until(self, condition: str, interrupt: Interrupt | None = None) -> Stop:
        """On to the first place at which a condition is true, or to what stops a run.

        Where it cannot be told it is not true yet; a run that ends says at how many places that was so.
        """
        return self._going(self._targets.until(condition), interrupt)

    # back

    @_verb(availability.back)
    def step_back(self) -> Stop:
        """One stage back: the reverse of `step_into`."""
        return self._backtracker.back()

    @_verb(availability.back)
    def back_over(self) -> Stop:
        """To before the state at hand, or standing before one, before the previous: the reverse of `step_over`."""
        return self._backtracker.over()

    @_verb(availability.back)
    def back_out(self) -> Stop:
        """To where the branch or iteration began; from there, to before its Parallel or Map."""
        return self._backtracker.out()

    @_verb(availability.back)
    def run_back(self) -> Stop:
        """To the previous breakpoint or watched fault, or to the start."""
        return self._backtracker.run()

    @_verb(availability.back)
    def run_back_to_state(self, path: StatePath) -> Stop:
        """Back to before the state at `path` was entered last, or to what stops a run back."""
        return self._targets.back_to_state(path)

    @_verb(availability.back)
    def run_back_to_event(self, event_id: int) -> Stop:
        """Back to where an event happened, or to what stops a run back before."""
        return self._targets.back_to_event(event_id)

    @_verb(availability.always)
    def restart(self) -> Stop:
        """To the start; the timeline and its forks are kept."""
        self.timeline.put_cursor(self.timeline.nodes[0])
        return at_start(self.timeline)

    # jumps

    @_verb(availability.explored, is_asked_first=True)
    def scrub(self, delta: int) -> Stop:
        """Along the explored timeline by `delta` events; events of one step of the engine belong together.

        These are the events of the execution, or, inside a child execution of a Map Run, of that one.
        """
        return self._jumps.scrub(delta)

    @_verb(availability.explored, is_asked_first=True)
    def goto_event(self, event_id: int) -> Stop:
        """To where an event of the current fork happened; to the last one when there is no such event.

        Inside a child execution of a Map Run it is an event of that one, and the focus stays with it.
        """
        return self._jumps.to_event(event_id)

    @_verb(availability.explored, is_asked_first=True)
    def goto_child(self, arn: str) -> Stop:
        """To where the child execution with that ARN ended on this fork."""
        return self._jumps.to_child(arn)

    @_verb(availability.explored, is_asked_first=True)
    def goto_node(self, node_id: int) -> Stop:
        """To a node by its id, on whatever fork it is."""
        return self._jumps.to_node(node_id)

    @_verb(availability.explored, is_asked_first=True)
    def goto_visit(self, number: int) -> Stop:
        """To where the visit with that number began."""
        return self._jumps.to_visit(number)

    @_verb(availability.explored, is_asked_first=True)
    def goto_stage(self, visit: int, stage: int = 0) -> Stop:
        """To where a stage of a visit came about: the visit by its number, the stage by its index among its stages."""
        if refusal := no_number(visit, "a visit") or no_number(stage, "a stage"):
            return refusal
        return self._jumps.to_stage(self._data_origins().node_of(visit, stage))

    @_verb(availability.forked, is_asked_first=True)
    def switch_fork(self, fork_id: int) -> Stop:
        """To another fork, where its cursor was left."""
        return self._jumps.to_fork(fork_id)

    @_verb(lambda debugger, path: debugger._jumps.why_not_to_failure())
    def goto_failure(self) -> Stop:
        """To what made a recording fail; from there, or where nothing did, to the next fault."""
        return self._jumps.to_failure()

    @_verb(availability.recorded)
    def goto_recorded(self, index: int, branch: BranchId | None = None) -> Stop:
        """To where the recorded event at an index (from 0) happened, on the recording itself."""
        return self._jumps.to_recorded(index, branch)

    @_verb(availability.changing(lambda debugger, path: debugger._jumps.why_not_fork_here()))
    def fork_here(self) -> Stop:
        """From the cursor on the recording becomes a simulation, on a fork."""
        return self._jumps.fork_here()

    def take_in(self, run: RecordedSession) -> bool:
        """More of the recorded execution has become known; whether the cursor stood at its end until now.

        Raises UsageError for what is no session, and for a simulation.
        """
        from sfdebug.debugger.recorded.main_line import check_recording, take_in
        from sfdebug.debugger.recorded.session import check_session

        check_session(run)
        check_recording(self.timeline)
        if run.machine is not self.machine:  # built from the events: with more of them, it has more states
            self.machine = run.machine
            self.breakpoints.use(run.machine)
            self._views = self._view_builder()
        was_at_end = take_in(self.timeline, run)
        if was_at_end:
            self.timeline.put_cursor(self.timeline.tip)
            self._stop = Stop(StopReason.JUMP, words.describe_position(position_at(self.timeline.cursor)))
        return was_at_end

    @property
    def replaying(self) -> ReplayProgress | None:
        """How far the replay of a recording is that was opened without it; None when it is over, or there is none.

        Until then the main line ends where the replay is. Verbs that lead beyond take it along themselves; a face that
        wants to say how far they are, or to be left, calls `replay_on` before them.
        """
        run = self.recorded
        return run.replaying.progress if run is not None and run.replaying is not None else None

    def replay_on(self, most_events: int | None = None) -> ReplayProgress | None:
        """Replay so many recorded events more, by default all: the main line grows by them, and the cursor stays.

        Returns:
            How far the replay is: it is over when `is_over`, and `recorded.replay` is there. None when nothing was
            left to replay.

        Raises:
            UsageError: For what is no count.
        """
        from sfdebug.debugger.recorded.main_line import replay_on

        if most_events is not None:
            check_count("most_events", most_events, 250)
        return replay_on(self.timeline, most_events)

    def stop_replaying(self) -> None:
        """Replay no further: beyond, there is only what was recorded, and of that nothing is claimed."""
        from sfdebug.debugger.recorded.main_line import stop_replaying

        stop_replaying(self.timeline)

    def set_live(self, *, is_live: bool) -> None:
        """Whether more of the recorded execution may become known. Raises UsageError for a simulation."""
        from sfdebug.debugger.recorded.main_line import set_live

        set_live(self.timeline, is_live=is_live)

    @_verb(lambda debugger, path: debugger.undoing.why_not_leave())
    def leave_fork(self) -> Stop:
        """Undo: take back the user's decision at the cursor or right ahead of it, else go back to the parent timeline.

        A decision that was made on the current fork itself is taken back by a fork that ends before it; the fork
        that has the decision stays. A fork that a decision made is left for the timeline that it parted from.
        """
        return self.undoing.leave()

    @_verb(lambda debugger, path: debugger.undoing.why_not_redo())
    def redo(self) -> Stop:
        """Take the last undo back: to the timeline and the place at which it was called."""
        return self.undoing.redo()

    @_verb(availability.branched, is_asked_first=True)
    def focus_branch(self, branch_id: BranchId) -> Stop:
        """Look at another live branch, and step that one from here."""
        return self._jumps.to_branch(branch_id)

    # interventions

    @_verb(availability.changing(lambda debugger, path: debugger._interventions.why_not_force()))
    def force_choice(self, rule: int | None) -> Stop:
        """The Choice at the cursor takes rule `rule` (from 0), or its Default when it is None.

        Inside or after its visit this goes back to before it. In the explored past it makes a fork.
        """
        return self._interventions.force(rule)

    @_verb(availability.changing(lambda debugger, path: debugger._interventions.why_not_inject(path)))
    def inject_failure(self, state_path: StatePath, error: str, cause: str | None = None, attempts: int = 1) -> Stop:
        """The next `attempts` attempts of the Task, Parallel or Map at `state_path` fail with this error and cause.

        When the cursor is in a visit to it, the attempt at hand is the first of them: a task that waits fails now;
        what has begun or is over begins again.
        """
        return self._interventions.inject(state_path, error, cause, attempts)

    def forecast_injection(
        self, state_path: StatePath, error: str, cause: str | None = None, attempts: int = 1
    ) -> OutcomeForecast | None:
        """What would become of the visit at hand if that were injected; None when the state is not at hand."""
        return self._interventions.forecast_injection(state_path, error, cause, attempts)

    def forecast_choice(self) -> ChoiceForecast | None:
        """What the Choice at hand would do by itself; None when there is none. Nothing is changed."""
        return self._interventions.forecast_choice()

    def forecast_answer(self, answer: Answer) -> OutcomeForecast | None:
        """What would become of the Task that waits if it were answered so. Nothing is changed."""
        return self._interventions.forecast_answer(answer)

    @_verb(availability.changing(lambda debugger, path: debugger._interventions.why_not_edit_input()))
    def edit_input(self, value: Json) -> Stop:
        """The state about to run, or at hand, runs with `value` as its input."""
        return self._interventions.edit_input(value)

    @_verb(availability.changing(lambda debugger, path: debugger._interventions.why_not_answer()))
    def answer_task(self, answer: Answer) -> Stop:
        """Answer the Task that waits: in the branch in focus, else in any."""
        return self._interventions.answer(answer)

    @_verb(availability.changing(lambda debugger, path: debugger._interventions.why_not_edit_result()))
    def edit_result(self, answer: Answer) -> Stop:
        """Give the task of the visit at hand another answer."""
        return self._interventions.edit_result(answer)

    @_verb(availability.changing(lambda debugger, path: debugger._interventions.why_not_call_again()))
    def call_again(self) -> Stop:
        """Call once more what the Task at hand called; nothing else calls an attempt twice."""
        return self._interventions.call_again()

    @_verb(availability.changing(lambda debugger, path: debugger.answerers.why_not(path)))
    def choose_answerer(self, kind: AnswererKind, path: StatePath | None = None, *, every: bool = True) -> Stop:
        """Have the Task at the cursor, or at `path`, be answered by another of those that can, here and on later forks.

        Without `every` in the attempt at hand alone. Where that has its answer, a fork goes on from before it.
        """
        return self.answerers.choose(kind, path, every=every)

    # inner workings

    def _going(self, travel: Travel, interrupt: Interrupt | None = None) -> Stop:
        return go_on(travel, interrupt, self.timeline)

    def _view_builder(self) -> ViewBuilder:
        asked = self.answering.is_unanswered, self._origins_of, self.answering.about_to_call
        return ViewBuilder(self.timeline, self.breakpoints, self.machine, *asked)

    def _origins_of(self, lines: tuple[StageLine, ...], visit: Visit | None) -> tuple[StageLine, ...]:
        """The lines of a visit with where their values come from, in a recording."""
        if self.timeline.record is None:
            return lines
        from sfdebug.debugger.recorded.origins import marked_on

        return marked_on(self.timeline, lines, visit)

    def _stopped(self, stop: Stop, before: Cursor) -> Stop:
        """Make a stop the last one; `before` is the cursor from which the verb began."""
        if self.timeline.cursor != before:
            self._came_from = before
        pending = None if stop.is_refused else words.pending(self.timeline)
        if pending is not None:
            stop = replace(stop, text=f"{stop.text}; {pending.text}", hints=(*stop.hints, *pending.hints))
        self._stop = stop
        return stop
