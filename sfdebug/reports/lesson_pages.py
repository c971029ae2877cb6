"""A lesson as a page to hand out, with the answers on a page of their own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.asl.load import read_source
from sfdebug.debugger.timeline.position import position_at
from sfdebug.drawing import build
from sfdebug.drawing.painting.paint import paint
from sfdebug.lessons.model import END, AnswerForm, DoStep, Lesson, LessonSetup, MendStep, PredictStep
from sfdebug.lessons.questions.asking import question_asked
from sfdebug.lessons.setups import read_json
from sfdebug.lessons.stage import LessonRun
from sfdebug.reports.markdown import code, fenced, plain
from sfdebug.values import MISSING, is_present, same

if TYPE_CHECKING:
    from sfdebug.debugger import Debugger
    from sfdebug.lessons.model import Step
    from sfdebug.lessons.questions.model import LessonQuestion
    from sfdebug.values import Json, Value

_WIDTH: Final = 78
"""Columns of the drawing: what fits on a page upright."""

_LETTERS: Final = "abcdefgh"


def lesson_markdown(lesson: Lesson) -> str:
    """A lesson as a page: its machine, its input, what it says and asks; the answers are on a page of their own.

    Raises SfdebugError when a step of it cannot be asked, which `check_course` tells too.
    """
    run = LessonRun(lesson)
    lines = [f"# {plain(lesson.title)}", "", *_machine_lines(lesson, run.debugger)]
    answers = [f"## Answers: {plain(lesson.title)}", "", f"What this cures: {plain(lesson.cures)}", ""]
    setup = lesson.setup
    for number, step in enumerate(lesson.steps, start=1):
        run.enter(step)
        asked, answer = _step_lines(run.debugger, step)
        begins = [] if step.setup is None else _anew_lines(setup, step.setup, run.debugger)
        setup = step.setup or setup
        lines += [f"**{number}.** {plain(step.say)}", "", *begins, *asked]
        if answer:
            answers += [f"**{number}.** {answer[0]}", "", *answer[1:]]
        run.leave(step)
    return "\n".join([*lines, '<div style="page-break-after: always"></div>', "", *answers])


def _machine_lines(lesson: Lesson, debugger: Debugger) -> Iterator[str]:
    setup = lesson.setup
    picture = paint(build(debugger.machine, max_width=_WIDTH)).text()
    yield from (*fenced(picture.rstrip("\n")), "")
    yield from ("The definition:", "", *_file(setup.definition), "")
    yield from ("The input:", "", *fenced(_shown(_input(debugger)), "json"), "")
    if setup.recording is not None:
        yield from ("This execution was recorded on AWS.", "")
    yield from _answers_lines(setup)


def _answers_lines(setup: LessonSetup) -> list[str]:
    """What the Tasks are answered with in the test case of a run: the part of the mock file that is about it."""
    if setup.mocks is None:
        return []
    found: Json = read_json(setup.mocks)
    case = f", in the case {code(setup.case)}" if setup.case else ""
    if setup.case and isinstance(found, dict):
        machines, responses = found["StateMachines"], found["MockedResponses"]
        assert isinstance(machines, dict)
        assert isinstance(responses, dict)
        cases = [one.get("TestCases") for one in machines.values() if isinstance(one, dict)]
        states = next((one[setup.case] for one in cases if isinstance(one, dict) and setup.case in one), {})
        found = {state: responses[str(name)] for state, name in states.items()} if isinstance(states, dict) else found
    return [f"What the Tasks are answered with{case}:", "", *fenced(_shown(found), "json"), ""]


def _anew_lines(before: LessonSetup, after: LessonSetup, debugger: Debugger) -> list[str]:
    """That a run begins anew, with what is another thing than before."""
    kind = f", as {after.execution_type}" if after.execution_type is not before.execution_type else ""
    lines = [f"*(The run begins anew{kind}.)*", ""]
    if after.definition != before.definition:
        lines += ["The definition is now:", "", *_file(after.definition), ""]
    if after.input != before.input:
        lines += ["The input is now:", "", *fenced(_shown(_input(debugger)), "json"), ""]
    if (after.mocks, after.case) != (before.mocks, before.case):
        lines += _answers_lines(after)
    return lines


def _input(debugger: Debugger) -> Json:
    return debugger.timeline.nodes[0].execution.input


def _file(file: Path) -> list[str]:
    language = "yaml" if file.suffix in (".yaml", ".yml") else "json"
    return fenced(read_source(file).text.rstrip("\n"), language)


def _step_lines(debugger: Debugger, step: Step) -> tuple[list[str], list[str]]:
    """What a step asks, and the answer to it; nothing for one that is read."""
    if isinstance(step, PredictStep):
        question = question_asked(debugger, step.asked)
        return [*_place_lines(debugger, step), *_question_lines(question)], _answer_lines(question, step)
    if isinstance(step, DoStep):
        return ["*(To be done in the debugger.)*", ""], [plain(step.hints[-1])] if step.hints else []
    if isinstance(step, MendStep):
        return [*_file(step.broken), ""], ["One way to mend it:", *_file(step.goal), ""]
    return [], []


def _place_lines(debugger: Debugger, step: PredictStep) -> list[str]:
    """Where the run stands, with the data there."""
    position = position_at(debugger.cursor)
    if position.state is None or str(step.at) == END:
        return []
    value: Value = MISSING
    where = ""
    if position.visit is None and position.branch is not None:
        if same(position.branch.input, _input(debugger)):
            return [f"Right before {code(position.state.name)}, which gets the input of the execution.", ""]
        value, where = position.branch.input, f"Right before {code(position.state.name)}, with this as its input:"
    elif position.stage is not None:
        value = position.stage.after
        where = f"In {code(position.state.name)}, after {position.stage.name}, which gave:"
    return [where, "", *fenced(_shown(value), "json"), ""] if is_present(value) else []


def _question_lines(question: LessonQuestion) -> list[str]:
    lines = [f"*{plain(question.prompt)}*", ""]
    if question.form in (AnswerForm.CHOOSE, AnswerForm.STATE):
        choices = zip(_LETTERS, question.choices, strict=False)
        return [*lines, *(f"- ☐ {letter}) {code(choice.text)}" for letter, choice in choices), ""]
    unit = f" {question.unit}" if question.unit else ""
    return [*lines, f"Your answer: \\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_\\_{plain(unit)}", ""]


def _answer_lines(question: LessonQuestion, step: PredictStep) -> list[str]:
    told = f" {plain(question.told)}" if question.told else ""
    lines = [f"{code(question.right.text)}.{told}", *([plain(step.reveal), ""] if step.reveal else [])]
    made = [(wrong, wrong.mistake) for wrong in question.wrong if wrong.mistake is not None]
    return [*lines, *(f"- Who says {code(wrong.text)}: {plain(mistake.sentence)}" for wrong, mistake in made), ""]


def _shown(value: Json) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
