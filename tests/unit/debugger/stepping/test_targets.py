"""Running to what is selected, and until something is true."""

from __future__ import annotations

from sfdebug.debugger import Debugger, StopReason
from tests.debugger_runs import machine, passing

LOOP = machine(
    Round=passing("More", Parameters={"n.$": "States.MathAdd($.n, 1)"}),
    More={
        "Type": "Choice",
        "Choices": [{"Variable": "$.n", "NumericLessThan": 5, "Next": "Round"}],
        "Default": "Done",
    },
    Done=passing(Result={"end": True}),
    Never=passing(),
)


def n(debugger: Debugger) -> object:
    value = debugger.view().input
    return value.get("n") if isinstance(value, dict) else None


def test_to_a_state_and_back_to_it() -> None:
    debugger = Debugger(LOOP, {"n": 0})
    for expected in (1, 2, 3):
        stop = debugger.run_to_state(("More",))
        assert (stop.reason, stop.text, n(debugger)) == (StopReason.STEP, "about to run More", expected)
    for expected in (2, 1):
        assert debugger.run_back_to_state(("More",)).reason is StopReason.STEP
        assert n(debugger) == expected
    stop = debugger.run_back_to_state(("More",))
    assert (stop.reason, stop.text) == (
        StopReason.START,
        "at the start: about to run Round; More was not entered before",
    )


def test_a_state_that_does_not_come() -> None:
    debugger = Debugger(LOOP, {"n": 0})
    stop = debugger.run_to_state(("Done",))
    assert stop.text == "about to run Done"
    stop = debugger.run_to_state(("Round",))
    assert (stop.reason, stop.text) == (StopReason.END, "the execution succeeded; Round was not entered on the way")
    assert debugger.run_to_state(("Nowhere",)).is_refused
    assert debugger.run_back_to_state(("Nowhere",)).is_refused


def test_breakpoints_stop_on_the_way() -> None:
    debugger = Debugger(LOOP, {"n": 0})
    debugger.breakpoints.add(debugger.breakpoints.read("Round if $.n == 3"))
    assert debugger.run_to_state(("Done",)).reason is StopReason.BREAKPOINT
    assert debugger.run_to_state(("Done",)).text == "about to run Done"
    assert debugger.run_back_to_event(1).reason is StopReason.BREAKPOINT
    assert n(debugger) == 3


def test_to_an_event_and_back() -> None:
    debugger = Debugger(LOOP, {"n": 0})
    debugger.run()
    debugger.restart()
    stop = debugger.run_to_event(9)
    assert debugger.view().event_index >= 9
    assert stop.reason is StopReason.JUMP
    assert debugger.run_to_event(3).is_refused
    assert debugger.run_back_to_event(3).reason is StopReason.JUMP
    assert debugger.view().event_index >= 3
    assert debugger.view().event_index < 9
    assert debugger.run_back_to_event(30).is_refused
    assert debugger.run_to_event(10_000).text == "there is no event 10000 on this timeline"


def test_until_something_is_true() -> None:
    debugger = Debugger(LOOP, {"n": 0})
    stop = debugger.run_until("$.n == 3")
    assert (stop.reason, stop.text) == (StopReason.STEP, "$.n == 3 is true: in Round, at Parameters")
    assert debugger.run_until("$.n == 3").text == "$.n == 3 is true here already"
    stop = debugger.run_until("{% $states.output.end %}")
    assert stop.text == "{% $states.output.end %} is true: in Done, at Output"
    assert debugger.run_until("$.n >").is_refused


def test_until_what_never_is_says_so() -> None:
    stop = Debugger(LOOP, {"n": 0}).run_until("$.n > 100")
    assert stop.reason is StopReason.END
    assert "the execution succeeded; $.n > 100 was not true at any of" in stop.text
    assert stop.text.endswith("it could not be told at 3 of them, first because there is no $.n here")


def test_until_can_be_interrupted() -> None:
    debugger = Debugger(LOOP, {"n": 0})
    assert debugger.run_until("$.n > 100", lambda: True).reason is StopReason.INTERRUPTED
