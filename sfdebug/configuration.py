"""The one file of settings that a user may write, `config.toml`: where it is, what it may hold, what is wrong with it.

Whatever it does not say is as it is without a file. What is wrong in it is told with its line and column, all at once;
nothing of a file with mistakes is used, for half of somebody's wishes are not what was asked for.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Any, Final, TypeAlias

from msgspec import Struct, field

from sfdebug.errors import Problem, UsageError
from sfdebug.files import path_typed, read_file
from sfdebug.text import with_article

VARIABLE: Final = "SFDEBUG_CONFIG"
"""Names another file than the usual one; empty for none."""

MAX_BYTES: Final = 1 << 18
"""Largest file of settings that is read: all that can be said in one takes a twentieth of it."""

MOST_PROBLEMS: Final = 50
"""So many mistakes are told at once: to find the place of thousands takes minutes, and nobody reads them."""

MOST_PARTS: Final = 100
"""So many parts has a key, at most: `keys.step.over` has three. For each the reader keeps all that come before it."""

_SHOWN: Final = 60
"""So many characters of a value that cannot be are enough to know it again."""


class Theme(StrEnum):
    """The colours of the screen."""

    DARK = "dark"
    LIGHT = "light"
    CONTRAST = "contrast"
    TERMINAL = "terminal"
    """The sixteen colours that the terminal has, as its user has set them."""


class Clipboard(StrEnum):
    """Where what is copied goes."""

    OSC52 = "osc52"
    """To the terminal, which puts it into the clipboard of the machine it runs on, over ssh too."""
    SYSTEM = "system"
    """To the clipboard of this machine, by its own program (pbcopy, wl-copy, xclip, xsel, clip)."""
    FILE = "file"
    """Into a file, for terminals and machines without a clipboard."""


class FirstZoom(StrEnum):
    """How large states are drawn when a definition is opened."""

    FIT = "fit"
    BOXES = "boxes"
    LINES = "lines"
    DOTS = "dots"


class ConfirmQuit(StrEnum):
    """When leaving is asked for once more."""

    LOSS = "loss"
    """Where something made by hand would be lost."""
    ALWAYS = "always"
    NEVER = "never"


class Explaining(StrEnum):
    """What is said at the foot of the debug screen of the stage at hand."""

    LINE = "line"
    """One plain sentence. `true` says so, too."""
    WHOLE = "whole"
    """What happened, why, and what one might have expected."""
    OFF = "off"
    """Nothing. `false` says so, too."""

    @property
    def next(self) -> Explaining:
        """What a key goes on to."""
        ways = tuple(Explaining)
        return ways[(ways.index(self) + 1) % len(ways)]


class Configuration(Struct, frozen=True):
    """What a user wants otherwise. `keys` are those of commands by their ids, as they are written in the file."""

    theme: Theme = Theme.DARK
    mouse: bool = True
    clipboard: Clipboard = Clipboard.OSC52
    zoom: FirstZoom = FirstZoom.FIT
    confirm_quit: ConfirmQuit = ConfirmQuit.LOSS
    explain: Explaining = Explaining.LINE
    autosave: bool = True
    bell: bool = True
    prices: str = ""
    advice: bool = True
    ignore: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class ConfigurationFile(Struct, frozen=True):
    """A configuration with the text that it was read from: "" without a file. `given` are the settings in it."""

    configuration: Configuration
    path: Path
    text: str = ""
    given: frozenset[str] = frozenset()

    def problem(self, name: tuple[str, ...], what: str, fix: str = "") -> Problem:
        """Something that is wrong with the setting of that name, at its place in the file."""
        line, column = place_of(self.text, name)
        return Problem(str(self.path), line, column, what, fix)


SettingKind: TypeAlias = "type[StrEnum] | type[bool] | type[str] | type[tuple[str, ...]]"
"""What a setting is: one of a few words, yes or no, a text, or several texts."""


class ConfigurationError(UsageError):
    """A file of settings that cannot be used; `problems` lists all that is wrong with it, in file order."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda problem: (problem.line, problem.column)))
        first = self.problems[0]
        super().__init__(first.what, where=first.location, fix=first.fix)

    def __str__(self) -> str:
        return "\n".join(f"{problem}\n  {problem.fix}" if problem.fix else str(problem) for problem in self.problems)


