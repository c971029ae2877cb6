"""Whatever the machine and the walk: going back finds the same executions, forks leave their parents alone."""

from __future__ import annotations

import zlib
from collections import Counter
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfdebug.debugger import Cursor, Debugger, StopReason, TimelineNode, Verb
from sfdebug.engine import Execution
from sfdebug.engine.execution.decisions import Answer, Dataset, TaskFailure, TaskResult, TaskSilence
from sfdebug.engine.execution.events import Event
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import RequestKind, TaskRequest
from sfdebug.simulation import simulate
from sfdebug.tasks.answerers import AnswererKind
from tests.debugger_runs import LAMBDA
from tests.examples import STEADY, examples

bounded = settings(
    max_examples=examples(60),
    derandomize=STEADY,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)

MOST_STEPS = 5_000
"""More than any of the machines here needs: one that goes on longer never ends."""

INPUT: dict[str, Any] = {"n": 1, "keep": True, "items": [1, 2, 3]}

FORWARD = ("step_into", "step_into", "step_into", "step_over", "step_out", "run")


class Fickle:
    """Fails and succeeds by the request alone, so that every order of asking gives the same answers."""

    def answer(self, request: TaskRequest) -> Answer | None:
        if request.kind is RequestKind.MAP_RUN:
            return _map_run(request)
        seed = zlib.crc32(request.state.name.encode()) + sum(index for _, index in request.branch)
        if (seed + request.attempt) % 3 == 0:
            return TaskFailure("Boom", f"attempt {request.attempt}", after_seconds=seed % 2)
        return TaskResult({"n": request.attempt, "from": request.state.name}, after_seconds=seed % 3)


def _map_run(request: TaskRequest) -> Answer | None:
    """For a Map Run: its items, its whole result or its failure; where it has its items already, mostly nothing."""
    seed = zlib.crc32(request.state.name.encode()) + request.attempt
    if seed % 5 == 0:
        return TaskFailure("Boom", "the Map Run")
    if seed % 5 == 1:
        return TaskResult([{"n": seed % 3}], after_seconds=seed % 2)
    if request.is_optional:
        return None
    return Dataset(items=tuple({"n": number} for number in range(seed % 4)), after_seconds=seed % 2)


class _Names:
    """Fresh names for the states of one machine."""

    def __init__(self) -> None:
        self.count = 0

    def next(self) -> str:
        self.count += 1
        return f"S{self.count}"


SIMPLE = ("pass", "task", "wait", "choice", "loop", "assign", "jsonata", "condition")
KINDS = (*SIMPLE, "fail-caught", "parallel", "map", "map-run", "map-run")


@st.composite
def machines(draw: st.DrawFn, *, uncaught: bool = False) -> dict[str, Any]:
    """Small definitions that end: chains of all kinds of states, loops among them, containers two deep."""
    return _scope(draw, _Names(), depth=2, uncaught=uncaught)


def _scope(draw: st.DrawFn, names: _Names, depth: int, uncaught: bool) -> dict[str, Any]:
    kinds = draw(st.lists(st.sampled_from(KINDS if depth else SIMPLE), min_size=1, max_size=3))
    states: dict[str, Any] = {}
    entries = [names.next() for _ in kinds]
    for position, (kind, name) in enumerate(zip(kinds, entries, strict=True)):
        following = entries[position + 1] if position + 1 < len(entries) else None
        states |= _states(draw, names, kind, name, following, depth, uncaught)
    return {"StartAt": entries[0], "States": states}


