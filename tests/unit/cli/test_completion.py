"""Completion scripts: what they offer, tried in the shells that are here."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from sfdebug.cli import completions
from sfdebug.cli.completions import options
from sfdebug.cli.main import COMMANDS, load_command
from sfdebug.cli.samples import sample_names
from tests.command_line import sfdebug
from tests.programs import LONGEST

script = cache(completions.script)
"""The script for a shell: made of all parsers, which takes longer than all that a shell does with it."""


def bash(line: str, cwd: Path | None = None) -> list[str]:
    """What bash offers at the end of `line`."""
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed here")
    words = " ".join(f"'{word}'" for word in line.split(" "))
    commands = (
        f"{script('bash')}\nCOMP_WORDS=({words})\nCOMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n"
        '_sfdebug 2>&1\nprintf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", commands], capture_output=True, text=True, check=False, timeout=LONGEST, cwd=cwd
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return sorted(set(done.stdout.split()))


def test_bash_offers_commands_and_files_first(tmp_path: Path) -> None:
    (tmp_path / "order.asl.json").touch()
    assert bash("sfdebug ", tmp_path) == sorted([*COMMANDS, "order.asl.json"])
    assert bash("sfdebug c", tmp_path) == ["check", "completion", "config", "coverage"]
    assert bash("sfdebug or", tmp_path) == ["order.asl.json"]


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_bash_offers_all_options_of_a_command(command: str) -> None:
    expected = {flag for option in options(command) for flag in option.flags if flag.startswith("--")}
    assert set(bash(f"sfdebug {command or 'x.json'} --")) == expected


def test_bash_offers_values(tmp_path: Path) -> None:
    (tmp_path / "mocks.json").touch()
    assert bash("sfdebug run x --type ") == ["EXPRESS", "STANDARD"]
    assert bash("sfdebug x --theme d") == ["dark"]
    assert bash("sfdebug run x --mocks m", tmp_path) == ["mocks.json"]
    assert bash("sfdebug run x --seed ", tmp_path) == []
    assert bash("sfdebug completion ", tmp_path) == ["bash", "fish", "zsh"]
    assert bash("sfdebug demo ", tmp_path) == sorted(sample_names())
    assert bash("sfdebug demo --list s", tmp_path) == ["saga"]


FILES = ("FILE", "OUT", "DIR")


def file_flags() -> list[tuple[str, str]]:
    """Each spelling of each option whose help says that it takes a file or a folder, with its command."""
    return [
        (command, flag)
        for command in ("", *COMMANDS)
        for action in load_command(command).parser()._actions
        if str(action.metavar).rpartition("=")[2] in FILES
        for flag in action.option_strings
    ]


@pytest.mark.parametrize(("command", "flag"), file_flags())
def test_options_that_take_a_file_complete_files_in_each_shell(command: str, flag: str, tmp_path: Path) -> None:
    (tmp_path / "mine.json").touch()
    assert bash(f"sfdebug {command or 'x.json'} {flag} mi", tmp_path) == ["mine.json"]
    begin = f"        {command or '*'})\n"
    zsh = script("zsh").partition(begin)[2].partition(";;")[0]
    assert [line for line in zsh.splitlines() if f"'{flag}[" in line and "_files" in line]
    seen = f'__fish_seen_subcommand_from {command or "$commands"}"'
    word = f" -l {flag[2:]} " if flag.startswith("--") else f" -s {flag[1:]} "
    (fish,) = [line for line in script("fish").splitlines() if seen in line and word in line]
    assert " -r " in fish
    assert " -x " not in fish


@pytest.mark.parametrize("command", ["", *COMMANDS])
def test_arguments_that_are_files_complete_files(command: str, tmp_path: Path) -> None:
    (tmp_path / "mine.json").touch()
    offered = bash(f"sfdebug {command} mi" if command else "sfdebug mi", tmp_path)
    others = ("demo", "test-state", "fetch", "sessions", "config", "completion")
    assert offered == ([] if command in others else ["mine.json"])


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_scripts_are_accepted_by_their_shell(shell: str, tmp_path: Path) -> None:
    outcome = sfdebug("completion", shell)
    assert outcome.code == 0
    for command in COMMANDS:
        assert command in outcome.out
        for option in options(command):
            assert any(flag.lstrip("-") in outcome.out for flag in option.flags)
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed here: the script was not tried in it")
    path = tmp_path / "script"
    path.write_text(outcome.out)
    check = [shell, "--no-execute", str(path)] if shell == "fish" else [shell, "-n", str(path)]
    done = subprocess.run(check, capture_output=True, text=True, check=False, timeout=LONGEST)
    assert (done.returncode, done.stderr) == (0, "")


def test_bash_can_source_the_script_in_strict_mode(tmp_path: Path) -> None:
    if shutil.which("bash") is None:
        pytest.skip("bash is not installed here")
    path = tmp_path / "script"
    path.write_text(script("bash"))
    done = subprocess.run(["bash", "--norc", "-euc", f"source {path}"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("sfdebug co", ["completion"]),
        ("sfdebug run x --type ", ["EXPRESS", "STANDARD"]),
        ("sfdebug demo sa", ["saga"]),
        ("sfdebug completion ", ["bash", "fish", "zsh"]),
    ],
)
def test_fish_offers(line: str, offered: list[str], tmp_path: Path) -> None:
    if shutil.which("fish") is None:
        pytest.skip("fish is not installed here")
    path = tmp_path / "sfdebug.fish"
    path.write_text(script("fish"))
    command = ["fish", "--no-config", "-c", f"source {path}; complete -C '{line}'"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, timeout=LONGEST)
    assert [row.split("\t")[0] for row in done.stdout.splitlines() if "sfdebug.fish" not in row] == offered