SETTINGS: Final[Mapping[str, tuple[str, SettingKind]]] = {
    "theme": ("the colours", Theme),
    "mouse": ("whether sfdebug takes the mouse, or leaves it to the terminal", bool),
    "clipboard": ("where copied text goes", Clipboard),
    "zoom": ("how large states are drawn at first", FirstZoom),
    "confirm-quit": ("when q asks first", ConfirmQuit),
    "explain": ("how much is said of the stage at hand", Explaining),
    "autosave": ("whether sessions are saved as they happen", bool),
    "bell": ("whether a new failure in a list of executions rings", bool),
    "prices": ("a file with prices and quotas in place of those built in", str),
    "advice": ("whether the graph marks the states that there is advice on", bool),
    "ignore": ("rules of lint that are not to be reported", tuple),
}
"""Every setting but the keys: what it is, in words, and what it may be."""


def configuration_path() -> Path:
    """Where the file is, or would be. `SFDEBUG_CONFIG` names another one.

    Raises UsageError when there is no home directory.
    """
    named = os.environ.get(VARIABLE)
    if named:
        return path_typed(named)
    from platformdirs import user_config_path

    folder = user_config_path("sfdebug", appauthor=False)
    if not folder.is_absolute():
        raise UsageError("there is no home directory", fix=f"Name the file of settings in {VARIABLE}.")
    return folder / "config.toml"


FaceProblems: TypeAlias = "Callable[[ConfigurationFile], Sequence[Problem]]"
"""Says what is wrong with what only a face can know: the keys that a file gives to commands, rules that it names."""


def read_configuration(path: Path | None = None, face_problems: FaceProblems | None = None) -> ConfigurationFile:
    """The user's settings: those by default where there is no file.

    Args:
        path: A file that has to be there; by default the usual one, which may be missing.
        face_problems: Looks at the keys and rules, so that all that is wrong is told at once.

    Raises:
        ConfigurationError: When the file is no TOML, or says what cannot be.
        UsageError: When it cannot be read.
    """
    if path is None and os.environ.get(VARIABLE) == "":
        return ConfigurationFile(Configuration(), Path())
    place = path or configuration_path()
    try:
        data = b"" if str(place) == os.devnull else read_file(place, MAX_BYTES)
    except FileNotFoundError:
        if path is None and not os.environ.get(VARIABLE):
            return ConfigurationFile(Configuration(), place)
        raise UsageError("there is no such file of settings", where=str(place), fix="sfdebug config --init") from None
    except OSError as error:
        raise UsageError(f"the settings cannot be read: {error.strerror}", where=str(place)) from None
    except ValueError as error:  # a path with a NUL character
        raise UsageError(f"the settings cannot be read: {error}", where=repr(str(place))) from None
    return _read(place, data, face_problems)


def _read(place: Path, data: bytes, face_problems: FaceProblems | None) -> ConfigurationFile:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        fix = "Save it with the encoding UTF-8."
        raise ConfigurationError([Problem(str(place), 0, 0, "the file is not UTF-8", fix)]) from None
    table = toml_of(place, text)
    file = ConfigurationFile(Configuration(), place, text, frozenset(table))
    problems = [*islice(_problems(file, table), MOST_PROBLEMS)]
    given = table.get("keys")
    keys = {command: keys for command, keys in _keys(given) if keys is not None} if isinstance(given, dict) else {}
    ignored = _taken(table.get("ignore"), tuple) or ()
    if (keys or ignored) and face_problems is not None:
        problems += face_problems(ConfigurationFile(Configuration(keys=keys, ignore=ignored), place, text))
    if problems:
        raise ConfigurationError(problems)
    values = {name.replace("-", "_"): _taken(table[name], SETTINGS[name][1]) for name in SETTINGS if name in table}
    return ConfigurationFile(Configuration(**values, keys=keys), place, text, frozenset(table))