def _states(
    draw: st.DrawFn, names: _Names, kind: str, name: str, following: str | None, depth: int, uncaught: bool
) -> dict[str, Any]:
    leaving: dict[str, Any] = {"Next": following} if following else {"End": True}
    if kind == "pass":
        return {name: {"Type": "Pass", "Result": {"n": 0}, "ResultPath": "$.made", **leaving}}
    if kind == "wait":
        return {name: {"Type": "Wait", "Seconds": draw(st.integers(0, 3)), **leaving}}
    if kind == "choice":
        end = names.next()
        rule = {"Variable": "$.n", "IsPresent": True, "Next": end}
        return {
            name: {"Type": "Choice", "Choices": [rule], "Default": end},
            end: {"Type": "Pass", **leaving},
        }
    if kind == "loop":
        body, again, out = names.next(), names.next(), names.next()
        rule = {"Variable": "$.count.n", "NumericLessThan": draw(st.integers(1, 3)), "Next": body}
        plus = {"n.$": "States.MathAdd($.count.n, 1)"}
        return {
            name: {"Type": "Pass", "Result": {"n": 0}, "ResultPath": "$.count", "Next": body},
            body: {"Type": "Pass", "Parameters": plus, "ResultPath": "$.count", "Next": again},
            again: {"Type": "Choice", "Choices": [rule], "Default": out},
            out: {"Type": "Pass", **leaving},
        }
    if kind in ("assign", "jsonata", "condition"):
        return _with_variables(draw, names, kind, name, leaving)
    end = names.next()
    state: dict[str, Any] = {"Next": end, "ResultPath": "$.result"}
    if not (uncaught and draw(st.booleans())):
        state["Catch"] = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": end}]
    if draw(st.booleans()):
        state["Retry"] = [{"ErrorEquals": ["Boom"], "MaxAttempts": draw(st.integers(1, 2))}]
    if kind in ("task", "fail-caught"):
        state |= {"Type": "Task", "Resource": LAMBDA}
        state["Assign"] = {f"v{name}.$": "$"}
    elif kind == "map-run":
        return {name: _map_run_state(draw, names, state, uncaught), end: {"Type": "Pass", **leaving}}
    elif kind == "parallel":
        branches = draw(st.integers(1, 3))
        state |= {"Type": "Parallel", "Branches": [_scope(draw, names, depth - 1, uncaught) for _ in range(branches)]}
    else:
        state |= {
            "Type": "Map",
            "Parameters": {"n.$": "$$.Map.Item.Value"},
            "ItemsPath": "$.items",
            "MaxConcurrency": draw(st.integers(0, 2)),
            "ItemProcessor": _scope(draw, names, 0, uncaught),
        }
        before = names.next()
        items = {
            "Type": "Pass",
            "Result": list(range(draw(st.integers(0, 3)))),
            "ResultPath": "$.items",
            "Next": before,
        }
        return {name: items, before: state, end: {"Type": "Pass", **leaving}}
    return {name: state, end: {"Type": "Pass", **leaving}}


def _with_variables(draw: st.DrawFn, names: _Names, kind: str, name: str, leaving: dict[str, Any]) -> dict[str, Any]:
    """States that assign variables and read them, in both languages; each of them assigns one of its own."""
    variable = f"v{name}"
    if kind == "assign":
        return {name: {"Type": "Pass", "Assign": {variable: 1, f"{variable}b.$": "$"}, **leaving}}
    plus = f"{{% $exists(${variable}) ? ${variable} + 1 : 1 %}}"
    if kind == "jsonata":
        output = "{% $merge([$states.input, {'n': 2}]) %}"
        return {
            name: {"Type": "Pass", "QueryLanguage": "JSONata", "Assign": {variable: plus}, "Output": output, **leaving}
        }
    out, most = names.next(), draw(st.integers(0, 2))
    again = {"Condition": f"{{% ($exists(${variable}) ? ${variable} : 0) < {most} %}}", "Next": name}
    rule = {**again, "Assign": {variable: plus}, "Output": "{% $states.input %}"}
    choice = {"Type": "Choice", "QueryLanguage": "JSONata", "Choices": [rule], "Assign": {"over": True}, "Default": out}
    return {name: choice, out: {"Type": "Pass", **leaving}}


