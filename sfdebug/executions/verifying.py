"""Would the mend have held? Executions of an account or a folder, run again under a definition; what comes of them.

Histories of an account are read several at once and kept; files are verified by several processes where that is worth
their start. Whatever cannot be had of one is its reason not to be verified: none is left out in silence.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from msgspec import Struct

from sfdebug.aws.errors import OF_ONE_THING, AwsError
from sfdebug.engine import Program
from sfdebug.errors import SfdebugError
from sfdebug.executions.account import AccountSource
from sfdebug.executions.folder import FolderSource
from sfdebug.executions.groups import folded
from sfdebug.history.coverage.items import merged
from sfdebug.history.reading.read import definition_of, recording_of
from sfdebug.history.recording import RecordingError
from sfdebug.history.replay.event_comparison import Rules
from sfdebug.history.verification.outcomes import HELD, MendOutcome, by_failure, grouped
from sfdebug.history.verification.together import Question, verify_files
from sfdebug.history.verification.verify import FolderFile, verify_found

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.history.coverage.model import Coverage
    from sfdebug.history.recording import Recording
    from sfdebug.history.verification.outcomes import FailureOutcomes, OutcomeGroup
    from sfdebug.history.verification.verdict import Verification

Verified: TypeAlias = "tuple[ExecutionOutcome, Verification]"
"""An execution, and what is said of it under the definition; its `mending` is what would have come of it."""


class MendReport(Struct, frozen=True, dict=True):
    """What would have come of executions under `machine`: those verified so far, of so many that are to be."""

    machine: StateMachine
    verified: tuple[Verified, ...]
    of: int

    @cached_property
    def groups(self) -> tuple[OutcomeGroup, ...]:
        """Those of which the same can be said, together, by the keys of their outcomes."""
        return grouped((outcome.key, one.mending) for outcome, one in self.verified if one.mending is not None)

    @cached_property
    def failures(self) -> tuple[FailureOutcomes, ...]:
        """What came of them by what they had failed with."""
        told = ((outcome.key, one.mending) for outcome, one in self.verified if one.mending is not None)
        return by_failure(told, folded)

    def coverage(self, keys: Iterable[str] | None = None) -> Coverage:
        """Which states and transitions they took, all of them or those with these keys."""
        wanted = None if keys is None else frozenset(keys)
        taken = (
            one.taken
            for outcome, one in self.verified
            if one.taken is not None and (wanted is None or outcome.key in wanted)
        )
        return merged(self.machine, taken)

    @property
    def judged(self) -> int:
        """Of how many something could be said: those that are not verified were looked at in vain."""
        return sum(len(group.executions) for group in self.groups if group.outcome is not MendOutcome.NOT_VERIFIED)

    @property
    def held(self) -> int:
        """How many are proved to end well."""
        return sum(len(group.executions) for group in self.groups if group.outcome in HELD)


def verify_executions(
    machine: StateMachine,
    source: ExecutionSource,
    outcomes: Sequence[ExecutionOutcome],
    *,
    jobs: int | None = None,
    check: Callable[[], None] | None = None,
) -> Generator[Verified, None, None]:
    """What would have come of executions under a definition, one after the other, as it is found out.

    Close it to give up: then nothing more is read, and no process is left.

    Args:
        machine: The definition.
        source: Where they are from.
        outcomes: The executions.
        jobs: How many processes verify files; by default as many as are worth their start.
        check: Is called between two of them; what it raises ends it.

    Raises UnsupportedError when the definition cannot be run, and AwsError for what holds for all that are left:
    credentials that have expired, throttling that does not end.
    """
    question = Question(machine, Rules(), outcomes=True)
    if isinstance(source, FolderSource):
        found = _in_files(question, source, outcomes, jobs)
    else:
        found = _one_by_one(question, _recordings(source, outcomes))
    with closing(found):
        for one in found:
            if check is not None:
                check()
            yield one


_Read: TypeAlias = "tuple[ExecutionOutcome, Recording | SfdebugError, StateMachine | None]"


def _one_by_one(question: Question, read: Iterator[_Read]) -> Generator[Verified, None, None]:
    """Each when it has been read."""
    program = Program(question.machine)
    for outcome, recording, ran in read:
        (one,) = verify_found(
            program, [(outcome.key, recording, True, None, ran)], question.rules, outcomes=question.outcomes
        )
        assert not isinstance(one, FolderFile), "it was asked for by itself"
        yield outcome, one


def _recordings(source: ExecutionSource, outcomes: Sequence[ExecutionOutcome]) -> Iterator[_Read]:
    if isinstance(source, AccountSource):
        for outcome, answer in source.histories(outcomes):
            if isinstance(answer, AwsError) and not isinstance(answer, OF_ONE_THING):
                raise answer  # it holds for the others as well: nobody can be asked now
            if isinstance(answer, AwsError):
                yield outcome, answer, None
                continue
            try:
                yield outcome, recording_of(answer), definition_of(answer)
            except RecordingError as error:
                yield outcome, error, None
        return
    for outcome in outcomes:
        try:
            yield outcome, source.recording(outcome), None
        except SfdebugError as error:
            yield outcome, error, None


def _in_files(
    question: Question, source: FolderSource, outcomes: Sequence[ExecutionOutcome], jobs: int | None
) -> Generator[Verified, None, None]:
    """Those of files, each file read once."""
    wanted = {(one.place, one.label): one for one in outcomes}
    files = [(Path(place), True) for place in dict.fromkeys(one.place for one in outcomes)]
    titles = {f"{place}#{label}" if label else place: one for (place, label), one in wanted.items()}
    with closing(verify_files(question, files, jobs)) as verdicts:
        for one in verdicts:
            outcome = titles.pop(one.history, None) if not isinstance(one, FolderFile) else None
            if outcome is not None and not isinstance(one, FolderFile):
                yield outcome, one
    for outcome in titles.values():  # a file that has changed since it was listed
        why = RecordingError("it is not in its file any more", where=outcome.place)
        yield from _one_by_one(question, iter([(outcome, why, None)]))
