"""What a recorded run started, read from around it, for a page: failed executions first, up to a bound."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

from sfdebug.debugger import Debugger
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.errors import SfdebugError
from sfdebug.executions.outcome import outcome_of
from sfdebug.history.started import StartedKind, started_in, unnamed_in
from sfdebug.page.family import StartedRun

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sfdebug.asl.definition import StateMachine
    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.executions.source import ExecutionSource
    from sfdebug.history.started import Started

_LEVELS: Final = 5
_NAMED: Final = 1_000
"""So many child executions of one Map Run are named."""


class StartedFinder:
    """Reads what runs started, each with its definition; `most` of them in all."""

    def __init__(self, source: ExecutionSource, most: int, progress: Callable[[str], None]) -> None:
        self._source = source
        self._most = most
        self._left = most
        self._progress = progress
        self._seen: set[str] = set()

    def started(self, run: RecordedSession, level: int = 0) -> tuple[tuple[StartedRun, ...], str]:
        """What a run started, and what is not even named of it."""
        found: list[StartedRun] = []
        left = [f"{one.state} started one that is not named: {one.why}" for one in unnamed_in(run.alignment)]
        for one in started_in(run.alignment):
            if one.kind is StartedKind.MAP_RUN:
                found += self._map_run(one, level, left)
            else:
                found.append(self._execution(one, level))
        return tuple(found), ". ".join(left)

    def _map_run(self, started: Started, level: int, left: list[str]) -> Iterator[StartedRun]:
        from sfdebug.aws.listing import CHILDREN_FAILED_FIRST, Wanted

        name = f"Map Run {started.arn[-36:][:8]}"
        status = {True: "FAILED", False: "SUCCEEDED"}.get(started.failed, "") if started.failed is not None else ""
        try:
            pages = self._source.executions(started.arn, Wanted(statuses=CHILDREN_FAILED_FIRST))
            children = list(islice((one for page in pages for one in page), _NAMED + 1))
        except SfdebugError as error:
            yield StartedRun(name, str(started.kind), status, started.state, started.event_id, why=error.what)
            return
        if not children:
            why = "none of its child executions was found"
            yield StartedRun(name, str(started.kind), status, started.state, started.event_id, why=why)
        for child in children[:_NAMED]:
            yield self._one(child, started, "child execution", level)
        if len(children) > _NAMED:
            left.append(f"{name} has more than {_NAMED:,} child executions: the others are not named here")

    def _execution(self, started: Started, level: int) -> StartedRun:
        try:
            outcome = self._source.find(started.arn)
        except SfdebugError as error:
            name = started.arn.split(":")[7] if started.arn.count(":") > 6 else started.arn
            kind = str(started.kind)
            return StartedRun(name, kind, started.status, started.state, started.event_id, why=error.what)
        return self._one(outcome, started, "execution", level)

    def _one(self, outcome: ExecutionOutcome, started: Started, kind: str, level: int) -> StartedRun:
        debugger, why = None, ""
        inner: tuple[tuple[StartedRun, ...], str] = ((), "")
        if outcome.key in self._seen:
            why = "its steps are in this page already"
        elif self._left < 1 or level >= _LEVELS:
            why = f"its steps are left out: --children {self._most}"
        else:
            self._left -= 1
            self._seen.add(outcome.key)
            self._progress(f"Reading what {started.state} started: {self._most - self._left}")
            try:
                run = open_recording(self._source.recording(outcome), self._definition(outcome))
                debugger = Debugger.on_recording(run)
                outcome = outcome_of(run.recording, run.alignment, outcome)
                inner = self.started(run, level + 1)
            except SfdebugError as error:
                why = error.what
        return StartedRun(
            outcome.title,
            kind,
            outcome.status or started.status,
            started.state,
            started.event_id,
            outcome.error or "",
            outcome.milliseconds,
            debugger,
            why,
            *inner,
        )

    def _definition(self, outcome: ExecutionOutcome) -> StateMachine | None:
        """The definition that it ran; None where that is not known, and for one that cannot be run."""
        from sfdebug.asl.load import parse_definition

        text = self._source.definition(outcome)
        try:
            return parse_definition(text, outcome.name or "definition", "json") if text else None
        except SfdebugError:
            return None
