"""Whatever the order in which jobs are done, answers come, time passes and somebody stops an execution, or holds it,
has it step and lets it go: no event is lost, doubled or changed, none waits for ever, and each history is what the pure
engine makes of the decisions in its log."""

from __future__ import annotations

import json
from itertools import pairwise
from random import Random
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfdebug.engine import Execution, ExecutionStatus, start, step
from sfdebug.engine.execution.decisions import Answer, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import TaskRequest
from sfdebug.hosting.clock import REAL, VIRTUAL, TimePace
from sfdebug.hosting.host import ExecutionHost
from sfdebug.hosting.hosted import HostedExecution
from sfdebug.hosting.left_behind import WentOn
from sfdebug.hosting.observing import HostObserver
from sfdebug.hosting.refusals import HostRefusalError
from tests.examples import examples
from tests.hosted_runs import HandHost, waiting

WORK = "arn:aws:states:us-east-1:123456789012:activity:work"
CALL: dict[str, Any] = {"Type": "Task", "Resource": "arn:aws:lambda:us-east-1:123456789012:function:work", "End": True}
RETRY = [{"ErrorEquals": ["Again", "States.Timeout"], "IntervalSeconds": 2, "MaxAttempts": 1}]


def branch(state: dict[str, Any], name: str = "X") -> dict[str, Any]:
    return {"StartAt": name, "States": {name: state}}


def part(kind: str, number: int) -> dict[str, Any]:
    """A branch of one state, the names in which are those of no other."""
    state = PARTS[kind]
    processor = state.get("ItemProcessor")
    if processor is not None:
        (inner,) = processor["States"].values()
        state = {**state, "ItemProcessor": {**processor, **branch(inner, f"I{number}")}}
    return branch(state, f"B{number}")


def starting(name: str, pattern: str) -> dict[str, Any]:
    arn = f"arn:aws:states:us-east-1:123456789012:stateMachine:{name}"
    resource = f"arn:aws:states:::states:startExecution{pattern}"
    return {"Type": "Task", "Resource": resource, "Parameters": {"StateMachineArn": arn, "Input": {}}, "End": True}


PARTS: dict[str, dict[str, Any]] = {
    "token": waiting(End=True, Retry=RETRY, TimeoutSeconds=30, HeartbeatSeconds=8),
    "call": {**CALL, "Retry": RETRY, "TimeoutSeconds": 5},
    "wait": {"Type": "Wait", "Seconds": 7, "End": True},
    "worker": {"Type": "Task", "Resource": WORK, "TimeoutSeconds": 20, "End": True},
    "child": starting("Child", ".sync:2"),
    "begun": starting("Child", ""),
    "map": {
        "Type": "Map",
        "ItemsPath": "$$.Execution.Input.items",
        "MaxConcurrency": 2,
        "ItemProcessor": branch(waiting(End=True, TimeoutSeconds=25)),
        "End": True,
    },
    "run": {
        "Type": "Map",
        "ItemsPath": "$$.Execution.Input.items",
        "ItemProcessor": {
            **branch(waiting(End=True, TimeoutSeconds=25)),
            "ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"},
        },
        "ToleratedFailureCount": 1,
        "End": True,
    },
}
CATCH = [{"ErrorEquals": ["States.ALL"], "ResultPath": None, "Next": "Then"}]


class _Calls:
    """Answers calls: at random, but the same for the same attempt."""

    def answer(self, request: TaskRequest) -> Answer | None:
        if not request.resource.startswith("arn:aws:lambda"):
            return None
        draw = Random(repr((request.execution_arn, request.branch, request.invocation)))
        if draw.random() < 0.3:
            return TaskFailure(draw.choice(("Again", "Bad")), "by chance", draw.choice((0.0, 1.5)))
        return TaskResult(draw.random(), draw.choice((0.0, 2.5, 9.0)))


class _Holds(HostObserver):
    """Notes how each execution stood when it was held last."""

    def __init__(self) -> None:
        self.executions: dict[str, Execution] = {}

    def held(self, hosted: HostedExecution) -> None:
        self.executions[hosted.facts.arn] = hosted.execution

    def went_on(self, hosted: HostedExecution, went: WentOn) -> None:
        self.held(hosted)


