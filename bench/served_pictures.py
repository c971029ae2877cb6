"""Pictures of `sfdebug serve --watch` for the README: the live list, and a client's execution held at a breakpoint.

The host is worked by hand, as in the tests: a picture of the same program is the same picture.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Final

from bench.screenshot import local
from sfdebug.cli.samples import find_sample
from sfdebug.tasks.mock_config import MockConfig
from tests.served_runs import watched

_STARTED: Final = (
    ("order-1041", "HappyPath"),
    ("order-1042", "CardDeclined"),
    ("order-1043", "PaymentBusy"),
    ("order-1044", "ItemMissing"),
    ("order-1045", "PaymentDown"),
    ("order-1046", "HappyPath"),
    ("order-1047", "HappyPath"),
)
_SECONDS_BETWEEN: Final = 2


def take_served(folder: Path, steady: Callable[[str, str], str]) -> None:
    """Write the pictures into `folder`, `steady` making each the same every time."""
    asyncio.run(_take(folder, steady))


async def _take(folder: Path, steady: Callable[[str, str], str]) -> None:
    sample = find_sample("order")
    definition = json.loads(Path(sample.definition).read_text(encoding="utf-8"))
    order = json.loads(Path(sample.input).read_text(encoding="utf-8"))
    mocks = MockConfig.load(str(sample.mocks))
    async with watched(size=(120, 34), definition=definition, mocks=mocks) as program:

        def save(name: str) -> None:
            svg = local(program.app.export_screenshot(title="sfdebug serve order.asl.json --watch"))
            (folder / f"{name}.svg").write_text(steady(svg, name), encoding="utf-8")
            print(folder / f"{name}.svg")

        program.app.theme = "sfdebug-dark"
        for name, case in _STARTED:
            if name == _STARTED[-2][0]:
                await program.press("b", "a", *"Charge card", "enter", "escape")
            program.host.start_execution(f"{program.machine}#{case}", json.dumps(order), name)
            await program.look()
            program.host.hand_clock.wall += _SECONDS_BETWEEN * 1000
        program.listed.refresh_list()
        await program.pilot.pause()
        save("serve-list")
        await program.press("enter")
        await program.look()
        save("serve-watch")
