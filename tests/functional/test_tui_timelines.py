"""Two timelines compared on the screen: from the list, side by side where there is room."""

from __future__ import annotations

import pytest

from tests.debugger_runs import ORDER, ORDER_INPUT, Handler, over_to
from tests.tui_runs import LARGE, MEDIUM, SMALL, Session, opened


def _forked(session: Session) -> None:
    session.debugger.run()
    session.debugger.restart()
    over_to(session.debugger, "Paid?")
    session.debugger.force_choice(0)
    session.debugger.run()
    session.screen.refresh_view()


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_two_timelines_are_compared_from_their_list(size: tuple[int, int]) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size) as session:
        _forked(session)
        await session.press("t", "up", "equals_sign")
        text = session.text
        assert "A main" in text
        assert "B fork 1" in text
        assert "not entered" in text
        assert "led to" in text
        is_beside = any('"Charge"' in line and '"Hold"' in line for line in text.splitlines())
        assert is_beside == (size[0] >= 120)
        await session.press("n", "enter")
        assert session.state == "Hold"
        assert session.debugger.view().fork_id == 1


async def test_the_timeline_on_the_screen_is_compared_with_the_one_that_it_parted_from() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=MEDIUM) as session:
        _forked(session)
        await session.press("t", "equals_sign")
        assert "A main" in session.text
        await session.press("escape")
        assert "A main" not in session.text


async def test_one_timeline_has_nothing_to_be_compared_with() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=MEDIUM) as session:
        await session.press("t", "equals_sign")
        assert "Timelines" in session.text
        assert "= compare" not in session.text
