"""How the screen is to be: what the user's settings and the command line say of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from msgspec import Struct, field

from sfdebug.configuration import Configuration

if TYPE_CHECKING:
    from textual.screen import Screen

    from sfdebug.rates import RateTable


class ScreenSettings(Struct, frozen=True):
    """`ascii` draws with ASCII alone; `keymap` are the keys of commands by their ids, in Textual's names.
    `watches_file` has a definition whose file has changed offered anew. `open_tour` makes a screen on which the tour
    begins, `open_lessons` the list of the lessons. `read_rates` reads the table of prices and quotas; None for the
    built-in one."""

    ascii: bool = False
    configuration: Configuration = Configuration()
    keymap: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    watches_file: bool = False
    open_tour: Callable[[], Screen[None]] | None = None
    open_lessons: Callable[[], Screen[None]] | None = None
    read_rates: Callable[[], RateTable] | None = None


def settings_of(app: object) -> ScreenSettings:
    """The settings of the program that a widget is in; those by default in another one."""
    found = getattr(app, "settings", None)
    return found if isinstance(found, ScreenSettings) else ScreenSettings()
