"""What is different, on the screen: two executions compared, from lists, from the debugger, from files and from AWS."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import cycle
from pathlib import Path

import pytest

from sfdebug.aws.concurrency import Cancellation
from sfdebug.aws.session import Access
from sfdebug.cli.archives import folder_screen
from sfdebug.debugger import Debugger
from sfdebug.debugger.decisive_data.contrast import contrast
from sfdebug.tui.browser.around import Around, FolderPlace, at_event
from sfdebug.tui.browser.executions import ExecutionsScreen, children_screen
from sfdebug.tui.browser.places import AccountPlace
from sfdebug.tui.browser.waiting import ReadingDialog
from sfdebug.tui.recordings.compare import CompareScreen
from sfdebug.tui.screens.debug import DebugScreen
from tests.aws_stub import REGION, START, ApiError, StubAws
from tests.compared_pairs import MACHINE, PAIRS, REDRIVEN, THRESHOLD, Pair, in_folder, record
from tests.tui_runs import LARGE, MEDIUM, SMALL, OpenProgram, opened, opened_home

pytestmark = pytest.mark.usefixtures("isolated")


def compared(pair: Pair) -> Callable[[], CompareScreen]:
    found = contrast(*pair.sessions())
    return lambda: CompareScreen(found, opens=at_event)


@pytest.mark.parametrize(
    ("pair", "size"),
    zip(PAIRS[::3], cycle((SMALL, MEDIUM, LARGE)), strict=False),
    ids=[pair.name for pair in PAIRS[::3]],
)
async def test_each_pair_leads_with_its_first_difference_and_opens_there(pair: Pair, size: tuple[int, int]) -> None:
    home = compared(pair)
    found = contrast(*pair.sessions())
    async with opened_home(home, size) as program:
        flat = program.flat
        assert pair.lead.split("(")[0].strip() in flat
        for other in ("what took much longer", "where the inputs differ", "the inputs differ at"):
            assert other not in flat or flat.index(pair.lead.split("(")[0].strip()) < flat.index(other)
        leading = found.leading
        if leading is None:
            return
        for key, visit in (("a", leading.left), ("b", leading.right)):
            await program.press(key)
            if visit is not None:
                program.at(visit.state)
                await program.press("q")
            assert isinstance(program.app.screen, CompareScreen)


async def test_what_one_of_them_did_not_enter_is_said(tmp_path: Path) -> None:
    async with opened_home(compared(THRESHOLD)) as program:
        await program.press("G", "a")
        assert "Pay was not entered in A" in program.text
        await program.press("enter")
        program.at("Pay")
        await program.press("q", "question_mark")
        assert "a opens A at the pair at hand" in program.text


def trouble(program: OpenProgram) -> str:
    """What went wrong while the program read, "" where nothing did; on the screen it is broken where its folder's name
    has it."""
    screen = program.app.screen
    return screen.trouble if isinstance(screen, ReadingDialog) else ""


async def test_from_a_folder_with_the_last_that_succeeded_and_with_a_marked_one(tmp_path: Path) -> None:
    folder = in_folder(THRESHOLD, tmp_path)
    async with opened_home(lambda: folder_screen(folder)) as program:
        await program.until(lambda: "run-good" in program.text)
        await program.press("equals_sign")
        await program.until(lambda: THRESHOLD.lead in program.flat)
        assert "A run-failed, began 2025-01-01 00:00:00 UTC (FAILED)" in program.flat
        await program.press("b")
        program.at("Enough?")
        await program.press("q", "q")
        assert isinstance(program.app.screen, ExecutionsScreen)
        await program.press("space", "j", "equals_sign")  # the one that succeeded, with the marked one that failed
        await program.until(lambda: THRESHOLD.lead in program.flat)
        assert "A run-failed" in program.text, "the one that failed stands on the left"
        await program.press("q", "j", "enter")
        await program.until(lambda: "& compare" in program.text)
        await program.press("ampersand")  # from the summary, which the execution that went well has too
        await program.until(lambda: "no other execution of Orders that succeeded" in trouble(program))
        await program.press("escape")
        assert isinstance(program.app.screen, DebugScreen)


async def test_without_another_one_that_succeeded_it_is_said_what_to_do(tmp_path: Path) -> None:
    folder = in_folder(THRESHOLD, tmp_path)
    (folder / "run-good" / "history.json").unlink()
    async with opened_home(lambda: folder_screen(folder)) as program:
        await program.until(lambda: "run-failed" in program.text)
        await program.press("equals_sign")
        await program.until(lambda: "no other execution of Orders that succeeded is there" in trouble(program))
        assert "Mark any other one with Space" in program.flat
        assert "Esc close" in program.flat
        await program.press("escape")
        assert isinstance(program.app.screen, ExecutionsScreen)


def on_account(stub: StubAws, pair: Pair) -> None:
    """Both executions of a pair as AWS has them."""
    for run, name in ((pair.good, "run-good"), (pair.failed, "run-failed")):
        recording = record(pair.definition, run, name)
        events = [
            {**event, "timestamp": START + number / 1000} for number, event in enumerate(recording.history, start=1)
        ]
        definition = json.dumps(run.definition or pair.definition)
        facts = {"stateMachineArn": MACHINE, "status": str(recording.status), "name": name}
        stub.add_execution(recording.facts.arn, events, definition, **facts)
    stub.listed[MACHINE] = [entry for entries in stub.listed.values() for entry in entries]


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (ApiError("AccessDeniedException", "no"), "states:GetExecutionHistory"),
        (ApiError("ExecutionDoesNotExist", "gone"), "run-good"),
        (ApiError("ExpiredTokenException", "The security token included in the request is expired"), "expired"),
    ],
    ids=["denied", "deleted", "expired"],
)
async def test_faults_of_aws_are_said_and_gone_on_from(
    served: tuple[StubAws, str], trouble: ApiError, said: str
) -> None:
    stub, address = served
    stub.reset()
    on_account(stub, THRESHOLD)
    place = AccountPlace(Access(region=REGION, endpoint_url=address))
    home = lambda: ExecutionsScreen(place, MACHINE, "Orders", now=lambda: int(START * 1000) + 100)  # noqa: E731
    async with opened_home(home) as program:
        await program.until(lambda: "run-good" in program.text and "1 failed" in program.flat)
        troubles = [trouble]

        def before(operation: str) -> None:
            asked = stub.requests[-1][1]
            is_good = operation == "GetExecutionHistory" and asked["executionArn"].endswith("run-good")
            if is_good and troubles:
                raise troubles.pop()

        stub.before = before
        await program.press("equals_sign")
        await program.until(lambda: "R tries again" in program.flat and said in program.flat)
        assert isinstance(program.app.screen, ReadingDialog)
        await program.press("R")
        await program.until(lambda: THRESHOLD.lead in program.flat)
    assert stub.refused == []


@pytest.mark.parametrize("ascii", [False, True])
async def test_a_redriven_execution_shows_its_seams(ascii: bool) -> None:
    run, _ = REDRIVEN.sessions()
    async with opened(Debugger.on_recording(run), size=LARGE, ascii=ascii) as session:
        assert "goes on in Charge" in session.text, "the summary tells when, and with what"
        await session.press("escape")
        seam, sign = "1 h 00 min after it FAILED", "@" if ascii else "↻"
        (row,) = [line for line in session.text.splitlines() if "ExecutionRedriven" in line]
        assert seam in row
        assert f"{sign} ExecutionRedriven" in row
        (slider,) = [line for line in session.text.splitlines() if "event 1 of 14" in line]
        assert sign in slider
        await session.press("F")
        assert session.screen.commands.recordings.seams == [], "the fork was left before it"


async def test_the_summary_says_what_a_redrive_would_do() -> None:
    run, _ = THRESHOLD.sessions()
    async with opened(Debugger.on_recording(run), size=LARGE) as session:
        assert "not possible any more since 2025-01-15 00:00:00 UTC, 14 days after it ended" in session.text


async def test_where_no_state_machine_is_recorded_it_takes_the_last_that_began_alike(tmp_path: Path) -> None:
    for pair in (THRESHOLD, REDRIVEN):
        folder = in_folder(pair, tmp_path / pair.name)
        for name in ("run-failed", "run-good"):
            for file in ("execution.json", "definition.asl.json"):
                (folder / name / file).unlink()
    place = FolderPlace(str(tmp_path))
    source = place.source(Cancellation(), lambda seconds, throttled: None)
    (failed,) = [one for page in source.executions("") for one in page if one.is_unsuccessful]
    around = Around(place, failed, children_screen)
    async with opened_home(lambda: folder_screen(tmp_path)) as program:
        around.compare(program.app)
        await program.until(lambda: isinstance(program.app.screen, CompareScreen) and "Enough?" in program.text)
        assert "it is not known what decided it" in program.flat, "there is no definition"
    (tmp_path / THRESHOLD.name / "run-good" / "history.json").unlink()
    async with opened_home(lambda: folder_screen(tmp_path)) as program:
        around.compare(program.app)
        await program.until(lambda: "no other execution of the same state machine that succeeded" in trouble(program))