class _World:
    """A host, and somebody who does with it what chance says."""

    def __init__(self, random: Random, pace: TimePace, parts: list[str]) -> None:
        self.random = random
        self.holds = _Holds()
        self.host = self._made_host(pace)
        self.host.activities.create("work")
        self.host.make({"StartAt": "T", "States": {"T": waiting(End=True, TimeoutSeconds=15)}}, "Child")
        states: dict[str, Any] = {
            "All": {
                "Type": "Parallel",
                "Branches": [part(kind, number) for number, kind in enumerate(parts)],
                "Catch": CATCH,
                "Next": "Then",
            },
            "Then": {"Type": "Task", "Resource": CALL["Resource"], "End": True},
        }
        self.machine = self.host.make({"StartAt": "All", "States": states}, "All")
        self.seen: dict[str, list[Any]] = {}
        self.tokens: list[str] = []
        self.sent: set[str] = set()

    def _made_host(self, pace: TimePace) -> HandHost:
        return HandHost(_Calls(), pace=pace, choose=self.random.randrange, observers=[self.holds])

    def act(self) -> None:
        """Do one thing, and see that it has broken nothing."""
        often = (self.work, self.work, self.work, self.send, self.send)
        self.random.choice(
            (*often, self.start, self.poll, self.pass_time, self.stop, self.redrive, self.hold, self.go_back)
        )()
        self.look()

    def start(self) -> None:
        self.host.start_execution(self.machine, json.dumps({"items": [1, 2, 3]}))

    def work(self) -> None:
        hands = self.host.hands
        kept = hands.jobs if hands.jobs and (not hands.calls or self.random.random() < 0.7) else hands.calls
        for _ in range(self.random.randrange(1, 6)):
            if kept:
                kept.pop(self.random.randrange(len(kept)))()

    def send(self) -> None:
        """For any token that there ever was, once more perhaps: it is taken once at most."""
        if not self.tokens:
            return
        token, tokens = self.random.choice(self.tokens), self.host.tokens
        kind = self.random.randrange(4)
        try:
            if kind == 0:
                tokens.heartbeat(token)
                assert token not in self.sent
                return
            tokens.fail(token, "Again") if kind == 1 else tokens.succeed(token, '"sent"')
        except HostRefusalError:
            return
        assert token not in self.sent, "a token is answered once"
        self.sent.add(token)

    def poll(self) -> None:
        poll = self.host.activities.poll(WORK, "worker")
        task = poll.wait(0) if self.random.random() < 0.8 else None
        poll.close()
        if task is not None:
            assert task.token not in self.tokens, "a task is given to one worker"
            self.tokens.append(task.token)

    def pass_time(self) -> None:
        hands = self.host.hands
        self.host.hand_clock.wall += self.random.choice((0, 300, 3_000, 11_000))
        while (pending := hands.pending) and pending[0].wall <= self.host.hand_clock.wall:
            hands.timers.pop(0).job()

    def stop(self) -> None:
        running = self.host.executions(status="RUNNING")
        if running and self.random.random() < 0.3:
            arn = self.random.choice(running).arn
            assert self.host.stop_execution(arn).status is ExecutionStatus.ABORTED
            assert self.host.types(arn)[-1] == "ExecutionAborted"

    def hold(self) -> None:
        """Somebody who debugs does something with one that runs."""
        running = [hosted for hosted in self.host.hosted_executions() if not hosted.over.is_set()]
        if not running:
            return
        hosted = self.random.choice(running)
        if hosted.held is None:
            hosted.hold()
        else:
            assert hosted.execution is self.holds.executions[hosted.facts.arn], "nothing of it moves by itself"
            self.random.choice((hosted.step_held, hosted.release))()

    def go_back(self) -> None:
        """Somebody has one that is held go on from where it was before."""
        held = [hosted for hosted in self.host.hosted_executions() if hosted.held is not None]
        if not held:
            return
        hosted = self.random.choice(held)
        old = hosted.execution
        line = start(old.program, old.input, old.settings)  # type: ignore[arg-type]
        for decision in old.decisions[: self.random.randrange(len(old.decisions) + 1)]:
            line = step(line, decision)
        went = hosted.go_on_from(line)
        assert list(line.events) == list(old.events)[: went.events]
        undone = {act.subject for act in went.left}  # what is waited for again can be sent again
        self.sent -= undone
        self.tokens = [token for token in self.tokens if token not in undone]
        for arn in (hosted.facts.arn, *(child.arn for child in (*old.ended_children, *old.children.values()))):
            self.seen.pop(arn, None)

    def redrive(self) -> None:
        over = [one for one in self.host.executions() if one.redrive_status == "REDRIVABLE"]
        if over and self.random.random() < 0.5:
            self.host.redrive_execution(self.random.choice(over).arn)

    def look(self) -> None:
        """Events are only ever added, in order; a token that has been given away is noted."""
        for record in self.host.executions():
            hosted = self.host.hosted(record.arn).execution
            histories = [(record.arn, hosted.events)]
            histories += [(child.arn, child.events) for child in (*hosted.ended_children, *hosted.children.values())]
            for arn, log in histories:
                events, before = list(log), self.seen.get(arn, [])
                assert events[: len(before)] == before, "what has happened stays"
                assert [event.id for event in events] == list(range(1, len(events) + 1))
                assert all(one.time <= other.time for one, other in pairwise(events))
                for event in events[len(before) :]:
                    parameters: Any = (event.details or {}).get("parameters")
                    if isinstance(parameters, dict) and "Token" in parameters:
                        self.tokens.append(str(parameters["Token"]))
                self.seen[arn] = events

    def finish(self) -> None:
        """Nobody is left waiting when everything was answered, and its time has passed."""
        host = self.host
        for hosted in host.hosted_executions():
            hosted.hold()
            hosted.release()
        for _ in range(60):
            host.hands.pass_time(40)
            while (task := host.activities.poll(WORK).wait(0)) is not None:
                host.tokens.succeed(task.token, "1")
            host.hands.work()
            self.look()
        assert not host.executions(status="RUNNING")
        assert len(host.tokens) == 0
        assert not host.hands.pending
        for record in host.executions():
            _check_log(host, record.arn)


def _check_log(host: ExecutionHost, arn: str) -> None:
    ran = host.hosted(arn).execution
    again = start(ran.program, ran.input, ran.settings)  # type: ignore[arg-type]
    for decision in ran.decisions:
        again = step(again, decision)
    assert list(again.events) == list(ran.events)
    assert (again.status, again.output, again.fault) == (ran.status, ran.output, ran.fault)


@settings(max_examples=examples(25), deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.integers(0, 2**32),
    st.sampled_from([VIRTUAL, REAL, TimePace(0.2)]),
    st.lists(st.sampled_from(sorted(PARTS)), min_size=1, max_size=4),
)
def test_no_order_of_things_loses_or_doubles_an_event(seed: int, pace: TimePace, parts: list[str]) -> None:
    world = _World(Random(seed), pace, parts)
    world.start()
    for _ in range(60):
        world.act()
    world.finish()
    world.host.close()
