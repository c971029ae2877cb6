"""An execution for a ticket, as Markdown: what failed, where, why, since when, how often, the data, links."""

from __future__ import annotations

import json
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.aws.console import LinkKind
from sfdebug.aws.redacting import Redactor
from sfdebug.debugger.recorded.redrive_words import redrive_lines
from sfdebug.debugger.recorded.summary import branch_text, definition_text, visit_name
from sfdebug.debugger.ticket import DatumKind
from sfdebug.history.redrive import RedriveOutlook
from sfdebug.limits import MAX_REDRIVE_WAIT_SECONDS
from sfdebug.reports.contrasts import contrast_sentences
from sfdebug.reports.markdown import code, fenced, folded, link
from sfdebug.text import counted, escaped
from sfdebug.times import duration_text, moment_text
from sfdebug.values import compact, is_present

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sfdebug.debugger.recorded.session import RecordedSession
    from sfdebug.debugger.recorded.summary import Retried
    from sfdebug.debugger.ticket import FailureStatistics, RuleTaken, Ticket, TicketDatum, TicketFailure
    from sfdebug.executions.outcome import ExecutionOutcome
    from sfdebug.values import Json, Value

_CAUSE: Final = 4_000
_VALUE: Final = 6_000
_LINES: Final = 120
_TEXT: Final = 300
_ITEMS: Final = 12
_KEYS: Final = 60
_DEPTH: Final = 12
_OPERAND: Final = 200
_TITLE: Final = 120
_MOST: Final = 6
_TRACE: Final = 40

_LINK_WORDS: Final = {
    LinkKind.EXECUTION: "Execution in the console",
    LinkKind.MAP_RUN: "Map Run in the console",
    LinkKind.STATE_MACHINE: "State machine in the console",
    LinkKind.LOG: "Its entries in the log group",
    LinkKind.FUNCTION_LOG: "The function's log group, if it has the usual one",
    LinkKind.TRACE: "Trace",
}


def ticket_markdown(ticket: Ticket, *, redact: bool = False, now: int | None = None) -> str:
    """The whole ticket. With `redact` no value of the data is in it, and no text of a cause: names, error names, ARNs
    and times stay. `now`, in milliseconds since 1970, says whether the time for a redrive is over."""
    values = _Values(ticket, redact=redact)
    lines = [f"## {_title(ticket.outcome, ticket.failure)}", "", _lead(ticket), ""]
    lines += [f"- **{heading}**: {text}" for heading, text in _facts(ticket, values, now)]
    blocks = [_cause_block(ticket.failure, values), _rule_block(ticket.rule, values), _contrast_block(ticket, values)]
    for block in [*blocks, _data_block(ticket, values), _links_block(ticket)]:
        lines += ["", *block] if block else []
    if redact:
        lines += ["", "_Redacted: stand-ins in place of all values and causes; shapes, lengths and order are theirs._"]
    return "\n".join(lines) + "\n"


def _title(outcome: ExecutionOutcome, failure: TicketFailure | None) -> str:
    """`Orders: Payment.Declined in Charge`."""
    machine = code(outcome.state_machine_name or "execution")
    if failure is None:
        return f"{machine}: {outcome.status or 'how it stands is not known'}"
    what = code((failure.error or outcome.status)[:_TITLE])
    return f"{machine}: {what}" + (f" in {code(failure.place.name[:_TITLE])}" if failure.place is not None else "")


def _lead(ticket: Ticket) -> str:
    """How it stands, when, after how long, and where."""
    outcome, failure = ticket.outcome, ticket.failure
    text = f"**{outcome.status or 'NOT KNOWN'}**"
    if outcome.stopped_at is not None:
        text += f" at {_moment(outcome.stopped_at)}"
    took = duration_text(outcome.milliseconds)
    text += f", after {took}" if took else ""
    if failure is None or failure.place is None:
        why = failure.why_no_state if failure is not None else ""
        return text + (f". Where is not known: {escaped(why)}." if why else ".")
    place = failure.place
    around = ", ".join(f"{name} #{index}" for name, index in place.branch)
    where = f"{code(place.name)}{f' in {code(around)}' if around else ''}"
    where += "" if place.is_branch_known else " (what is around it is not known)"
    text += f", in {where}" if place.is_fault else f", while it was in {where}"
    text += f", attempt {place.attempts}" if place.attempts else ""
    return text + (f" (event {place.event_id})." if place.event_id else ".")