_SETTING: Final = 'A setting is written: theme = "light"; keys below [keys], as "step.over" = ["n", "F10"].'


def toml_of(path: Path, text: str, parse_float: Callable[[str], Any] = float, fix: str = _SETTING) -> dict[str, Any]:
    """The table that a text holds in TOML. Raises ConfigurationError with the place where it is none, and `fix`."""
    import tomllib  # most users have no such file

    _check_keys(path, text, fix)
    try:
        return tomllib.loads(text, parse_float=parse_float)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits is no TOMLDecodeError
        raise ConfigurationError([_broken(path, text, str(error), fix)]) from None


def _check_keys(path: Path, text: str, fix: str) -> None:
    """Raises ConfigurationError for a key of so many parts that reading it would take minutes and all memory."""
    for number, line in _lines_with_names(text):
        found = _LONG_KEY.search(line) if line.count(".") > MOST_PARTS else None
        if found is not None:
            what = f"a key of more than {MOST_PARTS} parts: no setting is written so"
            raise ConfigurationError([Problem(str(path), number, found.start("key") + 1, what, fix)])


_AT: Final = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


def _broken(place: Path, text: str, message: str, fix: str) -> Problem:
    found = _AT.search(message)
    if found is not None and found[1]:
        line, column = int(found[1]), int(found[2])
    else:
        lines = text.rstrip("\n").split("\n")
        line, column = len(lines), len(lines[-1]) + 1
    what = message[: found.start()] if found is not None else message
    return Problem(str(place), line, column, f"this is no TOML: {what[:1].lower()}{what[1:]}", fix)


def _problems(file: ConfigurationFile, table: Mapping[str, Any]) -> Iterator[Problem]:
    from difflib import get_close_matches

    for name, value in table.items():
        if name == "keys":
            yield from _problems_of_keys(file, value)
        elif name not in SETTINGS:
            near = get_close_matches(name.replace("_", "-"), (*SETTINGS, "keys"), 1)
            fix = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(SETTINGS)}, and the table [keys]."
            yield file.problem((name,), f"there is no setting {name!r}", fix)
        else:
            kind = SETTINGS[name][1]
            if _taken(value, kind) is None:
                yield file.problem((name,), f"{name} cannot be {_shown(value)}", f"It is {' or '.join(choices(kind))}.")


def _problems_of_keys(file: ConfigurationFile, value: Any) -> Iterator[Problem]:
    if not isinstance(value, dict):
        what, fix = f"keys is a table, not {with_article(value)}", 'Write: [keys], and below it "step.over" = "n".'
        yield file.problem(("keys",), what, fix)
        return
    for command, keys in _keys(value):
        if keys is None:
            what, fix = f"the keys of {command} are a text or several", 'Write: "step.over" = ["n", "F10"].'
            yield file.problem(("keys", *command.split(".")), what, fix)


def _keys(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, tuple[str, ...] | None]]:
    """The keys by the ids of commands; None for what can be none. `step.over = "n"` is a table within a table."""
    for name, value in table.items():
        if isinstance(value, dict):
            yield from _keys(value, f"{prefix}{name}.")
        elif isinstance(value, str):
            yield f"{prefix}{name}", (value,)
        elif isinstance(value, list) and all(isinstance(key, str) for key in value):
            yield f"{prefix}{name}", tuple(value)
        else:
            yield f"{prefix}{name}", None


def choices(kind: SettingKind) -> tuple[str, ...]:
    """What a setting may be, as it is written in the file."""
    if issubclass(kind, StrEnum):
        return tuple(f'"{member}"' for member in kind)
    if kind is bool:
        return ("true", "false")
    return ("a text in quotes",) if kind is str else ('a list of texts: ["one", "two"]',)


