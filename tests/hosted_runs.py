"""Hosts whose work is done by hand: jobs in the order that a test chooses, and a clock that only moves when told."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sfdebug.hosting.clock import VIRTUAL, TimePace
from sfdebug.hosting.host import ExecutionHost
from sfdebug.hosting.records import ExecutionRecord, MachineSettings
from sfdebug.hosting.scheduling import Timer
from sfdebug.tasks.handler import TaskHandler

ROLE = "arn:aws:iam::123456789012:role/host"
NOW = 1_795_000_000_000.0
"""When a host begins in tests, on the wall."""


class HandClock:
    """A wall clock that a test moves."""

    def __init__(self) -> None:
        self.wall = NOW

    def now(self) -> float:
        """Milliseconds since 1970."""
        return self.wall


class HandScheduler:
    """Keeps jobs until a test does them, one after the other, on its own thread; `choose` says which is next."""

    def __init__(self, clock: HandClock, choose: Callable[[int], int] = lambda _: 0) -> None:
        self.clock = clock
        self.choose = choose
        self.jobs: list[Callable[[], None]] = []
        self.calls: list[Callable[[], None]] = []
        self.timers: list[Timer] = []
        self.is_closed = False

    def step(self, job: Callable[[], None]) -> None:
        """Keep a short job."""
        self.jobs.append(job)

    def call(self, job: Callable[[], None]) -> None:
        """Keep a call."""
        self.calls.append(job)

    def later(self, wall: float, job: Callable[[], None]) -> Timer:
        """Keep a timer."""
        timer = Timer(wall, job)
        self.timers.append(timer)
        return timer

    def close(self, end_calls: Callable[[], None]) -> None:
        """Do nothing any more."""
        self.is_closed = True
        self.jobs.clear()
        self.calls.clear()
        self.timers.clear()
        end_calls()

    @property
    def pending(self) -> list[Timer]:
        """The timers that are set, the first one first."""
        self.timers = sorted((one for one in self.timers if not one.is_cancelled), key=lambda timer: timer.wall)
        return self.timers

    def work(self, *, with_calls: bool = True) -> None:
        """Do all jobs, and calls, until there is none; time stands still."""
        while self.jobs or (with_calls and self.calls):
            number = self.choose(len(self.jobs) + (len(self.calls) if with_calls else 0))
            job = self.jobs.pop(number) if number < len(self.jobs) else self.calls.pop(number - len(self.jobs))
            job()

    def pass_time(self, seconds: float) -> None:
        """Let so much time pass on the wall, with all that is done meanwhile."""
        end = self.clock.wall + seconds * 1000
        self.work()
        while (pending := self.pending) and pending[0].wall <= end:
            timer = self.timers.pop(0)
            self.clock.wall = max(self.clock.wall, timer.wall)
            timer.job()
            self.work()
        self.clock.wall = end


class HandHost(ExecutionHost):
    """A host that is worked by hand."""

    def __init__(
        self,
        tasks: TaskHandler | None = None,
        *,
        pace: TimePace = VIRTUAL,
        choose: Callable[[int], int] = lambda _: 0,
        **more: Any,
    ) -> None:
        self.hand_clock = HandClock()
        self.hands = HandScheduler(self.hand_clock, choose)
        super().__init__(tasks, pace=pace, scheduler=self.hands, clock=self.hand_clock, **more)

    def make(self, definition: Any, name: str = "Machine", **more: Any) -> str:
        """The ARN of a machine that is made."""
        text = definition if isinstance(definition, str) else json.dumps(definition)
        return self.machines.create(MachineSettings(name, text, ROLE, **more))[0].arn

    def run(self, machine_arn: str, input: Any = None, name: str | None = None) -> ExecutionRecord:
        """An execution that has been started, and stepped until it is over or waits."""
        started = self.start_execution(machine_arn, json.dumps({} if input is None else input), name)
        self.hands.work()
        return self.execution(started.arn)

    def types(self, arn: str) -> list[str]:
        """The types of the events so far."""
        return [str(event.type) for event in self.history(arn)]


def token_of(host: ExecutionHost, arn: str) -> str:
    """The task token that an execution gave away last, in the parameters of its Task."""
    for event in reversed(list(host.history(arn))):
        if event.type == "TaskScheduled" and event.details is not None:
            parameters: Any = event.details["parameters"]
            return str(parameters["Token"])
    raise AssertionError("no Task is scheduled")


def waiting(**fields: Any) -> dict[str, Any]:
    """A Task that gives its token away and waits."""
    return {
        "Type": "Task",
        "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
        "Parameters": {"QueueUrl": "https://sqs.us-east-1.amazonaws.com/123456789012/q", "Token.$": "$$.Task.Token"},
        **fields,
    }
