"""What a run takes from outside before it starts: its settings, and the random numbers that hang on their seed."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from enum import StrEnum
from random import Random

from msgspec import Struct

from sfdebug.expressions.jsonata.limits import DEFAULT_LIMITS, JsonataLimits
from sfdebug.limits import MAX_HISTORY_EVENTS, MAX_PAYLOAD_BYTES, ExecutionType
from sfdebug.values import Json


class ObjectItems(StrEnum):
    """Which Maps take a JSON object for their items, and iterate over its pairs; in the others it is no array.

    The guide has it for every Map, its example is an inline one ("ItemsPath (Map, JSONPath only)"). Measured on AWS in
    2026 it is for distributed ones (iwamot/sfnx); a TestState recorded after that day has an inline one that fails.
    """

    NOWHERE = "nowhere"
    """As in the executions recorded before September 2025 (AWS docs, document history)."""
    DISTRIBUTED = "distributed"
    EVERYWHERE = "everywhere"


class Settings(Struct, frozen=True, gc=False):
    """What a run takes from outside before it starts. Equal settings and decisions give equal executions.

    `context` takes the place of the Context object, but for its Map and Task; `jsonata_limits` bounds what an
    expression may take; `object_items` says which Maps iterate over the pairs of a JSON object;
    `checks_arguments` whether the arguments of an AWS SDK integration are held against its API when the Task starts,
    which takes botocore: without it, or with one that is older than a field, say no. Random numbers are drawn from
    `draws_from` to `draws_below`, a part of [0, 1): from both of its ends, they show what hangs on them. `nested_in`
    tells an execution that a Task of another one has started from all others, `started_by` by which attempt that was:
    see `TaskRequest`. `express_id` ends the ARN of an Express execution, whose name may be that of others; without one,
    the name is repeated there.
    """

    execution_type: str = ExecutionType.STANDARD
    name: str = "execution"
    state_machine_name: str = "StateMachine"
    start_time: int = 1_735_689_600_000
    seed: int = 0
    draws_from: float = 0.0
    draws_below: float = 1.0
    region: str = "us-east-1"
    account: str = "123456789012"
    role_arn: str = "arn:aws:iam::123456789012:role/sfdebug"
    max_payload_bytes: int = MAX_PAYLOAD_BYTES
    max_history_events: int = MAX_HISTORY_EVENTS
    context: Mapping[str, Json] | None = None
    jsonata_limits: JsonataLimits = DEFAULT_LIMITS
    object_items: ObjectItems = ObjectItems.EVERYWHERE
    checks_arguments: bool = True
    nested_in: str = ""
    started_by: str = ""
    express_id: str = ""


class SeededEntropy:
    """Draws numbers from a seed, from `low` up to `high`; `drawn` counts them, and is all the state there is."""

    __slots__ = ("drawn", "high", "low", "seed")

    def __init__(self, seed: int, drawn: int, low: float = 0.0, high: float = 1.0) -> None:
        self.seed = seed
        self.drawn = drawn
        self.low = low
        self.high = high

    def _next(self) -> Random:
        self.drawn += 1
        return Random(f"{self.seed}/{self.drawn}")

    def uniform(self) -> float:
        """A number in [low, high), which lies within [0, 1)."""
        return self.low + self._next().random() * (self.high - self.low)

    def uuid(self) -> str:
        """A version 4 UUID as text; where numbers are drawn from a part of their range, its digits are, too."""
        if (self.low, self.high) != (0.0, 1.0):
            draw, width = self._next(), self.high - self.low
            digits = "".join(f"{int((self.low + draw.random() * width) * 16):x}" for _ in range(32))
            return str(uuid.UUID(hex=digits, version=4))
        return str(uuid.UUID(int=self._next().getrandbits(128), version=4))
