"""A user's own keys: how they are written, what cannot be, and that what is shown follows them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sfdebug.configuration import ConfigurationError, read_configuration
from sfdebug.tui.keymap import key_named, key_problems, keymap
from sfdebug.tui.keys import BY_ID, COMMANDS, key_label, key_of, put_in_force


@pytest.fixture(autouse=True)
def own_keys_end() -> Iterator[None]:
    yield
    put_in_force({})


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("n", "n"),
        ("N", "N"),
        ("F10", "f10"),
        ("Ctrl+E", "ctrl+e"),
        ("ctrl+e", "ctrl+e"),
        ("Shift+n", "N"),
        ("Shift+Tab", "shift+tab"),
        ("Ctrl+Shift+F5", "ctrl+shift+f5"),
        ("Alt+1", "alt+1"),
        ("Space", "space"),
        ("?", "question_mark"),
        ("@", "at"),
        ("+", "plus"),
        ("-", "minus"),
        ("PgDn", "pagedown"),
        ("Page Down", "pagedown"),
        ("Backspace", "backspace"),
        ("question_mark", "question_mark"),
        ("é", "é"),
        ("Hyper+x", None),
        ("F99", None),
        ("two", None),
        ("", None),
    ],
)
def test_how_keys_are_written(written: str, name: str | None) -> None:
    assert key_named(written) == name


def test_every_key_of_the_table_can_be_written_as_it_is_shown() -> None:
    for command in COMMANDS:
        for key in command.default_keys:
            assert key_named(key_label(key)) == key, command.id


def _keymap(folder: Path, text: str) -> dict[str, tuple[str, ...]]:
    file = folder / "config.toml"
    file.write_text(f"[keys]\n{text}\n", encoding="utf-8")
    return dict(keymap(read_configuration(file)))


def test_what_is_shown_follows(tmp_path: Path) -> None:
    put_in_force(_keymap(tmp_path, '"step.over" = ["F8", "F12"]\n"look.state" = []'))
    assert (key_of("step.over"), BY_ID["step.over"].all_keys) == ("F8", "F8  F12")
    assert (key_of("look.state"), key_of("step.into")) == ("", "s")
    put_in_force({})
    assert key_of("step.over") == "n"


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('"step.ovr" = "x"', "there is no command 'step.ovr'"),
        ('"step.over" = "Hyper+X"', "'Hyper+X' is no key"),
        ('"step.over" = "s"', "s would be the key of step.over and of step.into"),
        ('"graph.fold" = "j"', "j would be the key of graph.fold and of graph.down"),
        (
            '"step.over" = "j"',
            "j would never be the key of step.over: the panes have it for graph.down and move.down",
        ),
    ],
)
def test_what_cannot_be(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        _keymap(tmp_path, text)
    (problem,) = caught.value.problems
    assert (problem.what, problem.line, problem.column) == (what, 2, 1)


def test_all_that_is_wrong_is_told_at_once(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text('theem = "dark"\n[keys]\n"look.explain" = "s"\n', encoding="utf-8")
    with pytest.raises(ConfigurationError) as caught:
        read_configuration(file, key_problems)
    assert [problem.line for problem in caught.value.problems] == [1, 3]


def test_two_commands_can_change_places(tmp_path: Path) -> None:
    assert _keymap(tmp_path, '"step.over" = "s"\n"step.into" = "n"') == {"step.over": ("s",), "step.into": ("n",)}


def test_a_key_of_the_panes_can_be_had_where_they_give_it_up(tmp_path: Path) -> None:
    own = '"step.over" = "j"\n"graph.down" = "down"\n"move.down" = "down"'
    assert _keymap(tmp_path, own)["step.over"] == ("j",)
    assert _keymap(tmp_path, '"look.explain" = "H"') == {"look.explain": ("H",)}, "only the graph has it for its own"