def _facts(ticket: Ticket, values: _Values, now: int | None) -> Iterator[tuple[str, str]]:
    """The short facts, the most important first."""
    outcome, failure = ticket.outcome, ticket.failure
    if failure is not None and failure.error:
        yield "Error", code(failure.error)
    if failure is not None and failure.parsed is not None:
        kind = f"{code(failure.parsed.type)}: " if failure.parsed.type not in ("", failure.error) else ""
        yield "The function says", f"{kind}{code(_cut(values.text(failure.parsed.message), _TEXT))}"
        if failure.parsed.request_id:
            yield "Request", code(failure.parsed.request_id)
    if failure is not None and failure.ended_with:
        yield "The execution ended with", code(failure.ended_with)
    if ticket.statistics is not None:
        yield "How often", _how_often(ticket.statistics)
        if ticket.statistics.group.count > 1:
            yield "Seen", _seen(ticket.statistics)
    elif ticket.why_not_counted:
        yield "How often", f"not known: {escaped(ticket.why_not_counted)}"
    yield from _identity(outcome)
    yield from _history(ticket, values, now)
    if ticket.refusal:
        yield "Not known", f"its history could not be read: {escaped(ticket.refusal)}"
    if ticket.run is not None:
        yield from _known_of_it(ticket.run, values)


def _identity(outcome: ExecutionOutcome) -> Iterator[tuple[str, str]]:
    if outcome.arn:
        yield "Execution", code(outcome.arn)
    elif outcome.place or outcome.name:
        yield "Execution", code(outcome.name or "/".join(PurePath(outcome.place).parts[-2:]))
    if outcome.state_machine_arn:
        yield "State machine", code(outcome.state_machine_arn)
    version = _version(outcome.version)
    alias = f", by the alias {code(outcome.alias_arn.rpartition(':')[2])}" if outcome.alias_arn else ""
    if version or alias:
        yield "Definition", f"{version}{alias}".removeprefix(", ")
    if outcome.started_at is not None:
        yield "Started", _moment(outcome.started_at)


def _history(ticket: Ticket, values: _Values, now: int | None) -> Iterator[tuple[str, str]]:
    """Retries, caught failures, redrives."""
    outcome = ticket.outcome
    tried = ticket.retried
    for one in tried[:_MOST]:
        yield "Retried", _retry(one)
    if len(tried) > _MOST:
        yield "Retried", f"{len(tried) - _MOST} more"
    for visit in ticket.caught[:_MOST]:
        attempt = visit.attempts[-1]
        error = ticket.run.alignment.error_of(attempt) if ticket.run is not None else attempt.error
        yield "Caught before", f"{code(error or 'no error name')} in {code(visit_name(visit))}"
    if outcome.redrive_count:
        last = f", the last time at {_moment(outcome.redriven_at)}" if outcome.redriven_at is not None else ""
        yield "Redriven", f"{counted(outcome.redrive_count, 'time')}{last}"
    redrive = _redrive(ticket, values, now)
    if redrive:
        yield "Redrive", "\n  - ".join(redrive)
    if ticket.failure is not None and ticket.failure.started:
        yield "It had started", code(ticket.failure.started)


def _redrive(ticket: Ticket, values: _Values, now: int | None) -> list[str]:
    """Whether a redrive is possible, and what it would do; without a history only the first is known."""
    outcome, outlook = ticket.outcome, ticket.redrive
    if outlook is None and outcome.redrive_status:
        ended = outcome.stopped_at
        until = ended + MAX_REDRIVE_WAIT_SECONDS * 1000 if ended is not None else None
        outlook = RedriveOutlook(outcome.redrive_status, True, outcome.redrive_status_reason, ended, until, (), 0)
    if outlook is None:
        return []
    lines = redrive_lines(replace(outlook, reason="") if values.redacts else outlook, now, code)
    return lines if ticket.redrive is not None else lines[:1]


def _known_of_it(run: RecordedSession, values: _Values) -> Iterator[tuple[str, str]]:
    """What is not in the recording, and whether the definition computes the same."""
    if run.recording.truncated:
        yield "Not known", f"AWS cut data off from {counted(len(run.recording.truncated), 'event')}"
    if run.recording.missing_ids:
        yield "Not known", f"the file lacks {counted(len(run.recording.missing_ids), 'event')}"
    if run.replay is not None and not values.redacts:  # it can quote a value
        is_own = run.machine is run.recorded_definition
        under = "the definition that it ran" if is_own else code(PurePath(run.machine.name).name)
        yield "Computed again", f"under {under}: {code(definition_text(run))}"


