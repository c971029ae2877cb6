"""The file of settings: what it may hold, and that whatever is wrong with it is told where it stands."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sfdebug.cli.screen import THEMES
from sfdebug.configuration import (
    MAX_BYTES,
    MOST_PROBLEMS,
    SETTINGS,
    VARIABLE,
    Clipboard,
    Configuration,
    ConfigurationError,
    ConfirmQuit,
    Explaining,
    FirstZoom,
    Theme,
    configuration_path,
    place_of,
    read_configuration,
)
from sfdebug.errors import UsageError
from sfdebug.tui.keymap import keymap


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


def test_a_whole_file(file: Path) -> None:
    file.write_text(
        """\
        theme = "terminal"
        mouse = false
        clipboard = "file"   # a comment
        zoom = "lines"
        confirm-quit = "never"
        explain = false
        autosave = false
        bell = false
        prices = "ours.toml"
        advice = false
        ignore = ["no-default"]
        [keys]
        "step.over" = "F8"
        step.into = ["F7", "i"]
        """,
        encoding="utf-8",
    )
    found = read_configuration(file)
    assert found.configuration == Configuration(
        theme=Theme.TERMINAL,
        mouse=False,
        clipboard=Clipboard.FILE,
        zoom=FirstZoom.LINES,
        confirm_quit=ConfirmQuit.NEVER,
        explain=Explaining.OFF,
        autosave=False,
        bell=False,
        prices="ours.toml",
        advice=False,
        ignore=("no-default",),
        keys={"step.over": ("F8",), "step.into": ("F7", "i")},
    )
    assert found.given == {*SETTINGS, "keys"}


def test_every_setting_has_its_field() -> None:
    fields = {name.replace("_", "-") for name in Configuration.__struct_fields__}
    assert fields == {*SETTINGS, "keys"}
    for name, (_, kind) in SETTINGS.items():
        assert isinstance(getattr(Configuration(), name.replace("-", "_")), kind)


def test_without_a_file_all_is_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert configuration_path() == tmp_path / "sfdebug" / "config.toml"
    assert read_configuration().configuration == Configuration()
    configuration_path().parent.mkdir()
    configuration_path().write_text("explain = false\n", encoding="utf-8")
    assert read_configuration().configuration == Configuration(explain=Explaining.OFF)
    monkeypatch.setenv(VARIABLE, "")
    assert read_configuration().configuration == Configuration()
    monkeypatch.setenv(VARIABLE, str(tmp_path / "other.toml"))
    with pytest.raises(UsageError, match="no such file of settings"):
        read_configuration()


@pytest.mark.parametrize(("written", "meant"), [("true", "line"), ("false", "off"), ('"whole"', "whole")])
def test_explain_is_a_word_or_yes_or_no(file: Path, written: str, meant: str) -> None:
    file.write_text(f"explain = {written}", encoding="utf-8")
    assert read_configuration(file).configuration.explain == meant


_WRONG = [
    ("explain = 1", 1, 1, "explain cannot be 1"),
    ('theme = "drak"', 1, 1, """theme cannot be 'drak'"""),
    ("\n  mouse = 1", 2, 3, "mouse cannot be 1"),
    ('mouse = "yes"', 1, 1, "mouse cannot be 'yes'"),
    ("colour = 2", 1, 1, "there is no setting 'colour'"),
    ("[theme]\na = 1", 1, 1, "theme cannot be {'a': 1}"),
    ("keys = 1", 1, 1, "keys is a table, not an int"),
    ('[keys]\n"step.over" = 1', 2, 1, "the keys of step.over are a text or several"),
    ("[keys]\nstep.over = [1]", 2, 1, "the keys of step.over are a text or several"),
    ("[keys.step]\n\n over = true", 3, 2, "the keys of step.over are a text or several"),
    ('theme = "dark"\ntheme = "light"', 2, 16, "this is no TOML: cannot overwrite a value"),
    ("theme = ", 1, 9, "this is no TOML: invalid value"),
    ("[" + ".".join("k" * 9_000) + "]", 1, 2, "a key of more than 100 parts: no setting is written so"),
]


@pytest.mark.parametrize(("text", "line", "column", "what"), _WRONG)
def test_what_is_wrong_is_told_with_its_place(file: Path, text: str, line: int, column: int, what: str) -> None:
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(file)
    (problem,) = caught.value.problems
    assert (problem.line, problem.column, problem.what) == (line, column, what)
    assert problem.file == str(file)
    assert problem.fix
    assert str(caught.value).startswith(problem.location)


def test_all_that_is_wrong_is_told_at_once(file: Path) -> None:
    file.write_text('them = "dark"\nmouse = "no"\n[keys]\na = 1\n', encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(file)
    assert [problem.line for problem in caught.value.problems] == [1, 2, 4]
    assert "Did you mean theme?" in str(caught.value)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00", b"theme = '\xe9'", b"[" * 100_000])
def test_no_bytes_are_a_traceback(file: Path, data: bytes) -> None:
    file.write_bytes(data)
    with pytest.raises(ConfigurationError):
        read_configuration(file)


def test_a_folder_is_no_file_of_settings(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_configuration(tmp_path)


@pytest.mark.parametrize("value", ["1" * 5_000, "0x" + "f" * 6_000, "[" * 300 + "]" * 300, f'"{"a" * 9_000}"'])
def test_an_endless_value_is_told_in_few_words(file: Path, value: str) -> None:
    file.write_text(f"theme = {value}\n", encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(file)
    assert len(str(caught.value)) < 500 + len(str(file))


@pytest.mark.parametrize("table", ["", "[keys]\n"])
def test_of_thousands_of_mistakes_the_first_are_told(file: Path, table: str) -> None:
    file.write_text(table + "\n".join(f'k{number} = "n"' for number in range(4_000)), encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        keymap(read_configuration(file))
    assert len(caught.value.problems) == MOST_PROBLEMS


def test_too_large_a_file_is_not_read(file: Path) -> None:
    file.write_bytes(b"#" * (MAX_BYTES + 1))
    with pytest.raises(UsageError, match="larger than"):
        read_configuration(file)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_named_pipe_is_not_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    monkeypatch.setenv(VARIABLE, str(pipe))
    with pytest.raises(UsageError, match="it is a named pipe"):
        read_configuration()


def test_nothing_stands_in_the_null_device(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, os.devnull)
    assert read_configuration().configuration == Configuration()


def test_the_home_directory_of_nobody_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, "~nobody-of-that-name/config.toml")
    with pytest.raises(UsageError, match="no such file of settings"):
        read_configuration()


def test_the_command_line_names_the_same_themes() -> None:
    assert tuple(map(str, Theme)) == THEMES


LISTS = """\
title = "A"
[[steps]]
say = '''
  say = 3
[[steps]]
'''
[steps.more]
deep = 1
[[steps]]  # another
  say = "B"
[[steps.wrong]]
value = 1
[[steps.wrong]]
value = 2
[after]
say = 4
"""


@pytest.mark.parametrize(
    ("name", "place"),
    [
        (("title",), (1, 1)),
        (("steps", 0), (2, 1)),
        (("steps", 0, "say"), (3, 1)),
        (("steps", 0, "more", "deep"), (8, 1)),
        (("steps", 1), (9, 1)),
        (("steps", 1, "say"), (10, 3)),
        (("steps", 1, "wrong", 1), (13, 1)),
        (("steps", 1, "wrong", 1, "value"), (14, 1)),
        (("after", "say"), (16, 1)),
        (("steps", 2, "say"), (1, 1)),
    ],
)
def test_where_something_in_a_list_of_tables_is(name: tuple[str | int, ...], place: tuple[int, int]) -> None:
    assert place_of(LISTS, name) == place
