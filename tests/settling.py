"""Waiting until a program in a terminal that is not there has settled: by what it has yet to do, not by the clock.

Textual's own way is to look every 20 ms whether the process has used the processor meanwhile, three times for a key:
half of the time of an interface test, and on a busy machine a guess. A program has settled when nothing on its loop can
run before a timer rings or somebody outside speaks, and the screen has painted all there is to paint. So here the loop
turns until nothing is left in it; what Textual puts off for some milliseconds, to do it once for many changes, is done
then; and again, until there is neither. That is all that Textual's way waits for, and more: however long the program
takes, and in the same order every time.

What runs on a thread is not on the loop: while one of the program's own is at work, Textual's way is gone as before,
and a verb is waited for until it is shown: where it computes for a second of the processor, however long a busy machine
takes to give it, and where it waits for others for one of the clock. Nor is any other timer waited for: a test that
wants one to ring says so, with `pilot.pause(seconds)`.
"""

from __future__ import annotations

import asyncio
import threading
from time import monotonic, process_time
from typing import Any, Final

import textual.app
import textual.pilot
import textual.screen
from textual._context import active_app
from textual._wait import wait_for_idle
from textual.app import App
from textual.pilot import Pilot
from textual.screen import Screen

THREADS: Final = "sfdebug-"
"""What the names of the program's own threads begin with."""

SERVING: Final = "sfdebug-serves-"
"""What those begin with that wait for others as long as something is there to be served: no work is under way."""

VERB_SECONDS = 1.0
"""So long a verb is waited for. A test that looks at the screen beside a verb without end has none of them pass."""

_VERBS: Final = frozenset({"sfdebug-verb", "sfdebug-stopping"})
"""The threads that have the debugger meanwhile."""

_EMPTY_TURNS: Final = 2
"""For so many turns nothing is to come: in the first one the loop still reads what was said outside."""

_TOO_MANY_TURNS: Final = 100_000
_TOO_LONG: Final = 60.0
"""Seconds after which a program that has always something left to paint, or a verb that was over, never settles."""
_IDLE: Final = 0.002
_IDLE_LOOKS: Final = 5
"""Whoever uses the processor for fewer seconds at so many looks in a row waits for something: at one of them it may not
have been given to the program."""

_NEVER: Final = 86_400.0


def install() -> None:
    """Let every pilot of Textual's wait like this, also between the keys that it presses."""
    for module in (textual.app, textual.pilot):
        assert module.wait_for_idle is wait_for_idle, "Textual waits in another way now: see tests/settling.py"
        module.wait_for_idle = settled  # type: ignore[attr-defined]
    Pilot._wait_for_screen = _screen_settled  # type: ignore[method-assign,assignment]
    # The screen paints when all is done that changes it, not 16 ms after the first change: equally often in each run.
    assert textual.screen.UPDATE_PERIOD < 1
    textual.screen.UPDATE_PERIOD = _NEVER  # type: ignore[misc]


async def settled(min_sleep: float = 0, max_sleep: float = 1) -> None:
    """Wait until the program has nothing to do. Stands in for Textual's `wait_for_idle`, with its arguments."""
    app, max_sleep = active_app.get(), min(max_sleep, VERB_SECONDS)
    await _all_done(app)
    began, used_before, idle = monotonic(), process_time(), 0
    while _is_at_work_elsewhere(app):
        used = process_time()
        await wait_for_idle(min_sleep, max_sleep)
        await _all_done(app)
        if not _is_verb_under_way(app):
            break
        idle = idle + 1 if process_time() - used < _IDLE else 0
        has_had_its_time = idle >= _IDLE_LOOKS or process_time() - used_before > max_sleep
        longest = max_sleep if has_had_its_time and _is_verb_at_work() else _TOO_LONG
        if monotonic() - began > longest:
            break


async def _screen_settled(pilot: Pilot[Any], timeout: float = 30.0) -> bool:
    await _all_done(pilot.app)
    return True


async def _all_done(app: App[Any]) -> None:
    await _loop_empty()
    end = monotonic() + _TOO_LONG
    while _put_off_done(app):
        await _loop_empty()
        assert monotonic() < end, "the program never settles: there is always something left to paint"


async def _loop_empty() -> None:
    loop: Any = asyncio.get_running_loop()
    empty = turns = 0
    while empty < _EMPTY_TURNS:
        await asyncio.sleep(0)
        empty = 0 if loop._ready else empty + 1
        turns += 1
        assert turns < _TOO_MANY_TURNS, "the program never settles: what it does makes it do the same again"


def _put_off_done(app: App[Any]) -> bool:
    """Do what Textual does a moment later, if there is any."""
    if not app._running or not app._screen_stacks.get(app._current_mode):
        return False
    if app._resize_timer is not None:
        app._check_resize()
        return True
    if app._batch_count or not _has_to_paint(app.screen):
        return False
    app.screen._on_timer_update()
    return True


def _has_to_paint(screen: Screen[Any]) -> bool:
    return bool(
        screen._layout_required
        or screen._scroll_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
    )


def _is_at_work_elsewhere(app: App[Any]) -> bool:
    names = (thread.name for thread in threading.enumerate())
    threads = any(name.startswith(THREADS) and not name.startswith(SERVING) for name in names)
    return threads or any(worker.is_running for worker in app.workers) or _is_verb_under_way(app)


def _is_verb_at_work() -> bool:
    return any(thread.name in _VERBS for thread in threading.enumerate())


def _is_verb_under_way(app: App[Any]) -> bool:
    """Whether a verb runs, or is over and not shown yet: the screen looks for that every 50 ms."""
    from sfdebug.tui.screens.debug import DebugScreen  # here, since most tests have no screen

    screens = app._screen_stack if app._running and app._screen_stacks.get(app._current_mode) else ()
    return any(screen.commands.is_running for screen in screens if isinstance(screen, DebugScreen))
