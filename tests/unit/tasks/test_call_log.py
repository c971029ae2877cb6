"""What is kept of calls, and how much of it."""

from __future__ import annotations

import pytest

from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.tasks.call_log import CallLog
from sfdebug.tasks.inside_calls import CalleeKind
from sfdebug.tasks.outside import CallLine, OutsideCall

ANSWER = TaskResult(1)


def call(lines: int) -> OutsideCall:
    return OutsideCall("charge", "app.py", ANSWER, 1.0, tuple(CallLine(str(number)) for number in range(lines)))


def test_lines_of_older_calls_are_let_go_and_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.tasks.call_log.MOST_LINES", 10)
    log = CallLog(CalleeKind.FUNCTION)
    for number in range(4):
        log.add(("", number), call(3))
    kept = [found for number in range(4) if (found := log.call(("", number))) is not None]
    assert [(len(one.lines), one.lost) for one in kept] == [(0, 3), (0, 3), (0, 3), (3, 0)]
    assert all(log.answer(("", number)) is ANSWER for number in range(4)), "no answer is let go"
    log.forget(("", 3))
    assert ("", 3) not in log
    log.add(("", 0), call(10))
    assert len(kept[0].lines) == 0
    found = log.call(("", 0))
    assert found is not None
    assert len(found.lines) == 10, "what is not kept does not count"
