"""Whatever the machine and the walk: a session that is opened at any byte of its journal goes on as it would have."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfdebug.asl.definition import StateMachine
from sfdebug.asl.load import definition_from as load
from sfdebug.debugger import Debugger, Verb
from sfdebug.debugger.sessions.keeper import SessionKeeper
from sfdebug.debugger.sessions.lines import lines_in
from sfdebug.debugger.sessions.opening import reopened
from sfdebug.debugger.sessions.restoring import beginning_of, restored
from sfdebug.debugger.sessions.session import session_in
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from sfdebug.tasks.handler import TaskHandler
from tests.debugger_runs import Nobody
from tests.examples import STEADY, examples
from tests.property.test_debugger_walks import INPUT, MOST_STEPS, Fickle, _picture, machines

bounded = settings(
    max_examples=examples(60),
    derandomize=STEADY,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)

Doing = Callable[[Debugger], Any]

PLAIN = (
    Verb.STEP_INTO,
    Verb.STEP_OVER,
    Verb.STEP_OUT,
    Verb.RUN,
    Verb.STEP_BACK,
    Verb.BACK_OVER,
    Verb.BACK_OUT,
    Verb.RUN_BACK,
    Verb.RESTART,
    Verb.LEAVE_FORK,
    Verb.REDO,
)


def _doing(verb: Verb) -> Doing:
    return lambda debugger: debugger.do(verb)


MOVES: dict[str, Doing] = {
    **{str(verb): _doing(verb) for verb in PLAIN},
    "answer": lambda debugger: debugger.answer_task(TaskResult({"n": 5, "text": "é\ud800" * 400})),
    "fail": lambda debugger: debugger.answer_task(TaskFailure("Boom", "by hand", after_seconds=2)),
    "edit": lambda debugger: debugger.edit_input({"n": 7, "edited": True}),
    "result": lambda debugger: debugger.edit_result(TaskResult({"n": 9.5})),
    "force": lambda debugger: debugger.force_choice(0),
    "force default": lambda debugger: debugger.force_choice(None),
    "inject": lambda debugger: _inject(debugger, 1),
    "inject twice": lambda debugger: _inject(debugger, 2),
    "back": lambda debugger: debugger.scrub(-3),
    "on": lambda debugger: debugger.scrub(2),
    "main": lambda debugger: debugger.switch_fork(0),
    "last fork": lambda debugger: debugger.switch_fork(len(debugger.timeline.forks) - 1),
    "branch": lambda debugger: debugger.focus_branch(max(debugger.execution.branches, default=())),
    "break": lambda debugger: debugger.breakpoints.toggle((debugger.machine.scope.start_at,)),
    "faults": lambda debugger: debugger.breakpoints.toggle_faults(),
}
SMALL = 6_000
"""A journal of so many bytes is cut at every one of them."""

walks = st.lists(st.sampled_from(sorted(MOVES)), min_size=1, max_size=14)


def _inject(debugger: Debugger, attempts: int) -> None:
    state = debugger.view().state
    if state is not None:
        debugger.inject_failure(state.path, "Boom", attempts=attempts)


def _all_of(debugger: Debugger) -> list[Any]:
    """All that a debugger holds, but why it stopped."""
    timeline = debugger.timeline
    forks = [
        (
            fork.id,
            fork.parent.id if fork.parent is not None else None,
            fork.shared,
            fork.reason,
            fork.undoes.index if fork.undoes is not None else None,
            [(node.id, node.decision, timeline.decided(node), _picture(node.execution)) for node in fork.nodes],
            _cursor(timeline.cursor_on(fork)),
        )
        for fork in timeline.lines
    ]
    view = debugger.view()
    undone = [(one.fork, _cursor(one.cursor), one.went_to, one.decided, one.what) for one in debugger.undoing.undone]
    seen = (view.sentence, view.question, view.marks, view.event_index, view.branches, view.variables, view.forks)
    points = debugger.breakpoints
    return [forks, timeline.fork.id, sorted(timeline.unanswered), undone, points.states, points.on_fault, seen]


def _cursor(cursor: Any) -> tuple[Any, ...]:
    return cursor.node.index, cursor.stage_offset, cursor.focus


def _handler(kind: str) -> TaskHandler | None:
    handlers: dict[str, TaskHandler] = {"fickle": Fickle(), "nobody": Nobody()}
    return handlers.get(kind)


def _debugger(machine: StateMachine, kind: str) -> Debugger:
    return Debugger(machine, dict(INPUT), tasks=_handler(kind), most_steps=MOST_STEPS)


def _saved(machine: StateMachine, kind: str, walk: list[str], path: Path) -> tuple[bytes, list[tuple[int, Any]]]:
    """The journal of a walk, and after each record how many moves were made, and all that the debugger held."""
    debugger = _debugger(machine, kind)
    keeper = SessionKeeper(debugger, lambda: beginning_of(debugger, 0.0, "1"), lambda: path, now=lambda: 1.0)
    stations: list[tuple[int, Any]] = []
    size = 0
    for count, name in enumerate(walk, start=1):
        MOVES[name](debugger)
        assert keeper.keep(), keeper.trouble
        now = path.stat().st_size if path.exists() else 0
        if now > size:
            stations.append((count, _all_of(debugger)))
        elif stations:
            assert _all_of(debugger) == stations[-1][1], "nothing was written, and nothing has changed"
        size = now
    keeper.close()
    return path.read_bytes() if path.exists() else b"", stations


@bounded
@given(machines(uncaught=True), st.sampled_from(("fickle", "nobody", "")), walks, st.data())
def test_a_session_cut_at_any_byte_goes_on_identically(
    definition: dict[str, Any], kind: str, walk: list[str], data: st.DataObject
) -> None:
    machine = load(definition)
    with TemporaryDirectory() as folder:
        path = Path(folder, "session")
        whole, stations = _saved(machine, kind, walk, path)
        ends = [end + 1 for end, byte in enumerate(whole) if byte == 10]
        for cut in range(len(whole) + 1) if len(whole) < SMALL else range(0, len(whole), 97):
            lines = lines_in(whole[:cut])
            assert lines.damaged == 0
            assert len(lines.texts) == bisect_right(ends, cut)
        records = -1
        for end in ends[3:]:
            session = session_in(path, lines_in(whole[:end]))
            if len(session.done) <= records:
                continue
            records = len(session.done)
            if not records:
                continue
            found = restored(session, machine, _handler(kind))
            assert found.is_whole, found.notes
            assert _all_of(found.debugger) == stations[records - 1][1]
        if not stations:
            return
        station = data.draw(st.integers(1, len(stations)))
        end = next(end for end in ends[3:] if len(session_in(path, lines_in(whole[:end])).done) == station)
        path.write_bytes(whole[: end + data.draw(st.integers(0, 11))])
        session, journal = reopened(path)
        debugger = restored(session, machine, _handler(kind)).debugger
        keeper = SessionKeeper(debugger, lambda: session.beginning, lambda: path, now=lambda: 1.0)
        keeper.go_on(session, journal)
        for name in walk[stations[station - 1][0] :]:
            MOVES[name](debugger)
            assert keeper.keep(), keeper.trouble
        keeper.close()
        assert _all_of(debugger) == stations[-1][1], "going on leads where it led"
        assert path.read_bytes() == whole, "and so does the journal"


@bounded
@given(machines(uncaught=True), st.sampled_from(("fickle", "")), walks)
def test_redo_after_undo_is_the_identity(definition: dict[str, Any], kind: str, walk: list[str]) -> None:
    debugger = _debugger(load(definition), kind)
    for name in walk:
        MOVES[name](debugger)
        before: list[tuple[Any, ...]] = []
        for _ in range(3):
            if debugger.can(Verb.LEAVE_FORK):
                before.append(_place(debugger))
                debugger.leave_fork()
        for place in reversed(before):
            stop = debugger.redo()
            assert not stop.is_refused, stop.text
            assert _place(debugger) == place


def _place(debugger: Debugger) -> tuple[Any, ...]:
    view, cursor = debugger.view(), debugger.cursor
    seen = (view.sentence, view.pending, view.event_index)
    return view.fork_id, id(cursor.node), cursor.stage_offset, cursor.focus, seen