def _retry(one: Retried) -> str:
    """`Charge: 3 attempts in 4.2 s, the last one failed too, with Timeout`."""
    took = duration_text(one.milliseconds)
    errors = ", ".join(code(error) for error in dict.fromkeys(one.errors))
    ended = "then it succeeded" if one.is_saved else "the last one failed too" if one.attempts[-1].failed else ""
    parts = (f"{len(one.attempts)} attempts{f' in {took}' if took else ''}", errors, ended)
    return f"{code(visit_name(one.visit))}: {', '.join(part for part in parts if part)}"


def _how_often(found: FailureStatistics) -> str:
    """`37 times among 340 failures that were looked into`, and what was not looked at."""
    count, looked = found.group.count, found.looked_into
    times = "once" if count == 1 else f"{count:,} times"
    text = f"{times} among {counted(looked, 'failure')} that {'was' if looked == 1 else 'were'} looked into"
    if looked < found.failed:
        text += f"; {found.failed - looked:,} more that failed were not"
    since = f"executions since {_moment(found.since)}" if found.since is not None else ""
    if not found.is_whole:
        since = f"{since}, the newest of them" if since else "only the newest executions were listed"
    return f"{text} ({since})" if since else text


def _seen(found: FailureStatistics) -> str:
    """When it was first and last, and under which versions of the definition."""
    group = found.group
    if group.first_seen is None or group.last_seen is None:
        return "when is not known"
    text = f"first {_moment(group.first_seen)}, last {_moment(group.last_seen)}"
    versions = ", ".join(_version(one) for one in group.versions)
    return f"{text}, under {versions}" if versions else text


def _version(version: str) -> str:
    """A version by its number; a definition of which only the text is known by its hash."""
    if not version:
        return ""
    return (
        f"version {code(version.rpartition(':')[2])}" if ":" in version else f"the text with the hash {code(version)}"
    )


# the blocks


def _cause_block(failure: TicketFailure | None, values: _Values) -> list[str]:
    if failure is None or not failure.cause:
        return []
    parsed = failure.parsed
    if parsed is None:
        return ["### Cause", "", *fenced(_cut(values.text(_pretty(failure.cause)), _CAUSE))]
    lines: list[str] = []
    if len(parsed.message) > _TEXT or "\n" in parsed.message:  # else it is told among the facts
        lines += ["", *fenced(_cut(values.text(parsed.message), _CAUSE))]
    if parsed.trace and values.redacts:
        lines += ["", f"_The stack trace ({counted(len(parsed.trace), 'line')}) is left out._"]
    elif parsed.trace:
        shown = [_cut(line, _TEXT) for line in parsed.trace[:_TRACE]]
        more = len(parsed.trace) - len(shown)
        block = fenced("\n".join([*shown, *([f"... {more} more"] if more else [])]))
        lines += ["", *folded(f"Stack trace, {counted(len(parsed.trace), 'line')}", block)]
    return ["### Cause", *lines] if lines else []


def _pretty(cause: str) -> str:
    """A cause that is JSON with its lines; any other as it is."""
    if cause[:1] not in "{[":
        return cause
    try:
        return json.dumps(json.loads(cause), ensure_ascii=False, indent=2)
    except (ValueError, RecursionError):
        return cause


def _rule_block(rule: RuleTaken | None, values: _Values) -> list[str]:
    """The Choice that led there, and what its rule read."""
    if rule is None:
        return []
    name = f"{code(rule.state)}{code(branch_text(rule.branch).strip()) if rule.branch else ''}"
    where = f"The Choice {name} led to {code(rule.target)} (event {rule.event_id})"
    if not rule.is_computed:
        return ["### What led there", "", f"{where}; by which rule is not known: no definition was run."]
    how = f"rule #{rule.index + 1} matched" if rule.index is not None else "no rule matched, so its Default was taken"
    lines = ["### What led there", "", f"{where}: {how}.", *([""] if rule.operands else [])]
    for one in rule.operands:
        why = f" ({code(_cut(one.why, _OPERAND))})" if one.why and not values.redacts else ""
        shown = code(_cut(values.line(one.value), _OPERAND)) if is_present(one.value) else "nothing"
        lines.append(f"- {code(one.path)} is {shown}{why}")
    return lines


def _contrast_block(ticket: Ticket, values: _Values) -> list[str]:
    """What is different from another execution, which is B in the sentences."""
    found = ticket.contrast
    if found is None:
        return []
    other = found.right.recording
    name = code(other.facts.arn or other.facts.name or PurePath(other.title).name)
    lines = ["### What is different", "", f"A is this execution, B is {name} ({other.standing}).", ""]
    if values.redacts:
        return [*lines, "_The sentences quote values, and are left out._"]
    return [*lines, *fenced("\n".join(_cut(line, _TEXT) for line in contrast_sentences(found)))]


