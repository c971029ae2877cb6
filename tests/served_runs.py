"""A watched server for tests: a host that is worked by hand, and the program on its list."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sfdebug.hosting.breakpoint_holding import BreakpointHolder
from sfdebug.hosting.clock import VIRTUAL
from sfdebug.hosting.decision_log import DecisionLog
from sfdebug.tui.app import SfdebugApp
from sfdebug.tui.served.debug import ServedDebugScreen
from sfdebug.tui.served.executions import ServedExecutionsScreen, ServedPage
from sfdebug.tui.served.rows import row_of
from sfdebug.tui.served.server import WatchedServer
from tests.hosted_runs import HandHost, waiting
from tests.kept_hosts import KeptHost
from tests.tui_runs import MEDIUM, OpenProgram

APPROVAL: dict[str, Any] = {
    "StartAt": "Price",
    "States": {
        "Price": {"Type": "Pass", "Parameters": {"id.$": "$.id", "total.$": "$.amount"}, "Next": "Large?"},
        "Large?": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.total", "NumericGreaterThan": 100, "Next": "Approve"}],
            "Default": "Check",
        },
        "Approve": waiting(ResultPath="$.approved", Next="Check"),
        "Check": {
            "Type": "Choice",
            "Choices": [{"Variable": "$.id", "StringMatches": "bad*", "Next": "Refused"}],
            "Default": "Done",
        },
        "Refused": {"Type": "Fail", "Error": "OrderRefused", "Cause": "we do not ship [/that"},
        "Done": {"Type": "Succeed"},
    },
}
SMALL_ORDER = {"id": "o-1", "amount": 20}
LARGE_ORDER = {"id": "o-2", "amount": 500}
BAD_ORDER = {"id": "bad-1", "amount": 20}


class WatchedProgram(OpenProgram):
    """The program on the list of a server's executions; `host` is worked by hand."""

    host: HandHost
    server: WatchedServer
    machine: str

    @property
    def listed(self) -> ServedExecutionsScreen:
        """The list."""
        screen = self.app.screen_stack[0]
        assert isinstance(screen, ServedExecutionsScreen)
        return screen

    @property
    def debugged(self) -> ServedDebugScreen:
        """The debug screen over it."""
        return next(one for one in self.app.screen_stack if isinstance(one, ServedDebugScreen))

    async def press(self, *keys: str) -> None:
        """Press keys, and wait after each until the verb that it began is over and shown: on a busy machine what the
        client's execution has done is taken in by several looks."""
        for key in keys:
            await super().press(key)
            if self._is_busy:
                await self.until(lambda: not self._is_busy)

    @property
    def _is_busy(self) -> bool:
        return any(isinstance(one, ServedDebugScreen) and _is_busy(one) for one in self.app.screen_stack)

    async def look(self) -> None:
        """Do all that the host has to do, and have the screen look at it."""
        self.host.hands.work()
        for screen in self.app.screen_stack:
            if isinstance(screen, ServedExecutionsScreen | ServedDebugScreen):
                screen.look()
        await self.pilot.pause()

    async def start(self, order: Any, name: str) -> str:
        """The ARN of an execution that a client has started, as far as it comes by itself."""
        arn = self.host.run(self.machine, order, name).arn
        await self.look()
        return arn

    def rows(self) -> list[str]:
        """The names of the executions that are shown."""
        return [row_of(one).name for one in self.listed.list.entries]


def _is_busy(screen: ServedDebugScreen) -> bool:
    return screen.commands.is_running or (screen.client.opened.following is not None and not screen.client.is_whole)


@asynccontextmanager
async def watched(
    *,
    size: tuple[int, int] = MEDIUM,
    most: int = 10_000,
    holds: bool = False,
    definition: Any = None,
    pages: Sequence[ServedPage] = (),
    store: Path | None = None,
    **host: Any,
) -> AsyncIterator[WatchedProgram]:
    """The program, watching a server with one machine; `most` decisions are kept, and it `holds` each start. With a
    `store` it is kept there, and killed in the end."""
    log = DecisionLog(most)
    holder = BreakpointHolder(holds_starts=holds)
    make = HandHost if store is None else partial(KeptHost, store)
    hand = make(observers=[log], holder=holder, **host)
    with hand:
        exports, is_kept = ["export A=1", "export B='two words'"], store is not None
        server = WatchedServer(hand, log, holder, "http://127.0.0.1:8083", VIRTUAL, exports, is_kept=is_kept)
        app = SfdebugApp(None, home=lambda: ServedExecutionsScreen(server, pages=pages))
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            program = WatchedProgram(pilot, app)
            program.host, program.server = hand, server
            program.machine = hand.make(definition or APPROVAL, "Orders")
            yield program
        if isinstance(hand, KeptHost):
            hand.kill()
