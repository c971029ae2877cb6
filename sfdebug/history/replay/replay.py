"""Replaying a recorded execution under a definition: the engine guided by the recording, compared event for event."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.collection import seldom_collected
from sfdebug.engine import Program, Settings, start, step
from sfdebug.engine.execution.settings import ObjectItems
from sfdebug.history.alignment.alignment import Alignment, align
from sfdebug.history.recording import RecordedEvent, Recording, RecordingError
from sfdebug.history.replay.event_comparison import FIELD_NAMES, Difference, Rules
from sfdebug.history.replay.nondeterminism import UNKNOWN_MACHINE, UNKNOWN_NAME
from sfdebug.history.replay.replay_loop import ReplayLoop
from sfdebug.values import MISSING, Json, Value, is_present, shown_without

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.engine import Execution
    from sfdebug.engine.execution.decisions import Decision
    from sfdebug.engine.execution.events import Event
    from sfdebug.history.replay.nondeterminism import Shadows


_NO_ARRAY: Final = (
    "Expected 'array', but was 'object'",
    "Map state input must be an array but was: {",
    " must point to array.",
    "Attempting to map over non-iterable node.",
)
"""AWS's words (recorded) for the items of a Map that are no array, but an object perhaps."""
EVENTS_AT_A_TIME: Final = 250
"""So many recorded events take some milliseconds to replay: a screen that is drawn in between answers its keys."""


class Replay(Struct, frozen=True, dict=True):
    """A recording run again under a definition.

    `execution` is as far as it came: to its recorded end, or to where it could not be followed any further
    (`divergence`). `differences` are all that were found, in the order of the recorded events. Its `decisions` make the
    same executions again whenever they are stepped through from `start`.

    What nobody can compute was taken over as recorded: `drawn` are the places of values that AWS made up and that the
    definition can have given, `unnamed` those that hold a fact of the execution which the recording does not say,
    `untraced` those that hang on a made-up value in a way that cannot be followed.

    `computed` gives for a recorded event, by its index in the recording, the computed one that it was compared with;
    `reached_after` how many decisions led to each recorded event. `accepted` are the fields (event id, name) that
    differ only in what nobody can compute; `skipped` the ids of events that tell only that a task began, where the
    computed execution has none.
    """

    recording: Recording
    alignment: Alignment
    machine: StateMachine
    start: Execution
    execution: Execution
    differences: tuple[Difference, ...]
    computed: Mapping[int, Event]
    reached_after: Mapping[int, int]
    drawn: tuple[Difference, ...]
    unnamed: tuple[Difference, ...]
    untraced: tuple[Difference, ...]
    accepted: frozenset[tuple[int, str]]
    skipped: frozenset[int]
    trail: tuple[Execution, ...] = ()
    """The executions after each decision, when `replay` was asked to keep them."""
    is_stopped: bool = False
    """Whether somebody stopped it before its end: from `divergence` on nothing is known."""

    __repr__ = shown_without(
        "alignment",
        "machine",
        "start",
        "execution",
        "computed",
        "reached_after",
        "drawn",
        "unnamed",
        "untraced",
        "accepted",
        "skipped",
        "trail",
    )

    @property
    def decisions(self) -> tuple[Decision, ...]:
        """What led from `start` to `execution`, in order."""
        return tuple(self.execution.decisions)

    @property
    def divergence(self) -> Difference | None:
        """Where the replay could not follow the recording any further; None when it came to its end."""
        return next((difference for difference in self.differences if difference.is_end), None)

    @property
    def is_identical(self) -> bool:
        """Whether no difference was found. What was not compared may differ: see `verdicts.conclude`."""
        return not self.differences

    @property
    def events_behind(self) -> int:
        """How many recorded events are behind it: all, or those before the one where the paths part."""
        return len(self.reached_after)

    @property
    def events_followed(self) -> int:
        """How many recorded events have their computed one."""
        return len(self.computed)

    def executions(self) -> Iterator[Execution]:
        """The executions from `start` on, one for each decision more: made again as they are asked for."""
        execution = self.start
        yield execution
        if self.trail:
            yield from self.trail
            return
        for decision in self.execution.decisions:
            execution = step(execution, decision)
            yield execution


def _refuses_object(event: RecordedEvent) -> bool:
    """Whether a Map failed there over what is no array: it was recorded by an AWS whose Maps took no objects."""
    cause = event.details.get("cause")
    return isinstance(cause, str) and any(words in cause for words in _NO_ARRAY)


def settings_of(recording: Recording, **overrides: object) -> Settings:
    """The settings of the recorded execution: what the recording says of it, else sfdebug's own."""
    facts, default = recording.facts, Settings()
    known: dict[str, object] = {
        "execution_type": facts.execution_type,
        "name": facts.name or UNKNOWN_NAME,
        "state_machine_name": facts.state_machine_name or UNKNOWN_MACHINE,
        "start_time": recording.start_time if recording.start_time is not None else default.start_time,
        "region": facts.region or default.region,
        "account": facts.account or default.account,
        "role_arn": facts.role_arn or default.role_arn,
    }
    if any(_refuses_object(event) for event in recording.events):
        known["object_items"] = ObjectItems.NOWHERE
    if any((event.text("resourceType") or "").startswith("aws-sdk:") for event in recording.events):
        # AWS took the arguments of SDK calls; the models at hand may be older than they are.
        known["checks_arguments"] = False
    return Settings(**(known | overrides))  # type: ignore[arg-type]


def _input_of(recording: Recording, given: Value) -> Json:
    """The input that the execution is run with. Raises RecordingError when there is none."""
    found = given if is_present(given) else recording.input
    if found is MISSING:
        raise no_input(recording)
    return found


