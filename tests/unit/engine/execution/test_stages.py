"""The stages of a visit that is tried again and again, and logs that forget."""

from __future__ import annotations

import random

import pytest

import sfdebug
from sfdebug.engine.execution.log import Log
from sfdebug.engine.execution.stages import BLOCK, ManyStages, StagesDraft, added, drafted, frozen, in_common
from sfdebug.engine.execution.visit import Stage, StageName
from sfdebug.tasks.mock_config import MockConfig
from tests.asl_machines import counting_to

NAMES = (StageName.TASK, StageName.RETRY, StageName.CATCH)
TASK = {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "End": True}
RETRY = {"ErrorEquals": ["States.ALL"], "IntervalSeconds": 1, "MaxAttempts": 400, "BackoffRate": 1.0}
MACHINE = {"StartAt": "A", "States": {"A": TASK | {"Retry": [RETRY]}}}
MOCKS = """{"StateMachines": {"S": {"TestCases": {"C": {"A": "R"}}}},
            "MockedResponses": {"R": {"0-999": {"Throw": {"Error": "E", "Cause": "c"}}}}}"""


def stage(number: int) -> Stage:
    return Stage(NAMES[number % 3], None, None, attempt=number)


@pytest.mark.parametrize("seed", range(4))
def test_many_stages_behave_as_a_list(seed: int) -> None:
    rng, plain = random.Random(seed), [stage(number) for number in range(3 * BLOCK)]
    kept = frozen(list(plain))
    assert isinstance(kept, ManyStages)
    for number in range(200):
        draft, before = drafted(kept), list(plain)
        change = rng.randrange(5)
        if change <= 1:
            plain += [stage(number), stage(number + 1)]
            draft.extend(plain[-2:])
        elif change == 2:
            at = rng.randrange(max(len(plain) - 2 * BLOCK, 0), len(plain))
            plain[at] = draft[at] = stage(-number)
        elif change == 3:
            at = rng.randrange(max(len(plain) - 9, 1), len(plain))
            del plain[at:]
            del draft[at:]
        else:
            plain.insert(-1, stage(number))
            draft.insert(-1, plain[-2])
        after = frozen(draft)
        assert list(after) == plain
        assert list(reversed(after)) == plain[::-1]
        assert list(reversed(draft)) == plain[::-1]
        assert after[-1] is plain[-1]
        assert after[3:-3] == tuple(plain[3:-3])
        same = next((at for at, pair in enumerate(zip(before, plain, strict=False)) if pair[0] is not pair[1]), None)
        assert in_common(kept, after) == (min(len(before), len(plain)) if same is None else same)
        if isinstance(draft, StagesDraft):
            for name in NAMES:
                assert draft.last(name) is next((each for each in reversed(plain) if each.name is name), None)
        assert list(kept) == before  # as it was
        kept = after


def test_few_stages_stay_a_tuple() -> None:
    assert frozen([stage(1)]) == (stage(1),)
    assert added((stage(1), stage(2)), stage(3), instead=1) == (stage(1), stage(3))


def test_retries_share_the_stages_of_earlier_attempts() -> None:
    tasks = MockConfig.parse(MOCKS).handler(None, "C")
    execution = sfdebug.simulate(MACHINE, {}, tasks)
    (visit,) = execution.visits
    assert visit.attempt == 401
    assert sum(each.name is StageName.RETRY for each in visit.stages) == 401
    debugger = sfdebug.Debugger(MACHINE, {}, tasks=tasks)
    debugger.run()
    visits = [node.visit for node in debugger.timeline.nodes if node.visit is not None]
    one, other = visits[-40].stages, visits[-2].stages
    assert isinstance(one, ManyStages)
    assert isinstance(other, ManyStages)
    assert one.blocks[0] is other.blocks[0]


def test_a_log_that_forgets_still_counts() -> None:
    log = Log(range(10)).append(10, 11)
    short = log.forgetting(3)
    assert (len(short), short.first, list(short), short[-1], short[9]) == (12, 9, [9, 10, 11], 11, 9)
    assert list(log) == list(range(12))
    longer = short.append(12)
    assert (len(longer), list(longer), longer[8:], list(reversed(longer))) == (
        13,
        [9, 10, 11, 12],
        [9, 10, 11, 12],
        [12, 11, 10, 9],
    )
    assert list(short.append(99)) == [9, 10, 11, 99]
    assert list(short) == [9, 10, 11]
    with pytest.raises(IndexError):
        short[8]
    assert short != log


def test_a_long_express_run_needs_no_more_memory_than_a_short_one() -> None:
    seen: list[int] = []

    def see(execution: object) -> None:
        assert isinstance(execution, sfdebug.engine.Execution)
        seen.extend(event.id for event in execution.events[seen[-1] if seen else 0 :])

    execution = sfdebug.simulate(counting_to(15_000), {"n": 0}, execution_type="EXPRESS", seen=see)
    assert execution.output == {"n": 15000}
    seen.extend(event.id for event in execution.events[seen[-1] :])
    assert seen == list(range(1, len(execution.events) + 1))
    assert len(execution.events) - execution.events.first < 45_000
    assert execution.visit_count == 30_001


def test_a_run_without_its_visits_has_the_same_events() -> None:
    rule = {"Variable": "$.n", "NumericEquals": 6000, "Next": "E"}
    loop = {
        "StartAt": "A",
        "States": {
            "A": {"Type": "Pass", "Parameters": {"n.$": "States.MathAdd($.n, 1)"}, "Next": "C"},
            "C": {"Type": "Choice", "Choices": [rule], "Default": "A"},
            "E": {"Type": "Succeed"},
        },
    }
    machine = sfdebug.load(loop)
    whole = sfdebug.simulate(machine, {"n": 0})
    without = sfdebug.simulate(machine, {"n": 0}, keep_visits=False)
    assert without.events == whole.events
    assert (without.output, without.visit_count) == (whole.output, whole.visit_count) == ({"n": 6000}, 12_001)
    assert (whole.visits.first, len(whole.visits)) == (0, 12_001)
    assert len(without.visits) == 12_001
    assert list(without.visits) == list(whole.visits)[without.visits.first :]
    assert without.visits.first > 5_000
