"""What a target is given of an event: Input, InputPath, InputTransformer of a rule; InputTemplate of a pipe.

Source: EventBridge User Guide, "Input transformation" of rules and of pipes; recorded deliveries for what stands within
quotes, what is missing, and what `<aws.events.event>` is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field

from sfdebug.errors import SfdebugError
from sfdebug.eventbridge.events import looked_into
from sfdebug.values import MISSING, Value, compact

if TYPE_CHECKING:
    from sfdebug.values import Json

_PLACEHOLDER: Final = re.compile(r"<(\$[^<>]*|[\w.-]+)>", re.ASCII)
_STEP: Final = re.compile(r"\.([^.\[\]]+)|\[(\d+|\*)\]|\.(\*)")
_EVENT_FIELDS: Final = ("id", "account", "detailType", "time", "source", "region", "resources", "version")
_RULE_VARIABLES: Final = (
    "aws.events.rule-arn",
    "aws.events.rule-name",
    "aws.events.event.ingestion-time",
    "aws.events.event",
    "aws.events.event.json",
)


def scheduled_input(constant: str, schedule_arn: str, id: str, time: str) -> str:
    """The input that a schedule names, with what it says of itself. Source: EventBridge Scheduler User Guide, "Adding
    context attributes"."""
    words = {"schedule-arn": schedule_arn, "scheduled-time": time, "execution-id": id, "attempt-number": "1"}
    for name, value in words.items():
        constant = constant.replace(f"<aws.scheduler.{name}>", value)
    return constant


class TargetInputError(SfdebugError):
    """An input of a target that AWS refuses, or that gives nothing to start with."""


class EventPlace(Struct, frozen=True):
    """What an event came by: the ARN and the name of the rule or pipe, where from, where to, and when it was taken."""

    arn: str
    name: str
    time: str
    source_arn: str = ""
    target_arn: str = ""


class TargetInput(Struct, frozen=True):
    """What a target of a rule is given; the event itself where nothing is said."""

    constant: str | None = None
    path: str | None = None
    paths: Mapping[str, str] = field(default_factory=dict)
    template: str | None = None

    def problem(self) -> str:
        """Why AWS refuses it, "" for what it takes."""
        if sum(each is not None for each in (self.constant, self.path, self.template)) > 1:
            return "Only one of Input, InputPath, or InputTransformer must be provided for a target."
        for path in filter(None, (self.path, *self.paths.values())):
            if not _is_path(path):
                return f"{path} is no JSON path that EventBridge knows: write $.detail.name, with dots"
        if self.constant is not None and not _is_json(self.constant):
            return "its Input is no JSON"
        for match in _PLACEHOLDER.finditer(self.template or ""):
            if match[1] not in self.paths and match[1] not in _RULE_VARIABLES:
                return f"its InputTemplate contains invalid placeholder {match[1]}."
        return ""

    def text(self, event: Json, place: EventPlace) -> str:
        """The input of an execution, as JSON text. Raises TargetInputError where it is none."""
        problem = self.problem()
        if problem:
            raise TargetInputError(problem)
        if self.constant is not None:
            return self.constant
        if self.path is not None:
            found = at_path(event, self.path)
            if found is MISSING:
                raise TargetInputError(f"the event has nothing at its InputPath {self.path}")
            return compact(found)
        if self.template is None:
            return compact(event)

        def value_of(name: str) -> Value:
            if name in self.paths:
                return at_path(event, self.paths[name])
            return _rule_variable(name, event, place)

        return _checked(rendered(self.template, value_of), "InputTransformer")


class PipeInput(Struct, frozen=True):
    """What the target of a pipe is given of each record; the record itself without a template."""

    template: str | None = None

    def text(self, records: list[Json], place: EventPlace) -> str:
        """The input of an execution: an array, also of one record. Raises TargetInputError."""
        if self.template is None:
            return compact(records)
        return f"[{','.join(self._text_of(self.template, record, place) for record in records)}]"

    def _text_of(self, template: str, record: Json, place: EventPlace) -> str:
        seen = looked_into(record)

        def value_of(name: str) -> Value:
            return at_path(seen, name) if name.startswith("$") else _pipe_variable(name, record, place)

        text = rendered(template, value_of)
        return text if _is_json(text) else json.dumps(text, ensure_ascii=False)


