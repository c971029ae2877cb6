"""A client's execution as the debug screen has it: followed by its decisions, told in a line, held and let go on."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from sfdebug.engine import ExecutionStatus
from sfdebug.engine.execution.execution import Phase
from sfdebug.errors import UsageError
from sfdebug.hosting.describing import record_of
from sfdebug.text import clean, counted
from sfdebug.times import duration_text
from sfdebug.tui.commands.client import HOLD_LETTER
from sfdebug.tui.commands.client_verbs import ClientVerb
from sfdebug.tui.keys import key_of
from sfdebug.tui.served.line import ServedStanding
from sfdebug.tui.served.list import status_sign
from sfdebug.tui.served.rows import row_of
from sfdebug.tui.served.wording import alarm_words, held_words, left_words

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger
    from sfdebug.engine import Execution
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.tui.painting.glyphs import Glyphs
    from sfdebug.tui.painting.paint import Piece
    from sfdebug.tui.served.opening import OpenedHosted
    from sfdebug.tui.served.server import WatchedServer

_SLICE: Final = 0.012
"""Seconds that are given to following at a time: less than a picture takes that follows a key."""
_FIRST_SLICE: Final = 0.1
"""Before the first picture."""
_MOST_STEPS: Final = 1_000
"""Of one state that is stepped whole: a Map can be long."""
_OF_HELD: Final = (ClientVerb.STEP, ClientVerb.STEP_STATE, ClientVerb.RELEASE)
"""What is done with what is held alone."""
_WAITS: Final = "it waits, and its time goes on: it is held again when something comes"


class ServedClient:
    """One execution of the host, and the debugger that follows it."""

    def __init__(self, server: WatchedServer, hosted: HostedExecution, opened: OpenedHosted) -> None:
        self.server = server
        self.hosted = hosted
        self.opened = opened
        self._is_held_to_ask = False
        """Whether it is held only as long as somebody is asked something."""
        self.is_lost = False
        """Whether what is decided from now on is not known any more."""

    @property
    def debugger(self) -> Debugger:
        """The debugger on it."""
        return self.opened.debugger

    # following

    def take_in(self, seconds: float = _SLICE) -> bool:
        """Take in what was decided since, for so long; whether there was anything."""
        following = self.opened.following
        if following is None:
            return False
        is_over = self.is_over  # before what is read: the last decision comes before that
        news = self.server.log.decisions(self.hosted.facts.arn, following.taken)
        if news is None:
            self.is_lost = not is_over or self.is_lost
            return False
        end = time.monotonic() + seconds
        grew = following.take_in(news, lambda: time.monotonic() > end)
        following.line.is_live = not is_over
        return grew

    def take_in_first(self) -> None:
        """Take in what there is, for a moment, before it is shown."""
        self.take_in(_FIRST_SLICE)

    @property
    def is_whole(self) -> bool:
        """Whether all that is known of it by now was taken in."""
        following = self.opened.following
        return following is None or not self.server.log.decisions(self.hosted.facts.arn, following.taken)

    # how it stands

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        return self.hosted.execution.status is not ExecutionStatus.RUNNING

    @property
    def is_at_head(self) -> bool:
        """Whether the cursor stands where it stands."""
        following = self.opened.following
        return following is not None and following.is_at_head and self.is_whole

    def standing(self, glyphs: Glyphs) -> ServedStanding:
        """What the line at the top says."""
        row = row_of(self.hosted)
        sign, paint = status_sign(row.status, glyphs)
        held = self.hosted.held
        if self.is_over:
            how = f"{sign} {row.status}"
        elif held is not None:
            since = duration_text(int(self.server.host.clock.now() - held.since) // 1_000 * 1_000)
            how = f" {sign} HELD {since}: {held_words(held)} "
        else:
            how, paint = f"{sign} LIVE {clean(row.states)} {duration_text(row.took)}", "current"
        you, way = self._where()
        alarm = alarm_words(self.hosted, self.server.host.clock.now())
        return ServedStanding(row.name, row.machine, (how, paint), you, way, alarm)

    def _where(self) -> tuple[Piece, str]:
        following = self.opened.following
        if self.is_lost:
            return ("no longer followed", "failed"), "open it again"
        if following is None:
            return ("in its history", "muted"), ""
        behind = following.behind
        if not following.is_on_main:
            name = self.debugger.timeline.current.name
            return (f"on {name}, your own", "caught"), f"{key_of('client.menu')} leads back"
        if behind or not following.is_at_head:
            where = f"{counted(behind, 'event')} behind" if behind else "within its last step"
            return (where, "waiting"), f"{key_of('time.last')} to its head" if behind else ""
        if not self.is_whole:
            return ("catching up", "waiting"), ""
        if self.hosted.held is not None:
            return ("at its head", "done"), f"{key_of('step.over')} steps it, {key_of('step.continue')} lets it go on"
        return ("at its head", "done"), ""

    # what is done with it

    def why_not(self, verb: ClientVerb) -> str:
        """Why something cannot be done with it now; "" where it can."""
        if verb is ClientVerb.HEAD:
            return "" if self.opened.following is not None else "it is looked at by its history"
        if verb is ClientVerb.REDRIVE:
            return "" if self.is_over and self._is_redrivable else "only what failed can be redriven"
        if self.is_over:
            return "it is over"
        is_held = self.hosted.held is not None
        if verb is ClientVerb.HOLD:
            return "it is held already" if is_held else ""
        if verb in _OF_HELD and not is_held:
            return f"it is not held: {key_of('client.menu')} {HOLD_LETTER} holds it"
        if verb is ClientVerb.FROM_HERE:
            return self._why_not_from_here()
        return ""

    def _why_not_from_here(self) -> str:
        if self.opened.following is None:
            return "it is looked at by its history"
        if self.is_at_head:
            return "this is where it stands already"
        return "your line is over here: go back on it first" if self.debugger.cursor.node.is_over else ""

    @property
    def _is_redrivable(self) -> bool:
        return record_of(self.hosted).redrive_status == "REDRIVABLE"

    def warning(self, verb: ClientVerb) -> str:
        """What is to be known before."""
        if verb is ClientVerb.FROM_HERE:
            line = self._line()
            if self.hosted.held is None:  # nothing moves while somebody decides
                self.hosted.hold()
                self._is_held_to_ask = True
            return f"{left_words(self.hosted.would_leave(line))}\nIt is held there."
        return "Its client finds it ABORTED."

    def leave(self, verb: ClientVerb) -> None:
        """It is not done: what was held for the question goes on."""
        if self._is_held_to_ask:
            self._is_held_to_ask = False
            self.hosted.release()

    def do(self, verb: ClientVerb) -> str:
        """Do it; what there is to say of it. Raises SfdebugError for what has become impossible meanwhile."""
        hosted, following = self.hosted, self.opened.following
        self._is_held_to_ask = False
        if verb is ClientVerb.HEAD and following is not None:
            following.go_to_head()
        elif verb is ClientVerb.HOLD:
            hosted.hold()
            return "held: its client sees RUNNING"
        elif verb is ClientVerb.STEP:
            return "" if hosted.step_held() else _WAITS
        elif verb is ClientVerb.STEP_STATE:
            return "" if self._step_state() else _WAITS
        elif verb is ClientVerb.RELEASE:
            hosted.release()
            return "it goes on"
        elif verb is ClientVerb.FROM_HERE and following is not None:
            hosted.go_on_from(self._line())
            following.use_here_as_main()
            return f"this is the client's execution now: {key_of('step.continue')} lets it go on"
        elif verb is ClientVerb.STOP:
            hosted.stop("Stopped", "by hand, in the debugger")
        elif verb is ClientVerb.REDRIVE:
            self.server.host.redrive_execution(hosted.facts.arn)
        return ""

    def _line(self) -> Execution:
        """The execution at the cursor, for the host to go on from. Raises SfdebugError."""
        following = self.opened.following
        decided = self.server.log.decisions(self.hosted.facts.arn)
        if following is None or decided is None:
            raise UsageError("what was decided in it is not known any more", fix="Open it again.")
        return following.line_here(decided)

    def _step_state(self) -> bool:
        """Step until the state in focus is over; whether it came to that, or something waits."""
        focus = self.debugger.cursor.branch
        for _ in range(_MOST_STEPS):
            visits = self.hosted.execution.visit_count
            if not self.hosted.step_held():
                return False
            execution = self.hosted.execution
            branch = execution.branches.get(focus)
            is_before_next = branch is not None and branch.phase is Phase.READY and execution.visit_count == visits
            if branch is None or is_before_next or self.hosted.held is None:
                break
        return True
