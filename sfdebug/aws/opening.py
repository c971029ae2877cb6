"""An execution as AWS has it, for debugging: its description, the text of the definition that it ran, its events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from msgspec import Struct

from sfdebug.aws.arns import Arn, ArnKind
from sfdebug.aws.errors import (
    DeniedError,
    InvalidArnError,
    NotFoundError,
    NotSupportedError,
    UnexpectedAnswerError,
)
from sfdebug.aws.executions import describe_machine_for_execution, described_by_arn, follow, read_history
from sfdebug.aws.express import ANYWHERE, LogSearch
from sfdebug.aws.fetching import FetchedExecution, FetchedExpress, fetch, silent

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.aws.errors import AwsError
    from sfdebug.aws.executions import HistoryEvent
    from sfdebug.aws.fetching import Begin
    from sfdebug.aws.session import AwsReader
    from sfdebug.values import Json


class OpenedExecution(Struct, frozen=True):
    """What is there of an execution. `events` are history events, or log events of an Express execution (`is_log`);
    `definition` is "" where it is not known: `refusals` say why, if AWS would not tell it. `log_groups` are those that
    its state machine names, by their ARNs, or the one that was read, by its name."""

    arn: str
    name: str
    description: Mapping[str, Json]
    definition: str
    events: tuple[Mapping[str, Json], ...]
    is_log: bool = False
    is_running: bool = False
    refusals: tuple[AwsError, ...] = ()
    log_groups: tuple[str, ...] = ()


def open_execution(
    reader: AwsReader, arn: Arn, begin: Begin, search: LogSearch = ANYWHERE, *, with_definition: bool = True
) -> OpenedExecution:
    """Read an execution, with the definition that it ran unless that is not wanted.

    Raises AwsError; InvalidArnError for an ARN that names something else.
    """
    if arn.kind in (ArnKind.MAP_RUN, ArnKind.STATE_MACHINE):
        fix = f"Choose one of its executions: sfdebug replay {arn.text}"
        raise InvalidArnError(f"this names a {arn.kind}, and an execution is needed", fix, where=arn.text)
    fetched = fetch(reader, arn, 0, begin, search, with_definition=with_definition)
    if isinstance(fetched, FetchedExpress):
        log = fetched.log
        definition = log.machine.definition if log.machine is not None else ""
        about: dict[str, Json] = {"executionArn": arn.text}
        return OpenedExecution(
            arn.text,
            arn.name,
            about,
            definition,
            tuple(log.events),
            is_log=True,
            refusals=log.refusals,
            log_groups=(log.log_group,),
        )
    assert isinstance(fetched, FetchedExecution)
    description, machine = fetched.description, fetched.machine
    definition = machine.definition if machine is not None else ""
    return OpenedExecution(
        arn.text,
        description.name,
        description.answer,
        child_definition(definition, arn.label) if arn.is_child else definition,
        tuple(fetched.events or ()),
        is_running=description.is_running,
        refusals=fetched.refusals,
        log_groups=machine.log_groups if machine is not None else (),
    )


def read_events(reader: AwsReader, arn: Arn, search: LogSearch = ANYWHERE) -> OpenedExecution:
    """The events of an execution, and what its ARN says of it: one permission is all it needs.

    Of one with a Map Run, whose children have histories of their own, the definition that it ran is asked for, too;
    where that is denied it stays unknown. Raises AwsError.
    """
    if arn.kind is not ArnKind.EXECUTION:
        return open_execution(reader, arn, silent, search)
    events = tuple(read_history(reader, arn.text))
    definition = ""
    refusals: tuple[AwsError, ...] = ()
    if any(event.get("type") == "MapRunStarted" for event in events):
        try:
            definition = describe_machine_for_execution(reader, arn.text).definition
        except (DeniedError, NotFoundError, NotSupportedError, UnexpectedAnswerError) as error:
            refusals = (error,)
    about = described_by_arn(arn).answer
    return OpenedExecution(arn.text, arn.name, about, definition, events, refusals=refusals)


def later_events(reader: AwsReader, arn: str, after: int, interval: float = 2.0) -> Iterator[tuple[HistoryEvent, ...]]:
    """The new events of an execution that runs, each time that there are some, until it is over. Raises AwsError."""
    for news in follow(reader, arn, after=after, interval=interval):
        if news.events:
            yield news.events


def child_definition(definition: str, label: str) -> str:
    """What a child execution of a Map Run ran: the ItemProcessor of the Map with this label, as a definition of its
    own; "" when it is not found. Source: States Language specification, "Map State"; AWS docs, field `Label`."""
    try:
        found = _map_labelled(json.loads(definition), label)
    except (ValueError, RecursionError):
        return ""
    if found is None:
        return ""
    processor = {name: value for name, value in found.items() if name != "ProcessorConfig"}
    return json.dumps(processor)


def _map_labelled(scope: Json, label: str, language: Json = None) -> dict[str, Json] | None:
    if not isinstance(scope, dict):
        return None
    language = scope.get("QueryLanguage", language)
    states = scope.get("States")
    for name, state in states.items() if isinstance(states, dict) else ():
        if not isinstance(state, dict):
            continue
        processor = state.get("ItemProcessor", state.get("Iterator"))
        own = state.get("QueryLanguage", language)
        if isinstance(processor, dict) and _is_called(state, name, label):
            return {**({"QueryLanguage": own} if isinstance(own, str) else {}), **processor}
        branches = state.get("Branches")
        for inner in (processor, *(branches if isinstance(branches, list) else ())):
            found = _map_labelled(inner, label, own)
            if found is not None:
                return found
    return None


def _is_called(state: Mapping[str, Json], name: str, label: str) -> bool:
    """By its Label; without one AWS makes a label from the state's name."""
    given = state.get("Label")
    if isinstance(given, str):
        return given == label
    return "".join(letter for letter in name if letter.isalnum())[:40] == "".join(
        letter for letter in label if letter.isalnum()
    )
