"""Recorded executions run again under a definition in one call: `replay` gives all that came of it, `verify` a verdict,
`coverage` what they took of it.

A history is a file, a text, or the events that boto3 returns. How it is read and compared stands in `sfdebug.history`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sfdebug.asl.load import Definition
from sfdebug.engine import Execution, Program, Settings
from sfdebug.errors import SfdebugError, UsageError
from sfdebug.history.coverage.items import merged
from sfdebug.history.coverage.taking import taken_in
from sfdebug.history.reading.read import chosen, parse_recordings, read_recordings
from sfdebug.history.recording import Recording, RecordingError
from sfdebug.history.replay import replay as replaying
from sfdebug.history.replay.event_comparison import Rules, why_no_tolerance
from sfdebug.history.replay.explain import sides
from sfdebug.history.verification.verdict import VerificationStatus
from sfdebug.history.verification.verify import verify_one
from sfdebug.projects.addresses import load
from sfdebug.tasks.handler import checked_input
from sfdebug.text import with_article
from sfdebug.values import MISSING, Value, is_present, same

if TYPE_CHECKING:
    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.coverage.model import Coverage, TakenItems
    from sfdebug.history.replay.event_comparison import Difference
    from sfdebug.history.replay.replay import Replay
    from sfdebug.history.verification.verdict import Verification

History: TypeAlias = "str | os.PathLike[str] | bytes | Mapping[str, Any] | Sequence[Mapping[str, Any]] | Recording"
"""What stands for recorded executions: a path, a text, an answer of GetExecutionHistory, its events, a recording."""

_GIVEN: Final = "<history>"
_WANTED: Final = "Give what boto3's get_execution_history returns."
_GOOD: Final = (VerificationStatus.IDENTICAL, VerificationStatus.SAME_EFFECTS)


class VerificationError(SfdebugError):
    """A recorded execution that is not identical under a definition, for callers that asked for an error.

    Attributes:
        verification: The verdict, with all differences and reasons.
    """

    def __init__(self, verification: Verification) -> None:
        first, lack = verification.first, verification.reason
        what = f"the execution is {verification.status}" if first is None else "the execution diverges"
        why = _what_differs(first) if first is not None else lack
        fix = "The error's `verification` has all that is known; `replay` gives the execution as it was computed."
        super().__init__(f"{what}: {why}" if why else what, where=verification.history, fix=fix)
        self.verification = verification


class ReplayDifferenceError(SfdebugError):
    """A recorded execution that goes otherwise under a definition, for callers that asked for an error.

    Attributes:
        history: What the recording is called.
        differences: All that differs, in the order of the recorded events.
    """

    def __init__(self, history: str, differences: tuple[Difference, ...]) -> None:
        what = f"the execution goes otherwise: {_what_differs(differences[0])}"
        fix = f"There are {len(differences)} differences in the error's `differences`." if len(differences) > 1 else ""
        super().__init__(what, where=history, fix=fix)
        self.history = history
        self.differences = differences

    def __reduce__(self) -> tuple[type[ReplayDifferenceError], tuple[str, tuple[Difference, ...]]]:
        return ReplayDifferenceError, (self.history, self.differences)


def recordings(history: History) -> tuple[Recording, ...]:
    """The executions in a history, in the order of their first events: each can be given to `replay` and `verify`.

    Args:
        history: A path (of a file, or of a folder that `sfdebug fetch` wrote), a text or bytes (JSON, JSON Lines, YAML,
            CSV, gzipped or not), an answer of GetExecutionHistory or its events, as boto3 has them, or a recording.

    Raises:
        RecordingError: When it cannot be read, or there is no event in it.
        UsageError: For what is no history at all.
    """
    if isinstance(history, Recording):
        return (history,)
    if isinstance(history, bytes):
        return parse_recordings(history, _GIVEN)
    if isinstance(history, str):
        is_text = "\n" in history or history.lstrip("\ufeff \t\r")[:1] in ("", "{", "[")
        if is_text:
            return parse_recordings(history, _GIVEN)
        if history.startswith("arn:"):
            what = "this names something in AWS, and a file is needed"
            fix = "sfdebug fetch ARN saves an execution, for recordings() to read; sfdebug replay ARN opens it."
            raise RecordingError(what, where=history, fix=fix)
        return read_recordings(history)
    if isinstance(history, os.PathLike):
        return read_recordings(os.fsdecode(history))
    return parse_recordings(_text_of(history), _GIVEN)


def replay(
    definition: Definition,
    history: History,
    *,
    execution: str | None = None,
    input: Value = MISSING,
    raise_on_difference: bool = False,
) -> Replay:
    """Run a recorded execution again under a definition: its tasks' answers, in their order, at their times.

    Args:
        definition: A path, a text in JSON or YAML, a dict, or a loaded definition.
        history: What `recordings` takes.
        execution: Which execution, by its name or ARN; needed when the history holds several.
        input: What it is run with, in place of the recorded input.
        raise_on_difference: Whether a difference is raised. That nothing differs does not say that everything could be
            compared: `verify` says that.

    Returns:
        The execution as it was computed, and how it differs from the recorded one.

    Raises:
        DefinitionError: When the definition cannot be read, or is no valid one.
        UnsupportedError: When it cannot be run as it stands.
        RecordingError: When the history cannot be read, or lacks the execution's input.
        InputError: When StartExecution would not take the input.
        UsageError: For a definition or a history that is none.
        ReplayDifferenceError: When `raise_on_difference` is set, and something differs.
    """
    given = checked_input(input, Settings()) if is_present(input) else MISSING
    recording = _one(history, execution)
    found = replaying.replay(load(definition), recording, input=given)
    if raise_on_difference and found.differences:
        raise ReplayDifferenceError(recording.title, found.differences)
    return found


def verify(
    definition: Definition,
    history: History,
    *,
    execution: str | None = None,
    recorded_definition: Definition | None = None,
    ignore: Collection[str] = (),
    strict: bool = False,
    tolerance: float | None = None,
    same_effects: bool = False,
    raise_on_failure: bool = False,
) -> Verification:
    """Whether a definition still does what a recorded execution did.

    Args:
        definition: A path, a text in JSON or YAML, a dict, or a loaded definition.
        history: What `recordings` takes.
        execution: Which execution, by its name or ARN; needed when the history holds several.
        recorded_definition: The definition that it ran, where that is known: what a history does not hold came out
            alike where nothing changed.
        ignore: What is not compared: "timestamps", names of fields of events, places in payloads as JSON Pointers.
        strict: Whether what AWS makes up counts, too (UUIDs, task tokens, the execution's name).
        tolerance: By how many seconds waits and retry delays may differ; by default they may end up to 2 s later.
        same_effects: Whether only what Tasks call, and how the execution ends, is compared.
        raise_on_failure: Whether another verdict than identical (or same effects) is raised.

    Returns:
        The verdict, with its differences and reasons.

    Raises:
        DefinitionError: When a definition cannot be read, or is no valid one.
        UnsupportedError: When the definition cannot be run as it stands.
        RecordingError: When the history cannot be read.
        UsageError: For a name in `ignore` that no event has, a `tolerance` that is no number of seconds, and for a
            definition or a history that is none.
        VerificationError: When `raise_on_failure` is set, and the execution is not verified.
    """
    rules = _rules(ignore, strict, tolerance)
    program, recording = Program(load(definition)), _one(history, execution)
    ran = load(recorded_definition) if recorded_definition is not None else None
    verification = verify_one(program, recording, rules, recorded_definition=ran, same_effects=same_effects)
    if raise_on_failure and verification.status not in _GOOD:
        raise VerificationError(verification)
    return verification


def coverage(definition: Definition, runs: Iterable[History | Execution]) -> Coverage:
    """What executions took of a definition, and what none of them did.

    Args:
        definition: A path, a text in JSON or YAML, a dict, or a loaded definition.
        runs: Executions that were run here (`simulate`, `Debugger`), and histories, as `recordings` takes them. Each
            recorded execution is computed again; where it went another way than the definition does, it counts up to
            there.

    Returns:
        How often each state, rule, Retrier, Catcher and so on was taken; two of them can be added.

    Raises:
        DefinitionError: When the definition cannot be read, or is no valid one.
        UnsupportedError: When it cannot be run as it stands.
        RecordingError: When a history cannot be read, or lacks the execution's input.
        UsageError: For a definition or a history that is none, and an execution of another definition.
    """
    if isinstance(runs, str | bytes | Mapping | Recording | Execution):
        raise UsageError("what executions took is counted in several of them", where="runs", fix="Give a list of them.")
    machine = load(definition)
    return merged(machine, _taken(machine, runs))


def _taken(machine: StateMachine, runs: Iterable[History | Execution]) -> Iterator[TakenItems]:
    program = Program(machine)
    for run in runs:
        if isinstance(run, Execution):
            if not same(run.machine.document.value, machine.document.value):
                raise UsageError("an execution is one of another definition", where="runs")
            yield taken_in(run)
            continue
        for recording in recordings(run):
            found = replaying.replay(program, recording)
            parting = found.divergence
            yield taken_in(found.execution, parting.event_id if parting is not None else None)


def _what_differs(difference: Difference) -> str:
    recorded, computed = sides(difference)
    explanation = difference.explanation or f"recorded {recorded}, computed {computed}"
    return f"event {difference.event_id}: {explanation}"


def _one(history: History, execution: str | None) -> Recording:
    where = os.fsdecode(history) if isinstance(history, os.PathLike) else _GIVEN
    return chosen(recordings(history), execution, where, "execution=NAME")


def _rules(ignore: Collection[str], strict: bool, tolerance: float | None) -> Rules:
    if isinstance(ignore, str) or not isinstance(ignore, Collection) or not all(isinstance(one, str) for one in ignore):
        raise UsageError("what to ignore is a list of names", where="ignore", fix='Write: ignore=["timestamps"]')
    if tolerance is None:
        return Rules(frozenset(ignore), strict)
    why = why_no_tolerance(tolerance)
    if why is not None:
        fix = 'Give 0 to compare exactly, or ignore=["timestamps"] not to compare times.'
        raise UsageError(why, where="tolerance", fix=fix)
    return Rules(frozenset(ignore), strict, tolerance, tolerance)


def _text_of(history: object) -> str:
    """What boto3 returns, written out. Raises UsageError for what JSON cannot hold, RecordingError for endless data."""
    if not isinstance(history, Mapping | Sequence):
        what = f"a history is a path, a text, events as boto3 returns them or a recording, not {with_article(history)}"
        raise UsageError(what, fix=_WANTED)
    try:
        return json.dumps(history, default=_as_json)
    except TypeError as error:
        raise UsageError(f"a history has names that are no texts: {error}", fix=_WANTED) from error
    except (ValueError, RecursionError) as error:
        what = "the history is nested deeper than sfdebug follows, or holds itself"
        raise RecordingError(what, where=_GIVEN, fix=_WANTED) from error


def _as_json(value: object) -> object:
    """What Python code has in events that JSON has not: times, and other mappings and sequences than dict and list."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="milliseconds")
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return list(value)
    if isinstance(value, Recording):
        raise UsageError("a history is one recording, not a list of them", fix="Give one of them.")
    raise UsageError(f"a history holds no {type(value).__name__}", fix=_WANTED)
