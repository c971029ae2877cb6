"""Recordings made of what was read from AWS, in place of a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sfdebug.asl.load import parse_definition
from sfdebug.errors import DefinitionError
from sfdebug.history.reading.execution_info import described, facts_of
from sfdebug.history.reading.read import parse_recordings
from sfdebug.values import compact

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sfdebug.asl.definition import StateMachine
    from sfdebug.aws.opening import OpenedExecution
    from sfdebug.history.recording import Recording
    from sfdebug.values import Json


def recording_of(opened: OpenedExecution, events: Sequence[Mapping[str, Json]] | None = None) -> Recording:
    """The recording that the events of an execution make, all that were read, or those. Raises RecordingError without
    any."""
    taken = opened.events if events is None else events
    recording = recordings_of(taken, opened.arn)[0]
    if opened.is_log:
        return recording
    return replace(recording, facts=facts_of(recording.events, described(opened.description)))


def definition_of(opened: OpenedExecution) -> StateMachine | None:
    """The definition that an execution ran; None when there is none, or it cannot be read."""
    if not opened.definition:
        return None
    try:
        return parse_definition(opened.definition, opened.name or "definition", "json")
    except DefinitionError:
        return None


def recordings_of(events: Sequence[Mapping[str, Json]], name: str) -> tuple[Recording, ...]:
    """The recordings that events make, of an execution or of a log; `name` is what to call where they are from.

    Raises RecordingError without any.
    """
    return parse_recordings(compact({"events": [dict(event) for event in events]}), name)
