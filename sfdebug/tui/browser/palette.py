"""The commands of a list, found by their names: what Ctrl+P opens over it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Provider

from sfdebug.tui.commands.finding import Palette

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from textual.command import Hits

    from sfdebug.tui.browser.keys import ListKey


class ListPalette(Palette):
    """The palette over a list."""

    def __init__(self, keys: Sequence[ListKey]) -> None:
        class OfThisList(ListEntries):
            KEYS = tuple(keys)

        super().__init__([OfThisList])


class ListEntries(Provider):
    """Finds the commands of a list by their words, or by what they do."""

    KEYS: tuple[ListKey, ...] = ()

    async def discover(self) -> Hits:
        """All of them, in their order."""
        for one in self.KEYS:
            yield DiscoveryHit(_name(one), self._runner(one), help=one.help)

    async def search(self, query: str) -> Hits:
        """Those that fit what was typed."""
        matcher = self.matcher(query)
        for one in self.KEYS:
            name = _name(one)
            score = max(matcher.match(name), 0.9 * matcher.match(one.help))
            if score > 0:
                yield Hit(score, matcher.highlight(name), self._runner(one), help=one.help)

    def _runner(self, one: ListKey) -> Callable[[], Awaitable[bool]]:
        return partial(self.app.run_action, one.action, self.screen)


def _name(one: ListKey) -> str:
    return f"{one.word[:1].upper()}{one.word[1:]}  ({one.label.replace('  ', ', ')})"