def _map_run_state(draw: st.DrawFn, names: _Names, state: dict[str, Any], uncaught: bool) -> dict[str, Any]:
    """A distributed Map: of three items or of a dataset, perhaps batched, perhaps forgiving."""
    processor = _scope(draw, names, 0, uncaught) | {
        "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
    }
    state |= {"Type": "Map", "ItemProcessor": processor, "MaxConcurrency": draw(st.integers(0, 2))}
    if draw(st.booleans()):
        parameters = {"Bucket": "bucket", "Key": "items.json"}
        state["ItemReader"] = {"Resource": "arn:aws:states:::s3:getObject", "Parameters": parameters}
        state["ItemReader"]["ReaderConfig"] = {"InputType": "JSON"}
    else:
        state["ItemsPath"] = "$.items"
    if draw(st.booleans()):
        state["ItemBatcher"] = {"MaxItemsPerBatch": 2}
    else:
        state["ItemSelector"] = {"n.$": "$$.Map.Item.Value"}
    if draw(st.booleans()):
        state["ToleratedFailurePercentage"] = draw(st.sampled_from((0, 50, 100)))
    return state


def _debugger(machine: dict[str, Any]) -> Debugger:
    return Debugger(machine, dict(INPUT), tasks=Fickle(), most_steps=MOST_STEPS)


def _picture(execution: Execution) -> tuple[Any, ...]:
    """All of an execution that could change under a shared structure, as a value of its own."""
    return (
        execution.status,
        execution.clock,
        tuple(execution.events),
        tuple(execution.visits),
        tuple(execution.decisions),
        tuple(sorted(execution.branches.items())),
        tuple(sorted((id, child.status, tuple(child.events)) for id, child in execution.children.items())),
        tuple(child.arn for child in execution.ended_children),
        execution.injections,
        execution.output,
    )


def _walk_in(debugger: Debugger) -> list[Cursor]:
    """All places from here to the end, one `step_into` after the other."""
    cursors = [debugger.cursor]
    while debugger.step_into().reason is not StopReason.END:
        cursors.append(debugger.cursor)
        assert len(cursors) < MOST_STEPS
    if debugger.cursor != cursors[-1]:
        cursors.append(debugger.cursor)
    return cursors


def _walk_back(debugger: Debugger) -> list[Cursor]:
    cursors = [debugger.cursor]
    while debugger.can(Verb.STEP_BACK):
        debugger.step_back()
        cursors.append(debugger.cursor)
    return cursors


@bounded
@given(machines(uncaught=True), st.lists(st.sampled_from(FORWARD), min_size=1, max_size=8))
def test_any_walk_forward_then_back_finds_the_identical_executions(machine: dict[str, Any], verbs: list[str]) -> None:
    debugger = _debugger(machine)
    stations: list[tuple[Cursor, Execution, tuple[Any, ...]]] = []
    for verb in verbs:
        assert getattr(debugger, verb)().reason is not StopReason.LIMIT
        stations.append((debugger.cursor, debugger.execution, _picture(debugger.execution)))
    passed = _walk_back(debugger)
    by_cursor = set(passed)
    for cursor, execution, picture in stations:
        assert cursor in by_cursor, "stepping back comes by every place that a verb stopped at"
        assert cursor.node.execution is execution
        assert _picture(execution) == picture
    tip = debugger.timeline.tip
    forward = [debugger.cursor]
    for _ in passed[1:]:
        debugger.step_into()
        forward.append(debugger.cursor)
    assert forward == passed[::-1]
    assert debugger.timeline.tip is tip, "nothing was computed again"


@bounded
@given(machines(), st.lists(st.sampled_from(("step_into", "step_over", "run")), max_size=4))
def test_over_and_back_over_are_reverses_at_the_top_level(machine: dict[str, Any], verbs: list[str]) -> None:
    debugger = _debugger(machine)
    cursors = [debugger.cursor]
    while debugger.step_over().reason is StopReason.STEP:
        cursors.append(debugger.cursor)
    for cursor in reversed(cursors):
        debugger.back_over()
        assert debugger.cursor == cursor


