"""Where many executions are from: an AWS account, or a folder; what both can be asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct, field

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sfdebug.aws.listing import MachineEntry, Wanted
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.history.recording import Recording


NAMELESS: Final = "?"
"""Stands for the ARN of the state machine of executions of which none is recorded."""


class Count(Struct, frozen=True, gc=False):
    """How many there are; at least so many when it `is_exact` not: nobody counted on."""

    number: int
    is_exact: bool = True


class MachineCounts(Struct, frozen=True, gc=False):
    """How many executions of a state machine run, and how many failed, timed out or were aborted since `since` (in
    milliseconds since 1970; None: ever)."""

    running: Count
    failed: Count
    since: int | None = None


class MapRunFacts(Struct, frozen=True, gc=False):
    """What is known of a Map Run: the execution that started it ("" where that is not known), how it stands, and how
    many child executions it has, by AWS's own names of counts."""

    arn: str
    execution_arn: str = ""
    status: str = ""
    counts: Mapping[str, int] = field(default_factory=dict)


class ExecutionSource(Protocol):
    """What there is to look at, asked piece by piece. Everything that is asked can raise SfdebugError: from AWS an
    AwsError, CancelledError among them when the source's reading was cancelled. Nothing is asked before it is taken.

    Executions are `ExecutionOutcome` values: a list gives what it knows, with what is kept from earlier looks;
    `outcome` completes one. They are told apart by their `key`; a later one with the same key replaces the earlier.
    """

    @property
    def title(self) -> str:
        """What to call it: a region and profile, or a folder."""

    def machines(self, name: str = "") -> Iterator[list[MachineEntry]]:
        """The state machines whose names fit, a page at a time."""

    def counts(self, machine: MachineEntry, since: int | None = None) -> MachineCounts | None:
        """How many of its executions run, and failed since then; None where that is not known (Express)."""

    def executions(self, of: str, wanted: Wanted | None = None) -> Iterator[list[ExecutionOutcome]]:
        """The executions of a state machine or the children of a Map Run, by its ARN, a page at a time, newest first
        (with `wanted.statuses` one status after the other). A page can be empty."""

    def news(self, of: str, known: Mapping[str, ExecutionOutcome]) -> list[ExecutionOutcome]:
        """Those that are new or stand otherwise than in `known` (by their keys), newest first."""

    def find(self, arn: str) -> ExecutionOutcome:
        """The execution with that ARN."""

    def map_run(self, arn: str) -> MapRunFacts:
        """What is known of the Map Run with that ARN."""

    def outcome(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        """The same with error, cause, failed state and retries, as far as that can be had; `refusal` says why not."""

    def outcomes(self, many: Iterable[ExecutionOutcome]) -> Iterator[ExecutionOutcome]:
        """The same for many, several at once, in their order. What cannot be had of one is its `refusal`; raises what
        holds for all of them."""

    def recording(self, outcome: ExecutionOutcome) -> Recording:
        """All of its history."""

    def definition(self, outcome: ExecutionOutcome) -> str | None:
        """The text of the definition that it ran; None where that is not known."""