def _taken(value: Any, kind: SettingKind) -> Any:
    """The value as it is used; None when it cannot be."""
    if kind is Explaining and isinstance(value, bool):
        return Explaining.LINE if value else Explaining.OFF
    if issubclass(kind, StrEnum):
        return kind(value) if isinstance(value, str) and value in tuple(kind) else None
    if kind is tuple:
        return tuple(value) if isinstance(value, list) and all(isinstance(each, str) for each in value) else None
    return value if isinstance(value, kind) else None


def _shown(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and value.bit_length() > _SHOWN:
        return "so large a number"
    text = repr(value) if isinstance(value, str) else str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


# where a setting stands


_TABLE: Final = re.compile(r"\s*\[\s*([^\]\[]+?)\s*\]\s*(?:#.*)?$")
_NAME: Final = r"(?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)"
_PAIR: Final = re.compile(rf"(\s*)({_NAME}(?:\s*\.\s*{_NAME})*)\s*=")
_PART: Final = re.compile(r"\"([^\"]*)\"|'([^']*)'|([A-Za-z0-9_-]+)")


_LONG_KEY: Final = re.compile(rf"(?:^|[\[{{,])\s*(?P<key>{_NAME}(?:\s*\.\s*{_NAME}){{{MOST_PARTS},}}+)\s*[\]=]")
_HEADING: Final = re.compile(r"\s*\[\[\s*([^\]\[]+?)\s*\]\]\s*(?:#.*)?$")
_LONG_TEXT: Final = re.compile(r"\"\"\"|'''")


def place_of(text: str, name: tuple[str | int, ...]) -> tuple[int, int]:
    """The line and column, from 1, at which a setting is written; the start where that cannot be told.

    What is in a list of tables is named by its index: ("steps", 2, "say") is in the third [[steps]].
    """
    return places_of(text).get(".".join(map(str, name)), (1, 1))


def places_of(text: str) -> dict[str, tuple[int, int]]:
    """Where all settings of a text are written: the line and column by the name, whose parts have a dot in between."""
    found: dict[str, tuple[int, int]] = {}
    table, counts = "", dict[str, int]()
    for number, line in _lines_with_names(text):
        heading, item, pair = _TABLE.match(line), _HEADING.match(line), _PAIR.match(line)
        if item is not None:
            path = _in_lists(_dotted(item[1]), counts, is_item=True)
            counts[path] = counts.get(path, -1) + 1
            table = f"{path}.{counts[path]}."
        elif heading is not None:
            table = f"{_in_lists(_dotted(heading[1]), counts)}."
        if item is not None or heading is not None:
            found.setdefault(table[:-1], (number, line.index("[") + 1))
        elif pair is not None:
            found.setdefault(f"{table}{_dotted(pair[2])}", (number, len(pair[1]) + 1))
    return found


def _lines_with_names(text: str) -> Iterator[tuple[int, str]]:
    """The lines of a file with their numbers, without those that a text of several lines goes on in."""
    quotes = ""
    for number, line in enumerate(text.splitlines(), start=1):
        if not quotes:
            yield number, line
        for found in _LONG_TEXT.findall(line):
            quotes = found if not quotes else "" if found == quotes else quotes


def _in_lists(path: str, counts: Mapping[str, int], *, is_item: bool = False) -> str:
    """A table's name with the indices of the lists that it is in: `steps.wrong` is in the last of the steps."""
    found = ""
    parts = path.split(".")
    for index, part in enumerate(parts):
        found = f"{found}.{part}" if found else part
        if found in counts and not (is_item and index == len(parts) - 1):
            found = f"{found}.{counts[found]}"
    return found


def _dotted(name: str) -> str:
    return ".".join(next(filter(None, found), "") for found in _PART.findall(name))