def no_input(recording: Recording) -> RecordingError:
    """What is wrong with a recording without the execution's input, and what can be done."""
    lack = recording.events[0].lack_of("input")
    fix = "Without execution data an execution cannot be run again. Record it with includeExecutionData."
    if recording.events[0].is_truncated("input"):
        fix = "Logs cut large data off; what AWS keeps of a Standard execution, as sfdebug fetch reads it, is whole."
    return RecordingError(f"the input of the execution {lack}", where=recording.title, fix=fix)


def _rules_for(recording: Recording, rules: Rules) -> Rules:
    """The rules under which a recording can be compared: fields that an export did not select are not known.

    Raises RecordingError when fields are missing without which no event can be followed.
    """
    if recording.fields is None:
        return rules
    if recording.why_not_followed:
        fix = "Export whole events: in Logs Insights, fields @timestamp, @message."
        raise RecordingError(recording.why_not_followed, where=recording.title, fix=fix)
    return replace(rules, ignore=rules.ignore | (FIELD_NAMES - recording.fields))


class ReplayProgress(Struct, frozen=True, gc=False):
    """How far a replay has come: it is behind `done` of `of` recorded events. One that ends before the last (where the
    paths part) is over all the same."""

    done: int
    of: int
    is_over: bool


class Replaying:
    """A replay that is under way, and goes on when it is told to: so that a screen can be drawn in between.

    What has come of it so far is true whatever comes: `progress`, `differences`, `accepted`. In the end there is a
    `result`, the same as that of `replay` whichever way it was cut into slices; one that was stopped says where.
    """

    def __init__(
        self,
        definition: StateMachine | Program,
        recording: Recording,
        *,
        rules: Rules | None = None,
        settings: Settings | None = None,
        input: Value = MISSING,
        alignment: Alignment | None = None,
        keep_trail: bool = False,
    ) -> None:
        """Begin. The arguments, and what is raised, are those of `replay`."""
        program = definition if isinstance(definition, Program) else Program(definition)
        rules = _rules_for(recording, rules or Rules())
        given = _input_of(recording, input)
        self.recording = recording
        self.machine = program.machine
        self.result: Replay | None = None
        """What came of it; None until it is over."""
        with seldom_collected():
            self.alignment = alignment or align(recording, program.machine)
            self.start = start(program, given, settings or settings_of(recording))
            self._loop = ReplayLoop(self.start, self.alignment, rules)
        if keep_trail:
            self._loop.driver.trail = []

    @property
    def progress(self) -> ReplayProgress:
        """How far it has come."""
        return ReplayProgress(self._loop.at, len(self.recording.events), self.result is not None)

    @property
    def events_behind(self) -> int:
        """How many recorded events are behind it."""
        return self._loop.at

    @property
    def computed(self) -> Mapping[int, Event]:
        """For a recorded event, by its index, the computed one: of those that are behind it."""
        return self._loop.computed

    @property
    def differences(self) -> Sequence[Difference]:
        """What was found so far, in no order."""
        return self._loop.findings.differences

    @property
    def accepted(self) -> Collection[tuple[int, str]]:
        """The fields (event id, name) that differ only in what nobody can compute, as far as they were compared."""
        return self._loop.findings.accepted

    @property
    def shadows(self) -> Shadows:
        """The shadows of the execution, where they stand now."""
        return self._loop.driver.shadows

    def taken_trail(self) -> list[Execution]:
        """The executions that it came to since the last time, which are not kept here any longer."""
        trail = self._loop.driver.trail or []
        self._loop.driver.trail = []
        return trail

    def advance(self, most_events: int = EVENTS_AT_A_TIME) -> ReplayProgress:
        """Go on through at most so many recorded events."""
        if self.result is None:
            with seldom_collected():
                self._loop.follow(most_events)
            if self._loop.is_over:
                self.result = self._closed()
        return self.progress

    def finish(self) -> Replay:
        """Go on to the end."""
        if self.result is None:
            with seldom_collected():
                self._loop.follow()
            self.result = self._closed()
        return self.result

    def stop(self) -> Replay:
        """Go no further: the replay as far as it came, which says that it was stopped, and never passes for more."""
        if self.result is None:
            self._loop.stop()
            self.result = self._closed()
        return self.result

    def _closed(self) -> Replay:
        loop, findings = self._loop, self._loop.findings
        return Replay(
            self.recording,
            self.alignment,
            self.machine,
            self.start,
            loop.driver.execution,
            tuple(sorted(findings.differences, key=lambda difference: difference.event_id)),
            loop.computed,
            loop.reached_after,
            tuple(findings.drawn),
            tuple(findings.unnamed),
            tuple(findings.untraced),
            frozenset(findings.accepted),
            frozenset(loop.skipped),
            tuple(loop.driver.trail or ()),
            loop.is_stopped,
        )


def replay(
    definition: StateMachine | Program,
    recording: Recording,
    *,
    rules: Rules | None = None,
    settings: Settings | None = None,
    input: Value = MISSING,
    alignment: Alignment | None = None,
    keep_trail: bool = False,
) -> Replay:
    """Run `recording` again under `definition`: its tasks' answers, its order, its times.

    Where a value is one that nobody can compute, the state after it is given the recorded one. Where it differs, the
    computed one goes on, as it would on AWS. `input` replaces the recorded input of the execution. With `keep_trail`
    every execution on the way is kept, so that walking it computes nothing again.

    Raises UnsupportedError when the definition cannot be run, RecordingError when the recording lacks what is needed.
    """
    return Replaying(
        definition,
        recording,
        rules=rules,
        settings=settings,
        input=input,
        alignment=alignment,
        keep_trail=keep_trail,
    ).finish()
