"""What starts machines, for people: when a trigger fires, where it is declared, why it starts nothing here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.eventbridge.reading import EventPatternError, pattern_of, read_pattern
from sfdebug.eventbridge.wording import pattern_in_words, schedule_in_words
from sfdebug.projects.model import TriggerSource
from sfdebug.text import cell_width, escaped

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sfdebug.projects.model import MachineTrigger, ProjectMachine
    from sfdebug.values import Json


def trigger_words(trigger: MachineTrigger) -> str:
    """When it fires: `source is aws.s3, detail-type is Object Created`, `every day at 03:00`, `messages of orders`."""
    settings = trigger.settings
    if trigger.source is TriggerSource.EVENTS:
        bus = settings.get("EventBusName")
        words = _pattern_words(settings.get("EventPattern")) or trigger.detail
        return words if bus in (None, "default") else f"{words} (on the bus {bus})"
    if trigger.source is TriggerSource.SCHEDULE:
        zone = settings.get("ScheduleExpressionTimezone")
        words = schedule_in_words(str(settings.get("ScheduleExpression") or ""))
        return f"{words} ({zone})" if zone else words
    if trigger.source is TriggerSource.PIPE:
        filters = settings.get("Filters")
        patterns = [_pattern_words(each) for each in (filters if isinstance(filters, list) else [])]
        words = "; or ".join(filter(None, patterns))
        return source_words(str(settings.get("Source") or "")) + (f", where {words}" if words else "")
    return trigger.detail


def source_words(arn: str) -> str:
    """What a pipe reads: `messages of orders`, `records of camera-photos`."""
    parts = arn.split(":", 5)
    if len(parts) < 6:
        return f"records of {arn}"
    name = parts[5].rpartition("/stream/")[0] or parts[5]
    return f"{'messages' if parts[2] == 'sqs' else 'records'} of {name.rpartition('/')[2].rpartition(':')[2]}"


def trigger_name(trigger: MachineTrigger) -> str:
    """Its kind and its name, which may have the kind in it."""
    return trigger.name if trigger.name.startswith(trigger.kind) else f"{trigger.kind} {trigger.name}"


def trigger_state(trigger: MachineTrigger) -> str:
    """Why it starts nothing by itself, "" for one that does."""
    if not trigger.is_enabled:
        return "is disabled"
    return trigger.problem


def place_of_trigger(trigger: MachineTrigger) -> str:
    """`file:line` of where it is declared."""
    return f"{trigger.file}:{trigger.line}" if trigger.line else trigger.file


TriggerRow = tuple[str, "MachineTrigger", str]
"""The name of a machine, what starts it, and why it does not, "" where it does."""


def project_triggers(machines: Iterable[ProjectMachine]) -> list[TriggerRow]:
    """What starts the machines of a project; why not, as far as the project is wrong."""
    return [
        (machine.name, trigger, trigger_state(trigger) if trigger.source is not TriggerSource.REQUEST else "")
        for machine in machines
        for trigger in machine.triggers
    ]


def trigger_lines(rows: Sequence[TriggerRow]) -> list[str]:
    """A line for each trigger: what it is, what it starts and when, where it is declared, why it starts nothing."""
    widest = max((cell_width(escaped(trigger_name(trigger))) for _, trigger, _ in rows), default=0)
    widest_machine = max((cell_width(escaped(machine)) for machine, _, _ in rows), default=0)
    lines = []
    for machine, trigger, why_not in rows:
        left = f"{_padded(escaped(trigger_name(trigger)), widest)}  {_padded(escaped(machine), widest_machine)}"
        told = escaped(trigger_words(trigger)) + (f" ({escaped(why_not)})" if why_not else "")
        lines.append(f"{left}  {told}  {escaped(place_of_trigger(trigger))}".rstrip())
    return lines


def trigger_dict(trigger: MachineTrigger) -> dict[str, Json]:
    """A trigger as one object."""
    return {
        "kind": trigger.kind,
        "name": trigger.name,
        "detail": trigger.detail,
        "source": str(trigger.source),
        "arn": trigger.arn,
        "settings": dict(trigger.settings),
        "isEnabled": trigger.is_enabled,
        "problem": trigger.problem,
        "file": trigger.file,
        "line": trigger.line,
    }


def _pattern_words(pattern: Json) -> str:
    """A pattern in words, "" for one that is refused."""
    try:
        return pattern_in_words(read_pattern(pattern) if isinstance(pattern, str) else pattern_of(pattern))
    except EventPatternError:
        return ""


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_width(text))
