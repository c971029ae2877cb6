"""The text form of breakpoints: read, written back the same, and checked against a definition.

    PLACE [iteration N] [hit N | hit N+ | every N] [log "MESSAGE"] [if CONDITION]

A place is a state (`Ship order`), a stage of one (`Ship order at Parameters`), an edge (`Check -> Ship order`), `event
TaskFailed`, `error States.Timeout`, `variable $total`, `payload over 200 KiB`, `clock +00:05:00`, or `fault`. A name
that would be read otherwise stands in double quotes. `off` in front: it is kept, and does nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final, NoReturn

from msgspec.structs import replace

from sfdebug.debugger.breakpoints.breakpoint import Breakpoint, HitRule, Trigger
from sfdebug.debugger.expressions.language import DebugSyntaxError, compile_condition, compile_message
from sfdebug.engine.execution.events import EventType
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.plan import planned_finish, planned_stages
from sfdebug.times import clock_text

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.values import Json

MAX_LENGTH: Final = 10_000

_STAGES: Final = {name.casefold(): name for name in StageName}
_STAGE: Final = re.compile(
    rf"({'|'.join(sorted(_STAGES.values(), key=len, reverse=True))})(?: (\d{{1,4}}))?", re.IGNORECASE
)
_EVENTS: Final = {type.casefold(): type for type in EventType}
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_CLAUSE: Final = re.compile(r"(?:if\b|hit\s+\d|every\s+\d|iteration\s+\d|log\s*\")")
_NAME_END: Final = re.compile(
    rf"\s+(?=(?:->|→)(?:\s|\Z)|at\s+{_STAGE.pattern}(?:\s|\Z)|{_CLAUSE.pattern})|\s*\Z", re.IGNORECASE
)
_KEYWORD: Final = re.compile(
    r"(?:off\s|fault(?:\s|\Z)|(?:event|error|variable|clock)\s+\S|payload\s+over\s|change\s+of\s+\$)", re.IGNORECASE
)
_WORD: Final = re.compile(r"\S+")
_SIZE: Final = re.compile(r"over\s+(\d{1,9}(?:\.\d{1,3})?)\s*(bytes|b|kib|kb|mib|mb)?(?=\s|\Z)", re.IGNORECASE)
_UNITS: Final = {"": 1, "b": 1, "bytes": 1, "kib": 1024, "kb": 1024, "mib": 1024**2, "mb": 1024**2}
_CLOCK: Final = re.compile(r"\+?(?:(\d{1,6})d\s+)?(\d{1,6}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?(?=\s|\Z)")
_DURATION: Final = re.compile(r"\+?(\d{1,12}(?:\.\d{1,3})?)\s*(ms|s|min|h|d)(?=\s|\Z)", re.IGNORECASE)
_SECONDS: Final = {"ms": 0.001, "s": 1, "min": 60, "h": 3600, "d": 86_400}


def parse_breakpoint(text: str, states: Iterable[str] = ()) -> Breakpoint:
    """The breakpoint that a text says. Raises DebugSyntaxError with the offset of what cannot be read.

    `states` are names of states: one that the text begins with is taken whole, whatever words it has in it.
    """
    if len(text) > MAX_LENGTH:
        raise DebugSyntaxError(text, MAX_LENGTH, f"the text is longer than {MAX_LENGTH:,} characters")
    return _BreakpointReader(text, sorted(states, key=len, reverse=True)).breakpoint()


class _BreakpointReader:
    """A position in the text of a breakpoint."""

    def __init__(self, text: str, states: list[str]) -> None:
        self.text = text
        self.states = states
        self.position = 0

    def fail(self, what: str, fix: str = "", at: int | None = None) -> NoReturn:
        """Raise the error of a place: by default where reading stands."""
        raise DebugSyntaxError(self.text, self.position if at is None else at, what, fix=fix)

    def skip_blanks(self) -> None:
        """Go on to what is no blank."""
        while self.position < len(self.text) and self.text[self.position].isspace():
            self.position += 1

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        """What comes next by a pattern, which is taken then."""
        self.skip_blanks()
        match = pattern.match(self.text, self.position)
        if match is not None:
            self.position = match.end()
        return match

    def word(self, word: str) -> bool:
        """Whether that word comes next; then it is taken."""
        return self.take(re.compile(rf"{re.escape(word)}(?=\s|\Z)", re.IGNORECASE)) is not None

    def breakpoint(self) -> Breakpoint:
        """The whole text."""
        is_on = self._known_state() is not None or not self.word("off")
        found = self._clauses(self._place())
        return replace(found, is_on=is_on)

    # the place

    def _known_state(self) -> str | None:
        """A known state's name that comes next, as far as it goes."""
        self.skip_blanks()
        for name in self.states:
            end = self.position + len(name)
            if name and self.text.startswith(name, self.position) and _NAME_END.match(self.text, end):
                return name
        return None

    def _place(self) -> Breakpoint:
        self.skip_blanks()
        if self.position == len(self.text):
            self.fail("a breakpoint is expected here", _FORMS)
        if self._known_state() is None and not self.text.startswith('"', self.position):
            for keyword, read in _KEYWORDS.items():
                start = self.position
                if _KEYWORD.match(self.text, start) and self.word(keyword):
                    return read(self)
        return self._state()

    def _state(self) -> Breakpoint:
        name = self._name()
        if self.take(re.compile(r"->|→")):
            return Breakpoint(Trigger.EDGE, name, self._name())
        start = self.position
        if self.word("at"):
            stage = self.take(_STAGE)
            if stage is None:
                self.fail("a stage is expected after at", "Name one such as Parameters, Task or ResultPath.", start)
            number = f" {int(stage[2])}" if stage[2] else ""
            return Breakpoint(Trigger.STAGE, name, _STAGES[stage[1].casefold()] + number)
        return Breakpoint(Trigger.STATE, name)

    def _name(self) -> str:
        self.skip_blanks()
        start = self.position
        known = self._known_state()
        if known is not None:
            self.position += len(known)
            return known
        if self.text.startswith('"', start):
            return self._quoted()
        end = _NAME_END.search(self.text, start)
        self.position = end.start() if end is not None else len(self.text)
        name = self.text[start : self.position]
        if not name:
            self.fail("the name of a state is expected here", at=start)
        return name

    def _quoted(self) -> str:
        start = self.position
        match = self.take(_QUOTED)
        if match is None:
            self.fail("the quotes are not closed", at=start)
        try:
            found = json.loads(match.group(), strict=False)
        except ValueError:
            self.fail("this is no text in quotes as JSON has it", 'Write \\" for a quote in it.', start)
        return str(found)

    def _event(self) -> Breakpoint:
        start, word = self._next_word("the type of an event is expected here", "Name one such as TaskFailed.")
        found = _EVENTS.get(word.casefold())
        if found is None:
            self.fail(f"there is no event type {word}", _nearest(word, _EVENTS.values()), start)
        if found is EventType.EXECUTION_STARTED:
            self.fail("nothing stops at ExecutionStarted: every run begins after it", "Name the first state.", start)
        return Breakpoint(Trigger.EVENT, found)

    def _error(self) -> Breakpoint:
        self.skip_blanks()
        if self.text.startswith('"', self.position):
            return Breakpoint(Trigger.ERROR, self._quoted())
        return Breakpoint(Trigger.ERROR, self._next_word("the name of an error is expected here")[1])

    def _variable(self) -> Breakpoint:
        start, word = self._next_word("the name of a variable is expected here", "Write it as $total.")
        if not word.removeprefix("$").isidentifier():
            self.fail(f"{word} is no name of a variable", "Write it as $total.", start)
        return Breakpoint(Trigger.VARIABLE, word.removeprefix("$"))

    def _change(self) -> Breakpoint:
        self.word("of")
        return self._variable()

    def _payload(self) -> Breakpoint:
        match = self.take(_SIZE)
        if match is None:
            self.fail("over and a size are expected here", "Write: payload over 200 KiB.")
        return Breakpoint(Trigger.PAYLOAD, amount=round(float(match[1]) * _UNITS[(match[2] or "").casefold()]))

    def _clock(self) -> Breakpoint:
        self.skip_blanks()
        start = self.position
        amount = self._milliseconds()
        if not amount:
            self.fail("nothing stops at 0: the clock begins there", "Write: clock +00:05:00, or clock 90 s.", start)
        return Breakpoint(Trigger.CLOCK, amount=amount)

    def _milliseconds(self) -> int:
        match = self.take(_CLOCK)
        if match is not None:
            days, first, second, third, fraction = match.groups()
            hours, minutes, seconds = (first, second, third) if third is not None else ("0", first, second)
            whole = int(days or 0) * 86_400 + int(hours) * 3600 + int(minutes) * 60 + int(seconds)
            return whole * 1000 + int((fraction or "").ljust(3, "0"))
        match = self.take(_DURATION)
        if match is None:
            self.fail("a time since the start is expected here", "Write: clock +00:05:00, or clock 90 s.")
        return round(float(match[1]) * _SECONDS[match[2].casefold()] * 1000)

    def _fault(self) -> Breakpoint:
        return Breakpoint(Trigger.FAULT)

    def _next_word(self, what: str, fix: str = "") -> tuple[int, str]:
        match = self.take(_WORD)
        if match is None:
            self.fail(what, fix)
        return match.start(), match.group()

    # the clauses

    def _clauses(self, found: Breakpoint) -> Breakpoint:
        given: set[str] = set()
        while True:
            self.skip_blanks()
            start = self.position
            if start == len(self.text):
                return found
            for name, read in _CLAUSES.items():
                if self.word(name) or (name == "log" and self._log_is_next()):
                    kind = "hit" if name == "every" else name
                    if kind in given:
                        self.fail(f"{name} stands here twice", at=start)
                    given.add(kind)
                    found = read(self, found)
                    break
            else:
                self.fail(f"{self.text[start : start + 20].split()[0]} is not expected here", _CLAUSE_FORMS, start)

    def _log_is_next(self) -> bool:
        return self.take(re.compile(r'log(?=")', re.IGNORECASE)) is not None

    def _number(self, what: str) -> int:
        match = self.take(re.compile(r"\d{1,9}"))
        if match is None or int(match.group()) == 0:
            self.fail(f"{what}, from 1 on, is expected here", at=match.start() if match else None)
        return int(match.group())

    def _iteration(self, found: Breakpoint) -> Breakpoint:
        return replace(found, iteration=self._number("the number of an iteration"))

    def _hit(self, found: Breakpoint) -> Breakpoint:
        number = self._number("the number of a hit")
        is_from = self.text.startswith("+", self.position)
        self.position += is_from
        return replace(found, hit_rule=HitRule.FROM if is_from else HitRule.ONLY, hit=number)

    def _every(self, found: Breakpoint) -> Breakpoint:
        return replace(found, hit_rule=HitRule.EVERY, hit=self._number("a count of hits"))

    def _log(self, found: Breakpoint) -> Breakpoint:
        self.skip_blanks()
        start = self.position
        if not self.text.startswith('"', start):
            self.fail("a message in quotes is expected here", 'Write: log "total is {$.total}".')
        message = self._quoted()
        try:
            compile_message(message)
        except DebugSyntaxError as error:
            written = json.dumps(message[: error.offset], ensure_ascii=False)
            raise DebugSyntaxError(self.text, start + len(written) - 1, error.what, fix=error.fix) from None
        return replace(found, message=message)

    def _if(self, found: Breakpoint) -> Breakpoint:
        self.skip_blanks()
        start = self.position
        rest = self.text[start:].rstrip()
        error = _why_no_condition(rest)
        end = len(rest)
        # Clauses may follow, in whatever order somebody writes them: a condition alone cannot have their words in it.
        ends = [match.start() for match in re.finditer(rf"\s+(?={_CLAUSE.pattern})", rest)] if error else []
        for place in reversed(ends):
            if _why_no_condition(rest[:place]) is None:
                end, error = place, None
                break
        if error is not None:
            raise DebugSyntaxError(self.text, start + error.offset, error.what, fix=error.fix)
        self.position = start + end
        return replace(found, condition=rest[:end])


