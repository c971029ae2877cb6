"""An execution that somebody else runs, in a debugger: its main line is theirs, all else is one's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from sfdebug.debugger import Debugger
from sfdebug.debugger.following import Following, stage_by_stage
from sfdebug.debugger.sessions.keeper import SessionKeeper
from sfdebug.debugger.sessions.restoring import beginning_of, read_session, restored
from sfdebug.debugger.verbs import StopReason, Verb
from sfdebug.engine import step
from sfdebug.engine.execution.decisions import AnswerTask, BeginTask, Decision, Proceed, Submission, TaskResult
from sfdebug.session_cases import prove, session_case, with_case
from tests.hosted_runs import HandHost, token_of, waiting

ORDERS: dict[str, Any] = {
    "StartAt": "Price",
    "States": {
        "Price": {"Type": "Pass", "Parameters": {"total.$": "$.amount"}, "ResultPath": "$.price", "Next": "Big?"},
        "Big?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.amount", "NumericGreaterThan": 100, "Next": "Approve"}],
            "Default": "Done",
        },
        "Approve": waiting(Next="Both"),
        "Both": {
            "Type": "Parallel",
            "Branches": [
                {"StartAt": "Ship", "States": {"Ship": {"Type": "Wait", "Seconds": 5, "End": True}}},
                {"StartAt": "Bill", "States": {"Bill": {"Type": "Pass", "End": True}}},
            ],
            "Next": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


def hosted(amount: int = 500) -> tuple[Any, list[Decision]]:
    """A hosted execution that is over, and what was decided in it."""
    host = HandHost()
    arn = host.make(ORDERS)
    record = host.run(arn, {"amount": amount}, "run-1")
    if amount > 100:
        host.tokens.succeed(token_of(host, record.arn), '{"by": "ann"}')
        host.hands.work()
    found = host.hosted(record.arn)
    return found, list(found.execution.decisions)


def followed(amount: int = 500, count: int | None = None) -> Following:
    """The same in a debugger, as far as its first `count` decisions."""
    execution, decisions = hosted(amount)
    following = Following(execution.execution)
    following.take_in(decisions[:count])
    return following


def test_the_same_decisions_give_the_same_execution_stage_by_stage() -> None:
    execution, decisions = hosted()
    assert any(isinstance(one, Proceed) and one.whole_visit for one in decisions)
    following = Following(execution.execution)
    following.take_in(decisions)
    head = following.debugger.execution
    assert list(head.events) == list(execution.execution.events)
    assert (head.status, head.clock, head.output) == (
        "SUCCEEDED",
        execution.execution.clock,
        execution.execution.output,
    )
    seen = []
    while following.debugger.step_back().reason is not StopReason.START:
        view = following.debugger.view()
        seen.append((view.state.name if view.state else "", view.stage.name if view.stage else ""))
    assert ("Price", "Parameters") in seen
    assert ("Price", "ResultPath") in seen


def test_a_cursor_at_the_head_goes_along_and_another_one_stays() -> None:
    execution, decisions = hosted()
    following = Following(execution.execution)
    assert following.take_in(decisions[:2])
    assert following.behind == 0
    following.debugger.step_back()
    place = following.debugger.cursor
    assert following.take_in(decisions[2:])
    assert following.debugger.cursor == place
    assert following.behind == len(execution.execution.events) - len(place.node.execution.events)
    following.go_to_head()
    assert (following.is_at_head, following.behind) == (True, 0)
    assert not following.take_in([])


def test_it_is_taken_in_no_further_than_is_enough() -> None:
    execution, decisions = hosted()
    following = Following(execution.execution)
    following.take_in(decisions, lambda: following.taken == 3)
    assert following.taken == 3


def test_nothing_done_here_makes_the_main_line_longer() -> None:
    following = followed(count=3)
    debugger, main = following.debugger, following.main
    count = len(main.nodes)
    assert debugger.view().mode == "followed"
    assert debugger.run().reason is StopReason.EDGE
    assert len(main.nodes) == count
    debugger.restart()
    assert debugger.force_choice(None).is_refused
    debugger.edit_input({"amount": 5})
    debugger.run()
    assert debugger.view().mode == "fork of followed"
    assert debugger.execution.status == "SUCCEEDED"
    assert len(main.nodes) == count
    assert not following.is_on_main


def test_a_fork_is_answered_as_the_execution_itself_where_it_calls_alike() -> None:
    following = followed()
    debugger = following.debugger
    debugger.restart()
    assert debugger.fork_here().forked == 1
    assert "nobody else sees it" in debugger.stop.text
    assert debugger.run().reason is StopReason.END
    assert debugger.execution.output == following.main.nodes[-1].execution.output
    debugger.switch_fork(0)
    debugger.restart()
    debugger.edit_input({"amount": 700})
    # What is given to the queue is another token's: nobody has answered that.
    stop = debugger.run()
    assert stop.reason in (StopReason.QUESTION, StopReason.END)


def test_a_fork_can_go_on_as_the_execution_itself() -> None:
    execution, decisions = hosted()
    following = Following(execution.execution)
    following.take_in(decisions[:3])
    debugger = following.debugger
    debugger.fork_here()
    assert debugger.view().stop.text.startswith("your own from here on")
    assert list(following.line_here(decisions).decisions) == decisions[:3]
    following.use_here_as_main()
    assert "your own" not in debugger.view().stop.text  # it is the client's now
    assert following.taken == 3
    assert following.is_at_head
    assert debugger.view().mode == "followed"
    following.take_in(decisions[3:])
    assert following.is_at_head
    assert following.main.id == 1
    assert len(debugger.timeline.main_nodes) < len(following.main.nodes)
    debugger.switch_fork(0)
    assert debugger.view().mode == "fork of followed"


def test_a_line_of_ones_own_has_the_decisions_of_the_execution_as_far_as_it_shares_them() -> None:
    """Those that it was told, not the stages that they are shown in."""
    execution, decisions = hosted()
    following = Following(execution.execution)
    following.take_in(decisions[:4])
    debugger = following.debugger
    debugger.restart()
    debugger.step_over()
    debugger.edit_input({"id": 1, "amount": 7})
    debugger.run()
    line = following.line_here(decisions[:4])
    assert list(line.decisions[:1]) == decisions[:1]
    assert list(line.events) == list(debugger.execution.events)
    debugger.step_back()
    debugger.step_back()
    line = following.line_here(decisions[:4])
    following.use_here_as_main()
    assert debugger.view().mode == "followed"
    assert following.main.nodes[-1] is debugger.cursor.node
    again = following.line_here(line.decisions)
    assert list(again.events) == list(debugger.execution.events)


def test_it_is_saved_as_a_session_and_opened_again_as_a_simulation(tmp_path: Path) -> None:
    following = followed()
    debugger = following.debugger
    debugger.restart()
    debugger.fork_here()
    debugger.step_over()
    keeper = SessionKeeper(debugger, lambda: beginning_of(debugger, 0.0, "1"), None)
    keeper.save_as(tmp_path / "one.sfdebug-session", {})
    again = restored(read_session(tmp_path / "one.sfdebug-session"))
    assert again.is_whole
    assert [len(fork.nodes) for fork in again.debugger.timeline.lines] == [
        len(fork.nodes) for fork in debugger.timeline.lines
    ]
    again.debugger.switch_fork(0)
    assert list(again.debugger.timeline.tip.execution.events) == list(following.main.nodes[-1].execution.events)
    assert again.debugger.can(Verb.STEP_OVER)


def test_it_becomes_a_test_case() -> None:
    debugger = followed().debugger
    case = session_case(debugger)
    assert case.answers == {"Approve": ({"Return": {"by": "ann"}},)}
    proof = prove(debugger, with_case(None, "", "M", "C", case), "M", "C", case)
    assert proof.difference == ""


def test_an_execution_that_is_over_is_over() -> None:
    debugger = followed(amount=5).debugger
    assert debugger.view().is_finished
    stop = debugger.why_unavailable(Verb.STEP_OVER)
    assert stop is not None
    assert "over" in stop.text


@pytest.mark.parametrize("amount", [5, 500])
def test_each_decision_stage_by_stage_comes_to_the_same(amount: int) -> None:
    execution, decisions = hosted(amount)
    one = Debugger(ORDERS, {"amount": amount}, settings=execution.execution.settings).execution
    for decision in decisions:
        both = one
        for part in stage_by_stage(one, decision):
            both = step(both, part)
        one = step(one, decision)
        assert both.events[-1] == one.events[-1]
        assert len(both.events) == len(one.events)


def test_a_line_that_is_followed_has_one_log_of_its_events() -> None:
    """Or else each decision copies all that has happened: following a long execution would take its square."""
    nodes = followed(amount=500).main.nodes
    assert len({id(node.execution.events._items) for node in nodes[1:]}) == 1


def test_what_is_no_whole_visit_stays_one_decision() -> None:
    execution, _ = hosted()
    begun = BeginTask((), Submission())
    assert stage_by_stage(execution.execution, begun) == (begun,)
    answered = AnswerTask((), TaskResult(1))
    assert stage_by_stage(execution.execution, answered) == (answered,)
