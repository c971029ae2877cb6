"""`sfdebug config`: where the settings are, and what they are."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

from sfdebug.cli.command import Command
from sfdebug.cli.console import say, write_data
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from sfdebug.configuration import Configuration, ConfigurationFile


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug config`."""
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--path", action="store_true", help="print where the file is, or would be")
    what.add_argument("--init", action="store_true", help="write the file with all settings, each as it is without it")
    what.add_argument("--keys", action="store_true", help="list the commands that can be given other keys")


def run(args: Namespace) -> ExitCode:
    """Print the place, the keys or the settings, or write the file."""
    from sfdebug.configuration import configuration_path

    if args.path:
        write_data(str(configuration_path()))
    elif args.init:
        say(f"written: {_written()}")
    else:
        from sfdebug.cli.settings import read_settings

        file = read_settings()
        write_data("\n".join(_key_lines(file) if args.keys else _lines(file)))
    return ExitCode.SUCCEEDED


def _written() -> str:
    """The path of the new file. Raises UsageError when there is one, or it cannot be written."""
    from sfdebug.configuration import Configuration, configuration_path

    path = configuration_path()
    text = "\n".join((*_head(), *(f"# {line}" for line in _settings(Configuration())), "", *_TABLE, ""))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        what = "there is a file of settings already"
        raise UsageError(what, where=str(path), fix="Edit it, or move it away.") from None
    except OSError as error:
        raise UsageError(f"the settings cannot be written: {error.strerror}", where=str(path)) from None
    return str(path)


_TABLE: Final = (
    "[keys]",
    "# Other keys for commands, which `sfdebug config --keys` lists. One key, or several:",
    '# "step.over" = ["n", "F10"]',
)


def _head() -> tuple[str, ...]:
    return ("# The settings of sfdebug. Take the # away in front of what is to be otherwise.", "")


def _lines(file: ConfigurationFile) -> Iterator[str]:
    """The settings in effect, as TOML: what is printed can be the file."""
    from sfdebug.configuration import VARIABLE

    there = "" if file.text else "  (there is none: all is as it is without)"
    if os.environ.get(VARIABLE) == "":
        yield f"# {VARIABLE} is empty: no file of settings is read"
    else:
        yield f"# {file.path}{there}"
    yield ""
    yield from _settings(file.configuration, file.given)
    if file.configuration.keys:
        yield ""
        yield "[keys]"
        for id, keys in file.configuration.keys.items():
            shown = ", ".join(_quoted(key) for key in keys)
            yield f"{_quoted(id)} = {shown if len(keys) == 1 else f'[{shown}]'}"


def _settings(configuration: Configuration, given: frozenset[str] = frozenset()) -> list[str]:
    from sfdebug.configuration import SETTINGS, choices

    pairs = []
    for name, (about, kind) in SETTINGS.items():
        value = getattr(configuration, name.replace("-", "_"))
        shown = str(value).lower() if isinstance(value, bool) else _quoted(value) if isinstance(value, str) else ""
        shown = shown or f"[{', '.join(map(_quoted, value))}]"
        ways = "" if kind in (bool, str, tuple) else f": {', '.join(choices(kind))}"
        pairs.append((f"{name} = {shown}", f"# {about}{ways}{', from the file' if name in given else ''}"))
    width = max(len(pair[0]) for pair in pairs)
    return [f"{setting:<{width}}  {about}" for setting, about in pairs]


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _key_lines(file: ConfigurationFile) -> Iterator[str]:
    from sfdebug.tui.keymap import keymap
    from sfdebug.tui.keys import COMMANDS, put_in_force

    changed = keymap(file)
    put_in_force(changed)
    ids, keys = (max(map(len, texts)) for texts in zip(*((one.id, one.all_keys) for one in COMMANDS), strict=True))
    for command in COMMANDS:
        mark = "*" if command.id in changed else " "
        yield f"{mark} {command.id:<{ids}}  {command.all_keys:<{keys}}  {command.help}"


COMMAND = Command(
    name="config",
    summary="where the settings are, and what they are: keys, colours, mouse, clipboard",
    usage="sfdebug config [--path | --init | --keys]",
    description="""\
Print the settings in effect, after the path of the file that they are read from. There need not be one. What is
wrong in it is told with its line and column, and nothing opens until that is mended.""",
    epilog="""\
examples:
  sfdebug config --init && $EDITOR "$(sfdebug config --path)"
      write the file with everything in it, and change it
  sfdebug config --keys
      the commands, with the names by which [keys] calls them (*: those that have other keys)
  SFDEBUG_CONFIG= sfdebug demo
      without the file, this time; SFDEBUG_CONFIG=FILE takes another one""",
    configure=configure,
    run=run,
)
