"""The overview of a list of executions: what the last hour came to, and from each row to its executions and back."""

from __future__ import annotations

import pytest

from sfdebug.aws.session import Access
from sfdebug.executions.overview import OverviewKind
from sfdebug.tui.browser.executions import ExecutionsScreen
from sfdebug.tui.browser.groups import GroupsScreen
from sfdebug.tui.browser.overview import OverviewScreen
from sfdebug.tui.browser.places import AccountPlace
from tests.aws_fleet import Fleet, machine_arn
from tests.aws_stub import REGION, START, serving
from tests.tui_runs import LARGE, MEDIUM, SMALL, opened_home

pytestmark = pytest.mark.usefixtures("isolated")


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_from_the_last_hour_to_executions_and_back(size: tuple[int, int]) -> None:
    fleet = Fleet(400)
    with serving(fleet) as address:
        place = AccountPlace(Access(region=REGION, endpoint_url=address))
        machine, now = machine_arn("Orders"), int(START * 1000) + 60_000
        async with opened_home(lambda: ExecutionsScreen(place, machine, "Orders", now=lambda: now), size) as browser:
            lists = browser.screen
            assert isinstance(lists, ExecutionsScreen)
            await browser.until(lambda: lists.feed.listed != {} and "failed" in browser.text)
            await browser.press("o")
            screen = browser.screen
            assert isinstance(screen, OverviewScreen)
            assert "last 1 h" in browser.text
            await browser.press("t", "t", "t", "t")
            await browser.until(lambda: lists.feed.is_whole and lists.feed.looked[0] == lists.feed.looked[1])
            await browser.until(lambda: any(one.kind is OverviewKind.ERROR for one in screen.list.entries))
            counts = {(one.kind, one.name): one.count for one in screen.list.entries}
            failed = counts[OverviewKind.STATUS, "FAILED"]
            errors = [count for (kind, _), count in counts.items() if kind is OverviewKind.ERROR]
            assert failed == sum(errors)
            assert counts[OverviewKind.SLOWEST, ""] == 10
            await browser.press("slash", *"^error", "enter")
            assert {one.kind for one in screen.list.entries} == {OverviewKind.ERROR}, "a regular expression"
            await browser.press("slash", "home", *"!", "enter")
            assert {one.kind for one in screen.list.entries} == {*OverviewKind} - {OverviewKind.ERROR}, "inverted"
            await browser.press("escape")
            at = next(row for row, one in enumerate(screen.list.entries) if one.kind is OverviewKind.ERROR)
            await browser.press(*["j"] * at, "enter")
            assert len(browser.app.screen_stack) == 1
            assert lists.entries.count_rows() == errors[0]
            assert {one.error for one in lists.list.entries} == {screen.list.entries[at].name}
            await browser.press("v")
            groups = browser.screen
            assert isinstance(groups, GroupsScreen)
            assert {one.error for one in groups.groups.entries} == {screen.list.entries[at].name}
            assert sum(one.count for one in groups.groups.entries) == errors[0]
            assert f"error {screen.list.entries[at].name} · last 30 days" in browser.text
            assert f" {errors[0]:,} failed" in browser.text
            await browser.press("escape", "escape")
            again = browser.screen
            assert isinstance(again, OverviewScreen), "Esc comes back to the overview, at the same row"
            assert "last 30 days" in browser.text
            assert again.list.entry is not None
            assert again.list.entry.kind is OverviewKind.ERROR
            await browser.press("G", "enter")
            assert len(browser.app.screen_stack) == 1
            took = [one.milliseconds or 0 for one in lists.list.entries]
            if "the slowest" in browser.text:
                assert took == sorted(took, reverse=True)
            await browser.press("escape", "escape")
            assert len(browser.app.screen_stack) == 1
            assert lists.narrowing.shown.members is None
        assert fleet.refused == []
