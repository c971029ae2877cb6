"""Observers of a host: told of each thing that happens, once and in its order; what they are told is all there is."""

from __future__ import annotations

import json
from typing import Any

import msgspec

from sfdebug.engine import ExecutionStatus, start, step
from sfdebug.engine.execution.decisions import Decision, Redrive, TaskFailure, TaskResult
from sfdebug.hosting.changes import (
    ActivityCreated,
    ActivityDeleted,
    AliasChanged,
    AliasDeleted,
    MachineChanged,
    MachineGone,
    ResourceChange,
    TagsChanged,
    VersionDeleted,
    VersionPublished,
)
from sfdebug.hosting.host import ExecutionHost
from sfdebug.hosting.hosted import HostedExecution
from sfdebug.hosting.left_behind import WentOn
from sfdebug.hosting.records import AliasRoute, MachineSettings
from tests.hosted_runs import ROLE, HandHost, token_of, waiting
from tests.unit.hosting.test_hosted import CALL, Answers, one

WAIT = {"Type": "Wait", "Seconds": 5, "End": True}


class Witness:
    """Notes what it is told, and whether the lock of the execution was free."""

    def __init__(self) -> None:
        self.told: list[tuple[str, HostedExecution]] = []
        self.decisions: dict[str, list[Decision]] = {}
        self.events: dict[str, int] = {}
        self.resources: list[ResourceChange] = []
        self.locked: set[str] = set()

    def began(self, hosted: HostedExecution) -> None:
        self._note("began", hosted)

    def resumed(self, hosted: HostedExecution) -> None:
        self._note("resumed", hosted)

    def decided(self, hosted: HostedExecution, decision: Decision) -> None:
        self._note("decided", hosted)
        self.decisions.setdefault(hosted.facts.arn, []).append(decision)
        assert len(hosted.execution.events) >= self.events.get(hosted.facts.arn, 0)
        self.events[hosted.facts.arn] = len(hosted.execution.events)

    def ended(self, hosted: HostedExecution) -> None:
        self._note("ended", hosted)

    def redriven(self, hosted: HostedExecution) -> None:
        self._note("redriven", hosted)

    def forgotten(self, hosted: HostedExecution) -> None:
        self._note("forgotten", hosted)

    def held(self, hosted: HostedExecution) -> None:
        self._note("held" if hosted.held is not None else "let go", hosted)

    def deserted(self, hosted: HostedExecution) -> None:
        self._note("deserted", hosted)

    def went_on(self, hosted: HostedExecution, went: WentOn) -> None:
        self._note("went on", hosted)
        del self.decisions[hosted.facts.arn][went.decisions :]
        self.decisions[hosted.facts.arn] += hosted.execution.decisions[went.decisions :]
        self.events[hosted.facts.arn] = went.events

    def changed(self, change: ResourceChange) -> None:
        self.resources.append(change)

    def _note(self, what: str, hosted: HostedExecution) -> None:
        self.told.append((what, hosted))
        if hosted._loop._lock.locked():
            self.locked.add(what)

    def of(self, arn: str) -> list[str]:
        """What was told of an execution, steps in a row as one."""
        found: list[str] = []
        for what, hosted in self.told:
            if hosted.facts.arn == arn and found[-1:] != [what]:
                found.append(what)
        return found


def test_the_decisions_that_are_told_are_the_whole_execution() -> None:
    witness = Witness()
    host = HandHost(Answers(B=TaskResult(1, after_seconds=2), D=TaskFailure("Bad")), observers=[witness])
    retry = [{"ErrorEquals": ["Bad"], "IntervalSeconds": 1, "MaxAttempts": 2}]
    branches = [
        {"StartAt": name, "States": {name: state}}
        for name, state in {"B": CALL, "C": waiting(End=True), "D": {**CALL, "Retry": retry}, "W": WAIT}.items()
    ]
    catch = [{"ErrorEquals": ["Bad"], "Next": "Then"}]
    states = {"A": {"Type": "Parallel", "Branches": branches, "Catch": catch, "Next": "Then"}, "Then": WAIT}
    record = host.run(host.make({"StartAt": "A", "States": states}))
    assert record.status is ExecutionStatus.SUCCEEDED
    ran = host.hosted(record.arn).execution
    again = start(ran.program, ran.input, ran.settings)  # type: ignore[arg-type]
    for decision in witness.decisions[record.arn]:
        again = step(again, decision)
    assert list(again.events) == list(ran.events)
    assert witness.of(record.arn) == ["began", "decided", "ended"]
    assert witness.locked == {"decided"}


