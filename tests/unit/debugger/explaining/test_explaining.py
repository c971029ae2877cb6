"""Explanations: the most important ones word for word, and that none is missing for any stage that can happen."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest

from sfdebug.asl.definition import QueryLanguage
from sfdebug.cli.samples import Sample, all_samples, case_inputs
from sfdebug.debugger import Debugger, StopReason
from sfdebug.debugger.explaining.ahead import ahead
from sfdebug.debugger.explaining.asking import explained
from sfdebug.debugger.explaining.explain import MOST, bounded
from sfdebug.debugger.explaining.model import StageFacts
from sfdebug.debugger.recorded.session import open_recording
from sfdebug.engine import step
from sfdebug.engine.execution.decisions import Redrive, TaskFailure, TaskResult
from sfdebug.engine.execution.visit import StageName, StageStatus
from sfdebug.errors import UsageError
from sfdebug.history.reading.read import parse_recordings
from sfdebug.projects.addresses import load
from sfdebug.simulation import simulate
from sfdebug.tasks.datasets import LocalFiles
from sfdebug.tasks.handler import FirstAnswer, TaskHandler
from sfdebug.tasks.mock_config import MockConfig
from sfdebug.values import MISSING, Json, Value
from tests.debugger_runs import EACH, ORDER, ORDER_INPUT, Handler, machine, over_to, passing, task, where
from tests.engine_runs import advance, run
from tests.explanations import InTurn, check_explained, checked, run_told, told, visits_of
from tests.unit.debugger.explaining.scenarios import PREPARED, SCENARIOS, debugger_of

TEXTS = Path(__file__).with_name("whole_texts.txt")
EVERYTHING = [*SCENARIOS, *PREPARED]


@cache
def _told(name: str) -> tuple[Debugger, dict[str, list[tuple[str, ...]]]]:
    debugger = debugger_of(name)
    found = told(debugger)
    return debugger, {key: [each.lines for each in dict.fromkeys(given)] for key, given in found.items()}


def _written() -> dict[str, dict[str, list[tuple[str, ...]]]]:
    """The texts in the file, by scenario and by what they are about."""
    found: dict[str, dict[str, list[tuple[str, ...]]]] = {}
    for block in TEXTS.read_text(encoding="utf-8").split("\n\n")[1:]:
        first, *lines = block.strip("\n").split("\n")
        if first.startswith("# "):
            name = first[2:]
            found[name] = {}
        else:
            found[name].setdefault(first, []).append(tuple(line.strip() for line in lines))
    return found


@pytest.mark.parametrize("name", _written())
def test_whole_texts(name: str) -> None:
    _, found = _told(name)
    for key, given in _written()[name].items():
        assert found[key] == given, key


# None is missing

_JSONPATH_ALONE = {
    StageName.INPUT_PATH, StageName.PARAMETERS, StageName.ITEMS_PATH, StageName.RESULT, StageName.RESULT_SELECTOR,
    StageName.RESULT_PATH, StageName.OUTPUT_PATH,
}  # fmt: skip
_JSONATA_ALONE = {StageName.ARGUMENTS, StageName.ITEMS}
_WORK = {StageName.TASK, StageName.BRANCHES, StageName.ITERATIONS, StageName.MAP_RUN}


def _can_happen(name: StageName, status: StageStatus, language: QueryLanguage) -> bool:
    """Whether the engine can make a stage of that name that ends so."""
    if name in (_JSONATA_ALONE if language is QueryLanguage.JSONPATH else _JSONPATH_ALONE):
        return False
    if name is StageName.REDRIVE:
        return False  # it has a test of its own
    if name is StageName.RULE:
        return status in (StageStatus.MATCHED, StageStatus.NOT_MATCHED, StageStatus.FORCED, StageStatus.FAILED)
    if name is StageName.DEFAULT:
        return status in (StageStatus.MATCHED, StageStatus.FORCED)
    if name in (StageName.RETRY, StageName.CATCH):
        return status in (StageStatus.MATCHED, StageStatus.NOT_MATCHED)
    if name in _WORK:
        return status in (StageStatus.DONE, StageStatus.FAILED, StageStatus.WAITING, StageStatus.INJECTED)
    if status is StageStatus.FAILED:
        no_failure = name in (StageName.INPUT, StageName.RESULT)
        return not no_failure and not (name is StageName.OUTPUT and language is QueryLanguage.JSONPATH)
    return status is StageStatus.DONE


def test_every_stage_in_both_languages_and_however_it_ends_was_explained() -> None:
    seen: set[tuple[StageName, StageStatus, QueryLanguage]] = set()
    pending: set[StageName] = set()
    for name in EVERYTHING:
        debugger, _ = _told(name)
        while True:
            for line in debugger.view().visit_stages:
                pending |= {line.name} if line.is_pending else set()
            visits = visits_of(debugger.execution)
            seen |= {
                (stage.name, stage.status, visit.state.query_language) for visit in visits for stage in visit.stages
            }
            if debugger.step_back().is_refused or debugger.cursor.node.parent is None:
                break
    wanted = {
        (name, status, language)
        for name in StageName
        for status in StageStatus
        for language in QueryLanguage
        if _can_happen(name, status, language)
    }
    assert wanted - seen == set()
    assert pending == set(StageName) - {StageName.REDRIVE}


@pytest.mark.parametrize("sample", [each for each in all_samples() if each.mocks.is_file()], ids=lambda each: each.name)
def test_every_stage_of_a_sample_is_explained(sample: Sample) -> None:
    mocks = MockConfig.load(sample.mocks)
    machine = load(f"{sample.definition}#{sample.machine}" if sample.machine else sample.definition)
    for case, given in case_inputs(sample).items():
        handlers: list[TaskHandler] = [mocks.handler(None, case)]
        handlers += [LocalFiles(sample.folder / "s3")] if (sample.folder / "s3").is_dir() else []
        execution = simulate(machine, json.loads(given.read_text(encoding="utf-8")), FirstAnswer(*handlers, Handler()))
        assert check_explained(execution) > 0


def test_a_stage_to_come_tells_what_is_written_and_nothing_that_comes_of_it() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT)
    debugger.step_into()
    rows = [checked(debugger.explanation(row)) for row in range(1, len(debugger.view().visit_stages))]
    assert [each.happened for each in rows] == [
        "Still to come: InputPath `$.order` selects what the state works on.",
        "Still to come: Reserve calls a Lambda function.",
        "Still to come: ResultPath `$.reserved` puts the result into the input.",
        'Still to come: Reserve is left for "Paid?".',
    ]
    assert [each.expected for each in rows] == ["", "", "", ""]
    choice = debugger.explanation(1, state=("Paid?",))
    assert choice.happened == "Still to come: rule 1 of 1 is tried, and leads to Hold if it matches."
    assert choice.why == "The rules are tried in their order, and the first that matches decides."
    retry = [{"ErrorEquals": ["Boom"], "MaxAttempts": 1}]
    catch = [{"ErrorEquals": ["States.ALL"], "Next": "B"}]
    debugger = Debugger(machine(A=task(Retry=retry, Catch=catch), B=passing()), tasks=InTurn({"A": [TaskFailure("X")]}))
    while debugger.step_into().reason is not StopReason.FAULT and where(debugger) != ("A", "Task"):
        pass
    debugger.step_into()
    assert debugger.explanation(2).lines == (
        "Still to come: Retrier 1 is asked whether it tries again, for Boom.",
        "It takes Boom, for 1 retry. The first Retrier that names the error decides.",
    )
    assert debugger.explanation(3).lines == (
        "Still to come: Catcher 1, for States.ALL, is asked whether it takes the error; it leads to B.",
        "It takes every error but States.Runtime. Catchers are asked in their order, once no Retrier tries again.",
    )


def test_an_earlier_visit_is_explained_by_its_stages() -> None:
    debugger = Debugger(ORDER, ORDER_INPUT, tasks=InTurn({"Reserve": [TaskResult(1)]}))
    over_to(debugger, "Charge")
    (visit,) = debugger.visits_of(("Reserve",))
    last, second = debugger.explanation(visit=visit), debugger.explanation(1, visit=visit)
    assert last.why == 'What ResultPath gives is the output. It is the whole input of "Paid?".'
    assert second.expected.startswith("One might expect customer to be lost.")
    with pytest.raises(UsageError, match="there is no stage 99 here"):
        debugger.explanation(99, visit=visit)
    with pytest.raises(UsageError, match="there is no state"):
        debugger.explanation(state=("Nobody",))
    with pytest.raises(UsageError, match="there is no stage -1 here"):
        debugger.explanation(-1)


def test_a_redrive() -> None:
    execution = run(machine(A=task(Retry=[{"ErrorEquals": ["X"]}])), {}, lambda request: TaskFailure("Boom"))
    visit = advance(step(execution, Redrive()), decision=None).branches[()].visit
    assert visit is not None
    (row,) = [at for at, stage in enumerate(visit.stages) if stage.name is StageName.REDRIVE]
    told = checked(explained(execution, visit.state, visit, row, len(visit.stages)))
    assert told.why == (
        "A redrive goes on with what did not succeed: A is not entered again. All Retriers count from the start again."
    )
    assert told.expected.startswith("One might expect the execution to begin at its first state.")


def test_what_aws_alone_recorded_is_not_explained_by_guesses() -> None:
    reading = debugger_of("lost")
    told(reading)
    (recording,) = parse_recordings(json.dumps({"events": reading.execution.history}))
    debugger = Debugger.on_recording(open_recording(recording))
    before = debugger.explanation()
    assert before.why == "The definition is not known, and a history does not say what fields the state has."
    while debugger.step_into().reason is StopReason.STEP:
        explanation = checked(debugger.explanation())
        if debugger.view().stage is not None:
            assert explanation.why.startswith("That is what AWS recorded.")
            assert not explanation.expected


def test_wildcards_and_names_that_do_not_match() -> None:
    def after(error: str, *names: str) -> str:
        found = run_told(machine(A=task(Retry=[{"ErrorEquals": [*names]}])), {}, A=[TaskFailure(error, "no")])
        return found["A Retry not matched"][0].expected

    assert after("States.Timeout", "States.TaskFailed").startswith("One might expect States.TaskFailed to cover it.")
    assert after("States.Runtime", "States.ALL") == (
        "One might expect States.ALL to take it. States.Runtime can be neither retried nor caught."
    )
    assert after("shop.NoCard", "NoCard").startswith("One might expect `NoCard` to match `shop.NoCard`.")
    assert after("A", "B") == ""


def test_what_cannot_be_told_again_is_not_claimed_of_a_rule_that_was_not_tried() -> None:
    def also(rule: dict[str, Json], language: str = "JSONPath") -> str:
        first = {"Variable": "$.n", "IsPresent": True} if language == "JSONPath" else {"Condition": True}
        choice = {
            "Type": "Choice",
            "QueryLanguage": language,
            "Choices": [{**first, "Next": "B"}, {**rule, "Next": "C"}],
        }
        return run_told(machine(A=choice, B=passing(), C=passing()), {"n": 1})["A Rule matched"][0].expected

    assert also({"Variable": "$.n", "NumericEquals": 1}).startswith("One might expect rule 2, which matches too")
    assert also({"Variable": "$.m", "NumericEquals": 1}) == "", "it would fail"
    assert also({"Variable": "$$.Execution.Name", "IsPresent": True}) == "", "the Context object is not at hand"
    assert also({"Condition": "{% $states.input.n = 1 %}"}, "JSONata") != ""
    assert also({"Condition": "{% $random() < 2 %}"}, "JSONata") == ""
    assert also({"Condition": "{% $states.input.m %}"}, "JSONata") == "", "it gives nothing"


def test_the_item_of_an_iteration_is_told_from_the_input_of_its_map() -> None:
    found = run_told(EACH, {"items": [1], "shop": "north"}, Work=[TaskResult(1)])
    assert found["One Input done"][0].lines == (
        "One starts with the input: 1.",
        "It is the first state of iteration 1, which is given item 1.",
        "One might expect the whole input of Each, with shop. An iteration sees its item alone: an ItemSelector hands "
        "on more.",
    )
    assert run_told(EACH, {"items": [1]}, Work=[TaskResult(1)])["One Input done"][0].expected == ""


def test_long_and_hostile_texts_are_cut_and_cleaned() -> None:
    assert bounded("x" * 1_000) == f"{'x' * (MOST - 2)}…."
    assert bounded("a\n\tb  c...") == "a\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS} b c."
    assert bounded("") == ""
    key = "k" * 500 + "\x1b[31m"
    for text in run_told(machine(A=passing(Result=1)), {key: 1})["A Output done"][0].lines:
        assert "\x1b" not in text


@pytest.mark.parametrize("name", list(StageName))
def test_each_stage_has_words_for_what_is_to_come(name: StageName) -> None:
    execution = Debugger(ORDER).execution
    expressions: tuple[Value, ...] = (MISSING, None, "$.x", {"a": 1})
    for path in execution.machine.walk():
        for expression in expressions:
            text = ahead(StageFacts(path, name, expression, 5, 0, None, None, execution))
            assert text.startswith("Still to come: ")
            assert text.endswith(".")
