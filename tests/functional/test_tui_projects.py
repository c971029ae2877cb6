"""A project on the screen: its machines to choose from, its values, what its Tasks call, its files when they change."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from sfdebug.cli.home import Home
from sfdebug.cli.machine_list import ProjectMachineList
from sfdebug.cli.new_sessions import plain_args
from sfdebug.cli.recents import read_memory
from sfdebug.debugger.sessions.folder import sessions_folder
from sfdebug.engine.execution.decisions import TaskResult
from sfdebug.files import samples_folder
from sfdebug.projects.addresses import DefinitionAddress
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.home.items import HomeSection
from sfdebug.tui.home.screen import HomeScreen
from sfdebug.tui.screens.debug import DebugScreen
from sfdebug.tui.settings import ScreenSettings
from tests.tui_runs import MEDIUM, SMALL
from tests.unit.cli.test_projects import SHOP, TEMPLATE
from tests.unit.projects.folders import line_of, write


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    folder = write(tmp_path / "shop", template_dot_yaml=TEMPLATE, states__shop_dot_asl_dot_json=SHOP)
    write(folder, src__charge__app_dot_py="def handler(event, context): ...")
    monkeypatch.chdir(folder)
    return folder


class Screens:
    """The program, and what stands on it."""

    def __init__(self, pilot: Pilot[int]) -> None:
        self.pilot = pilot
        self.app = pilot.app

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(key)
            await self.pilot.pause()

    @property
    def debug(self) -> DebugScreen:
        return next(one for one in reversed(self.app.screen_stack) if isinstance(one, DebugScreen))

    @property
    def message(self) -> str:
        return self.debug.notice.message

    @property
    def text(self) -> str:
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)


@asynccontextmanager
async def machines(path: str = "template.yaml", size: tuple[int, int] = MEDIUM) -> AsyncIterator[Screens]:
    """The list of the machines of a project."""
    address = DefinitionAddress(path)
    listed = ProjectMachineList(address, address.project(), plain_args(), ScreenSettings())
    app = SfdebugApp(None, home=listed.screen)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Screens(pilot)


async def test_a_text_that_a_program_wrote_is_not_edited_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(samples_folder() / "photos-cdk")
    async with machines("cdk.out") as screens:
        await screens.press("enter", "ctrl+e")
        assert "nobody edits this text: a program wrote" in screens.message
        assert "calls function Photos/Validate" in screens.debug.graph_body.inspector.text


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_a_machine_is_chosen_and_comes_first_the_next_time(size: tuple[int, int]) -> None:
    async with machines(size=size) as screens:
        home = screens.app.screen
        assert isinstance(home, HomeScreen)
        assert [row.label for row in home.items.rows] == ["Shop", "Billing"]
        assert home.items.rows[0].detail.startswith("EXPRESS   2 states  Schedule rate(1 day)")
        assert "template.yaml: SAM template, 2 state machines" in screens.text
        await screens.press(*"bill", "enter")
        assert "template.yaml#Billing" in screens.text
        assert screens.debug.debugger.machine.name == "template.yaml"
        await screens.press("q")
        assert isinstance(screens.app.screen, HomeScreen)
        assert [row.label for row in home.items.rows] == ["Billing", "Shop"]
    assert read_memory().recents[0].path.endswith("template.yaml#Billing")


async def test_what_a_task_calls_and_what_was_assumed(folder: Path) -> None:
    async with machines() as screens:
        await screens.press("enter")
        debug = screens.debug
        assert "Charge card  Task" in debug.graph_body.inspector.text
        assert "calls function Charge, src/charge/app.py:handler" in debug.graph_body.inspector.text
        assert screens.message.startswith("3 placeholders resolved, 2 assumed: F3 lists them")
        debug.graph.select(("Bill",))
        await screens.pilot.pause()
        assert "calls state machine Billing, template.yaml" in debug.graph_body.inspector.text
        await screens.press("f3")
        assert "AWS::Region" in screens.text
        assert "a stand-in, as none was given" in screens.text
        assert "Patience" in screens.text
        await screens.press(*"accountid", "enter", *["backspace"] * 12, *"210987654321", "enter")
        assert "AWS::AccountId = 210987654321: " in screens.message
        assert ":210987654321:function:Charge" in debug.debugger.machine.document.source.text
        assert debug.in_use is not None
        assert debug.in_use.address.values.account == "210987654321"
        await screens.press("f3", *"accountid", "enter", *["backspace"] * 12, "enter")
        assert debug.in_use.address.values.account == ""
        assert ":123456789012:function:Charge" in debug.debugger.machine.document.source.text


async def test_a_value_that_makes_nonsense_leaves_the_run_as_it_is() -> None:
    async with machines() as screens:
        await screens.press("enter", "f3", *"patience", "enter", "backspace", "x", "enter")
        assert "'x' is not in quotes" in screens.message
        assert "the run stays as it was" in screens.message
        assert screens.debug.in_use is not None
        assert not screens.debug.in_use.address.values


async def test_files_that_change_are_offered_with_breakpoint_and_fork_in_place(folder: Path) -> None:
    async with machines() as screens:
        await screens.press("enter", "n", "escape")
        debug = screens.debug
        debug.debugger.answer_task(TaskResult({"paid": True}))
        debug.refresh_view()
        await screens.press("c")
        assert debug.debugger.execution.output == '{"billed":"billing-dev"}'
        await screens.press("R")
        debug.debugger.edit_input({"order": 7})
        debug.refresh_view()
        debug.graph.select(("Bill",))
        await screens.press("b")
        before = debug.debugger
        assert len(before.view().forks) == 2
        commands = debug.commands.definition
        commands.look(asks=False)
        path = folder / "states" / "shop.asl.json"
        path.write_text(SHOP.replace('"OutputPath": "$.Output"', '"OutputPath": "$.Status"'), encoding="utf-8")
        os.utime(path, (1, 1))
        commands.look(asks=False)
        assert screens.message == "shop.asl.json has changed: F4 goes on here under it"
        await screens.press("f4")
        now = debug.debugger
        assert now is not before
        assert len(now.view().forks) == 2
        assert now.breakpoints.to_texts() == before.breakpoints.to_texts()
        assert before.breakpoints.to_texts()
        assert debug.stages.breakpoints is now.breakpoints
        template = folder / "template.yaml"
        template.write_text(TEMPLATE.replace("  Shop:", "  Store:"), encoding="utf-8")
        os.utime(template, (1, 1))
        debug.commands.definition.look(asks=False)
        await screens.press("f4")
        assert "there is no state machine 'Shop' in it" in screens.message
        assert debug.debugger is now
        write(folder, template_dot_yaml=TEMPLATE.replace("  Stage:", "  stage:", 1) + "Resources: {}\n")
        debug.commands.definition.look(asks=False)
        await screens.press("f4")
        assert "no state machine in this template" in screens.message


async def test_a_file_that_is_removed_and_put_back_is_said(folder: Path) -> None:
    async with machines() as screens:
        await screens.press("enter", "escape")
        look, before = screens.debug.commands.definition.look, screens.debug.debugger
        template, states = folder / "template.yaml", folder / "states" / "shop.asl.json"
        for path in (template, states):
            text = path.read_text(encoding="utf-8")
            path.unlink()
            look(asks=True)
            assert screens.message == f"{path.name} is gone: what is open stays as it was read"
            screens.debug.say("")
            look(asks=True)
            assert screens.message == "", "it is said once"
            path.write_text(text, encoding="utf-8")
            look(asks=True)
            assert screens.message == f"{path.name} is back: what is open is what the files say"
        states.unlink()
        os.utime(template, (1, 1))
        look(asks=True)
        assert screens.message == (
            "shop.asl.json is gone: what is open stays as it was read; template.yaml has changed: F4 reads again"
        )
        states.write_text(SHOP.replace('"OutputPath": "$.Output"', '"OutputPath": "$.Status"'), encoding="utf-8")
        look(asks=False)
        assert screens.message == "shop.asl.json is back, and not as read before: F4 goes on here under it"
        assert screens.debug.debugger is before


async def test_the_editor_opens_the_file_and_line_that_people_edit(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[tuple[str, int]] = []

    def edit(app: object, path: Path, line: int = 0) -> None:
        opened.append((path.name, line))
        template = folder / "template.yaml"
        template.write_text(f"# a line more\n{template.read_text(encoding='utf-8')}", encoding="utf-8")

    monkeypatch.setattr("sfdebug.tui.commands.definition.edit_file", edit)
    async with machines() as screens:
        await screens.press(*"bill", "enter", "ctrl+e")
        line = line_of(folder / "template.yaml", "Bill:") - 1
        assert opened == [("template.yaml", line)]
        assert screens.message == "the definition is as it was"
        await screens.press("ctrl+e")
        assert opened[1] == ("template.yaml", line + 1), "the lines of the template are those of now"
        await screens.press("q", "backspace", "backspace", "backspace", "backspace", *"shop", "enter", "ctrl+e")
        assert opened[2][0] == "shop.asl.json"


async def test_the_home_screen_has_projects_and_goes_on_with_their_sessions(folder: Path) -> None:
    app = SfdebugApp(None, home=lambda: HomeScreen(Home(folder.parent, ScreenSettings()), "sfdebug"))
    async with app.run_test(size=MEDIUM) as pilot:
        screens, screen = Screens(pilot), app.screen
        assert isinstance(screen, HomeScreen)
        items = screen.items
        for _ in range(6_000):
            if any(row.section is HomeSection.HERE for row in items.rows):
                break
            await pilot.pause(0.01)
        here = [row for row in items.rows if row.section is HomeSection.HERE]
        assert [row.label for row in here] == ["template.yaml", "shop.asl.json"]
        assert "SAM template, 2 state machines" in here[0].about()[0]
        await screens.press(*"template.yaml", "enter")
        assert "2 state machines" in screens.text
        await screens.press("enter", "f3", *"stage", "enter", *["backspace"] * 3, *"prod", "enter")
        assert screens.debug.in_use is not None
        await screens.press("n", "escape")
        screens.debug.commands.sessions.keep()
        await screens.press("q", "escape", "escape")
        await pilot.pause()
        assert app.screen is screen
        entry = next(sessions_folder().entries())
        assert entry.beginning.definition.endswith("template.yaml#Shop")
        item = next(row for row in items.rows if row.section is HomeSection.RECENT)
        assert item.label == "template.yaml#Shop"
        assert any("shop.asl.json" in line for line in item.about())
        screen.app.push_screen(Home(folder, ScreenSettings())._continue(entry))
        await pilot.pause()
        assert "template.yaml#Shop" in screens.text
        assert "calls function Charge" in screens.debug.graph_body.inspector.text
        assert screens.debug.in_use is not None
        assert screens.debug.in_use.is_of_project


async def test_a_recording_is_run_under_a_machine_of_a_project(folder: Path) -> None:
    from sfdebug.debugger import Debugger
    from sfdebug.debugger.recorded.session import open_recording
    from sfdebug.history.reading.read import read_recordings
    from tests.command_line import sfdebug
    from tests.tui_runs import opened

    mocks = {
        "StateMachines": {"Shop": {"TestCases": {"Paid": {"Charge card": "Charged"}}}},
        "MockedResponses": {"Charged": {"0": {"Return": {"paid": True}}}},
    }
    (folder / "mocks.json").write_text(json.dumps(mocks), encoding="utf-8")
    sfdebug("run", ".#Shop", "-m", "mocks.json", "--history", "history.json", "--type", "STANDARD")
    debugger = Debugger.on_recording(open_recording(read_recordings(folder / "history.json")[0]))
    async with opened(debugger, title="history.json") as session:
        await session.press("escape", "E", *"template.yaml#Shop", "enter")
        assert "template.yaml#Shop" in session.text
        assert "under this definition" in session.app.screen.notice.message  # type: ignore[attr-defined]


@pytest.mark.parametrize("size", [SMALL, MEDIUM])
async def test_names_and_values_of_a_project_are_data(folder: Path, size: tuple[int, int]) -> None:
    evil = "[red]x[/] \\x1b[2J"
    template = TEMPLATE.replace("  Shop:", f'  "Shop {evil}":').replace("Default: dev", f'Default: "{evil}"')
    write(folder, template_dot_yaml=template)
    async with machines(size=size) as screens:
        assert "Shop [red]x[/]" in screens.text
        assert "\x1b" not in screens.text
        await screens.press("enter", "f3")
        assert "[red]x[/]" in screens.text
        assert "\x1b" not in screens.text
        await screens.press(*"stage", "enter", "escape")
        assert "\x1b" not in screens.text


async def test_a_machine_has_the_test_cases_that_are_its_own(folder: Path) -> None:
    cases: dict[str, Any] = {"Shop": {"TestCases": {"Paid": {}}}, "Other": {"TestCases": {"Late": {}}}}
    (folder / "MockConfigFile.json").write_text(json.dumps({"StateMachines": cases, "MockedResponses": {}}))
    async with machines() as screens:
        home = screens.app.screen
        assert isinstance(home, HomeScreen)
        await screens.press("right")
        assert [row.label for row in home.items.rows] == ["Shop", "Paid", "Billing"]
        await screens.press("down", "down", "right")
        assert [row.label for row in home.items.rows] == ["Shop", "Paid", "Billing", "Paid", "Late"]


async def test_advice_from_the_template_stands_at_the_state(folder: Path) -> None:
    """Charge may run for 3 s, longer than its Task waits for it."""
    write(folder, states__shop_dot_asl_dot_json=SHOP.replace("${Patience}", "1"))
    async with machines() as screens:
        await screens.press("enter")
        assert "and 1 more: W" in screens.debug.graph_body.inspector.text
        await screens.press("W")
        assert "gives up after 1 s, and its function may run for 3 s" in screens.text
        assert "[function-outlives-task]" in screens.text
        assert "[express-without-log]" in screens.text
