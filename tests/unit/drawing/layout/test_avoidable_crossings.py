"""Machines as people write them that can be drawn without a crossing, and are."""

from __future__ import annotations

from itertools import pairwise

import pytest

from sfdebug.asl.definition import StateMachine
from sfdebug.drawing import build
from tests.graph_checks import faults
from tests.graph_dot import our_crossings
from tests.graph_machines import Asl, machine

MACHINES = {
    "a poll whose wait stands between two other ways out": """
        Start > Look > Done
        Done ? Failed Hold Stop
        Hold > Look
        Stop > Halt > LookAgain > Halted
        Halted ? Failed LookAgain Close
        Close > Shut > LookLast > Closed
        Closed ? Failed LookLast Finish
    """,
    "two polls, each left by Next and by Catch": """
        Begin > Timer > Reached
        Reached ? GoOn Hold
        GoOn > Load > Timer
        Load ! Timer
        Hold > HoldTimer > Held
        Held ? Finish HoldLoad
        HoldLoad > HoldTimer
        HoldLoad ! HoldTimer
    """,
    "two handlers, one of which leads past the ways to the other": """
        Begin > Announce > Clear > Search > Write > Plan > Queue > Left
        Announce ! AnyError
        Clear ! SearchError
        Search ! SearchError
        Write ! SearchError
        Plan ! SearchError
        Queue ! SearchError
        Left ? Found Hold
        Hold > Queue
        Found > Remove > Work > Removed
        Found ! AnyError
        Remove ! AnyError
        Work ! RemovalError
        AnyError > Tell
        SearchError > Tell
        RemovalError > Tell
    """,
}


def written(text: str) -> StateMachine:
    """The machine of lines like `A > B > C` for Next, `A ! B` for Catch, and `A ? B C` for a Choice of two rules."""
    states: dict[str, Asl] = {}
    for words in map(str.split, text.strip().splitlines()):
        names, sign = [word for word in words if word.isalpha()], words[1]
        for name in names:
            states.setdefault(name, {"Type": "Succeed"})
        if sign == ">":
            for source, target in pairwise(names):
                states[source] = {"Type": "Task", "Next": target}
        elif sign == "!":
            states[names[0]]["Catch"] = [{"ErrorEquals": ["States.ALL"], "Next": names[1]}]
        else:
            rules = [{"Variable": "$.status", "StringEquals": name.upper(), "Next": name} for name in names[1:]]
            states[names[0]] = {"Type": "Choice", "Choices": rules}
    return machine({"StartAt": next(iter(states)), "States": states})


@pytest.mark.parametrize("name", MACHINES)
def test_no_lines_cross_that_need_not(name: str) -> None:
    layout = build(written(MACHINES[name]))
    assert faults(layout) == []
    assert our_crossings(layout) == 0
