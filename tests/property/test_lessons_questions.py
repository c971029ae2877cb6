"""Whatever the machine and the place: what a question says comes, comes; wrong answers are wrong; nothing moves."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sfdebug.asl.load import definition_from
from sfdebug.cli.samples import Sample, all_samples
from sfdebug.debugger import Debugger, StopReason
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.debugger.timeline.position import position_at
from sfdebug.engine import Execution
from sfdebug.engine.execution.visit import StageName, StageStatus, Visit
from sfdebug.history.reading.read import parse_recordings
from sfdebug.history.recording import RecordingError
from sfdebug.lessons.model import Asked, LessonSetup, PredictKind
from sfdebug.lessons.questions.asking import question_asked
from sfdebug.lessons.questions.model import CannotAskError, LessonQuestion
from sfdebug.lessons.questions.quiz import worth_asking
from sfdebug.lessons.questions.wording import LONGEST, in_one_order, json_texts
from sfdebug.lessons.setups import begin
from sfdebug.text import cell_width
from sfdebug.values import MISSING, compact, is_present, same
from tests.conformance.test_executions import CASES
from tests.examples import STEADY, examples
from tests.origin_machines import INPUT as MOVED
from tests.origin_machines import MachineBuilder, Tokens
from tests.property.test_debugger_walks import INPUT, Fickle, machines
from tests.question_runs import check, have_one_order

bounded = settings(
    max_examples=examples(40),
    derandomize=STEADY,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    database=None,
)
EVERY = 3
"""Of the recordings only so many are taken: each takes its time."""
OF_STATE = (
    *(PredictKind.OUTPUT, PredictKind.NEXT, PredictKind.RULE, PredictKind.CATCHER, PredictKind.DELAY),
    *(PredictKind.ATTEMPTS, PredictKind.STATUS, PredictKind.ERROR, PredictKind.INPUT),
)
OF_EXECUTION = (
    *(Asked(kind, of="execution") for kind in (PredictKind.OUTPUT, PredictKind.STATUS, PredictKind.ERROR)),
    *(Asked(PredictKind.COUNT, of=of) for of in ("events", "executions", "transitions")),
    *(Asked(PredictKind.METRIC, name=name) for name in ("ExecutionsFailed", "LambdaFunctionsFailed")),
    Asked(PredictKind.COST, runs=1000),
)


def asked(debugger: Debugger, question: Asked) -> LessonQuestion | None:
    """A question, or None where it has no answer; the session stays as it was."""
    before = debugger.cursor, len(debugger.timeline.nodes), set(debugger.timeline.unanswered), debugger.stop
    try:
        found = question_asked(debugger, question)
    except CannotAskError as why:
        assert why.what
        found = None
    assert (debugger.cursor, len(debugger.timeline.nodes), set(debugger.timeline.unanswered), debugger.stop) == before
    if found is not None:
        check(found)
    return found


def stepped(definition: dict[str, Any], steps: int) -> Debugger:
    debugger = Debugger(definition, dict(INPUT), tasks=Fickle(), most_steps=5_000)
    for _ in range(steps):
        if debugger.step_into().reason is StopReason.END:
            break
    return debugger


def visit_at(debugger: Debugger, number: int) -> Visit | None:
    """A visit by its number, as it stands at the cursor."""
    execution = debugger.execution
    live = (branch.visit for branch in execution.branches.values() if branch.visit is not None)
    return next((visit for visit in (*execution.visits, *live) if visit.number == number), None)


def agrees(question: LessonQuestion, value: Any, error: str = "") -> bool:
    right = question.right
    if not is_present(right.value) or value is MISSING:
        return right.value is value and right.error == error
    return same(right.value, value)


@bounded
@given(machines(uncaught=True), st.integers(0, 60))
def test_what_is_asked_of_a_state_is_what_comes_when_it_is_stepped_over(definition: dict[str, Any], steps: int) -> None:
    debugger = stepped(definition, steps)
    position = position_at(debugger.cursor)
    if position.branch is None or position.state is None:
        return
    number = position.visit.number if position.visit is not None else debugger.execution.visit_count + 1
    revealed = position.revealed
    questions = {kind: asked(debugger, Asked(kind)) for kind in OF_STATE}
    debugger.step_over()
    visit = visit_at(debugger, number)
    assert visit is not None
    for kind, question in questions.items():
        if question is not None and kind is not PredictKind.INPUT:
            expected = _EXPECTED[kind](visit, revealed)
            assert agrees(question, *expected), (kind, question.right, expected)


def _left(visit: Visit, value: Any) -> tuple[Any, str]:
    if visit.status in ("succeeded", "caught"):
        return value, ""
    return MISSING, visit.fault.error or "" if visit.fault is not None else ""


def _taken(visit: Visit, *names: StageName) -> list[Any]:
    taken = (StageStatus.MATCHED, StageStatus.FORCED)
    return [stage for stage in visit.stages if stage.name in names and stage.status in taken]


def _rule(visit: Visit, revealed: int) -> tuple[Any, str]:
    found = _taken(visit, StageName.RULE, StageName.DEFAULT)
    if not found:
        return _left(visit, None)
    return ("Default" if found[0].name is StageName.DEFAULT else found[0].index + 1), ""


def _catcher(visit: Visit, revealed: int) -> tuple[Any, str]:
    found = _taken(visit, StageName.CATCH)
    return (found[0].index + 1 if found else None), ""


def _delay(visit: Visit, revealed: int) -> tuple[Any, str]:
    if visit.state.type == "Wait":
        return visit.state.fields["Seconds"], ""
    return _taken(visit, StageName.RETRY)[0].after, ""


def _attempts(visit: Visit, revealed: int) -> tuple[Any, str]:
    work = (StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN)
    return sum(stage.name in work for stage in visit.stages), ""


def _error(visit: Visit, revealed: int) -> tuple[Any, str]:
    judged = (StageName.RETRY, StageName.CATCH)
    faults = [stage.fault.error for stage in visit.stages if stage.fault is not None and stage.name not in judged]
    return (faults[0] if faults else visit.fault.error if visit.fault is not None else None), ""


_EXPECTED: dict[PredictKind, Callable[[Visit, int], tuple[Any, str]]] = {
    PredictKind.OUTPUT: lambda visit, revealed: _left(visit, visit.output),
    PredictKind.NEXT: lambda visit, revealed: _left(visit, visit.next),
    PredictKind.RULE: _rule,
    PredictKind.CATCHER: _catcher,
    PredictKind.DELAY: _delay,
    PredictKind.ATTEMPTS: _attempts,
    PredictKind.STATUS: lambda visit, revealed: (str(visit.status).upper(), ""),
    PredictKind.ERROR: _error,
}


@bounded
@given(machines(uncaught=True), st.integers(0, 60))
def test_what_is_asked_of_the_execution_is_what_comes_when_it_is_run(definition: dict[str, Any], steps: int) -> None:
    debugger = stepped(definition, steps)
    questions = [(each, asked(debugger, each)) for each in OF_EXECUTION]
    debugger.run()
    end = debugger.execution
    for each, question in questions:
        assert question is not None
        assert agrees(question, *_of_execution(each, end)), (each, question.right)


def _of_execution(each: Asked, end: Execution) -> tuple[Any, str]:
    is_good = str(end.status) == "SUCCEEDED"
    if each.kind is PredictKind.OUTPUT:
        return (end.output, "") if is_good else (MISSING, end.error or "")
    if each.kind is PredictKind.STATUS:
        return str(end.status), ""
    if each.kind is PredictKind.ERROR:
        return end.error, ""
    if each.of == "events":
        return len(end.events), ""
    if each.of == "executions":
        return len(end.ended_children), ""
    if each.name == "ExecutionsFailed":
        return int(str(end.status) == "FAILED"), ""
    if each.name == "LambdaFunctionsFailed":
        failed = ("LambdaFunctionFailed", "LambdaFunctionTimedOut")
        return sum(event.type == failed[0] for event in end.events), ""
    return _computed(each, end), ""


def _computed(each: Asked, end: Execution) -> Any:
    from sfdebug.forecast.usage import usage_of_simulated

    usage = usage_of_simulated(end, "")
    transitions = usage.total.transitions + usage.child_transitions
    return transitions if each.of == "transitions" else "EXPRESS"


@settings(bounded, max_examples=examples(15))
@given(machines(uncaught=True))
def test_what_the_quiz_asks_is_what_the_stages_show(definition: dict[str, Any]) -> None:
    debugger = stepped(definition, 0)
    for _ in quizzed(debugger, 60):
        pass


@settings(bounded, max_examples=examples(6))
@given(st.randoms(use_true_random=False))
def test_what_the_quiz_asks_of_data_that_move_about_is_what_the_stages_show(random: Random) -> None:
    definition = MachineBuilder(random).machine(random.randint(1, 5))
    for _ in quizzed(Debugger(definition, MOVED, tasks=Tokens()), 60):
        pass


def quizzed(debugger: Debugger, most: int) -> Iterator[LessonQuestion]:
    """Walk stage by stage; all that is worth asking of a stage is asked, and held against that stage when it comes."""
    waiting: list[tuple[int, Asked, int, LessonQuestion]] = []
    for _ in range(most):
        position = position_at(debugger.cursor)
        number = position.visit.number if position.visit is not None else debugger.execution.visit_count + 1
        for each in worth_asking(debugger):
            question = asked(debugger, each)
            if question is None:
                continue
            yield question
            visit = position.visit
            past = visit.stages[: position.revealed] if visit is not None else ()
            done = sum(s.name is each.stage and s.status is not StageStatus.WAITING for s in past)
            waiting.append((number, each, done, question))
        if debugger.step_into().reason in (StopReason.END, StopReason.QUESTION, StopReason.REFUSED):
            break
    for number, each, done, question in waiting:
        visit = visit_at(debugger, number)
        assert visit is not None
        if each.kind is PredictKind.OUTPUT and each.stage is not None:
            stages = [stage for stage in visit.stages if stage.name is each.stage]
            if len(stages) > done and stages[done].status is not StageStatus.WAITING:
                fault = stages[done].fault
                error = fault.error or "" if fault is not None else ""
                assert agrees(question, stages[done].after, error), (each, question.right, stages[done])
        elif visit.status != "running" and each.kind in (PredictKind.RULE, PredictKind.NEXT, PredictKind.CATCHER):
            assert agrees(question, *_EXPECTED[each.kind](visit, 0)), (each, question.right)


# samples and recordings


@pytest.mark.parametrize("sample", [one for one in all_samples() if not one.machine], ids=lambda sample: sample.name)
def test_what_the_quiz_asks_of_a_sample_is_what_its_stages_show(sample: Sample) -> None:
    folder = sample.folder
    nested = {path.name.partition(".")[0]: path for path in sorted((folder / "nested").glob("*.asl.json"))}
    s3 = folder / "s3" if (folder / "s3").is_dir() else None
    setup = LessonSetup(sample.definition, sample.input, sample.mocks, sample.case, nested=nested, s3=s3)
    for _ in quizzed(begin(setup), 80):
        pass


@pytest.mark.skipif(not CASES, reason="the recorded executions are not beside this checkout")
@pytest.mark.parametrize("path", CASES[::EVERY], ids=lambda path: path.stem[:100])
def test_what_the_quiz_asks_of_a_recording_is_what_was_recorded(path: Path) -> None:
    case = json.loads(path.read_text(encoding="utf-8"))
    (recording,) = parse_recordings(compact(case["history"]), path.stem)
    try:
        run = open_recording(recording, definition_from(case["definition"]))
    except RecordingError:
        return
    debugger = Debugger.on_recording(run)
    for each in OF_EXECUTION:
        asked(debugger, each)
    for _ in quizzed(debugger, 40):
        pass


# how answers are written

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=30,
)


@settings(bounded, max_examples=examples(60))
@given(st.lists(JSON, min_size=1, max_size=4))
def test_answers_fit_their_lines_and_can_be_told_from_one_another(values: list[Any]) -> None:
    ordered = in_one_order(values)
    assert all(same(one, other) for one, other in zip(ordered, values, strict=True))
    assert have_one_order(ordered)
    assert have_one_order(in_one_order(values, is_telling_first=True))
    texts = json_texts(values)
    assert len(set(texts)) == len(values)
    assert all(cell_width(text) <= LONGEST for text in texts)