@bounded
@given(machines(uncaught=True), st.data())
def test_a_fork_never_changes_its_parent(machine: dict[str, Any], data: st.DataObject) -> None:
    debugger = _debugger(machine)
    assert debugger.run().reason is StopReason.END
    main = list(debugger.timeline.nodes)
    pictures = [_picture(node.execution) for node in main]
    for _ in range(data.draw(st.integers(1, 3))):
        debugger.switch_fork(data.draw(st.integers(0, len(debugger.timeline.forks) - 1)))
        nodes = debugger.timeline.nodes
        debugger.goto_node(nodes[data.draw(st.integers(0, len(nodes) - 1))].id)
        before = list(debugger.timeline.nodes)
        left = debugger.timeline.current.id
        _intervene(debugger, data)
        _intervene(debugger, data)
        debugger.run()
        _take_back(debugger, data)
        debugger.switch_fork(left)
        now = debugger.timeline.nodes
        assert all(mine is theirs for mine, theirs in zip(before, now, strict=False))
        assert len(now) >= len(before)
    debugger.switch_fork(0)
    assert debugger.timeline.nodes[: len(main)] == main
    assert [_picture(node.execution) for node in main] == pictures


def _take_back(debugger: Debugger, data: st.DataObject) -> None:
    """Go to before a decision, where there is one, and press undo: a decision of this fork's own is gone from there."""
    nodes = list(debugger.timeline.nodes)
    pictures = [_picture(node.execution) for node in nodes]
    before = [node.parent for node in nodes if node.parent and debugger.timeline.decided(node)] or nodes
    debugger.goto_node(data.draw(st.sampled_from(before)).id)
    left, forks, pending = debugger.timeline.current.id, len(debugger.timeline.forks), debugger.view().pending
    stop = debugger.leave_fork()
    if pending is not None and any(hint.does.startswith("takes") for hint in pending.hints):
        assert stop.text.startswith("took back: ")
        assert debugger.view().pending is None
        kept = debugger.cursor.node.index + 1
        assert debugger.timeline.nodes[:kept] == nodes[:kept]
        # A fork that took back the same decision before, and was walked on since, is used again.
        assert len(debugger.timeline.forks) == forks + (stop.forked is not None)
        assert stop.forked is None or len(debugger.timeline.nodes) == kept
    else:
        assert len(debugger.timeline.forks) == forks
    debugger.run()
    debugger.switch_fork(left)
    assert debugger.timeline.nodes == nodes
    assert [_picture(node.execution) for node in nodes] == pictures


def _intervene(debugger: Debugger, data: st.DataObject) -> None:
    state = debugger.view().state
    verb = data.draw(st.sampled_from(("edit", "inject", "force", "result")))
    if verb == "edit" or state is None:
        debugger.edit_input({"n": 7, "edited": True})
    elif verb == "inject":
        debugger.inject_failure(state.path, "Boom", attempts=data.draw(st.integers(1, 3)))
    elif verb == "force":
        debugger.force_choice(data.draw(st.sampled_from((0, None))))
    else:
        debugger.edit_result(TaskResult({"n": 9}))


@bounded
@given(machines())
def test_running_gives_what_stepping_gives(machine: dict[str, Any]) -> None:
    run, walked = _debugger(machine), _debugger(machine)
    assert run.run().reason is StopReason.END
    _walk_in(walked)
    left, right = run.execution, walked.execution
    assert (left.status, left.output, left.clock) == (right.status, right.output, right.clock)
    assert left.visit_count == right.visit_count
    assert _by_branch(left) == _by_branch(right), "only the order between branches may differ"
    if all(len(execution.branches) == 1 for execution in (node.execution for node in run.timeline.nodes)):
        assert tuple(left.events) == tuple(right.events)


def _by_branch(execution: Execution) -> dict[Any, list[tuple[Any, ...]]]:
    found: dict[Any, list[tuple[Any, ...]]] = {}
    for event in _all_events(execution):
        # The ARN of a Map Run is made from the number of an event, which the order between branches decides.
        details = "" if event.type == "MapRunStarted" else str(event.details)
        found.setdefault(event.branch, []).append((event.type, event.state, event.time, details))
    return found


def _all_events(execution: Execution) -> list[Event]:
    """Those of the execution, and of all its child executions."""
    children = [*execution.ended_children, *execution.children.values()]
    return [*execution.events, *(event for child in children for event in child.events)]


