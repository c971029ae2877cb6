"""Would the mend have held, of an account and of a folder: asked once, kept, none left out in silence."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sfdebug.asl.load import definition_from
from sfdebug.aws.concurrency import Backoff
from sfdebug.aws.errors import CredentialsError
from sfdebug.aws.listing import Wanted
from sfdebug.aws.session import Access, AwsReader
from sfdebug.executions.account import AccountSource
from sfdebug.executions.folder import FolderSource
from sfdebug.executions.kept import KeptExecutions
from sfdebug.executions.verifying import MendReport, Verified, verify_executions
from sfdebug.history.coverage.model import CoverageKind
from sfdebug.history.verification.outcomes import MendOutcome
from tests.aws_fleet import DEFINITION, Fleet, machine_arn
from tests.aws_stub import REGION, ApiError, serving
from tests.history_runs import recorded
from tests.unit.history.verification.test_mending import CATCH, DONE, ORDER, answers, changed

ORDERS = machine_arn("Orders")
MENDED: dict[str, Any] = json.loads(DEFINITION)
MENDED["States"]["Charge"]["Catch"] = [{"ErrorEquals": ["CardDeclined"], "Next": "Done"}]
MACHINE = definition_from(MENDED)

pytestmark = pytest.mark.usefixtures("isolated")


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Fleet, str]]:
    fleet = Fleet(count=600)
    with serving(fleet) as address:
        yield fleet, address


@pytest.fixture
def fleet(server: tuple[Fleet, str]) -> Fleet:
    server[0].reset()
    return server[0]


@pytest.fixture
def source(server: tuple[Fleet, str], fleet: Fleet) -> AccountSource:
    reader = AwsReader(Access(region=REGION, endpoint_url=server[1]), backoff=Backoff(first=0.0, longest=0.0))
    return AccountSource(reader, KeptExecutions(server[1]))


def counts(report: MendReport) -> dict[MendOutcome, int]:
    return {group.outcome: len(group.executions) for group in report.groups}


def test_of_an_account_each_history_is_asked_for_once_and_kept(fleet: Fleet, source: AccountSource) -> None:
    (failed,) = source.executions(ORDERS, Wanted(("FAILED",)))
    assert len(failed) == 12
    del fleet.requests[:]
    found = tuple(verify_executions(MACHINE, source, failed))
    assert [outcome.key for outcome, _ in found] == [one.key for one in failed]
    assert [operation for operation, _ in fleet.requests] == ["GetExecutionHistory"] * 12
    report = MendReport(MACHINE, found, 12)
    assert counts(report) == {MendOutcome.NOW_SUCCEEDS: 4, MendOutcome.GOES_ON: 4, MendOutcome.DIFFERS: 4}
    assert (report.held, report.judged) == (4, 12)
    assert [one.total for one in report.failures] == [4, 4, 4]
    del fleet.requests[:]
    again = tuple(verify_executions(MACHINE, source, failed))
    assert [one.mending for _, one in again] == [one.mending for _, one in found]
    assert not fleet.requests, "it is kept"
    opened = source.opened(failed[0])
    assert opened.definition, "what was read for this alone is not taken for all that there is"
    assert [operation for operation, _ in fleet.requests] == [
        "DescribeExecution",
        "DescribeStateMachineForExecution",
        "GetExecutionHistory",
    ]


def test_coverage_is_of_all_or_of_a_group(source: AccountSource) -> None:
    (failed,) = source.executions(ORDERS, Wanted(("FAILED",)))
    report = MendReport(MACHINE, tuple(verify_executions(MACHINE, source, failed)), len(failed))
    held = next(group for group in report.groups if group.outcome is MendOutcome.NOW_SUCCEEDS)
    catchers = [
        coverage.of(CoverageKind.CATCHER) for coverage in (report.coverage(), report.coverage(dict(held.executions)))
    ]
    assert [list(one.values()) for one in catchers] == [[4], [4]]
    assert (report.coverage().executions, report.coverage(dict(held.executions)).executions) == (12, 4)


def test_what_cannot_be_had_of_one_is_its_reason(fleet: Fleet, source: AccountSource) -> None:
    (failed,) = source.executions(ORDERS, Wanted(("FAILED",)))
    fleet.deleted = {failed[1].arn}
    report = MendReport(MACHINE, tuple(verify_executions(MACHINE, source, failed)), len(failed))
    assert (len(report.verified), report.judged) == (12, 11)
    (lost,) = (group for group in report.groups if group.outcome is MendOutcome.NOT_VERIFIED)
    assert [key for key, _ in lost.executions] == [failed[1].key]
    assert "it was deleted since it was listed" in lost.reasons[0]


def test_what_holds_for_all_ends_it_and_what_was_found_out_is_there(fleet: Fleet, source: AccountSource) -> None:
    (failed,) = source.executions(ORDERS, Wanted(("FAILED",)))
    first = [one for one, _ in zip(verify_executions(MACHINE, source, failed[:3]), range(3), strict=True)]
    assert len(first) == 3

    def before(operation: str) -> None:
        raise ApiError("ExpiredTokenException", "The security token included in the request is expired")

    fleet.before = before
    found: list[Verified] = []
    with pytest.raises(CredentialsError):
        found.extend(verify_executions(MACHINE, source, failed))
    fleet.before = lambda operation: None
    assert len(tuple(verify_executions(MACHINE, source, failed))) == len(failed)


def test_a_reading_that_is_given_up_asks_no_more(fleet: Fleet, source: AccountSource) -> None:
    (failed,) = source.executions(ORDERS, Wanted(("FAILED",)))
    del fleet.requests[:]
    verdicts = verify_executions(MACHINE, source, failed)
    next(verdicts)
    verdicts.close()
    asked = len(fleet.requests)
    assert asked <= 12
    assert not list(verdicts)
    assert len(fleet.requests) == asked

    def check() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        next(verify_executions(MACHINE, source, failed, check=check))


def events_of(x: str, definition: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return recorded(definition, {"x": x}, answers, name=name)


def test_of_a_folder_and_of_a_file_with_several(tmp_path: Path) -> None:
    broken, mend = changed(DONE), definition_from(changed({**DONE, "Put/Catch": CATCH}))
    for name, x in (("a", "bad"), ("b", "good")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"events": events_of(x, broken, name)}), encoding="utf-8")
    (tmp_path / "c.json").write_text("[]", encoding="utf-8")
    both = [{"events": events_of(x, broken if x else ORDER, f"n{number}")} for number, x in enumerate(("bad", ""))]
    (tmp_path / "several.json").write_text("\n".join(map(json.dumps, both)), encoding="utf-8")
    source = FolderSource(tmp_path)
    outcomes = [one for page in source.executions("") for one in page]
    found = tuple(verify_executions(mend, source, outcomes))
    assert {outcome.key for outcome, _ in found} == {one.key for one in outcomes}
    named = {Path(outcome.place).name + outcome.label: one.mending.outcome for outcome, one in found if one.mending}
    assert named["a.json"] is MendOutcome.NOW_SUCCEEDS
    assert named["b.json"] is MendOutcome.SUCCEEDS_AS_RECORDED
    several = sorted(value for name, value in named.items() if name.startswith("several"))
    assert several == [MendOutcome.GOES_ON, MendOutcome.NOW_SUCCEEDS]
    one = next(one for one in outcomes if one.place.endswith("several.json"))
    assert [outcome.key for outcome, _ in verify_executions(mend, source, [one])] == [one.key], "no others of its file"
    (tmp_path / "a.json").unlink()
    gone = next(one for one in outcomes if one.place.endswith("a.json"))
    ((_, verdict),) = verify_executions(mend, source, [gone])
    assert verdict.mending is not None
    assert verdict.mending.outcome is MendOutcome.NOT_VERIFIED
