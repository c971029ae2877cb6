"""The user's own editor: how it is called, and what becomes of what it saves."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from sfdebug.errors import UsageError
from sfdebug.tui.json.editor import JsonEditor
from sfdebug.tui.terminal import editor_program
from sfdebug.tui.terminal.editor_program import edit_text, editor_command
from tests.tui_runs import opened


def _programs(folder: Path, *names: str) -> dict[str, str]:
    for name in names:
        (folder / name).write_text("#!/bin/sh\n", encoding="utf-8")
        (folder / name).chmod(0o700)
    return {"PATH": str(folder)}


@pytest.mark.parametrize(
    ("editor", "wanted"),
    [
        ("vim", ["vim", "+12", "FILE"]),
        ("nvim -p", ["nvim", "-p", "+12", "FILE"]),
        ("code --wait", ["code", "--wait", "--goto", "FILE:12"]),
        ("hx", ["hx", "FILE:12"]),
        ("subl", ["subl", "--wait", "FILE:12"]),
        ("kate", ["kate", "--line", "12", "FILE"]),
        ("something", ["something", "FILE"]),
    ],
)
def test_each_editor_is_told_the_line_in_its_own_way(editor: str, wanted: list[str], tmp_path: Path) -> None:
    environment = {**_programs(tmp_path, wanted[0]), "EDITOR": editor}
    path = Path("/somewhere/order.asl.json")
    told = [word.replace("FILE", str(path)) for word in wanted]
    assert editor_command(path, 12, environment) == told
    assert editor_command(path, 0, environment)[-1] == str(path)
    assert editor_command(path, 12, {**environment, "VISUAL": editor, "EDITOR": "nothing"}) == told


def test_without_an_editor(tmp_path: Path) -> None:
    path = Path("x")
    with pytest.raises(UsageError, match="there is no editor here"):
        editor_command(path, 1, {"PATH": str(tmp_path)})
    with pytest.raises(UsageError, match="no program 'nothing'"):
        editor_command(path, 1, {"PATH": str(tmp_path), "EDITOR": "nothing --wait"})
    with pytest.raises(UsageError, match="cannot be read"):
        editor_command(path, 1, {"PATH": str(tmp_path), "EDITOR": "vi 'x"})
    assert editor_command(path, 3, _programs(tmp_path, "nano")) == ["nano", "+3", "x"]


def test_a_text_is_edited_in_a_file_that_is_gone_afterwards() -> None:
    seen: list[Path] = []

    def edit(path: Path) -> None:
        seen.append(path)
        assert path.suffix == ".json"
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
        path.write_text(path.read_text(encoding="utf-8") + "!", encoding="utf-8")

    assert edit_text("é", ".json", edit) == "é!"
    assert not seen[0].exists()

    def spoil(path: Path) -> None:
        path.write_bytes(b"\xff")

    with pytest.raises(UsageError, match="not UTF-8"):
        edit_text("", ".json", spoil)


LAMBDA = "arn:aws:lambda:eu-west-1:123456789012:function:f"


async def test_a_value_is_edited_in_the_own_editor(monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(app: object, path: Path, line: int = 0) -> None:
        assert path.read_text(encoding="utf-8") == '{\n  "n": 1\n}'
        path.write_text('{"n": 2}\n', encoding="utf-8")

    monkeypatch.setattr("sfdebug.tui.json.editor.edit_file", edit)
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    async with opened(machine, {"n": 1}) as session:
        await session.press("e", "f4")
        assert session.app.screen.query_one(JsonEditor).text == '{"n": 2}'
        await session.press("ctrl+s", "n")
        assert session.debugger.execution.output == {"n": 2}


async def test_an_answer_is_edited_there_from_where_its_dialog_opens(monkeypatch: pytest.MonkeyPatch) -> None:
    def edit(app: object, path: Path, line: int = 0) -> None:
        path.write_text('{"n": 2}', encoding="utf-8")

    monkeypatch.setattr("sfdebug.tui.json.editor.edit_file", edit)
    machine = {"StartAt": "A", "States": {"A": {"Type": "Task", "Resource": LAMBDA, "End": True}}}
    async with opened(machine, {}) as session:
        await session.press("n")
        assert "F4 own editor" in session.text
        await session.press("right")
        assert "F4 own editor" not in session.text, "an error's name has no need of it"
        await session.press("left", "f4", "enter")
        assert session.debugger.execution.output == {"n": 2}


async def test_what_goes_wrong_with_the_editor_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "EDITOR", "no-such-editor")
    monkeypatch.delenv("VISUAL", raising=False)
    machine = {"StartAt": "A", "States": {"A": {"Type": "Pass", "End": True}}}
    async with opened(machine, {"n": 1}) as session:
        await session.press("e", "f4")
        assert session.app.screen.query_one(JsonEditor).text == '{\n  "n": 1\n}'
        assert [str(note.message) for note in session.app._notifications] == [
            "there is no program 'no-such-editor' to edit with\n  Set VISUAL or EDITOR to your editor, for example: "
            "export EDITOR=nano"
        ]
    assert editor_program.has_editor({"EDITOR": "vi"})
    assert not editor_program.has_editor({})