def test_a_start_a_redrive_and_what_leaves_memory_are_told() -> None:
    witness = Witness()
    answers = Answers(A=TaskFailure("Bad"))
    host = HandHost(answers, observers=[witness], keep=1)
    machine = host.make(one(CALL))
    changes = [host.changes]
    first = host.run(machine).arn
    changes.append(host.changes)
    answers.answers["A"] = TaskResult(1)
    host.redrive_execution(first)
    changes.append(host.changes)
    assert isinstance(witness.decisions[first][-1], Redrive)
    host.hands.work()
    changes.append(host.changes)
    second = host.run(machine).arn
    changes.append(host.changes)
    assert witness.of(first) == ["began", "decided", "ended", "decided", "redriven", "decided", "ended", "forgotten"]
    assert witness.of(second) == ["began", "decided", "ended"]
    assert len(set(changes)) == len(changes)
    assert host.changes == changes[-1], "nothing has happened"


def test_who_comes_later_is_told_from_then_on() -> None:
    host = HandHost()
    arn = host.run(host.make(one(waiting(End=True)))).arn
    witness = Witness()
    host.observers.append(witness)
    host.tokens.succeed(token_of(host, arn), "1")
    host.hands.work()
    assert witness.of(arn) == ["decided", "ended"]


def test_all_that_is_in_memory_is_there_the_newest_first() -> None:
    host = HandHost()
    standard, express = (
        host.make(one(waiting(End=True))),
        host.make(one({"Type": "Pass", "End": True}), "E", type="EXPRESS"),
    )
    arns = [host.run(machine).arn for machine in (standard, express, standard)]
    assert [hosted.facts.arn for hosted in host.hosted_executions()] == arns[::-1]


def test_what_changes_among_resources_is_told_whole() -> None:
    witness = Witness()
    host = HandHost(observers=[witness])
    text, other = (json.dumps(one({"Type": "Pass", "Result": value, "End": True})) for value in (1, 2))
    record, _ = host.machines.create(MachineSettings("M", text, ROLE), publish=True, tags={"a": "1"})
    host.machines.create(MachineSettings("M", text, ROLE), publish=True, tags={"a": "2"})
    updated, version = host.machines.update(record.arn, definition=other, publish=True)
    host.versions.publish(record.arn)
    assert version is not None
    alias = host.aliases.create("live", [AliasRoute(version.arn, 100)])
    moved = host.aliases.update(alias.arn, routes=[AliasRoute(f"{record.arn}:1", 100)])
    host.versions.delete(version.arn)
    host.aliases.delete(alias.arn)
    host.tags.add(record.arn, {"b": "2"})
    host.tags.add(record.arn, {"b": "2"})
    host.tags.remove(record.arn, ["a", "none"])
    activity = host.activities.create("work", {"t": "1"})
    host.activities.create("work")
    host.activities.delete(activity.arn)
    running = host.run(host.make(one(waiting(End=True)), "R"))
    host.machines.delete(record.arn)
    host.machines.delete(running.machine_arn)
    host.stop_execution(running.arn)

    told = witness.resources
    assert [type(change) for change in told] == [
        *(TagsChanged, MachineChanged, VersionPublished, MachineChanged, VersionPublished),
        *(AliasChanged, AliasChanged, VersionDeleted, AliasDeleted, TagsChanged, TagsChanged),
        *(TagsChanged, ActivityCreated, ActivityDeleted),
        *(MachineChanged, MachineChanged, MachineGone, MachineChanged, MachineGone),
    ]
    first, second = (change for change in told if isinstance(change, VersionPublished))
    assert (first.version.number, first.record.definition, first.record.version) == (1, text, 1)
    assert (second.version, second.record.definition) == (version, other)
    assert [change.alias for change in told if isinstance(change, AliasChanged)] == [alias, moved]
    machine = next(change for change in told[3:] if isinstance(change, MachineChanged))
    assert machine.record == updated
    assert machine.revision == updated.revision_id == second.revision != first.revision
    assert [change.tags for change in told if isinstance(change, TagsChanged)] == [
        {"a": "1"},
        {"a": "1", "b": "2"},
        {"b": "2"},
        {"t": "1"},
    ]
    assert told[-2].record.status == "DELETING"  # type: ignore[union-attr]
    written = json.loads(msgspec.json.encode(told))
    assert [each["type"] for each in written] == [type(change).__name__ for change in told]


def test_on_threads_each_execution_is_told_in_its_order() -> None:
    class Echo:
        def answer(self, request: Any) -> TaskResult:
            return TaskResult(request.input)

    witness = Witness()
    branches = [{"StartAt": f"B{number}", "States": {f"B{number}": CALL}} for number in range(3)]
    machine = one({"Type": "Parallel", "Branches": branches, "End": True})
    with ExecutionHost(Echo(), observers=[witness]) as host:
        arn = host.machines.create(MachineSettings("M", json.dumps(machine), ROLE))[0].arn
        arns = [host.start_execution(arn, str(number)).arn for number in range(40)]
        for each in arns:
            assert host.wait_until_ended(each, 30) is not None
        executions = {each: host.hosted(each).execution for each in arns}
    for each, ran in executions.items():
        assert witness.of(each) == ["began", "decided", "ended"]
        assert witness.decisions[each] == list(ran.decisions)
