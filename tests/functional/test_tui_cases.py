"""`M` on the screen: what happened as a test case and as a history."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from sfdebug import load
from sfdebug.cli.samples import find_sample
from sfdebug.debugger import Debugger
from sfdebug.tasks.mock_config import MockConfig
from tests.debugger_runs import ORDER, ORDER_INPUT, Handler
from tests.tui_runs import LARGE, MEDIUM, SMALL, opened


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize("size", [SMALL, MEDIUM, LARGE])
async def test_a_case_is_written_and_proved(size: tuple[int, int], tmp_path: Path) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=size) as session:
        session.debugger.run()
        await session.press("M", "enter")
        assert "does the same, event for event" in session.text
        await session.press("enter")
        assert "a test case has a name" in session.text
        await session.press(*"mine", "enter")
        assert "mine is written to workflow.mocks.json" in session.message
        await session.press("M", "enter", *"mine", "enter")
        assert "already" in session.text
    assert MockConfig.load(tmp_path / "workflow.mocks.json").cases() == ("mine",)


async def test_a_history_is_written_beside_and_verified(tmp_path: Path) -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=MEDIUM) as session:
        session.debugger.run()
        await session.press("M", "down", "enter", "enter")
        assert "it is identical" in session.message
        await session.press("M", "down", "enter", "enter")
        assert "already" in session.text
    assert (tmp_path / "workflow.history.json").exists()


async def test_half_a_run_is_refused() -> None:
    async with opened(ORDER, ORDER_INPUT, tasks=Handler(), size=MEDIUM) as session:
        await session.press("n", "M", "enter")
        assert "not over" in session.message


async def test_the_files_of_a_bundled_sample_are_not_offered() -> None:
    sample = find_sample("order")
    mocks = MockConfig.load(sample.mocks).handler(None, sample.case)
    debugger = Debugger(load(sample.definition), json.loads(sample.input.read_text()), tasks=mocks)
    async with opened(debugger, size=MEDIUM) as session:
        debugger.run()
        await session.press("M", "enter")
        assert "File       order.mocks.json" in session.text