def _why_no_condition(text: str) -> DebugSyntaxError | None:
    if not text:
        return DebugSyntaxError(text, 0, "a condition is expected here", fix=_CONDITION_FORMS)
    try:
        compile_condition(text)
    except DebugSyntaxError as error:
        return error
    return None


_FORMS: Final = (
    "Write a state (Ship order), a stage (Ship order at Parameters), an edge (Check -> Ship order), event TaskFailed, "
    "error States.Timeout, variable $total, payload over 200 KiB, clock +00:05:00 or fault."
)
_CLAUSE_FORMS: Final = 'What can follow: iteration 4, hit 3, hit 3+, every 10, log "MESSAGE", if CONDITION.'
_CONDITION_FORMS: Final = "Write JSONPath, $.total > 100, or JSONata, {% $states.input.total > 100 %}."
_KEYWORDS: Final = {
    "event": _BreakpointReader._event,
    "error": _BreakpointReader._error,
    "variable": _BreakpointReader._variable,
    "change": _BreakpointReader._change,
    "payload": _BreakpointReader._payload,
    "clock": _BreakpointReader._clock,
    "fault": _BreakpointReader._fault,
}
_FIRST_WORDS: Final = {"off", *_KEYWORDS}
_CLAUSES: Final = {
    "iteration": _BreakpointReader._iteration,
    "hit": _BreakpointReader._hit,
    "every": _BreakpointReader._every,
    "log": _BreakpointReader._log,
    "if": _BreakpointReader._if,
}


