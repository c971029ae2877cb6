"""Many branches in blocks read as the dict that they stand for, and an execution goes the same way with either."""

from __future__ import annotations

import pickle
import random
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.engine import Execution, ExecutionStatus, readiness, start, step
from sfdebug.engine.execution import branches as branches_module
from sfdebug.engine.execution.branches import ManyBranches, changed, drafted, frozen, started
from sfdebug.engine.execution.decisions import AnswerTask, BranchId, Proceed, TaskFailure, TaskResult
from sfdebug.engine.execution.execution import Branch, Phase
from sfdebug.engine.readiness import first_inside, is_ready, next_to_move, questions
from tests.debugger_runs import LAMBDA


def branch(id: BranchId, turn: int = 0) -> Branch:
    return Branch(id, (), Phase.READY, "A", {}, 0, turn=turn)


def one(number: int) -> BranchId:
    return (("P", number),)


def test_they_read_as_a_dict_that_was_changed_in_the_same_way() -> None:
    draw, line = random.Random(1), []
    expected = {one(number): branch(one(number)) for number in range(40)}
    many = ManyBranches(expected)
    for turn in range(1, 400):
        line.append((many, dict(expected)))
        if not turn % 50:  # a fork: the mappings share what they say of places
            many, expected = line[turn // 2][0], dict(line[turn // 2][1])
        draft = drafted(many)
        for id in draw.sample(list(expected), min(len(expected), draw.randrange(4))):
            if draw.random() < 0.5:
                del draft[id], expected[id]
            else:
                draft[id] = expected[id] = branch(id, turn)
        for _ in range(draw.randrange(4)):
            id = one(draw.randrange(200))
            if id not in expected:
                draft[id] = expected[id] = branch(id, turn)
        assert list(draft) == list(expected)
        after = frozen(draft)
        many = after if type(after) is ManyBranches else ManyBranches(after)
    for seen, wanted in line:
        assert list(seen.items()) == list(wanted.items())
        assert list(seen.values()) == list(wanted.values())
        assert list(reversed(seen)) == list(reversed(wanted))
        assert (len(seen), seen == wanted, one(999) in seen) == (len(wanted), True, False)
        assert [seen.get(one(number)) for number in range(200)] == [wanted.get(one(number)) for number in range(200)]
        assert pickle.loads(pickle.dumps(seen)) == wanted


def test_what_was_started_stands_last() -> None:
    before = ManyBranches({one(number): branch(one(number)) for number in range(40)})
    draft = drafted(before)
    for number in (50, 41):
        draft[one(number)] = branch(one(number))
    after = frozen(draft)
    assert type(after) is ManyBranches
    assert started(before, after) == [one(50), one(41)] == started(dict(before), dict(after))


def _scope(number: int) -> dict[str, Any]:
    retry = [{"ErrorEquals": ["Boom"], "IntervalSeconds": 1 + number % 2, "MaxAttempts": 2}]
    chain: dict[str, Any] = {
        f"A{number}": {"Type": "Pass", "Next": f"B{number}"},
        f"B{number}": {"Type": "Task", "Resource": LAMBDA, "Retry": retry, "Next": f"C{number}"},
        f"C{number}": {"Type": "Wait", "Seconds": number % 3, "Next": f"D{number}"},
        f"D{number}": {
            "Type": "Map",
            "ItemsPath": "$$.Execution.Input.items",
            "ItemProcessor": {"StartAt": f"E{number}", "States": {f"E{number}": {"Type": "Pass", "End": True}}},
            "End": True,
        },
    }
    return {"StartAt": f"A{number}", "States": chain}


WIDE: dict[str, Any] = {
    "StartAt": "P",
    "States": {
        "P": {"Type": "Parallel", "Branches": [_scope(number) for number in range(9)], "Next": "Again?"},
        "Again?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$$.State.EnteredTime", "StringLessThan": "2025-01-01T00:00:05Z", "Next": "P"}],
            "Default": "Done",
        },
        "Done": {"Type": "Succeed"},
    },
}


MACHINE = definition_from(WIDE)


def run(draw: random.Random, fails: float) -> list[Execution]:
    """A run in which any branch that can move may move next."""
    line = [start(MACHINE, {"items": [1, 2]})]
    while line[-1].status is ExecutionStatus.RUNNING:
        execution = line[-1]
        possible = readiness(execution)
        truly = [each for each in execution.branches.values() if is_ready(each, execution.clock)]
        assert next_to_move(execution) == min(((each.turn, each.id) for each in truly), default=(0, None))[1]
        assert tuple(questions(execution)) == possible.requests
        inside = [each for each in possible.ready if each[:1] == one(2)[:1] and len(each) > 1] if truly else []
        assert first_inside(execution, one(2)) == next(iter(inside), None)
        if possible.question is not None:
            asked = draw.choice(possible.requests)
            answer = TaskFailure("Boom") if draw.random() < fails else TaskResult({})
            line.append(step(execution, AnswerTask(asked.branch, answer)))
        else:
            named = draw.random() < 0.5 and possible.ready
            line.append(step(execution, Proceed(draw.choice(possible.ready) if named else None)))
    return line


@pytest.mark.parametrize("seed", range(6))
def test_an_execution_goes_the_same_way_in_blocks(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches_module, "MOST_IN_DICT", 10**6)
    plain = run(random.Random(seed), 0.3)
    monkeypatch.setattr(branches_module, "MOST_IN_DICT", 2)
    monkeypatch.setattr(branches_module, "_BLOCK", 3)
    blocks = run(random.Random(seed), 0.3)
    assert any(type(execution.branches) is ManyBranches for execution in blocks)
    assert len(blocks) == len(plain)
    for mine, theirs in zip(blocks, plain, strict=True):
        assert list(mine.branches.items()) == list(theirs.branches.items())
        assert mine.decisions[-1:] == theirs.decisions[-1:]
    assert blocks[-1].history == plain[-1].history


@pytest.mark.parametrize("count", [3, 100])
def test_what_a_step_changed_is_told_without_the_others(count: int) -> None:
    before = frozen({one(number): branch(one(number)) for number in range(count)})
    draft = drafted(before)
    draft[one(0)] = branch(one(0), 1)
    draft[one(count)] = branch(one(count))
    del draft[one(1)]
    after = frozen(draft)
    assert changed(before, after) == changed(after, before) == {one(0), one(1), one(count)}
    assert changed({}, before) == set(before)
    assert changed(before, before) == set()