def _children(execution: Execution) -> list[tuple[Any, ...]]:
    return sorted((child.arn, child.status, str(child.history)) for child in execution.ended_children)


@bounded
@given(machines(uncaught=True))
def test_running_gives_the_history_of_a_headless_run(machine: dict[str, Any]) -> None:
    debugger = _debugger(machine)
    assert debugger.run().reason is StopReason.END
    headless = simulate(machine, dict(INPUT), tasks=Fickle())
    assert debugger.execution.history == headless.history
    assert _children(debugger.execution) == _children(headless)


@bounded
@given(machines(uncaught=True), st.data())
def test_going_to_any_event_and_on_from_there_leads_to_the_same_end(
    machine: dict[str, Any], data: st.DataObject
) -> None:
    debugger = _debugger(machine)
    debugger.run()
    end, events = debugger.execution, tuple(debugger.view().events)
    debugger.goto_event(data.draw(st.integers(1, len(events))))
    getattr(debugger, data.draw(st.sampled_from(("run", "step_out", "step_over", "step_into"))))()
    _walk_in(debugger)
    assert debugger.execution is end
    assert tuple(debugger.view().events) == events


@bounded
@given(machines(uncaught=True), st.data())
def test_marks_agree_with_the_events_at_every_node(machine: dict[str, Any], data: st.DataObject) -> None:
    debugger = _debugger(machine)
    debugger.run()
    nodes = debugger.timeline.nodes
    node: TimelineNode = nodes[data.draw(st.integers(0, len(nodes) - 1))]
    debugger.goto_node(node.id)
    entered = Counter(event.state for event in _all_events(node.execution) if event.type.endswith("StateEntered"))
    marks = debugger.view().marks
    assert {path[-1]: mark.visits for path, mark in marks.items() if mark.visits} == dict(entered)
    running = {branch.state_name for branch in node.execution.branches.values() if branch.visit}
    for path, mark in marks.items():
        assert (mark.status == "waiting") <= (path[-1] in running)
        assert not (mark.status == "unvisited" and mark.visits), path
        assert len(debugger.visits_of(path)) == mark.visits


@pytest.mark.parametrize("concurrency", [0, 1, 2])
def test_every_place_has_a_view(concurrency: int) -> None:
    """One larger machine, every place of it: the view is complete and the numbers fit together."""
    inner = {"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": LAMBDA, "Retry": [], "End": True}}}
    machine = {
        "StartAt": "M",
        "States": {
            "M": {
                "Type": "Map",
                "MaxConcurrency": concurrency,
                "ItemProcessor": {
                    "StartAt": "P",
                    "States": {"P": {"Type": "Parallel", "Branches": [inner], "End": True}},
                },
                "Catch": [{"ErrorEquals": ["Boom"], "Next": "Z"}],
                "Next": "Z",
            },
            "Z": {"Type": "Succeed"},
        },
    }
    debugger = Debugger(machine, [1, 2, 3], tasks=Fickle())
    for cursor in _walk_in(debugger):
        debugger.timeline.put_cursor(cursor.node, cursor.stage_offset, cursor.focus)
        view = debugger.view()
        assert view.state is not None
        assert view.sentence.endswith(".")
        assert 0 < view.event_index <= len(view.events)
        assert view.stage_index == sum(not line.is_pending for line in view.visit_stages) - 1
        assert view.is_about_to_run == (view.visit is None)
        if view.is_about_to_run:
            assert view.execution.branches[view.branch].phase is Phase.READY