# written


def breakpoint_text(point: Breakpoint) -> str:
    """The text that is read as this breakpoint."""
    parts = [] if point.is_on else ["off"]
    parts.append(place_text(point))
    if point.iteration is not None:
        parts.append(f"iteration {point.iteration}")
    if point.hit_rule is HitRule.EVERY:
        parts.append(f"every {point.hit}")
    elif point.hit_rule is not HitRule.ALL:
        parts.append(f"hit {point.hit}{'+' if point.hit_rule is HitRule.FROM else ''}")
    if point.message is not None:
        parts.append(f"log {json.dumps(point.message, ensure_ascii=False)}")
    if point.condition:
        parts.append(f"if {point.condition}")
    return " ".join(parts)


def place_text(point: Breakpoint) -> str:
    """What a breakpoint waits for."""
    name, trigger = point.name, point.trigger
    if trigger is Trigger.STATE:
        return _name_text(name)
    if trigger is Trigger.STAGE:
        return f"{_name_text(name)} at {point.detail}"
    if trigger is Trigger.EDGE:
        return f"{_name_text(name)} -> {_name_text(point.detail)}"
    if trigger is Trigger.ERROR:
        return f"error {name if name and _WORD.fullmatch(name) and not name.startswith(_QUOTE) else _json(name)}"
    if trigger is Trigger.PAYLOAD:
        return f"payload over {_size_text(point.amount)}"
    if trigger is Trigger.CLOCK:
        return f"clock +{clock_text(point.amount)}"
    if trigger is Trigger.FAULT:
        return "fault"
    return f"{trigger} {'$' if trigger is Trigger.VARIABLE else ''}{name}"


