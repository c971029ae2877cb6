"""A breakpoint: what it waits for, when that counts, and whether it stops or says something."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Trigger(StrEnum):
    """What a breakpoint waits for."""

    STATE = "state"
    """A state is about to be entered, in any branch and any iteration."""
    STAGE = "stage"
    """A stage of a state is done, or has failed."""
    EDGE = "edge"
    """A state was left for another one."""
    EVENT = "event"
    """An event of a type has happened."""
    ERROR = "error"
    """An error of a name was raised; States.ALL and States.TaskFailed stand for those that a Catcher takes by them."""
    VARIABLE = "variable"
    """A variable gets another value."""
    PAYLOAD = "payload"
    """The data become larger than so many bytes."""
    CLOCK = "clock"
    """The clock of the execution reaches a time."""
    FAULT = "fault"
    """Any fault was raised."""


class HitRule(StrEnum):
    """Which of its hits count."""

    ALL = "all"
    ONLY = "hit"
    """The one with that number."""
    FROM = "from"
    """The one with that number, and all after it."""
    EVERY = "every"
    """Each time that so many more have come."""


class BreakpointSign(StrEnum):
    """How a breakpoint is shown; of several at one place, the first in this order counts."""

    PLAIN = "breakpoint"
    CONDITIONAL = "conditional"
    PART = "part"
    """On a stage of a state, or on one way out of it."""
    LOG = "log"
    OFF = "off"
    NONE = ""


class Breakpoint(Struct, frozen=True, gc=False):
    """One breakpoint, as a text of a person says it (`breakpoint_texts`).

    `name` is that of a state, event type, error or variable; `detail` the stage, or the state that an edge leads to;
    `amount` bytes or milliseconds. A `message` is said, where it would stop, instead of stopping.
    """

    trigger: Trigger
    name: str = ""
    detail: str = ""
    amount: int = 0
    iteration: int | None = None
    """Only in the iteration with that number, from 1, of the innermost Map around it."""
    hit_rule: HitRule = HitRule.ALL
    hit: int = 0
    condition: str = ""
    message: str | None = None
    is_on: bool = True

    @property
    def is_plain(self) -> bool:
        """Whether it stops wherever it waits for."""
        is_narrowed = self.condition or self.iteration is not None or self.hit_rule is not HitRule.ALL
        return self.message is None and not is_narrowed

    @property
    def sign(self) -> BreakpointSign:
        """How it is shown."""
        if not self.is_on:
            return BreakpointSign.OFF
        if self.message is not None:
            return BreakpointSign.LOG
        return BreakpointSign.PLAIN if self.is_plain else BreakpointSign.CONDITIONAL

    def counts(self, number: int) -> bool:
        """Whether its hit with that number, from 1, is one at which it does something."""
        if self.hit_rule is HitRule.ONLY:
            return number == self.hit
        if self.hit_rule is HitRule.FROM:
            return number >= self.hit
        return self.hit_rule is HitRule.ALL or number % self.hit == 0
