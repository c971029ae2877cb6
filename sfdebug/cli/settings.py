"""The file of settings as a command reads it: with what is wrong with the keys and the rules that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sfdebug.configuration import ConfigurationFile
    from sfdebug.errors import Problem


def read_settings() -> ConfigurationFile:
    """The user's settings. Raises ConfigurationError for what is wrong in them, UsageError when they cannot be read."""
    from sfdebug.configuration import read_configuration

    return read_configuration(face_problems=_problems)


def _problems(file: ConfigurationFile) -> Sequence[Problem]:
    found: list[Problem] = []
    if file.configuration.keys:
        from sfdebug.tui.keymap import key_problems

        found += key_problems(file)
    if file.configuration.ignore:
        from sfdebug.advice.registry import never_ignored

        found += (file.problem(("ignore",), what, fix) for what, fix in never_ignored(file.configuration.ignore))
    return found