@bounded
@given(machines(uncaught=True), st.data())
def test_scrubbing_in_a_child_execution_stays_in_its_history(machine: dict[str, Any], data: st.DataObject) -> None:
    debugger = _debugger(machine)
    debugger.run()
    inside = [cursor for cursor in _walk_back(debugger) if cursor.branch and _unit_at(debugger, cursor)]
    if not inside:
        return
    cursor = data.draw(st.sampled_from(inside))
    debugger.timeline.put_cursor(cursor.node, cursor.stage_offset, cursor.focus)
    view = debugger.view()
    child, events = view.child, list(view.events)
    assert child is not None
    assert [event.id for event in events] == list(range(1, len(events) + 1))
    assert view.child_label
    for _ in range(len(events) + 1):
        before = debugger.view().event_index
        debugger.scrub(1)
        now = debugger.view()
        if now.child is None or now.child.arn != child.arn:
            assert events[-1].type == "ExecutionAborted", "a sibling that failed ended it"
            return
        assert list(now.events) == events
        assert now.event_index > before or before == len(events)
    assert debugger.view().event_index == len(events)
    for target in data.draw(st.lists(st.integers(1, len(events)), max_size=4)):
        debugger.goto_event(target)
        now = debugger.view()
        if events[target - 1].type != "ExecutionAborted":
            assert now.child is not None
            assert now.child.arn == child.arn
            assert now.event_index >= target


def _unit_at(debugger: Debugger, cursor: Cursor) -> bool:
    branch = cursor.node.execution.branches.get(cursor.branch)
    return branch is not None and bool(branch.child_id)


TO_EVENT = (Verb.RUN_TO_EVENT, Verb.RUN_BACK_TO_EVENT)
TO_STATE = (Verb.RUN_TO_STATE, Verb.RUN_BACK_TO_STATE)
WATCH = ("breakpoint", "faults")
"""What is done to the breakpoints between the verbs."""


def _arguments(debugger: Debugger, verb: Verb, data: st.DataObject) -> tuple[Any, ...]:
    """Arguments for a verb: mostly sensible, sometimes not."""
    numbers = st.integers(-2, 40)
    if verb in (Verb.SCRUB, Verb.GOTO_EVENT, Verb.GOTO_NODE, Verb.GOTO_VISIT, Verb.GOTO_RECORDED, *TO_EVENT):
        return (data.draw(numbers),)
    if verb is Verb.SWITCH_FORK:
        return (data.draw(st.integers(0, 3)),)
    if verb is Verb.FOCUS_BRANCH:
        lines = debugger.branches()
        return (data.draw(st.sampled_from([line.id for line in lines])) if lines else (("Nowhere", 0),),)
    if verb is Verb.GOTO_CHILD:
        over = [child.arn for child in debugger.timeline.tip.execution.ended_children]
        return (data.draw(st.sampled_from([*over, "no ARN"])),)
    if verb is Verb.FORCE_CHOICE:
        return (data.draw(st.sampled_from((0, 1, None))),)
    if verb is Verb.GOTO_STAGE:
        return (data.draw(numbers), data.draw(numbers))
    if verb in TO_STATE:
        return (data.draw(st.sampled_from([*(state.path for state in debugger.machine.walk()), ("Nowhere",)])),)
    if verb is Verb.RUN_UNTIL:
        return (
            data.draw(st.sampled_from(("$.n > 1", "$states.attempt > 1", "{% $states.iteration = 2 %}", "$.", ""))),
        )
    if verb is Verb.INJECT_FAILURE:
        path = data.draw(st.sampled_from([state.path for state in debugger.machine.walk()]))
        return (path, data.draw(st.sampled_from(("Boom", ""))), None, data.draw(st.integers(0, 3)))
    if verb is Verb.CHOOSE_ANSWERER:
        return (data.draw(st.sampled_from(AnswererKind)),)
    if verb is Verb.EDIT_INPUT:
        return ({"n": data.draw(numbers), "items": [1]},)
    if verb in (Verb.ANSWER_TASK, Verb.EDIT_RESULT):
        answers = (TaskResult({"n": 1}), TaskFailure("Boom"), TaskSilence(), Dataset(items=({"n": 1},)))
        return (data.draw(st.sampled_from(answers)),)
    return ()


