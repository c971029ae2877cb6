"""What is said of executions that are held, and of what stays done when one goes on from another line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.debugger.breakpoints.breakpoint_texts import breakpoint_text
from sfdebug.hosting.holding import HoldKind
from sfdebug.hosting.left_behind import OutsideKind
from sfdebug.text import clean, counted

if TYPE_CHECKING:
    from sfdebug.hosting.holding import Held
    from sfdebug.hosting.hosted import HostedExecution
    from sfdebug.hosting.left_behind import OutsideAct, WentOn

BOTOCORE_SECONDS: Final = 60
"""So long botocore waits for the answer to a call, by default (`read_timeout`): StartSyncExecution is one."""
AWS_SECONDS: Final = 300
"""So long AWS itself lets a synchronous Express execution run. Source: AWS docs, "Quotas for Express Workflows"."""
_MOST_NAMED: Final = 4

_KINDS: Final = {
    OutsideKind.CALL: "was called",
    OutsideKind.CHILD: "was started",
    OutsideKind.TOKEN: "has given a task token away, which counts no more",
    OutsideKind.WORKER: "was taken by a worker",
    OutsideKind.ANSWER: "was answered by a client",
}


def held_words(held: Held) -> str:
    """Why an execution is held: `at its start`, `at Charge if $.total > 100`."""
    reason = held.reason
    if reason.kind is HoldKind.BREAKPOINT:
        points = dict.fromkeys(breakpoint_text(hit.breakpoint) for hit in reason.hits)
        problem = next((hit.problem for hit in reason.hits if hit.problem), "")
        return f"breakpoint {', '.join(points)}{f': {problem}' if problem else ''}"
    if reason.kind is HoldKind.START:
        return "at its start"
    return "after a step" if reason.kind is HoldKind.STEP else "by hand"


def seconds_left(hosted: HostedExecution, now: float) -> int | None:
    """How many seconds are left until the client of a synchronous execution gives up; until AWS would, where its own
    client has given up already. None for another execution, or where both have."""
    if not hosted.facts.is_sync:
        return None
    gone = (now - hosted.since) / 1000
    limit = BOTOCORE_SECONDS if gone < BOTOCORE_SECONDS else AWS_SECONDS
    return round(limit - gone) if gone < limit else None


def alarm_words(hosted: HostedExecution, now: float) -> str:
    """What is about to run out for a client that waits for an execution which is held, or that it has gone; "" for
    nothing."""
    if hosted.is_deserted and not hosted.over.is_set():
        return "its client has gone"
    if hosted.held is None or not hosted.facts.is_sync:
        return ""
    left = seconds_left(hosted, now)
    if left is None:
        return "its client has given up"
    gone = (now - hosted.since) / 1000
    if gone < BOTOCORE_SECONDS:
        return f"its client (botocore) gives up in {left} s"
    return f"botocore has given up; AWS would in {left} s"


def left_words(went: WentOn) -> str:
    """What had happened outside on what is left behind, a line for each."""
    lines = []
    if went.left_events:
        lines.append(f"{counted(went.left_events, 'event')} that clients may have read are left behind.")
    lines += map(_act_words, went.left[:_MOST_NAMED])
    more = len(went.left) - _MOST_NAMED
    if more > 0:
        lines.append(f"... and {more:,} more.")
    if went.left:
        lines.append("Nothing of that is undone.")
    else:
        lines.append("Nothing had happened outside on what is left behind.")
    return "\n".join(lines)


def _act_words(act: OutsideAct) -> str:
    named = f" ({clean(act.subject)})" if act.kind in (OutsideKind.CALL, OutsideKind.CHILD) else ""
    return f"{clean(act.state)} {_KINDS[act.kind]}{named}."