def rendered(template: str, value_of: Callable[[str], Value]) -> str:
    """A template with its placeholders filled in: as JSON, and within quotes as text."""
    is_text = template.lstrip().startswith('"')
    parts: list[str] = []
    at, is_quoted = 0, False
    for match in _PLACEHOLDER.finditer(template):
        between = template[at : match.start()]
        is_quoted = _quoted_behind(between, is_quoted)
        value = value_of(match[1])
        parts += (between, _within_quotes(value, is_text) if is_quoted else _as_json(value))
        at = match.end()
    return "".join([*parts, template[at:]])


def _quoted_behind(text: str, is_quoted: bool) -> bool:
    """Whether what follows a part of a template stands within quotes."""
    at = 0
    while at < len(text):
        if text[at] == "\\" and is_quoted:
            at += 1
        elif text[at] == '"':
            is_quoted = not is_quoted
        at += 1
    return is_quoted


def _as_json(value: Value) -> str:
    return '""' if value is MISSING else compact(value)


def _within_quotes(value: Value, is_text: bool) -> str:
    """A value within quotes. Recorded: in a template that is a text, objects and arrays lose their own quotes; in one
    that is JSON, they keep them, and what comes of it is no JSON."""
    if value is MISSING:
        return ""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)[1:-1]
    text = compact(value)
    return text.replace('"', "") if is_text else text


def _rule_variable(name: str, event: Json, place: EventPlace) -> Value:
    fields = event if isinstance(event, dict) else {}
    if name == "aws.events.event":  # recorded: without detail, with the time at which it was taken
        renamed: dict[str, Json] = {**fields, "detailType": fields.get("detail-type"), "time": place.time}
        return {each: renamed[each] for each in _EVENT_FIELDS if each in renamed}
    known: dict[str, Json] = {
        "aws.events.rule-arn": place.arn,
        "aws.events.rule-name": place.name,
        "aws.events.event.ingestion-time": place.time,
        "aws.events.event.json": event,
    }
    return known.get(name, MISSING)


def _pipe_variable(name: str, record: Json, place: EventPlace) -> Value:
    known: dict[str, Json] = {
        "aws.pipes.pipe-arn": place.arn,
        "aws.pipes.pipe-name": place.name,
        "aws.pipes.source-arn": place.source_arn,
        "aws.pipes.target-arn": place.target_arn,
        "aws.pipes.event.ingestion-time": place.time,
        "aws.pipes.event": record,
        "aws.pipes.event.json": record,
    }
    return known.get(name, MISSING)


def at_path(value: Json, path: str) -> Value:
    """What stands at a JSON path of EventBridge's: dots, indices and asterisks; MISSING where nothing does."""
    if not _is_path(path):
        return MISSING
    found: list[Any] = [value]
    is_many = False
    for match in _STEP.finditer(path, 1):
        name, index, star = match.groups()
        if star or index == "*" or name == "*":
            is_many = True
            found = [inner for each in found for inner in _members(each)]
        elif index is not None:
            at = int(index)
            found = [each[at] for each in found if isinstance(each, list) and at < len(each)]
        else:
            found = [each[name] for each in found if isinstance(each, dict) and name in each]
    if is_many:
        return found
    return found[0] if found else MISSING


def _members(value: Any) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []


def _is_path(path: str) -> bool:
    if not path.startswith("$"):
        return False
    return "".join(match[0] for match in _STEP.finditer(path, 1)) == path[1:]


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _checked(text: str, name: str) -> str:
    if not _is_json(text):
        raise TargetInputError(f"what its {name} gives is no JSON, so that no execution takes it: {text[:80]}")
    return text
