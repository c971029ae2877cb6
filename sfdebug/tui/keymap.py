"""The keys that a user wants instead of the table's: read from the settings, checked, and put in force.

Every key that is shown anywhere comes from `tui.keys`, which asks what is in force here.
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final

from textual.keys import KEY_NAME_REPLACEMENTS, Keys

from sfdebug.configuration import MOST_PROBLEMS, ConfigurationError, ConfigurationFile
from sfdebug.tui.keys import BY_ID, COMMANDS, KEY_NAMES, KeyScope, key_label

if TYPE_CHECKING:
    from sfdebug.errors import Problem

_NAMED: Final = frozenset(key.value.rpartition("+")[2] for key in Keys if not key.value.startswith("<"))
_MODIFIERS: Final = ("ctrl", "alt", "shift", "super")
_BY_LABEL: Final = {label.casefold(): name for name, label in KEY_NAMES.items()}
_FIX: Final = "Write it as the help shows it: n, N, F10, Ctrl+E, Shift+Tab, Space, ?"


def keymap(file: ConfigurationFile) -> Mapping[str, tuple[str, ...]]:
    """The keys of commands by their ids, in Textual's names, as the settings have them.

    Raises ConfigurationError for commands and keys that there are not, and for a key that two commands would have.
    """
    wanted, problems = _read(file)
    if problems:
        raise ConfigurationError(problems)
    return wanted


def key_problems(file: ConfigurationFile) -> list[Problem]:
    """What is wrong with the keys in the settings."""
    return _read(file)[1]


def _read(file: ConfigurationFile) -> tuple[dict[str, tuple[str, ...]], list[Problem]]:
    """The keys by the ids of commands, and what is wrong with them."""
    problems: list[Problem] = []
    wanted: dict[str, tuple[str, ...]] = {}
    for id, keys in file.configuration.keys.items():
        if len(problems) >= MOST_PROBLEMS:
            break
        place = ("keys", *id.split("."))
        if id not in BY_ID:
            near = get_close_matches(id, BY_ID, 1)
            fix = f"Did you mean {near[0]}?" if near else "sfdebug config --keys lists the commands."
            problems.append(file.problem(place, f"there is no command {id!r}", fix))
            continue
        named = {key: key_named(key) for key in keys}
        problems += [file.problem(place, f"{key!r} is no key", _FIX) for key, name in named.items() if name is None]
        wanted[id] = tuple(name for name in named.values() if name is not None)
    problems += _shared(file, wanted)
    problems += _hidden(file, wanted)
    return wanted, problems


def _shared(file: ConfigurationFile, wanted: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """Keys that would have two commands where both work. One of another pane's is its own affair."""
    owners: dict[tuple[KeyScope, str], list[str]] = defaultdict(list)
    for command in COMMANDS:
        for key in wanted.get(command.id, command.default_keys):
            owners[command.scope, key].append(command.id)
    for (_, key), ids in owners.items():
        mine = [id for id in ids if id in wanted]
        if len(ids) > 1 and mine:
            other = next(id for id in ids if id != mine[-1])
            what = f"{key_label(key)} would be the key of {mine[-1]} and of {other}"
            yield file.problem(("keys", *mine[-1].split(".")), what, f'Give {other} another one: "{other}" = "..."')


def _hidden(file: ConfigurationFile, wanted: Mapping[str, tuple[str, ...]]) -> Iterator[Problem]:
    """Keys given to a command that works everywhere, which every pane has for something of its own: never heard."""
    taken: dict[KeyScope, dict[str, str]] = defaultdict(dict)
    for command in COMMANDS:
        for key in wanted.get(command.id, command.default_keys):
            taken[command.scope][key] = command.id
    for id, keys in wanted.items():
        for key in keys if BY_ID[id].scope is KeyScope.EVERYWHERE else ():
            owners = [taken[scope].get(key, "") for scope in (KeyScope.GRAPH, KeyScope.LISTS)]
            if all(owners):
                graph, lists = owners
                what = f"{key_label(key)} would never be the key of {id}: the panes have it for {graph} and {lists}"
                fix = f'Take another one, or give these others: "{graph}" = "...", "{lists}" = "..."'
                yield file.problem(("keys", *id.split(".")), what, fix)


def key_named(text: str) -> str | None:
    """Textual's name of a key that somebody writes: `ctrl+e` for `Ctrl+E`, `question_mark` for `?`; None for no key."""
    modifiers, last = [], text.strip()
    while "+" in last[:-1]:
        modifier, _, rest = last.partition("+")
        if modifier.casefold() not in _MODIFIERS:
            break
        modifiers.append(modifier.casefold())
        last = rest
    name = _plain(last)
    if name is None:
        return None
    if modifiers:
        if len(name) == 1:
            if "shift" in modifiers and len(modifiers) == 1:
                return name.upper()  # a terminal sends the capital
            name = name.lower()
        return "+".join((*sorted(set(modifiers), key=_MODIFIERS.index), name))
    return name


def _plain(key: str) -> str | None:
    if len(key) == 1:
        if key.isalnum():
            return key
        label = unicodedata.name(key, "").lower().replace("-", "_").replace(" ", "_")
        return KEY_NAME_REPLACEMENTS.get(label, label) or None
    name = key.casefold().replace(" ", "")
    name = _BY_LABEL.get(name, name)
    return name if name in _NAMED or name in KEY_NAMES else None
