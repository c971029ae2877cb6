"""What answers the Tasks of a fork of a recording: what was recorded, as far as it can be told to hold there."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from sfdebug.engine.execution.decisions import TaskFailure, TaskSilence
from sfdebug.engine.execution.visit import RequestKind
from sfdebug.history.alignment.answers import answer_in
from sfdebug.history.alignment.map_runs import answer_of, recorded_map_runs
from sfdebug.values import is_present, same

if TYPE_CHECKING:
    from sfdebug.engine.execution.decisions import Answer, BranchId
    from sfdebug.engine.execution.visit import TaskRequest
    from sfdebug.history.alignment.alignment import Alignment
    from sfdebug.history.alignment.map_runs import RecordedMapRun
    from sfdebug.history.alignment.visits import Attempt
    from sfdebug.tasks.handler import TaskHandler


class ForkAnswers:
    """A task handler for a simulation that left its recording.

    An attempt is answered as the same attempt of the same visit was, and takes as long. A recorded failure is given
    again only to a task that is called with the same input: after a mended input nobody knows what it would do.
    Whatever cannot be told goes to `others`, or else to the user.
    """

    def __init__(self, alignment: Alignment, others: TaskHandler | None = None) -> None:
        self._others = others
        self._alignment = alignment
        self._visits: dict[tuple[str, BranchId], list[tuple[Attempt, ...]]] = defaultdict(list)
        self._branches: dict[str, set[BranchId]] = defaultdict(set)
        self._map_runs: dict[str, list[RecordedMapRun]] | None = None
        for visit in alignment.visits:
            if visit.type == "Task":
                self._visits[visit.state, visit.branch].append(visit.attempts)
                self._branches[visit.state].add(visit.branch)

    def answer(self, request: TaskRequest) -> Answer | None:
        """The recorded answer to this attempt; None when there is none, or which one it is cannot be told."""
        found = self._map_run(request) if request.kind is RequestKind.MAP_RUN else self._task(request)
        if found is not None or self._others is None:
            return found
        return self._others.answer(request)

    def _task(self, request: TaskRequest) -> Answer | None:
        attempt = self._attempt(request)
        found = answer_in(attempt.events[1:]) if attempt is not None else None
        if attempt is None or found is None or found.is_unknown:
            return None
        is_other_call = is_present(attempt.input) and not same(attempt.input, request.input)
        if isinstance(found.answer, TaskSilence):
            return None if is_other_call else found.answer
        if isinstance(found.answer, TaskFailure) and is_other_call:
            return None
        took = attempt.milliseconds or 0
        return replace(found.answer, after_seconds=took / 1000)

    def _attempt(self, request: TaskRequest) -> Attempt | None:
        """By its place among the calls of the state; where the branch visited the state once, by the attempt alone."""
        name, index = request.state.name, request.attempt - 1
        visits = self._visits.get((name, request.branch), [])
        if len(visits) == 1:
            return visits[0][index] if index < len(visits[0]) else None
        if len(self._branches[name]) > 1:
            return None
        calls = [(number, attempt) for attempts in visits for number, attempt in enumerate(attempts)]
        if request.invocation >= len(calls) or calls[request.invocation][0] != index:
            return None
        return calls[request.invocation][1]

    def _map_run(self, request: TaskRequest) -> Answer | None:
        if request.is_optional:
            return None
        if self._map_runs is None:
            try:
                self._map_runs = recorded_map_runs(self._alignment.recording.history)
            except (ValueError, RecursionError):
                self._map_runs = {}
        runs = self._map_runs.get(request.state.name, [])
        return answer_of(runs[request.invocation], request.state) if request.invocation < len(runs) else None
