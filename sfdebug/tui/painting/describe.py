"""Short texts for the panes: an expression, a stage, an event, each on one line; and what a search finds of a state."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.view.json_diff import diff, stage_changes, summarise
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import CatchVerdict, RetryVerdict, StageName, StageStatus
from sfdebug.expressions.jsonata.expression import is_jsonata_string, jsonata_text
from sfdebug.text import counted
from sfdebug.times import seconds_text
from sfdebug.values import Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.debugger.view.model import StageLine, View
    from sfdebug.engine.execution.events import Event
    from sfdebug.engine.execution.visit import Stage
    from sfdebug.expressions.choice import Verdict

_NUMBERED: Final = (StageName.RULE, StageName.RETRY, StageName.CATCH)
_GIVING: Final = (
    *(StageName.INPUT, StageName.ARGUMENTS, StageName.TASK, StageName.RESULT, StageName.OUTPUT),
    *(
        StageName.ITEMS,
        StageName.REDRIVE,
        StageName.ITEM_READER,
        StageName.ITEM_BATCHER,
        StageName.MAP_RUN,
        StageName.RESULT_WRITER,
    ),
)
"""The stages whose value is new: there is nothing to compare it with."""

_SHORT_VALUE: Final = 400
_RULE_EXTRAS: Final = frozenset({"Next", "Comment", "Variable", "Assign", "Output", "Condition"})


def attempt_text(view: View) -> str:
    """Which attempt of a visit it is, and of how many where that is known."""
    return f"attempt {view.attempt}" + (f" of {view.max_attempts}" if view.max_attempts else "")


def stage_title(line: StageLine) -> str:
    """`Rule 2`, `Retry 1`, `InputPath`."""
    if line.name in _NUMBERED and line.index is not None:
        return f"{line.name} {line.index + 1}"
    return str(line.name)


def expression_text(line: StageLine) -> str:
    """The expression of a stage on one line; "" when it has none."""
    if line.name is StageName.TASK:
        return _task_text(line)
    expression = line.expression
    if not is_present(expression):
        return ""
    if line.name is StageName.RULE and isinstance(expression, dict):
        return rule_text(expression)
    if line.name in (StageName.RETRY, StageName.CATCH) and isinstance(expression, dict):
        return _error_equals(expression)
    if line.name in (StageName.ITEM_READER, StageName.RESULT_WRITER) and isinstance(expression, dict):
        return _s3_text(expression)
    return template_text(expression)


def template_text(expression: Json) -> str:
    """`$.order`, `amount ← $.total, currency ← "EUR"`; what stands between `{%` and `%}` without these."""
    if isinstance(expression, str):
        return jsonata_text(expression) if is_jsonata_string(expression) else expression
    if isinstance(expression, dict):
        return ", ".join(_pair(key, value) for key, value in expression.items())
    return short(expression)


def _pair(key: str, value: Json) -> str:
    if key.endswith(".$") and isinstance(value, str):
        return f"{key[:-2]} ← {value}"
    if isinstance(value, str) and is_jsonata_string(value):
        return f"{key} ← {jsonata_text(value)}"
    return f"{key} ← {short(value)}"


def _s3_text(entry: dict[str, Json]) -> str:
    """An ItemReader or ResultWriter: `s3:getObject CSV, MaxItems ← 10`."""
    resource = str(entry.get("Resource", "")).split(":states:::")[-1]
    config = entry.get("ReaderConfig", entry.get("WriterConfig"))
    fields = dict(config) if isinstance(config, dict) else {}
    kind = str(fields.pop("InputType", fields.pop("OutputType", "")))
    texts = (text for text in (" ".join(filter(None, (resource, kind))), template_text(fields)) if text)
    return ", ".join(texts)


def rule_text(rule: dict[str, Json]) -> str:
    """A Choice rule: `$.total NumericGreaterThan 100`, `And($.a IsPresent true, …)`."""
    condition = rule.get("Condition")
    if condition is not None:
        return template_text(condition)
    for operator in ("And", "Or"):
        parts = rule.get(operator)
        if isinstance(parts, list):
            texts = (rule_text(part) if isinstance(part, dict) else short(part) for part in parts)
            return f"{operator}({', '.join(texts)})"
    inner = rule.get("Not")
    if isinstance(inner, dict):
        return f"Not({rule_text(inner)})"
    comparisons = [f"{name} {short(value)}" for name, value in rule.items() if name not in _RULE_EXTRAS]
    return " ".join([str(rule.get("Variable", "")), *comparisons]).strip()


def _error_equals(entry: dict[str, Json]) -> str:
    names = entry.get("ErrorEquals")
    return ", ".join(map(str, names)) if isinstance(names, list) else short(entry)


def _task_text(line: StageLine) -> str:
    resource = line.expression if isinstance(line.expression, str) else ""
    name = resource.rsplit(":function:", 1)[-1] if ":function:" in resource else resource.split(":states:::")[-1]
    attempt = f"attempt {line.stage.attempt}  " if line.stage is not None and line.stage.attempt > 1 else ""
    return attempt + name


def short(value: Json) -> str:
    """A value as compact JSON, as far as it is read for a line: a large value costs no more than a small one."""
    parts: list[str] = []
    _write(value, parts, _SHORT_VALUE)
    return "".join(parts)


def _write(value: Json, parts: list[str], room: int) -> int:
    """Append the beginning of `value` as JSON text; return how much of `room` characters is left."""
    if room <= 0:
        return 0
    if isinstance(value, dict):
        return _write_all(((f"{compact(key[:room])}:", item) for key, item in value.items()), "{}", parts, room)
    if isinstance(value, list):
        return _write_all((("", item) for item in value), "[]", parts, room)
    text = compact(value[:room] if isinstance(value, str) else value)
    parts.append(text)
    return room - len(text)


def _write_all(members: Iterable[tuple[str, Json]], brackets: str, parts: list[str], room: int) -> int:
    parts.append(brackets[0])
    room -= 2
    separator = ""
    for key, item in members:
        parts.append(separator + key)
        room = _write(item, parts, room - len(key) - 1)
        if room <= 0:
            return 0
        separator = ","
    parts.append(brackets[1])
    return room


def size_text(value: Value) -> str:
    """`{…} 3 keys`, `[…] 12 items`, or a scalar as JSON."""
    if not is_present(value):
        return ""
    if isinstance(value, dict):
        return counted(len(value), "key", "{{…}} {}") if value else "{}"
    if isinstance(value, list):
        return counted(len(value), "item", "[…] {}") if value else "[]"
    return short(value)


WAITS: Final = "waits for a result"


def outcome(line: StageLine, before: Value, waiting: str = WAITS) -> str:
    """What a stage did, in a few words: what changed since `before`, what it found, or how it failed. `waiting` is what
    a Task without a result does."""
    stage = line.stage
    if stage is None:
        return ""
    detail = stage.detail
    if isinstance(detail, RetryVerdict):
        delay = f", wait {seconds_text(detail.delay_seconds)}" if detail.delay_seconds is not None else ""
        return detail.why + delay
    if isinstance(detail, CatchVerdict):
        return _why(detail)
    if detail is not None:
        return _condition_outcome(detail) if detail.operator == "Condition" else verdict_text(detail)
    if stage.fault is not None:
        return stage.fault.error or "failed"
    return _change(stage, before, waiting)


def verdict_text(verdict: Verdict) -> str:
    """Why a rule matches or does not."""
    return verdict.why or f"{verdict.path or verdict.operator} is {'true' if verdict.matched else 'false'}"


def told_children(verdict: Verdict) -> tuple[Verdict, ...]:
    """What a verdict follows from, without what its own words have said already ("$n is 2")."""
    return tuple(child for child in verdict.children if child.operator or child.why not in verdict.why)


def verdict_line(verdict: Verdict) -> str:
    """A verdict on one line; a Condition whose parts follow below leaves the reasons to them."""
    if verdict.operator == "Condition" and told_children(verdict):
        return f"{verdict.path} is {'true' if verdict.matched else 'false'}"
    return verdict_text(verdict)


def _condition_outcome(verdict: Verdict) -> str:
    """`false: $n is 3`: the expression itself stands beside it already."""
    word = "true" if verdict.matched else "false"
    reason = verdict.why.partition(f" is {word}: ")[2]
    return f"{word}: {reason}" if reason else word


def _change(stage: Stage, before: Value, waiting: str) -> str:
    if stage.name is StageName.ASSIGN and is_present(stage.after):
        return summarise(diff(before if is_present(before) else {}, stage.after)) or "as it was"
    if stage.status is StageStatus.WAITING:
        return waiting
    if stage.name in _GIVING:
        return size_text(stage.after)
    if stage.name in (StageName.RULE, StageName.DEFAULT):
        return str(stage.status)
    if not is_present(stage.after) or not is_present(before):
        return size_text(stage.after)
    is_path = stage.name in (StageName.INPUT_PATH, StageName.OUTPUT_PATH)
    return summarise(stage_changes(stage) if is_path else diff(before, stage.after)) or "as it was"


def event_state(event: Event) -> str:
    """The state that an event is of, as AWS names it: an iteration has its Map's name, the execution has none."""
    if event.type.startswith("MapIteration") and event.branch:
        return event.branch[-1][0]
    return "" if event.type.startswith("Execution") else event.state