@bounded
@given(machines(uncaught=True), st.data())
def test_no_sequence_of_verbs_breaks_the_debugger(machine: dict[str, Any], data: st.DataObject) -> None:
    """All verbs that there are; those of a recording are refused here, as any that is not possible."""
    tasks = Fickle() if data.draw(st.booleans()) else None
    debugger = Debugger(machine, {"n": 1}, tasks=tasks, most_steps=MOST_STEPS)
    for verb in data.draw(st.lists(st.sampled_from((*Verb, *WATCH)), min_size=5, max_size=25)):
        before = debugger.cursor
        if verb == "breakpoint":
            debugger.breakpoints.toggle(data.draw(st.sampled_from([state.path for state in debugger.machine.walk()])))
            continue
        if verb == "faults":
            debugger.breakpoints.toggle_faults()
            continue
        verb = Verb(verb)
        possible = debugger.can(verb)
        stop = getattr(debugger, verb)(*_arguments(debugger, verb, data))
        assert stop.text
        assert stop.reason is not StopReason.LIMIT
        if stop.is_refused:
            assert debugger.cursor == before, "a refused verb changes nothing"
        elif verb in (Verb.FORCE_CHOICE, Verb.ANSWER_TASK, Verb.EDIT_RESULT):
            assert possible, "what can() calls impossible is refused"
        node = debugger.cursor.node
        assert debugger.timeline.nodes[node.index] is node
        assert debugger.cursor.stage_offset <= node.last_stage_offset
        view = debugger.view()
        assert view.state is not None
        assert view.sentence
        assert sum(line.is_focused for line in view.branches) <= 1
        assert [fork.is_current for fork in view.forks].count(True) == 1


ALONE = (
    Verb.STEP_INTO, Verb.STEP_OVER, Verb.STEP_OUT, Verb.RUN, Verb.STEP_BACK, Verb.BACK_OVER, Verb.BACK_OUT,
    Verb.RUN_BACK, Verb.RESTART, Verb.GOTO_FAILURE, Verb.FORK_HERE, Verb.LEAVE_FORK,
)  # fmt: skip
"""The verbs that take no arguments, so that none can be wrong."""
WITH_ARGUMENTS: dict[Verb, tuple[Any, ...]] = {
    Verb.RUN_TO_STATE: (("Nowhere",),),
    Verb.RUN_BACK_TO_STATE: (("Nowhere",),),
    Verb.RUN_TO_EVENT: (0,),
    Verb.RUN_BACK_TO_EVENT: (0,),
    Verb.RUN_UNTIL: ("$.nowhere > 1",),
    Verb.SCRUB: (1,),
    Verb.GOTO_EVENT: (1,),
    Verb.GOTO_CHILD: ("arn",),
    Verb.GOTO_NODE: (0,),
    Verb.GOTO_VISIT: (1,),
    Verb.GOTO_STAGE: (1, 0),
    Verb.GOTO_RECORDED: (0,),
    Verb.SWITCH_FORK: (0,),
    Verb.FOCUS_BRANCH: ((),),
    Verb.FORCE_CHOICE: (0,),
    Verb.EDIT_INPUT: ({},),
    Verb.ANSWER_TASK: (TaskResult(1),),
    Verb.EDIT_RESULT: (TaskResult(1),),
    Verb.CHOOSE_ANSWERER: (AnswererKind.MOCK,),
}


@given(machines(uncaught=True), st.booleans(), st.lists(st.sampled_from(ALONE), max_size=12))
@bounded
def test_a_verb_that_is_unavailable_changes_nothing(
    definition: dict[str, Any], is_answered: bool, walk: list[Verb]
) -> None:
    debugger = Debugger(definition, INPUT, tasks=Fickle() if is_answered else None, most_steps=MOST_STEPS)
    for verb in walk:
        for other in Verb:
            if other is Verb.INJECT_FAILURE or debugger.can(other):
                continue
            before = (debugger.cursor, len(debugger.timeline.nodes), len(debugger.timeline.forks))
            getattr(debugger, other)(*WITH_ARGUMENTS.get(other, ()))
            assert (debugger.cursor, len(debugger.timeline.nodes), len(debugger.timeline.forks)) == before, other
        was_possible = debugger.can(verb)
        assert not (debugger.do(verb).is_refused and was_possible), (verb, debugger.stop)
