"""Questions in tests: asked of a small machine at a place, and all that is answered, to be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations, zip_longest
from typing import Any

from sfdebug.debugger import Debugger
from sfdebug.engine.execution.decisions import Answer, TaskResult
from sfdebug.engine.execution.visit import StageName, TaskRequest
from sfdebug.lessons.model import Asked, PredictKind
from sfdebug.lessons.questions.asking import question_asked
from sfdebug.lessons.questions.judging import judge
from sfdebug.lessons.questions.model import AnswerChoice, LessonQuestion
from sfdebug.lessons.questions.wording import LONGEST
from sfdebug.text import cell_width
from sfdebug.values import Json, is_present
from tests.debugger_runs import Handler

FAILS = "fails: "


@dataclass(frozen=True)
class Asking:
    """A question of a machine, at a place: so many states are stepped over, then so many stages gone into."""

    machine: Mapping[str, Any]
    asked: Asked
    input: Json = field(default_factory=dict)
    answers: Mapping[str, Callable[[TaskRequest], Answer | None]] = field(default_factory=dict)
    over: int = 0
    into: int = 0
    settings: Any = None

    def debugger(self) -> Debugger:
        """The session, where the question is asked."""
        debugger = Debugger(dict(self.machine), self.input, tasks=Handler(self.answers), settings=self.settings)
        for _ in range(self.over):
            debugger.step_over()
        for _ in range(self.into):
            debugger.step_into()
        return debugger

    def question(self) -> LessonQuestion:
        """The question, of a session that stays where it is."""
        debugger = self.debugger()
        before = debugger.cursor, len(debugger.timeline.nodes), set(debugger.timeline.unanswered)
        question = question_asked(debugger, self.asked)
        assert (debugger.cursor, len(debugger.timeline.nodes), set(debugger.timeline.unanswered)) == before
        check(question)
        return question


def check(question: LessonQuestion) -> None:
    """The right answer is judged right, each wrong one wrong, with its sentence; no two say the same."""
    judged = judge(question, question.right)
    assert judged.is_right
    assert not judged.sentence
    every = (question.right, *question.wrong, *question.others)
    for number, one in enumerate((*question.wrong, *question.others), start=1):
        judged = judge(question, one)
        assert not judged.is_right
        assert one.mistake is not None
        assert judged.mistake == one.mistake
        assert judged.sentence == one.mistake.sentence
        assert judged.sentence.endswith(".")
        assert not any(one.is_same(other.value, other.error) for other in every[:number])
    assert len({choice.text for choice in question.choices}) == len(question.choices)
    values = [choice.value for choice in question.choices if is_present(choice.value)]
    assert have_one_order(values), values
    if question.kind in (PredictKind.OUTPUT, PredictKind.INPUT):
        assert all(cell_width(choice.text) <= LONGEST for choice in question.choices)


def have_one_order(values: Sequence[Json]) -> bool:
    """Whether the keys of objects that stand at one place of several values come in one order in all of them."""
    objects = [one for one in values if isinstance(one, dict)]
    lists = [one for one in values if isinstance(one, list)]
    for one, other in combinations(objects, 2):
        if [key for key in one if key in other] != [key for key in other if key in one]:
            return False
    keys = {key for one in objects for key in one}
    inside = [[one[key] for one in objects if key in one] for key in keys]
    inside += [list(items) for items in zip_longest(*lists)]
    return all(have_one_order(found) for found in inside)


def shown(choice: AnswerChoice) -> Any:
    """An answer: its value, or what it fails with."""
    return f"{FAILS}{choice.error}" if choice.error else choice.value


def wrong(question: LessonQuestion) -> list[tuple[str, Any, str]]:
    """All wrong answers: the mistake, what it leads to, the sentence that mends it."""
    every = (*question.wrong, *question.others)
    return [(one.mistake.id, shown(one), one.mistake.sentence) for one in every if one.mistake is not None]


def check_answers(question: LessonQuestion, right: Any, mistakes: Sequence[tuple[str, Any, Sequence[str]]]) -> None:
    """The right answer, each mistake with what it leads to, and the facts that its sentence names."""
    found = wrong(question)
    assert shown(question.right) == right
    assert [(id, value) for id, value, _ in found] == [(id, value) for id, value, _ in mistakes]
    for (id, _, sentence), (_, _, facts) in zip(found, mistakes, strict=True):
        assert [fact for fact in facts if fact not in sentence] == [], f"{id}: {sentence}"


def says(output: Json, after_seconds: float = 0.0) -> Callable[[TaskRequest], Answer]:
    """A Task that always gives that."""
    return lambda request: TaskResult(output, after_seconds)


def output(stage: StageName | None = None, **more: Any) -> Asked:
    """What comes out of the state at hand, or of a stage of it."""
    return Asked(PredictKind.OUTPUT, stage=stage, **more)
