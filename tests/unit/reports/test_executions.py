"""Many executions as text: which columns there is room for, what is said of a group, what is left out of an object."""

from __future__ import annotations

import pytest

from sfdebug.executions.groups import group_failures
from sfdebug.executions.outcome import ExecutionOutcome, FailedState, Known
from sfdebug.reports.executions import ExecutionTable, counts_text, execution_dict, group_dict
from sfdebug.text import cell_width

NOON = 1_764_331_200_000


def outcome(number: int, machine: str = "Orders", **more: object) -> ExecutionOutcome:
    found: dict[str, object] = {
        "arn": f"arn:aws:states:eu-west-1:123456789012:execution:{machine}:run-{number}",
        "name": f"run-{number}",
        "state_machine_arn": f"arn:aws:states:eu-west-1:123456789012:stateMachine:{machine}",
        "status": "FAILED",
        "started_at": NOON + number * 1000,
        "stopped_at": NOON + number * 1000 + 250,
        "known": Known.WHOLE,
        "error": "Refused",
        "cause": f"Karte 田中 {number} is not\n known here, and there is more to say of it than fits",
        "failed_state": FailedState("Charge the card", (("Each", number),)),
        "retries": 2,
    }
    return ExecutionOutcome(**{**found, **more})  # type: ignore[arg-type]


def test_a_row_says_all_that_is_known_where_nothing_bounds_it() -> None:
    heading, row = ExecutionTable().execution_lines([outcome(1)])
    assert heading.split("  ")[0] == "STATUS"
    assert row == (
        "FAILED  2025-11-28 12:00:01  250 ms  run-1  Refused  Each[1]/Charge the card        2  "
        "Karte 田中 1 is not known here, and there is more to say of it than fits"
    )
    assert "MACHINE" not in heading, "of one machine alone its name says nothing"
    assert "MACHINE" in ExecutionTable().execution_lines([outcome(1), outcome(2, "Refunds")])[0]
    assert ExecutionTable().execution_lines([]) == []


@pytest.mark.parametrize("width", [30, 50, 80, 100, 120, 200])
def test_there_is_room_for_what_matters_first(width: int) -> None:
    lines = ExecutionTable(width).execution_lines([outcome(1), outcome(20, "Refunds", name="an " * 40)])
    assert all(cell_width(line) <= max(width, 41) for line in lines), (
        "status, name and error stay, whatever room there is"
    )
    assert lines[0].startswith("STATUS")
    assert "Refused" in lines[1]
    assert ("2025-11-28 12:00:01" in lines[1]) == (width >= 110)
    assert ("CAUSE" in lines[0]) == (width >= 100)
    groups = group_failures([outcome(1), outcome(2), outcome(3, error=None, known=Known.LISTED, failed_state=None)])
    told = ExecutionTable(width).group_lines(groups, lambda key: None)
    assert all(cell_width(line) <= max(width, 23) for line in told)


def test_what_is_not_known_is_not_claimed() -> None:
    unread = outcome(1, error=None, cause=None, failed_state=None, known=Known.LISTED, retries=None)
    assert "(not read)" in ExecutionTable().execution_lines([unread])[1]
    denied = outcome(1, error=None, cause=None, failed_state=None, known=Known.LISTED, refusal="may not")
    assert "(may not)" in ExecutionTable().execution_lines([denied])[1]
    found = execution_dict(unread)
    assert not {"error", "cause", "failedState", "retries", "version", "refusal"} & set(found)
    assert (found["startDate"], found["milliseconds"]) == ("2025-11-28T12:00:01.000Z", 250)
    (group,) = group_failures([unread])
    assert "(not read)" in ExecutionTable().group_lines([group], lambda key: None)[1]
    assert group_dict(group)["isStateKnown"] is False


def test_groups_name_the_newest_and_the_definition_of_the_first() -> None:
    those = [outcome(number, definition_hash="0123456789abcdef", definition_at=NOON) for number in range(1, 6)]
    by_key = {one.key: one for one in those}
    lines = ExecutionTable().group_lines(group_failures(those), by_key.get)
    assert lines[1].split()[:4] == ["5", "FAILED", "Refused", "Each/Charge"]
    assert "  01234567  Karte 田中 ‹n› is not known" in lines[1]
    assert lines[2] == "       run-5, run-4, run-3 and 2 more; the first ran the definition of 2025-11-28 12:00:00"


def test_counts() -> None:
    those = [outcome(1), outcome(2, status="RUNNING"), outcome(3, status="SUCCEEDED"), outcome(4, status="")]
    assert counts_text(those) == "4 executions: 1 FAILED, 1 RUNNING, 1 SUCCEEDED, 1 of unknown status"
    assert counts_text([]) == "0 executions"
