"""Advice on the screen: a sign at the state, the sentence below the graph, all of it with W; silenced, switched off."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

from sfdebug import simulate
from sfdebug.asl.load import definition_from, load_definition
from sfdebug.configuration import Configuration
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.debugger.sessions.redefining import redefined
from sfdebug.history.reading.read import parse_recordings
from sfdebug.tui.dialogs.messages import TextDialog
from sfdebug.tui.settings import ScreenSettings
from tests.tui_runs import Session, opened

SENT = {"QueueUrl": "https://q", "MessageBody": {"token.$": "$$.Task.Token"}}
MACHINE: dict[str, Any] = {
    "StartAt": "Begin",
    "States": {
        "Begin": {"Type": "Pass", "Next": "Ask"},
        "Ask": {
            "Type": "Task",
            "Resource": "arn:aws:states:::sqs:sendMessage.waitForTaskToken",
            "Parameters": SENT,
            "Next": "Run",
        },
        "Run": {
            "Type": "Task",
            "Resource": "arn:aws:states:::ecs:runTask.sync",
            "Parameters": {"Cluster": "c", "TaskDefinition": "t"},
            "End": True,
        },
    },
}


def with_comment(comment: str) -> dict[str, Any]:
    machine = deepcopy(MACHINE)
    machine["States"]["Ask"]["Comment"] = comment
    return machine


def signs(session: Session) -> int:
    """How many states have the sign, the inspector's own left out."""
    return session.text.count("†") - session.screen.graph_body.inspector.text.count("†")


def inspected(session: Session) -> str:
    return " ".join(session.screen.graph_body.inspector.text.split())


async def test_a_state_with_advice_has_a_sign_and_the_sentence_when_it_is_selected() -> None:
    async with opened(MACHINE, {}) as session:
        assert signs(session) == 2
        assert "†" not in inspected(session)
        await session.press("1", "down")
        assert "† 'Ask' waits for its token without any limit: for a year callback-without-timeout" in inspected(
            session
        )
        await session.press("W")
        assert isinstance(session.app.screen, TextDialog)
        assert "2 pieces of advice about" in session.text
        assert "[job-without-timeout]" in session.text
        assert '"sfdebug: ignore RULE"' in session.text


async def test_the_frame_of_the_state_at_hand_stays_whole() -> None:
    async with opened(MACHINE, {}) as session:
        await session.press("n")
        assert session.state == "Ask"
        assert signs(session) == 1
        assert "† 'Ask' waits for its token" in inspected(session)


async def test_a_breakpoint_goes_before_advice() -> None:
    async with opened(MACHINE, {}) as session:
        await session.press("1", "down", "b")
        assert signs(session) == 1
        assert "† 'Ask' waits" in inspected(session)


async def test_a_silenced_rule_and_the_switch() -> None:
    async with opened(with_comment("sfdebug: ignore callback-without-timeout"), {}) as session:
        assert signs(session) == 1
    wanted = Configuration(ignore=("job-without-timeout",))
    async with opened(MACHINE, {}, settings=ScreenSettings(configuration=wanted)) as session:
        assert signs(session) == 1
    off = ScreenSettings(configuration=Configuration(advice=False))
    async with opened(MACHINE, {}, settings=off) as session:
        assert signs(session) == 0
        await session.press("W")
        assert "2 pieces of advice about" in session.text


async def test_the_list_names_a_file_once_with_its_folder(tmp_path: Path) -> None:
    file = tmp_path / "ask.asl.json"
    file.write_text(json.dumps(MACHINE), encoding="utf-8")
    async with opened(Debugger(load_definition(file), {})) as session:
        await session.press("W")
        assert session.text.count("ask.asl.json:1:") == 2
        assert str(tmp_path / "ask.asl.json:1:") not in session.text


async def test_it_is_looked_for_anew_under_an_edited_definition() -> None:
    async with opened(MACHINE, {}) as session:
        await session.press("n")
        edited = with_comment("sfdebug: ignore callback-without-timeout")
        found = redefined(session.debugger, definition_from(edited))
        session.screen.show_other(found.debugger)
        await session.pilot.pause()
        assert signs(session) == 1
        assert "†" not in inspected(session)


async def test_what_is_folded_marks_what_it_is_folded_into() -> None:
    inner = {"StartAt": "Run", "States": {"Run": MACHINE["States"]["Run"]}}
    each = {"Type": "Map", "ItemProcessor": inner, "MaxConcurrency": 2, "End": True}
    machine = {"StartAt": "Begin", "States": {"Begin": {"Type": "Pass", "Next": "Each"}, "Each": each}}
    async with opened(Debugger(machine, {}), size=(120, 40)) as session:
        assert signs(session) == 1
        await session.press("1", "down", "z")
        assert signs(session) == 1


async def test_ascii_has_a_sign_of_its_own() -> None:
    async with opened(MACHINE, {}, ascii=True) as session:
        await session.press("1", "down")
        assert inspected(session).count(" i 'Ask' waits for its token") == 1


async def test_where_there_is_nothing_to_list_it_is_news_and_nothing_is_claimed_that_was_not_looked_for() -> None:
    plain = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    async with opened(plain, {}) as session:
        await session.press("W")
        assert session.message.startswith("no warnings about")
        assert session.message.endswith(", and no advice")
        assert session.screen.notice.has_class("-news")
    (recording,) = parse_recordings(json.dumps({"events": simulate(plain, {}).history}).encode(), "recorded")
    async with opened(Debugger.on_recording(open_recording(recording))) as session:
        await session.press("escape", "W")
        assert session.message.startswith("advice is not looked for: the definition is not known")
        assert session.screen.notice.has_class("-news")
