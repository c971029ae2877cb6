"""Helpers for tests of explanations: runs that are explained stage by stage, and what holds for every explanation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sfdebug.debugger import Debugger, StopReason
from sfdebug.debugger.explaining.asking import explained
from sfdebug.debugger.explaining.explain import MOST
from sfdebug.debugger.explaining.model import StageExplanation
from sfdebug.engine import Execution
from sfdebug.engine.execution.decisions import Answer
from sfdebug.engine.execution.visit import TaskRequest, Visit
from sfdebug.values import Json


class InTurn:
    """Answers each state's Tasks and Map Runs from its own list, then not at all."""

    def __init__(self, answers: Mapping[str, Sequence[Answer]]) -> None:
        self._left = {name: list(given) for name, given in answers.items()}

    def answer(self, request: TaskRequest) -> Answer | None:
        left = self._left.get(request.state.name)
        return left.pop(0) if left else None


def checked(explanation: StageExplanation) -> StageExplanation:
    """An explanation that has what each must have."""
    assert explanation.happened
    assert explanation.why, explanation
    for line in explanation.lines:
        assert line.endswith("."), line
        assert not line.endswith(".."), line
        assert len(line) <= MOST, line
        assert line.isprintable(), line
        assert "  " not in line, line
        assert line[0].isupper() or not line[0].isalpha() or line == explanation.happened, line
    assert not explanation.expected or explanation.expected.startswith(("One might expect ", "By itself "))
    return explanation


def key_of_stage(debugger: Debugger) -> str:
    """What stands at the cursor: "A Retry not matched", "A" before it is entered, "the end"."""
    view = debugger.view()
    if view.is_finished and debugger.cursor.node.visit is None:
        return "the end"
    name = view.state.name if view.state is not None else ""
    return f"{name} {view.stage.name} {view.stage.status}" if view.stage is not None else name


def told(debugger: Debugger, most: int = 300) -> dict[str, list[StageExplanation]]:
    """All that is explained on the way to the end of a run, or to a question, by what it is about."""
    found: dict[str, list[StageExplanation]] = {key_of_stage(debugger): [checked(debugger.explanation())]}
    for _ in range(most):
        stop = debugger.step_into()
        if stop.reason not in (StopReason.STEP, StopReason.END, StopReason.FAULT, StopReason.QUESTION):
            break
        for row in range(len(debugger.view().visit_stages)):
            checked(debugger.explanation(row))
        found.setdefault(key_of_stage(debugger), []).append(checked(debugger.explanation()))
        if stop.reason in (StopReason.END, StopReason.QUESTION) and debugger.question is not None:
            break
        if stop.reason is StopReason.END:
            break
    return found


def run_told(definition: Any, input: Json = None, **answers: Sequence[Answer]) -> dict[str, list[StageExplanation]]:
    """What is explained of a run whose states' Tasks are answered so."""
    return told(Debugger(definition, {} if input is None else input, tasks=InTurn(answers)))


def visits_of(execution: Execution) -> list[Visit]:
    """All visits of an execution, those that are under way, too."""
    return [*execution.visits, *(branch.visit for branch in execution.branches.values() if branch.visit is not None)]


def check_explained(execution: Execution) -> int:
    """Check what is said of every stage of an execution, done or still to come; how many there were."""
    count = 0
    for visit in visits_of(execution):
        for row in range(len(visit.stages)):
            checked(explained(execution, visit.state, visit, row, len(visit.stages)))
            count += 1
    return count
