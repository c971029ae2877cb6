"""What decided that two executions parted where they did: a rule, an error, a field that failed, the definitions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.debugger.data_origins.flow import VisitFlow
from sfdebug.debugger.data_origins.jsonata_parts import jsonata_reads
from sfdebug.debugger.data_origins.jsonpath_parts import reads_of_path
from sfdebug.debugger.data_origins.made import into
from sfdebug.debugger.data_origins.model import DataPlace
from sfdebug.debugger.data_origins.parts import DataRoot
from sfdebug.debugger.data_origins.reading import readings
from sfdebug.debugger.decisive_data.model import (
    CallContrast,
    DatumSource,
    Deciding,
    DecidingKind,
    DecisiveDatum,
    RecordedFault,
)
from sfdebug.debugger.decisive_data.sides import last_stage
from sfdebug.debugger.decisive_data.tracing import CallDifference
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.expressions.choice import Verdict
from sfdebug.expressions.jsonata.expression import is_jsonata_string, jsonata_text
from sfdebug.history.leaves import is_same, leaves
from sfdebug.history.partings import PartingKind, fault_of, item_count
from sfdebug.history.recording import parse_payload
from sfdebug.values import MISSING, is_present

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.debugger.data_origins.model import Keys
    from sfdebug.debugger.data_origins.parts import DataRef
    from sfdebug.debugger.decisive_data.tracing import Places, Tracer
    from sfdebug.engine.execution.visit import Stage, Visit
    from sfdebug.history.alignment.visits import RecordedVisit
    from sfdebug.history.partings import Parting
    from sfdebug.values import Value

_CLOCK: Final = re.compile(r"\$(?:now|millis)\b|\$\$|\$states\.context\b")
_ARN: Final = re.compile(r"arn:[a-z0-9-]+:states:[a-z0-9-]+:\d{12}:(?:execution|express|mapRun):[^\s\"',]+")
_MOST: Final = 4
_ITEMS: Final = (StageName.ITEM_READER, StageName.ITEMS_PATH, StageName.ITEMS, StageName.INPUT_PATH)


def deciding(parting: Parting, tracer: Tracer) -> Deciding:
    """What decided a parting."""
    return _Deciding(parting, tracer).found()


class _Deciding:
    """One parting, looked at from both sides."""

    def __init__(self, parting: Parting, tracer: Tracer) -> None:
        self._parting = parting
        self._tracer = tracer
        self._recorded = (parting.left, parting.right)
        self._visits = tuple(
            side.visit(visit) for side, visit in zip(tracer.sides, (parting.left, parting.right), strict=True)
        )
        self._faults = tuple(self._fault(number, visit) for number, visit in enumerate((parting.left, parting.right)))
        if parting.kind is PartingKind.FAILED:  # what was tried again and went well did not fail
            visits = (parting.left, parting.right)
            self._faults = tuple(
                fault if visit is not None and visit.status != "succeeded" else None
                for fault, visit in zip(self._faults, visits, strict=True)
            )

    def found(self) -> Deciding:
        """By what kind of parting it is."""
        parting = self._parting
        if any(self._faults) and parting.kind in (PartingKind.FAILED, PartingKind.ATTEMPTS, PartingKind.REDRIVEN):
            return self._of_no_match() or self._of_faults()
        if parting.kind is PartingKind.ITEMS:
            return self._of_items()
        if parting.kind is PartingKind.STOPPED:
            return replace(self._of_call(""), kind=DecidingKind.TIME)
        if parting.any.type == "Choice" and parting.left is not None and parting.right is not None:
            return self._of_rules()
        if any(self._faults):
            return self._of_faults()
        if all(one is not None for one in self._visits) or parting.kind is PartingKind.START:
            return Deciding(DecidingKind.DEFINITION)
        return self._as_recorded()

    @property
    def _both_faults(self) -> tuple[RecordedFault | None, RecordedFault | None]:
        left, right = self._faults
        return left, right

    # errors

    def _fault(self, side: int, recorded: RecordedVisit | None) -> RecordedFault | None:
        """The error of one side: as recorded, else the one that its state is known to have caught."""
        if recorded is None:
            return None
        found = fault_of(recorded, self._tracer.sides[side].alignment)
        if found is not None:
            error, cause, event = found
            return RecordedFault(error or "", cause or "", event.id, _started(cause or "", recorded))
        visit = self._visits[side]
        stage = next((one for one in visit.stages if one.name is StageName.CATCH), None) if visit is not None else None
        if stage is None or stage.fault is None:
            return None
        return RecordedFault(stage.fault.error or "", stage.fault.cause or "", recorded.last.id)

    def _of_faults(self) -> Deciding:
        failing = 0 if self._faults[0] is not None else 1
        fault = self._faults[failing]
        assert fault is not None, "one side failed"
        visit = self._visits[failing]
        at = _failed_stage(visit) if visit is not None else None
        if visit is not None and at is not None:
            data = self._read_by(failing, visit, at)
            field = str(visit.stages[at].name)
            if data:
                return Deciding(DecidingKind.EXPRESSION, data, field=field, faults=self._both_faults)
            return replace(self._of_given(fault.cause), field=field)
        if self._recorded[1 - failing] is None:
            return self._of_one_branch(failing)
        is_task = all(one is not None and one.type == "Task" for one in self._recorded)
        return self._of_call(fault.cause) if is_task else self._of_given(fault.cause)

    def _of_one_branch(self, failing: int) -> Deciding:
        """It failed in an iteration that the other execution does not have: how many items both had."""
        side = self._tracer.sides[failing]
        own = self._recorded[failing]
        around = side.alignment.visits[own.container] if own is not None and own.container is not None else None
        partner = self._tracer.partner(around, failing) if around is not None else None
        if around is None or partner is None:
            return Deciding(DecidingKind.ERROR, faults=self._both_faults)
        pair = (around, partner) if failing == 0 else (partner, around)
        counts = (item_count(pair[0]), item_count(pair[1]))
        return Deciding(DecidingKind.ERROR, self._items(pair), faults=self._both_faults, counts=counts)

    def _of_given(self, cause: str) -> Deciding:
        """What a state that failed, and is no Task, was given: what its `cause` tells of first."""
        found = self._as_recorded(cause)
        left, right = self._recorded
        if left is None or right is None or MISSING in (left.input, right.input):
            return replace(found, kind=DecidingKind.ERROR)
        made_up = tuple(leaf.pointer for leaf in leaves(left.input, right.input)) if not found.data else ()
        call = CallContrast.OTHER if found.data else CallContrast.MADE_UP if made_up else CallContrast.SAME
        return replace(found, kind=DecidingKind.ERROR, call=call, made_up=made_up)

    def _of_call(self, cause: str) -> Deciding:
        left, right = self._recorded
        called = self._tracer.called(left, right, cause) if left is not None and right is not None else CallDifference()
        return Deciding(
            DecidingKind.ERROR, called.data, faults=self._both_faults, call=called.call, made_up=called.made_up
        )

    def _read_by(self, failing: int, visit: Visit, at: int) -> tuple[DecisiveDatum, ...]:
        """What the field that failed reads: what the other side has and this one has not comes first."""
        other = self._visits[1 - failing]
        stage = visit.stages[at]
        theirs = _same_stage(other, stage) if other is not None else None
        flow = VisitFlow(visit)
        refs = list(_refs_at(flow, at))
        missing: list[DecisiveDatum] = []
        others: list[DecisiveDatum] = []
        for ref in refs:
            mine = _place(visit, at, ref)
            like = _place(other, theirs, ref) if other is not None and theirs is not None else None
            places: Places = (mine, like) if failing == 0 else (like, mine)
            values = self._tracer.values(places)
            if other is None or is_same(*values):
                continue
            found = others if is_present(values[failing]) else missing
            found.append(self._tracer.datum(_text_of(ref), places))
        if not refs and stage.name is StageName.ITEMS and other is not None:  # without Items it is the state's input
            whole = (DataPlace(visit.number, 0), DataPlace(other.number, 0))
            places = whole if failing == 0 else (whole[1], whole[0])
            others += [] if is_same(*self._tracer.values(places)) else [self._tracer.datum("its input", places)]
        return tuple((missing or others)[:_MOST])

    # rules

    def _of_no_match(self) -> Deciding | None:
        """A Choice of which no rule matched in one, without a Default, and one did in the other."""
        left, right = self._visits
        if self._parting.any.type != "Choice" or left is None or right is None or None not in self._faults:
            return None
        is_evaluated = all(_failed_stage(one) is None for one in (left, right))
        return replace(self._of_rules(), faults=self._both_faults) if is_evaluated else None

    def _of_rules(self) -> Deciding:
        left, right = self._visits
        if left is None or right is None:
            return self._as_recorded()
        rules = (_taken_rule(left), _taken_rule(right))
        written = [number for number in rules if number is not None]
        if not written or rules[0] == rules[1]:
            return Deciding(DecidingKind.DEFINITION, rules=rules)
        rule = min(written)
        stages = [_rule_stage(one, rule) for one in (left, right)]
        if stages[0] is None or stages[1] is None:
            return Deciding(DecidingKind.DEFINITION, rule=rule, rules=rules)
        mine, theirs = left.stages[stages[0]], right.stages[stages[1]]
        whys = tuple(one.detail.why if isinstance(one.detail, Verdict) else "" for one in (mine, theirs))
        data = self._rule_data(left, right, (stages[0], stages[1]))
        kind = DecidingKind.RULE if _is_written_alike(mine, theirs) else DecidingKind.DEFINITION
        return Deciding(kind, data, rule=rule, rules=rules, whys=(whys[0], whys[1]))

    def _rule_data(self, left: Visit, right: Visit, at: tuple[int, int]) -> tuple[DecisiveDatum, ...]:
        details = left.stages[at[0]].detail, right.stages[at[1]].detail
        if not isinstance(details[0], Verdict) or not isinstance(details[1], Verdict):
            return ()
        pairs = list(_decisive(details[0], details[1]))
        is_jsonata = VisitFlow(left).is_jsonata
        found: dict[str, DecisiveDatum] = {}
        for mine, theirs in pairs:
            for datum in self._of_verdicts(left, right, at, mine, theirs, is_jsonata=is_jsonata):
                found.setdefault(datum.text, datum)
        if not found and is_jsonata:
            for datum in self._of_reads(left, right, at, jsonata_reads(details[0].path)):
                found.setdefault(datum.text, datum)
        return tuple(found.values())[:_MOST]

    def _of_verdicts(
        self, left: Visit, right: Visit, at: tuple[int, int], mine: Verdict, theirs: Verdict, *, is_jsonata: bool
    ) -> Iterator[DecisiveDatum]:
        """The operands of one comparison that differ."""
        if is_jsonata:
            found = list(self._of_reads(left, right, at, jsonata_reads(mine.path)))
            if not found and not is_same(mine.value, theirs.value):
                source = DatumSource.CONTEXT if _CLOCK.search(mine.path) else DatumSource.COMPUTED
                found = [DecisiveDatum(mine.path, mine.value, theirs.value, source)]
            yield from found
            return
        for path, values in (
            (mine.path, (mine.value, theirs.value)),
            (mine.comparand_path, (mine.comparand, theirs.comparand)),
        ):
            if not path or is_same(*values):
                continue
            ref = reads_of_path(path)
            if ref is None or ref.root is DataRoot.CONTEXT:
                source = DatumSource.CONTEXT if ref is not None else DatumSource.COMPUTED
                yield DecisiveDatum(path, *values, source, pointer=path)
            else:
                yield from self._of_reads(left, right, at, (ref,))

    def _of_reads(
        self, left: Visit, right: Visit, at: tuple[int, int], refs: Sequence[DataRef]
    ) -> Iterator[DecisiveDatum]:
        for ref in dict.fromkeys(refs):
            places = (_place(left, at[0], ref), _place(right, at[1], ref))
            if places[0] is not None and places[1] is not None and not is_same(*self._tracer.values(places)):
                yield self._tracer.datum(_text_of(ref), places)

    # items, and what nothing was computed of

    def _of_items(self) -> Deciding:
        left, right = self._recorded
        assert left is not None
        assert right is not None
        return Deciding(DecidingKind.ITEMS, self._items((left, right)), counts=(item_count(left), item_count(right)))

    def _items(self, pair: tuple[RecordedVisit, RecordedVisit]) -> tuple[DecisiveDatum, ...]:
        """The lists that two visits of a Map went through."""
        visits = [side.visit(one) for side, one in zip(self._tracer.sides, pair, strict=True)]
        if visits[0] is None or visits[1] is None:
            return ()
        places = (_items_place(visits[0]), _items_place(visits[1]))
        return () if is_same(*self._tracer.values(places)) else (self._tracer.datum("the items", places),)

    def _as_recorded(self, cause: str = "") -> Deciding:
        """What the two were given that differs, where nothing says what was read of it."""
        left, right = self._recorded
        if left is None or right is None or MISSING in (left.input, right.input):
            return Deciding(DecidingKind.RECORDED, faults=self._both_faults)
        found = self._tracer.telling(leaves(left.input, right.input), cause)
        data = [
            self._tracer.shown(DecisiveDatum(f"${leaf.pointer.replace('/', '.')}", *leaf[1:], DatumSource.SHOWN))
            for leaf in found[:_MOST]
        ]
        return Deciding(DecidingKind.RECORDED, tuple(data), faults=self._both_faults)


def _place(visit: Visit | None, at: int | None, ref: DataRef) -> DataPlace | None:
    if visit is None or at is None:
        return None
    source = VisitFlow(visit).root_place(at, ref.root, ref.name)
    return into(source, ref.keys) if source is not None else None


def _text_of(ref: DataRef) -> str:
    """How a place that an expression reads is written."""
    if ref.root is DataRoot.VARIABLE:
        start = f"${ref.name}"
    elif ref.text.startswith(ref.root) and ref.text.removeprefix(ref.root) in ("", _steps(ref.keys)):
        return ref.text
    else:
        start = str(ref.root)
    return start + _steps(ref.keys)


def _steps(keys: Keys) -> str:
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys)


def _items_place(visit: Visit) -> DataPlace | None:
    return DataPlace(visit.number, last_stage(visit, _ITEMS) or 0)


def _taken_rule(visit: Visit) -> int | None:
    """The index of the rule that a Choice took; None for its Default."""
    taken = next((one for one in visit.stages if one.status in (StageStatus.MATCHED, StageStatus.FORCED)), None)
    return taken.index if taken is not None and taken.name is StageName.RULE else None


def _rule_stage(visit: Visit, rule: int) -> int | None:
    """The index of the stage of a rule."""
    stages = enumerate(visit.stages)
    return next((at for at, one in stages if one.name is StageName.RULE and one.index == rule), None)


def _is_written_alike(left: Stage, right: Stage) -> bool:
    """Whether two rules test the same."""
    mine, theirs = (_tests(one.expression) for one in (left, right))
    return is_same(mine, theirs)


def _tests(rule: Value) -> Value:
    """A rule without where it leads."""
    beside = ("Next", "Comment", "Assign", "Output")
    return {name: value for name, value in rule.items() if name not in beside} if isinstance(rule, dict) else rule


def _decisive(left: Verdict, right: Verdict) -> Iterator[tuple[Verdict, Verdict]]:
    """The innermost comparisons that came out otherwise: the whole where none inside did."""
    found = False
    for mine, theirs in zip(left.children, right.children, strict=False):
        if mine.path == theirs.path and mine.operator == theirs.operator and mine.matched != theirs.matched:
            found = True
            yield from _decisive(mine, theirs)
    if not found and left.operator in ("And", "Or", "Not") and left.children and right.children:
        for mine, theirs in zip(left.children, right.children, strict=False):
            yield from _decisive(mine, theirs)
    elif not found:
        yield left, right


def _failed_stage(visit: Visit) -> int | None:
    """The stage at which a field of the state itself failed: not its Task, nor what it ran."""
    failed = (StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN, StageName.RETRY)
    for at, stage in enumerate(visit.stages):
        if stage.status is StageStatus.FAILED and stage.name not in (*failed, StageName.CATCH, StageName.ERROR):
            return at
    return None


def _same_stage(visit: Visit, stage: Stage) -> int | None:
    """The stage of another visit that is of the same field."""
    found = (at for at, one in enumerate(visit.stages) if one.name is stage.name and one.index == stage.index)
    return next(found, None)


def _refs_at(flow: VisitFlow, at: int) -> Iterator[DataRef]:
    """The places that the expression of a stage reads; of a Choice rule that failed, those that it names."""
    stage = flow.stages[at]
    found = [ref for reading in readings(flow, at) for ref in reading.refs]
    if stage.name is StageName.RULE and not found:
        found = [ref for text in _texts(stage.expression) for ref in _of_text(text)]
    yield from dict.fromkeys(found)


def _texts(value: Value) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            if name == "Variable" or name.endswith("Path") or isinstance(inner, dict | list) or name == "Condition":
                yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _of_text(text: str) -> tuple[DataRef, ...]:
    if is_jsonata_string(text):
        return jsonata_reads(jsonata_text(text))
    ref = reads_of_path(text) if text.startswith("$") else None
    return (ref,) if ref is not None else ()


def _started(cause: str, visit: RecordedVisit) -> str:
    """The ARN of the execution, or the Map Run, that a visit started and that failed."""
    for event in reversed([one for attempt in visit.attempts for one in attempt.events]):
        arn = event.text("mapRunArn")
        if arn:
            return arn
    found = parse_payload(cause) if cause.startswith("{") else MISSING
    named = found.get("ExecutionArn") if isinstance(found, dict) else None
    if isinstance(named, str):
        return named
    match = _ARN.search(cause)
    return match[0] if match is not None else ""