def _data_block(ticket: Ticket, values: _Values) -> list[str]:
    lines: list[str] = []
    for one in ticket.data:
        heading = _datum_words(one)
        if not is_present(one.value):
            lines += ["", f"{heading[0].upper()}{heading[1:]} {escaped(one.lack)}."]
            continue
        size = len(compact(one.value))
        text = values.pretty(one.value)
        cut = ", cut" if text != _whole(values.shown(one.value)) else ""
        lines += ["", *folded(f"{heading[0].upper()}{heading[1:]}, {size:,} characters{cut}", fenced(text, "json"))]
    return ["### Data", *lines] if lines else []


def _datum_words(one: TicketDatum) -> str:
    where = f"{one.state}{branch_text(one.branch)}"
    if one.kind is DatumKind.TASK_INPUT:
        return f"what {where} was called with (event {one.event_id})"
    if one.kind is DatumKind.STATE_INPUT:
        return f"the input of {where} (event {one.event_id})"
    return "the input of the execution"


def _links_block(ticket: Ticket) -> list[str]:
    started = ticket.failure.started if ticket.failure is not None else ""
    lines = []
    for one in ticket.links:
        is_started = bool(started) and one.url.endswith(started.rpartition(":")[2])
        lines.append(f"- {'What it had started' if is_started else _LINK_WORDS[one.kind]}: {link(one.name, one.url)}")
    outcome = ticket.outcome
    if outcome.arn:
        lines.append(f"- In sfdebug: {code(f'sfdebug replay {outcome.arn}')}")
    return ["### Links", "", *lines] if lines else []


def _moment(milliseconds: int | None) -> str:
    return f"{moment_text(milliseconds)} UTC"


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}... ({len(text):,} characters)"


# values


class _Values:
    """How values are shown: as they are, or as stand-ins of the same shape."""

    def __init__(self, ticket: Ticket, *, redact: bool) -> None:
        self.redacts = redact
        self._redactor: Redactor | None = None
        if not redact:
            return
        machine = ticket.run.machine if ticket.run is not None and not ticket.run.is_reconstructed else None
        self._redactor = Redactor(machine.document.source.text if machine is not None else "")
        for one in ticket.data:
            if is_present(one.value):
                self._redactor.learn(compact(one.value))
        for operand in ticket.rule.operands if ticket.rule is not None else ():
            if is_present(operand.value):
                self._redactor.learn(compact(operand.value))
        if ticket.failure is not None:
            for text in (ticket.failure.cause, ticket.failure.parsed.message if ticket.failure.parsed else ""):
                self._redactor.learn(text)

    def text(self, text: str) -> str:
        """A text that is no payload, a cause; one that is no JSON is told by its length alone when it is redacted."""
        if self._redactor is None or not text:
            return text
        found = self._redactor.redacted(text)
        return found if found[:1] in "{[" else f"({counted(len(text), 'character')}, left out)"

    def shown(self, value: Value) -> Json:
        """A value, or its stand-in."""
        assert is_present(value), "there is one"
        if self._redactor is None:
            return value
        found: Json = json.loads(self._redactor.redacted(compact(value)))
        return found

    def line(self, value: Value) -> str:
        """A value on one line."""
        return compact(self.shown(value))

    def pretty(self, value: Value) -> str:
        """A value on several lines, cut to size."""
        lines = _whole(_smaller(self.shown(value), _DEPTH)).split("\n")
        if len(lines) > _LINES:
            lines = [*lines[:_LINES], f"... {len(lines) - _LINES:,} more lines"]
        return _cut("\n".join(lines), _VALUE)


def _whole(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _smaller(value: Json, depth: int) -> Json:
    """A value with its long texts, lists and objects cut, each with how much more there is."""
    if isinstance(value, str):
        return _cut(value, _TEXT)
    if isinstance(value, (dict, list)) and not depth:
        return "..." if value else value
    if isinstance(value, list):
        items = [_smaller(one, depth - 1) for one in value[:_ITEMS]]
        return [*items, f"... {len(value) - _ITEMS:,} more"] if len(value) > _ITEMS else items
    if isinstance(value, dict):
        fields = {name: _smaller(one, depth - 1) for name, one in list(value.items())[:_KEYS]}
        more = len(value) - _KEYS
        return {**fields, "...": f"{more:,} more"} if more > 0 else fields
    return value
