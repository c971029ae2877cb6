"""What verifying keeps: not the verdicts, however many there are."""

from __future__ import annotations

import gc
import json
import tracemalloc
from argparse import Namespace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.verified import VerifiedExecutions
from sfdebug.history.replay.event_comparison import Difference
from sfdebug.history.verification.tally import VerificationTally
from sfdebug.history.verification.verdict import Verification, VerificationStatus
from sfdebug.reports.verification import group_lines

_MOST_BYTES = 48_000
"""For what is made once, such as a buffer: a hundredth of what 400 of the verdicts below take."""


def _diverging(number: int, field: str = "output", state: str = "Charge card") -> Verification:
    differences = tuple(
        Difference(
            event, (), state, field, {"n": number}, {"n": -number}, f"Parameters as defined is {number}", "/items/3"
        )
        for event in range(20)
    )
    return Verification(f"recorded/{number}.json", VerificationStatus.DIVERGES, 40, 12, differences=differences)


def _held(found: VerifiedExecutions, first: int, last: int) -> int:
    before = tracemalloc.get_traced_memory()[0]
    for number in range(first, last):
        found.add(_diverging(number))
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


def test_no_verdict_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.xml"
    args = Namespace(json=True, junit=str(report), summary=None, all=False, allow_partial=False)
    with VerifiedExecutions("order", args) as found:
        _held(found, 0, 60)  # by then both reports are in files
        gc.collect()
        tracemalloc.start()
        try:
            growth = _held(found, 60, 460)
        finally:
            tracemalloc.stop()
        assert growth < _MOST_BYTES, "400 verdicts of 20 differences each"
        assert found.report() is ExitCode.EXECUTION_FAILED
    told = json.loads(capsys.readouterr().out)
    assert (told["diverges"], told["total"], len(told["histories"])) == (460, 460, 460)
    assert told["histories"][459]["differences"][19]["recorded"] == {"n": 459}
    assert [(one["count"], one["example"], one["pointer"]) for one in told["groups"]] == [
        (460, "recorded/0.json", "/items/*")
    ]
    suite = ElementTree.parse(report).getroot()[0]
    assert (suite.get("failures"), len(suite)) == ("460", 460)


def _tally(*found: Verification) -> VerificationTally:
    tally = VerificationTally(lambda cause: cause.rstrip("0123456789"))
    for one in found:
        tally.add(one)
    return tally


def test_groups_are_by_state_field_and_cause_the_most_frequent_first() -> None:
    unread = [
        Verification(f"{n}.json", VerificationStatus.NOT_VERIFIED, reasons=(f"{n}.json:{n + 1}:1: no JSON",))
        for n in range(9)
    ]
    tally = _tally(
        *unread,
        _diverging(1, "input"),
        *(_diverging(number) for number in range(2, 39)),
        _diverging(50, state="Ship"),
        Verification("good.json", VerificationStatus.IDENTICAL),
    )
    assert group_lines(tally) == [
        "37 diverge at 'Charge card', output at /items/*: Parameters as defined is 2, e.g. recorded/2.json, event 0",
        " 1 diverges at 'Charge card', input at /items/*: Parameters as defined is 1, e.g. recorded/1.json, event 0",
        " 1 diverges at 'Ship', output at /items/*: Parameters as defined is 50, e.g. recorded/50.json, event 0",
        " 9 not verified: no JSON, e.g. 0.json",
    ]


def test_there_is_an_end_to_groups() -> None:
    tally = _tally(*(_diverging(number, state=f"State {number}") for number in range(1_003)))
    assert (len(tally.groups), tally.ungrouped, tally.total) == (1_000, 3, 1_003)
    lines = group_lines(tally)
    assert lines[-2:] == [
        "990 more in 990 other ways: --all shows them",
        "3 more, each in a way of its own, are in no group",
    ]
    assert len(group_lines(tally, all_groups=True)) == 1_001


def test_data_obeys_nobody_in_a_group() -> None:
    tally = _tally(_diverging(1, state="\x1b[2J"))
    assert "\x1b" not in "".join(group_lines(tally))


def test_an_end_by_somebody_claims_no_more_than_was_done(capsys: pytest.CaptureFixture[str]) -> None:
    args = Namespace(json=False, junit=None, summary=None, all=False, allow_partial=False)
    with pytest.raises(KeyboardInterrupt):
        _verify_until_interrupted(args)
    assert capsys.readouterr().err == "sfdebug: not all was verified; so far 0 of 1 identical, 1 diverges\n"


def _verify_until_interrupted(args: Namespace) -> None:
    with VerifiedExecutions("order", args) as found:
        found.add(_diverging(1))
        raise KeyboardInterrupt
