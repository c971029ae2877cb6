"""What stays done when an execution goes on from another line: what was called, started, handed out and answered.

Effects do not step back. Whatever the main line led to outside is noted as it happens, with its place among the
decisions; what stands behind the last decision that both lines share is left behind, and can be told.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.hosting.attempts import AwaitedKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sfdebug.engine import Execution
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.hosting.attempts import HostedAttempt


class OutsideKind(StrEnum):
    """What happened outside."""

    CALL = "call"
    """What answers Tasks was called, and has answered; `subject` is the Resource."""
    CHILD = "child"
    """An execution was started; `subject` is its ARN."""
    TOKEN = "token"
    """A task token was handed out that nobody waits for any more; `subject` is the token."""
    WORKER = "worker"
    """A worker has taken a task of an activity; `subject` is the token."""
    ANSWER = "answer"
    """A client, or a worker, has answered for a task token; `subject` is the token."""


class OutsideAct(Struct, frozen=True):
    """Something that happened outside for a Task; the decision that came of it is the one with the number `at`, from
    0."""

    kind: OutsideKind
    request: TaskRequest
    subject: str
    at: int

    @property
    def state(self) -> str:
        """The name of the state."""
        return self.request.state.name


class WentOn(Struct, frozen=True):
    """An execution goes on from another line, which has `decisions` and `events` in common with the one before it.

    `left` is what had happened outside on what is left behind, `left_events` how many events of it clients may have
    read.
    """

    decisions: int
    events: int
    left_events: int
    left: tuple[OutsideAct, ...]


class OutsideActs:
    """What has happened outside along the main line of one execution, as far as its decisions are known."""

    def __init__(self) -> None:
        self._acts: list[OutsideAct] = []

    def note(self, kind: OutsideKind, request: TaskRequest, subject: str, execution: Execution) -> None:
        """Something happened, with the decision that is taken next."""
        at = len(execution.decisions)
        if self._acts and self._acts[0].at < execution.decisions.first:
            self._acts = [act for act in self._acts if act.at >= execution.decisions.first]
        self._acts.append(OutsideAct(kind, request, subject, at))

    def since(self, decisions: int) -> tuple[OutsideAct, ...]:
        """What happened behind so many decisions."""
        return tuple(act for act in self._acts if act.at >= decisions)

    def go_back(self, decisions: int) -> None:
        """Only what happened up to so many decisions is of the main line."""
        self._acts = [act for act in self._acts if act.at < decisions]

    def started_for(self, request: TaskRequest) -> str | None:
        """The ARN of the execution that was started for a request; None where it is not known."""
        for act in reversed(self._acts):
            if act.kind is OutsideKind.CHILD and is_same_question(act.request, request):
                return act.subject
        return None


def is_same_question(one: TaskRequest, other: TaskRequest) -> bool:
    """Whether two lines of an execution ask the same: the same attempt, in the same place, with the same input."""
    place, place_of_other = (
        (each.branch, each.scheduled_event_id, each.attempt, each.invocation, each.resource, each.task_token)
        for each in (one, other)
    )
    return place == place_of_other and one.input == other.input


def went_on(
    old: Execution,
    new: Execution,
    acts: OutsideActs,
    gone: Iterable[HostedAttempt],
    sent: Iterable[HostedAttempt],
) -> WentOn | None:
    """What is left behind when an execution goes on from another line; None where the two are no lines of one.

    Args:
        old: As it stands on the main line.
        new: As it stands at the end of the other one.
        acts: What has happened outside along the main line.
        gone: The open attempts that the new line does not wait for.
        sent: Those of them for which a client has sent an answer that was not taken in yet.
    """
    if not _is_same_execution(old, new):
        return None
    decisions = _shared_decisions(old, new)
    if decisions is None:
        return None
    events = _in_common(old.events, new.events)
    at = len(old.decisions)
    tokens = (OutsideAct(OutsideKind.TOKEN, each.request, each.token, at) for each in gone if each.token)
    answers = (OutsideAct(OutsideKind.ANSWER, each.request, each.token, at) for each in sent)
    calls = (
        OutsideAct(OutsideKind.CALL, each.request, each.request.resource, at)
        for each in gone
        if each.kind is AwaitedKind.CALL
    )
    left = (*acts.since(decisions), *calls, *tokens, *answers)
    return WentOn(decisions, events, len(old.events) - events, left)


def _is_same_execution(one: Execution, other: Execution) -> bool:
    """Whether both are the same execution of the same definition, started at the same time with the same input."""
    same_machine = one.program is other.program or one.machine.document.value == other.machine.document.value
    return same_machine and one.settings == other.settings and one.input == other.input


def _shared_decisions(one: Execution, other: Execution) -> int | None:
    """How many decisions two lines of an execution have in common; None where that is not known any more."""
    first = max(one.decisions.first, other.decisions.first)
    if min(len(one.decisions), len(other.decisions)) < first:
        return None
    return first + _in_common(one.decisions[first:], other.decisions[first:])


def _in_common(one: Iterable[object], other: Iterable[object]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left is not right and left != right:
            break
        count += 1
    return count
