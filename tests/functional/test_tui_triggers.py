"""The page of triggers: what is told of each, and one that is fired by hand with an event that somebody edits."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from sfdebug.hosting.host import ExecutionHost
from sfdebug.hosting.records import MachineSettings
from sfdebug.hosting.triggers.book import TriggerBook
from sfdebug.hosting.triggers.schedule_clock import ScheduleClock
from sfdebug.projects.model import MachineTrigger, TriggerSource
from sfdebug.tui.dialogs.edit_json import EditJsonDialog
from sfdebug.tui.json.editor import JsonEditor
from sfdebug.tui.served.triggers import TriggersScreen
from tests.hosted_runs import NOW, ROLE, HandClock, HandScheduler
from tests.tui_runs import LARGE, MEDIUM, SMALL, opened_home

pytestmark = pytest.mark.usefixtures("isolated")

RULE = "arn:aws:events:us-east-1:123456789012:rule/placed"
TRIGGERS = (
    MachineTrigger(
        "EventBridgeRule",
        "[/Placed]",
        source=TriggerSource.EVENTS,
        arn=RULE,
        settings={"EventPattern": {"source": ["shop"], "detail": {"total": [{"numeric": [">", 10]}]}}},
        file="infra/template.yaml",
        line=41,
    ),
    MachineTrigger(
        "Schedule", "Nightly", source=TriggerSource.SCHEDULE, settings={"ScheduleExpression": "rate(1 day)"}
    ),
    MachineTrigger("Api", "Post", "POST /orders", source=TriggerSource.REQUEST, problem="requests are not served here"),
)


@pytest.fixture
def book() -> Iterator[TriggerBook]:
    with ExecutionHost() as host:
        definition = '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}'
        arn = host.machines.create(MachineSettings("Orders", definition, ROLE))[0].arn
        yield TriggerBook(host, [(each, arn, "Orders") for each in TRIGGERS])


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_what_each_waits_for_and_where_it_is_declared(book: TriggerBook, size: tuple[int, int]) -> None:
    async with opened_home(lambda: TriggersScreen(book), size) as page:
        assert "[/Placed]" in page.text
        assert "source is shop, detail.total" in page.text
        assert "infra/template.yaml:41" in page.text
        assert "1 fires by itself" in page.text
        await page.press("j")
        assert "every day" in page.text
        assert "schedules fire by hand alone" in page.text
        await page.press("j", "f")
        assert "Api Post cannot be fired here: requests are not served here" in page.text
        await page.press("slash", *"nightly", "enter")
        assert "[/Placed]" not in page.text
        await page.press("escape")
        assert "[/Placed]" in page.text


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_what_the_clock_fires_has_its_next_time(book: TriggerBook, size: tuple[int, int]) -> None:
    now, hands = HandClock(), HandScheduler(HandClock())
    ScheduleClock(book, hands, now, lambda: int(now.wall)).start()
    async with opened_home(lambda: TriggersScreen(book), size) as page:
        screen = page.screen
        assert isinstance(screen, TriggersScreen)
        assert "NEXT" in page.text
        assert "11-19 11:06:40" in page.text  # a day after it began
        assert "2 fire by themselves" in page.text
        await page.press("j")
        assert "next at 2026-11-19 11:06:40 UTC" in page.text
        book.fire_due(book.list[1], int(NOW))
        book.tell_due(book.list[1], int(NOW) + 2 * 86_400_000)
        screen.look()
        await page.pilot.pause()
        assert "11-20 11:06:40" in page.text
        assert "1 execution started" in page.text


async def test_one_is_fired_with_an_event_that_fits(book: TriggerBook) -> None:
    async with opened_home(lambda: TriggersScreen(book), MEDIUM) as page:
        await page.press("o")
        assert "it has started nothing yet" in page.text
        await page.press("f")
        dialog = page.screen
        assert isinstance(dialog, EditJsonDialog)
        editor = dialog.query_one(JsonEditor)
        event = json.loads(editor.text)
        assert (event["source"], event["detail"]) == ("shop", {"total": 11})
        editor.set_text(json.dumps({**event, "detail": {"total": 5}}))
        await page.press("ctrl+s")
        assert "its pattern does not let this event through" in page.text
        editor.set_text(json.dumps({**event, "detail": {"total": 50}}))
        await page.press("ctrl+s")
        trigger = book.list[0]
        assert trigger.fired == 1
        assert "started " in page.text
        assert "1 execution started" in page.text
        await page.press("o")
        assert trigger.last_arn in page.text.replace("\n", "")
        await page.press("j", "f", "ctrl+s")
        assert book.list[1].fired == 1
        await page.press("j", "f")
        assert book.list[2].fired == 0


async def test_what_others_fire_is_counted_and_what_is_left_is_left(book: TriggerBook) -> None:
    async with opened_home(lambda: TriggersScreen(book), MEDIUM) as page:
        screen = page.screen
        assert isinstance(screen, TriggersScreen)
        await page.press("f", "escape")
        assert book.list[0].fired == 0
        book.put_entries([{"Source": "shop", "DetailType": "t", "Detail": '{"total": 11}'}])
        screen.look()
        await page.pilot.pause()
        assert "1 execution started" in page.text
        book.list[0].refused = "the input is no JSON"
        screen.refresh_list()
        await page.pilot.pause()
        assert "not started: the input is no JSON" in page.text
