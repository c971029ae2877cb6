"""Where each kind of breakpoint stops, what a condition that cannot be told does, and that none costs nothing."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.debugger import Debugger, StopReason
from sfdebug.debugger.breakpoints import hits, lookout, triggers
from sfdebug.debugger.breakpoints.breakpoint import BreakpointSign
from sfdebug.debugger.expressions.visible import Visible
from sfdebug.engine.execution.decisions import TaskFailure, TaskResult
from tests.debugger_runs import EACH, PARALLEL, Handler, machine, passing, task

RETRY = [{"ErrorEquals": ["Busy"], "IntervalSeconds": 2, "MaxAttempts": 3}]
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Sorry"}]
FLOW = machine(
    Count=passing("Call", Assign={"total": 1}, Result={"n": 7}, ResultPath="$.made"),
    Call=task("Again", Retry=RETRY, Catch=CATCH, ResultPath="$.called"),
    Again=passing("Pause", Assign={"total": 2, "other": 2}),
    Pause={"Type": "Wait", "Seconds": 60, "Next": "Done"},
    Done=passing(),
    Sorry=passing(),
)  # fmt: skip


def busy_twice(request: Any) -> Any:
    if request.attempt < 3:
        return TaskFailure("Busy", "later")
    return TaskResult({"big": "x" * 5000}, after_seconds=1)


def debugger_with(*texts: str, definition: Any = FLOW, input: Any = None) -> Debugger:
    debugger = Debugger(definition, {"order": 1} if input is None else input, tasks=Handler({"Call": busy_twice}))
    for text in texts:
        debugger.breakpoints.add(debugger.breakpoints.read(text))
    return debugger


def stops(debugger: Debugger) -> list[str]:
    """Where a run stops, in the words of the stops, to the end."""
    found = []
    while (stop := debugger.run()).reason in (StopReason.BREAKPOINT, StopReason.FAULT):
        found.append(stop.text)
    assert stop.reason is StopReason.END
    return found


STOPS = {
    "Again": ["breakpoint: about to run Again"],
    "Call at Task": [
        "breakpoint Call at Task: in Call, at Task",
        "breakpoint Call at Task: in Call, at Task",
        "breakpoint Call at Task: in Call, at Task",
    ],
    "Call at Retry": ["breakpoint Call at Retry: in Call, at Retry 1", "breakpoint Call at Retry: in Call, at Retry 1"],
    "Count -> Call": ["breakpoint Count -> Call: about to run Call"],
    "event TaskStateExited": ["breakpoint event TaskStateExited: about to run Again"],
    "error Busy": [
        "breakpoint error Busy: in Call, at Task",
        "breakpoint error Busy: in Call, at Task",
    ],
    "error States.TaskFailed": [
        "breakpoint error States.TaskFailed: in Call, at Task",
        "breakpoint error States.TaskFailed: in Call, at Task",
    ],
    "error Other": [],
    "fault": ["Call failed with Busy: later", "Call failed with Busy: later"],
    "variable $total": [
        "breakpoint variable $total: in Count, at Assign",
        "breakpoint variable $total: in Again, at Assign",
    ],
    "variable $other": ["breakpoint variable $other: in Again, at Assign"],
    "payload over 4 KiB": [
        "breakpoint payload over 4 KiB: in Call, at Task",
    ],
    "clock +00:00:30": ["breakpoint clock +00:00:30: in Pause, at Output"],
    "Call if $states.attempt > 1": [],
    "Call at Task if $states.attempt > 2": ["breakpoint Call at Task if $states.attempt > 2: in Call, at Task"],
    "Call at Task if $states.attempt == 2 && $states.errorOutput.Cause == 'later'": [
        "breakpoint Call at Task if $states.attempt == 2 && $states.errorOutput.Cause == 'later': in Call, at Task"
    ],
    "Call at Task hit 2": ["breakpoint Call at Task hit 2 (hit 2): in Call, at Task"],
    "Again if $total == 1 && $.called.big": ["breakpoint Again if $total == 1 && $.called.big: about to run Again"],
    "Again if {% $total = 1 and $states.input.order = 1 %}": [
        "breakpoint Again if {% $total = 1 and $states.input.order = 1 %}: about to run Again"
    ],
    "Done if $$.State.Name == 'Done' && $$.Execution.Input.order == 1": [
        "breakpoint Done if $$.State.Name == 'Done' && $$.Execution.Input.order == 1: about to run Done"
    ],
    "off Again": [],
}


@pytest.mark.parametrize("text", STOPS)
def test_where_it_stops(text: str) -> None:
    found = stops(debugger_with(text))
    assert [words.replace(" waits", "") for words in found] == STOPS[text]


UNTOLD = {
    "Again if $.nope > 1": "there is no $.nope here",
    "Again if $.order > 'a'": '> does not compare 1 with "a"',
    "Again if {% $states.input.nope %}": "it gives nothing",
    "Again if {% $states.input.order %}": "it gives a number, neither true nor false",
    "Again if $nobody == 1": "there is no $nobody here",
    "Again if $.order contains 1": "contains does not compare 1 with 1",
    "Again hit 7 if $.nope > 1": "there is no $.nope here",
    'Again log "here" if $.nope > 1': "there is no $.nope here",
}


@pytest.mark.parametrize("text", UNTOLD)
def test_a_condition_that_cannot_be_told_stops_and_says_why(text: str) -> None:
    debugger = debugger_with(text)
    stop = debugger.run()
    point = debugger.breakpoints.to_texts()[0]
    assert stop.reason is StopReason.BREAKPOINT
    assert stop.text == f"the condition of {point} cannot be told ({UNTOLD[text]}): about to run Again"
    assert debugger.run().reason is StopReason.END
    assert debugger.run_back().reason is StopReason.BREAKPOINT
    assert debugger.breakpoints.hits_so_far(debugger.breakpoints.all[0], debugger.timeline) == 0


def test_an_iteration_is_counted_from_one_as_the_screen_does() -> None:
    debugger = debugger_with("Work iteration 2", definition=EACH, input={"orders": [1, 2, 3], "items": [1, 2, 3]})
    debugger.answering.tasks = Handler()
    stop = debugger.run()
    assert ", iteration 2 of" in stop.text


def test_what_stops_at_one_place_is_one_stop() -> None:
    debugger = debugger_with("Count -> Call", "Call", "Call if $.nope")
    stop = debugger.run()
    assert stop.breakpoints == ("Count -> Call", "Call")
    assert debugger.run().text != stop.text
    debugger.run_back()
    debugger.restart()
    assert debugger.run().breakpoints == ("Count -> Call", "Call")


def test_two_stops_at_one_node_with_other_branches_in_focus_are_two_both_ways() -> None:
    debugger = debugger_with("event PassStateExited", "B1", "A2", definition=PARALLEL)
    ahead = []
    while debugger.run().reason is StopReason.BREAKPOINT:
        ahead.append((debugger.cursor.node.index, debugger.cursor.branch, debugger.stop.breakpoints))
    behind = []
    while debugger.run_back().reason is StopReason.BREAKPOINT:
        behind.append((debugger.cursor.node.index, debugger.cursor.branch, debugger.stop.breakpoints))
    *ahead, end = ahead
    assert end[0] == debugger.timeline.tip.index, "back begins there"
    assert ahead == behind[::-1]
    nodes = [index for index, _, _ in ahead]
    assert len(nodes) > len(set(nodes)), "one node with two stops"


def test_a_message_is_said_and_taken_back() -> None:
    debugger = debugger_with('Call at Task log "try {$states.attempt}: {$states.errorOutput.Error}{{}}"')
    assert debugger.run().reason is StopReason.END
    said = [line.text for line in debugger.breakpoints.log(debugger.timeline)]
    assert said == [
        "try 1: Busy{}",
        "try 2: Busy{}",
        "try 3: {$states.errorOutput.Error: there is no $states.errorOutput.Error here}{}",
    ]
    debugger.restart()
    assert debugger.breakpoints.log(debugger.timeline) == ()


def test_the_key_of_a_state_keeps_what_was_written_for_it() -> None:
    debugger = debugger_with("Again if $.x", "Again at Assign")
    breakpoints = debugger.breakpoints
    assert breakpoints.toggle(("Again",)) is False
    assert breakpoints.to_texts() == ("off Again if $.x", "Again at Assign")
    assert breakpoints.toggle(("Again",)) is True
    assert breakpoints.to_texts()[0] == "Again if $.x"
    assert breakpoints.toggle(("Done",)) is True
    assert breakpoints.states == {("Again",), ("Done",)}
    assert breakpoints.toggle(("Done",)) is False
    assert breakpoints.states == {("Again",)}


def test_how_they_are_shown() -> None:
    debugger = debugger_with("Count", "Call if $.x", 'Again log "x"', "off Pause", "Done at Output", "event TaskFailed")
    signs = debugger.breakpoints.signs
    assert {path[0]: sign for path, sign in signs.items()} == {
        "Count": BreakpointSign.PLAIN,
        "Call": BreakpointSign.CONDITIONAL,
        "Again": BreakpointSign.LOG,
        "Pause": BreakpointSign.OFF,
        "Done": BreakpointSign.PART,
    }
    assert debugger.view().marks["Call",].breakpoint is BreakpointSign.CONDITIONAL
    assert debugger.breakpoints.stage_sign("Done", "Output", None) is BreakpointSign.PLAIN
    assert debugger.breakpoints.event_sign("TaskFailed", "Call") is BreakpointSign.PLAIN
    assert debugger.breakpoints.event_sign("TaskStateEntered", "Call") is BreakpointSign.CONDITIONAL
    assert debugger.breakpoints.event_sign("TaskStarted", "Call") is BreakpointSign.NONE


class Counter:
    """Counts the calls of a function that it stands for."""

    def __init__(self, function: Any) -> None:
        self.calls = 0
        self._function = function

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        self.calls += 1
        return self._function(*args, **kwargs)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Counter]:
    counters = {
        "offsets": Counter(triggers.offsets_in),
        "applies": Counter(hits.applies),
        "visible": Counter(Visible),
    }
    monkeypatch.setattr(lookout, "offsets_in", counters["offsets"])
    monkeypatch.setattr(hits, "offsets_in", counters["offsets"])
    monkeypatch.setattr(hits, "applies", counters["applies"])
    monkeypatch.setattr(hits, "Visible", counters["visible"])
    return counters


def test_none_costs_nothing(counted: dict[str, Counter]) -> None:
    debugger = debugger_with("off Call if $.x", 'Again log "said"')
    assert debugger.breakpoints.lookout(debugger.timeline) is None
    assert debugger.run().reason is StopReason.END
    debugger.run_back()
    assert [counter.calls for counter in counted.values()] == [0, 0, 0]


def test_a_condition_is_asked_only_where_it_could_stop(counted: dict[str, Counter]) -> None:
    debugger = debugger_with("Done if $.nope == 1", "Again if $.order == 2")
    assert stops(debugger)
    assert counted["offsets"].calls == 0
    assert counted["visible"].calls == 2
    debugger.run_back()
    assert counted["visible"].calls == 3, "back it comes to the first place that stops, and no further"


def test_over_what_is_explored_only_the_places_of_a_state_are_looked_at(counted: dict[str, Counter]) -> None:
    loop = machine(
        Round=passing("More?", Parameters={"n.$": "States.MathAdd($.n, 1)"}),
        **{"More?": {"Type": "Choice", "Choices": [{"Variable": "$.n", "NumericLessThan": 200, "Next": "Round"}],
                     "Default": "Done"}},
        Done=passing(),
    )  # fmt: skip
    debugger = debugger_with("Done if $.n > 1000", definition=loop, input={"n": 0})
    debugger.run()
    debugger.restart()
    counted["applies"].calls = 0
    debugger.run()
    assert counted["applies"].calls == 1
