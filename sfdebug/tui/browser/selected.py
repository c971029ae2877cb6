"""Some executions of a place, as a list of their own: each opens under the definition that they were verified with."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.executions.account import AccountSource
from sfdebug.history.reading.read import recording_of
from sfdebug.history.verification.outcomes import MendOutcome
from sfdebug.tui.browser.loading import Ready, recorded_ready
from sfdebug.tui.keys import key_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.concurrency import Cancellation
    from sfdebug.aws.fetching import Begin
    from sfdebug.aws.listing import MachineEntry, Wanted
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource, MachineCounts, MapRunFacts
    from sfdebug.history.recording import Recording
    from sfdebug.history.verification.outcomes import Mending
    from sfdebug.tui.browser.places import SourcePlace, Waits


_AS_RECORDED: Final = (MendOutcome.SUCCEEDS_AS_RECORDED, MendOutcome.SAME_FAILURE)


class SelectedSource:
    """Those executions; all that is asked of one is asked of the source `inner`."""

    def __init__(self, inner: ExecutionSource, executions: Sequence[ExecutionOutcome]) -> None:
        self.inner = inner
        self._executions = executions

    @property
    def title(self) -> str:
        """Where they are from."""
        return self.inner.title

    def machines(self, name: str = "") -> Iterator[list[MachineEntry]]:
        """None: they stand in one list."""
        yield []

    def counts(self, machine: MachineEntry, since: int | None = None) -> MachineCounts | None:
        """Not known of them."""
        return None

    def executions(self, of: str, wanted: Wanted | None = None) -> Iterator[list[ExecutionOutcome]]:
        """All of them. Of another state machine: what the account or the folder has."""
        if of and wanted is not None and wanted.statuses:  # the last that succeeded, to compare one with
            yield from self.inner.executions(of, wanted)
        else:
            yield list(self._executions)

    def news(self, of: str, known: Mapping[str, ExecutionOutcome]) -> list[ExecutionOutcome]:
        """None ever."""
        return []

    def find(self, arn: str) -> ExecutionOutcome:
        """The execution with that ARN."""
        return self.inner.find(arn)

    def map_run(self, arn: str) -> MapRunFacts:
        """The Map Run with that ARN."""
        return self.inner.map_run(arn)

    def outcome(self, outcome: ExecutionOutcome) -> ExecutionOutcome:
        """The same with what can be known of it."""
        return self.inner.outcome(outcome)

    def outcomes(self, many: Iterable[ExecutionOutcome]) -> Iterator[ExecutionOutcome]:
        """The same for many."""
        return self.inner.outcomes(many)

    def recording(self, outcome: ExecutionOutcome) -> Recording:
        """All of its history, which has been read already as a rule."""
        if isinstance(self.inner, AccountSource):
            return recording_of(self.inner.history(outcome))
        return self.inner.recording(outcome)

    def definition(self, outcome: ExecutionOutcome) -> str | None:
        """The text of the definition that it ran."""
        return self.inner.definition(outcome)


class SelectedPlace(Struct, frozen=True):
    """Some executions of `inner`, and what would have come of them under `machine`, by their keys."""

    inner: SourcePlace
    machine: StateMachine
    executions: tuple[ExecutionOutcome, ...]
    mendings: Mapping[str, Mending]

    @property
    def title(self) -> str:
        """Under which definition they open."""
        return f"under {Path(self.machine.name).name}"

    @property
    def is_account(self) -> bool:
        """They stay as they are: nothing new is looked for."""
        return False

    def source(self, cancellation: Cancellation, waits: Waits) -> SelectedSource:
        """Those executions."""
        return SelectedSource(self.inner.source(cancellation, waits), self.executions)

    def beside(self, source: ExecutionSource, cancellation: Cancellation) -> SelectedSource:
        """The same for one piece of work."""
        assert isinstance(source, SelectedSource)
        return SelectedSource(self.inner.beside(source.inner, cancellation), self.executions)

    def ready(self, source: ExecutionSource, outcome: ExecutionOutcome, begin: Begin) -> Ready:
        """The recording under the definition, at the last event that was compared: what comes of it is told."""
        begin("the recording")
        recording = source.recording(outcome)
        ready = recorded_ready(recording, self.machine, None)
        mending = self.mendings.get(outcome.key)
        if mending is None:
            return ready
        index = recording.index_of(mending.compared_to)
        if index is not None:
            ready.debugger.goto_recorded(index)
        what = f": {mending.what}" if mending.what else ""
        keys = f"{key_of('program.quit')} goes back"
        if mending.outcome not in _AS_RECORDED:
            keys = f"{key_of('look.differences')} lists what differs, {keys}"
        return replace(ready, greeting=f"{self.title}: {mending.outcome}{what} \N{MIDDLE DOT} {keys}")
