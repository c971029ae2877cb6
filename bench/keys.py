"""Random keys: `python -m bench.keys --count 20000 --seed 1` types, pastes, clicks and resizes, and tells what broke.

Samples, hostile definitions and damaged recordings take turns, each in a terminal of its own random size. A session is
made of its own seed, `SEED/NUMBER`, which is all that is needed to make it again: `python -m bench.keys --only 17
--seed 1`. What breaks is any exception that ends the program, a key that takes longer than its time, and a character on
the screen that a terminal obeys.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import random
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from typing import Final

from textual import events

from bench.fuzz import HOSTILE, Anybody, TooSlowError, mutated, recorded, within
from sfdebug.asl.load import definition_from
from sfdebug.cli.console import printable
from sfdebug.cli.samples import all_samples
from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.errors import SfdebugError
from sfdebug.history.reading.read import parse_recordings
from sfdebug.tui.keys import COMMANDS
from tests.tui_runs import Session, opened

SECONDS: Final = 20
"""How long one key may take on a machine that does other things too."""

KEYS_IN_SESSION: Final = 120

_COMMANDS: Final = [key for command in COMMANDS for key in command.keys if key != "q"]
_MOVES: Final = [
    "up", "down", "left", "right", "home", "end", "pageup", "pagedown", "enter", "escape", "tab", "shift+tab", "space",
    "backspace", "delete", "slash", "ctrl+p", "ctrl+t", "ctrl+s", "ctrl+a", "ctrl+z", "ctrl+y", "shift+right", "f1",
]  # fmt: skip
_PASTES: Final = [
    "abc", '{"a": [1, 2, {"b": null}]}', "[/a]\x1b]2;x\x07", "\ud800", "x\ny\r\nz", "{" * 500, "é漢👩👩👧" * 20,
    "y" * 70_000,
]  # fmt: skip
_LETTERS: Final = [*'abcdefghijklmnopqrstuvwxyzNSOFTX0123456789?[]{}"$.:@é漢']


@dataclass
class Broken:
    """What came of a run."""

    keys: int = 0
    sessions: int = 0
    found: list[str] = field(default_factory=list)
    slowest: tuple[float, str] = (0.0, "")


def _subject(rng: random.Random) -> Debugger | None:
    """Something to look at; None when it cannot be opened, which is said with an error of sfdebug's."""
    kind = rng.randrange(4)
    try:
        if kind == 0:
            sample = rng.choice([one for one in all_samples() if one.definition.suffix == ".json"])
            definition = json.loads(sample.definition.read_text(encoding="utf-8"))
            given = json.loads(sample.input.read_text(encoding="utf-8"))
            return Debugger(definition, given, tasks=rng.choice([None, Anybody(rng)]))
        definition, history, records = rng.choice(recorded())
        if kind == 1:
            return Debugger(mutated(definition, rng), rng.choice(HOSTILE), tasks=rng.choice([None, Anybody(rng)]))
        damaged = mutated({"events": history}, rng) if kind == 2 else mutated(records, rng)
        found = parse_recordings(json.dumps(damaged), "damaged.json")
        return Debugger.on_recording(open_recording(found[0], rng.choice([None, definition_from(definition)])))
    except SfdebugError:
        return None


async def _act(session: Session, rng: random.Random) -> int:
    """One thing that a user does; how many keys that were."""
    app, pilot = session.app, session.pilot
    what = rng.random()
    if what < 0.06:
        await pilot.resize_terminal(rng.randint(10, 220), rng.randint(4, 60))
    elif what < 0.12:
        app.post_message(events.Paste(rng.choice(_PASTES)))
    elif what < 0.20:
        place = (rng.randrange(app.size.width), rng.randrange(app.size.height))
        await pilot.click(offset=place, times=rng.choice((1, 1, 2)))
    elif what < 0.24:
        wheel = rng.choice((events.MouseScrollDown, events.MouseScrollUp))
        x, y = rng.randrange(app.size.width), rng.randrange(app.size.height)
        app.screen._forward_event(wheel(None, x, y, 0, 1, 0, shift=False, meta=False, ctrl=False))
    elif what < 0.5:  # a burst: they are there before the first of them is seen
        keys = [_key(rng) for _ in range(rng.randint(2, 8))]
        for key in keys:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        return len(keys)
    else:
        key = _key(rng)
        app.post_message(events.Key(key, key if len(key) == 1 else None))
    await pilot.pause()
    return 1


def _key(rng: random.Random) -> str:
    kind: list[str] = rng.choice((_COMMANDS, _COMMANDS, _MOVES, _LETTERS))
    return rng.choice(kind)


async def _session(debugger: Debugger, rng: random.Random, broken: Broken, name: str, most: int) -> None:
    size = (rng.randint(10, 200), rng.randint(4, 60))
    async with opened(debugger, size=size, ascii=rng.random() < 0.2) as session:
        typed = 0
        while typed < most and session.app.is_running:
            begun = time.perf_counter()
            count = await asyncio.wait_for(_act(session, rng), SECONDS)
            typed, broken.keys = typed + count, broken.keys + count
            took = time.perf_counter() - begun
            broken.slowest = max(broken.slowest, (took, name))
        shown = session.text.replace("\n", "")
        if printable(shown) != shown:
            raise AssertionError(f"characters that a terminal obeys: {shown!r}")


def press(count: int, seed: str, only: str = "") -> Broken:
    """Type at least `count` keys, or those of the session that `only` names."""
    broken, number = Broken(), int(only or 0)
    while broken.keys < count and not (only and broken.sessions):
        rng = random.Random(f"{seed}/{number}")
        with within(SECONDS):
            debugger = _subject(rng)
        if debugger is not None:
            try:
                with within(SECONDS * 15):
                    asyncio.run(_session(debugger, rng, broken, f"{seed}/{number}", min(KEYS_IN_SESSION, count)))
            except (Exception, TooSlowError):
                broken.found.append(f"{seed}/{number}: {traceback.format_exc()}")
            broken.sessions += 1
        number += 1
    return broken


def main() -> int:
    """Press keys as the command line says; 1 when something broke."""
    parser = argparse.ArgumentParser(prog="python -m bench.keys", description=__doc__)
    parser.add_argument("--count", type=int, default=2_000, help="how many keys to press (default: 2,000)")
    parser.add_argument("--seed", default="1", help="where the sessions begin (default: 1)")
    parser.add_argument("--only", default="", metavar="NUMBER", help="one session of the seed again")
    args = parser.parse_args()
    begun = time.perf_counter()
    recorded()
    with tempfile.TemporaryDirectory() as folder:  # pictures and texts that are saved go there
        os.chdir(folder)
        os.environ.update(XDG_STATE_HOME=folder, HOME=folder)
        broken = press(args.count, args.seed, args.only)
        os.chdir("/")
    for one in broken.found:
        print(one)
    took, slowest = time.perf_counter() - begun, broken.slowest
    print(f"seed {args.seed}: {broken.keys:,} keys in {broken.sessions:,} sessions, {took:,.0f} s; ", end="")
    print(f"{len(broken.found)} broke; the slowest key took {slowest[0]:.1f} s (session {slowest[1]})")
    return 1 if broken.found else 0


if __name__ == "__main__":
    sys.exit(main())