_QUOTE: Final = '"'


def _json(name: str) -> str:
    return json.dumps(name, ensure_ascii=False)


def _name_text(name: str) -> str:
    """A state's name, in quotes where it would be read otherwise."""
    end = _NAME_END.search(name)
    is_clear = name and name == name.strip() and end is not None and end.start() == len(name) and name.isprintable()
    first = name.split()[0].casefold() if is_clear else ""
    return name if is_clear and first not in _FIRST_WORDS and not name.startswith(_QUOTE) else _json(name)


def _size_text(size: int) -> str:
    if size and size % 1024**2 == 0:
        return f"{size // 1024**2} MiB"
    return f"{size // 1024} KiB" if size and size % 1024 == 0 else f"{size} bytes"


# checked


def check_breakpoint(point: Breakpoint, machine: StateMachine) -> None:
    """Raises DebugSyntaxError where it names what the definition does not have, with the nearest that it has."""
    text = breakpoint_text(point)
    states = {state.name: state for state in machine.walk()}
    if point.trigger in (Trigger.STATE, Trigger.STAGE, Trigger.EDGE):
        names = (point.name, point.detail) if point.trigger is Trigger.EDGE else (point.name,)
        for name in names:
            before, _, stage = name.rpartition(" at ")
            if name not in states and before in states:
                _check_stage(text, stage, states[before])
            if name not in states:
                raise DebugSyntaxError(text, text.find(name), f"there is no state {name}", fix=_nearest(name, states))
        state = states[point.name]
        if point.trigger is Trigger.STAGE:
            _check_stage(text, point.detail, state)
        elif point.trigger is Trigger.EDGE and point.detail not in _nexts(state):
            ways = _nexts(state)
            fix = f"It leads to {', '.join(sorted(ways))}." if ways else "It is the last one."
            what = f"{state.name} does not lead to {point.detail}"
            raise DebugSyntaxError(text, text.rfind(point.detail), what, fix=fix)
    if point.trigger is Trigger.VARIABLE:
        variables = set().union(*(_assigned(state) for state in states.values()))
        if variables and point.name not in variables:
            what = f"no state assigns ${point.name}"
            raise DebugSyntaxError(text, text.find("$"), what, fix=_nearest(point.name, variables, "$"))