def event_text(event: Event, brief: Callable[[Json], str] = short) -> str:
    """The gist of an event's details: an error, or the data that it carries, as `brief` writes it."""
    details = event.details
    if not details:
        return ""
    error, cause = details.get("error"), details.get("cause")
    if error is not None or cause is not None:
        return ": ".join(str(part) for part in (error, cause) if part)
    for name in ("output", "parameters", "input"):
        if name in details:
            return brief(details[name])
    if "resource" in details:
        return ":".join(str(details[name]) for name in ("resourceType", "resource") if name in details)
    pairs = (f"{name} {short(value)}" for name, value in details.items() if name not in ("name", "inputDetails"))
    return ", ".join(pairs)


def _why(detail: RetryVerdict | CatchVerdict) -> str:
    if isinstance(detail, CatchVerdict) and detail.matched:
        return f"matches: goes on to {named(detail.next)}"
    return detail.why


def verdict_words(detail: object) -> str:
    """What a Retrier or Catcher names and made of a fault."""
    if isinstance(detail, (RetryVerdict, CatchVerdict)):
        return f"{', '.join(detail.error_equals)}: {_why(detail)}"
    return ""


_SAID: Final = ("Parameters", "Arguments", "ItemReader", "ItemsPath", "Items", "Seconds", "Timestamp", "Error", "Cause")
"""Fields in which people look for a name: a function's, a queue's, a bucket's."""


def searched_text(state: State) -> str:
    """Its name first, its type, resource and Comment, then a line for each condition, as it is written and as the
    graph writes it, for each list of errors that it handles, and for what it calls with."""
    from sfdebug.drawing.labels import short_condition

    lines = [state.name, str(state.type), state.resource, str(state.fields.get("Comment", ""))]
    for rule in state.choices:
        fields = dict(rule.fields)
        lines += [rule_text(fields), short_condition(fields)]
    handled = [*(entry.error_equals for entry in state.retriers), *(entry.error_equals for entry in state.catchers)]
    lines += [", ".join(names) for names in handled]
    lines += [compact(state.fields[name]) for name in _SAID if name in state.fields]
    return "\n".join(line for line in lines if line)