def _check_stage(text: str, detail: str, state: State) -> None:
    name = detail.partition(" ")[0]
    possible = {stage for stage, _ in planned_stages(state)}
    for fields in _rules(state):
        possible |= {stage for stage, _ in planned_finish(state, fields)}
    possible |= {StageName.RETRY} if state.retriers else set()
    possible |= {StageName.CATCH} if state.catchers else set()
    if name not in possible and name != StageName.REDRIVE:
        fix = f"Its stages are {', '.join(stage for stage in StageName if stage in possible)}."
        raise DebugSyntaxError(text, text.rfind(detail), f"{state.name} has no stage {name}", fix=fix)


def _rules(state: State) -> list[Mapping[str, Json]]:
    """The fields of what can end a visit in its own way: rules of a Choice, Catchers."""
    return [*(rule.fields for rule in state.choices), *(catcher.fields for catcher in state.catchers)]


def _nexts(state: State) -> set[str]:
    ways = {*(rule.next for rule in state.choices), *(catcher.next for catcher in state.catchers)}
    return ways | {name for name in (state.next, state.default) if name is not None}


def _assigned(state: State) -> set[str]:
    parts = (state.fields, *_rules(state))
    return {_bare(name) for fields in parts if isinstance(found := fields.get("Assign"), dict) for name in found}


def _bare(name: str) -> str:
    return name.removesuffix(".$")


def _nearest(name: str, names: Iterable[str], prefix: str = "") -> str:
    """ "Did you mean Ship order?", or those that there are when there are few; "" else."""
    known = {known.casefold(): known for known in names}
    close = get_close_matches(name[:200].casefold(), list(known), n=1, cutoff=0.5)
    if close:
        return f"Did you mean {prefix}{known[close[0]]}?"
    return f"There are: {', '.join(prefix + other for other in known.values())}." if len(known) <= 12 else ""
