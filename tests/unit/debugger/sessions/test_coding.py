"""Decisions come back from a journal as they were; what is none is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdebug.debugger.sessions.coding import Keeping, code_decision, decision_of
from sfdebug.debugger.sessions.errors import SessionError
from sfdebug.debugger.sessions.lines import text_of
from sfdebug.engine.execution.decisions import (
    AdjustMapRun,
    AnswerTask,
    BeginTask,
    Dataset,
    Decision,
    EditInput,
    EditOutput,
    ExpireExecution,
    ForceChoice,
    InjectFailure,
    Proceed,
    Provenance,
    Redrive,
    RefuseTask,
    StopExecution,
    Submission,
    TaskFailure,
    TaskResult,
    TaskSilence,
)
from sfdebug.values import MAX_NESTING, Json

INSIDE = (("Each order", 3), ("Both", 0))
LONG: dict[str, Json] = {"text": "x" * 5_000}
SUBMISSION = Submission({"JobId": 7}, "worker", False, "SubmitFailed")

DECISIONS: list[Decision] = [
    Proceed(),
    Proceed(INSIDE, True, 12),
    AnswerTask((), TaskResult(None)),
    AnswerTask(INSIDE, TaskResult([1, 1.0, True, "1"], 2.5, Provenance.FUNCTION, SUBMISSION), at=5),
    AnswerTask(INSIDE, TaskResult(LONG, provenance=Provenance.MOCKED)),
    AnswerTask((), TaskFailure(None)),
    AnswerTask((), TaskFailure("Bad", "why\ud800", 1, Provenance.RECORDED, Submission())),
    AnswerTask((), TaskSilence()),
    AnswerTask((), Dataset(content=b"\x00\xff", source="s3://b/k")),
    AnswerTask((), Dataset(objects=({"Key": "a"},), files={"s3://b/a": b"1"})),
    AnswerTask((), Dataset(items=(1, LONG), after_seconds=1)),
    BeginTask(INSIDE, SUBMISSION, at=4),
    ForceChoice((), None),
    ForceChoice(INSIDE, 2),
    InjectFailure(("Each order", 0, "Charge"), "Bad", None, 3),
    EditInput((), {"nan": [], "big": 10**30}),
    EditOutput((), LONG, {"v": 1}, Provenance.RECORDED),
    EditOutput((), 1),
    RefuseTask((), "Gone", "the activity does not exist"),
    StopExecution("E", None, 3),
    ExpireExecution(),
    ExpireExecution(7, INSIDE),
    AdjustMapRun(INSIDE, 0, None, 12.5),
    Redrive(8),
]


def test_every_decision_comes_back() -> None:
    keeping = Keeping()
    coded = json.loads(text_of([code_decision(decision, keeping) for decision in DECISIONS]))
    kept = [json.loads(text) for text in keeping.new]
    assert [decision_of(one, kept) for one in coded] == DECISIONS
    assert text_of([decision_of(one, kept) for one in coded][3].answer.output) == '[1,1.0,true,"1"]'  # type: ignore[union-attr]
    kinds = {type(decision) for decision in DECISIONS}
    assert {kind.__name__ for kind in kinds} == set(str(Decision).replace(" ", "").split("|"))


def test_long_data_are_kept_once() -> None:
    keeping = Keeping()
    for decision in (EditInput((), LONG), EditInput((), {**LONG}), AnswerTask((), TaskResult(LONG))):
        assert code_decision(decision, keeping)[1].get("input", {"d": 0}) == {"d": 0}
    assert len(keeping.new) == 1
    again = Keeping()
    again.take(keeping.new[0].encode())
    code_decision(EditInput((), LONG), again)
    assert again.new == [], "a journal that is gone on with has it already"


def test_long_data_that_could_not_be_written_are_new_again() -> None:
    keeping = Keeping()
    code_decision(EditInput((), LONG), keeping)
    keeping.forget_new()
    code_decision(EditInput((), LONG), keeping)
    assert len(keeping.new) == 1


def deep(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@pytest.mark.parametrize(
    "coded",
    [
        None,
        [],
        ["answer"],
        ["explode", {}],
        [["answer"], {}],
        ["answer", []],
        ["answer", {"branch": []}],
        ["answer", {"branch": [], "answer": ["result", {}]}],
        ["answer", {"branch": [], "answer": ["result", {"output": 1}]}],
        ["answer", {"branch": [], "answer": ["result", {"output": {"d": 0}}]}],
        ["answer", {"branch": [], "answer": ["result", {"output": {"d": True}}]}],
        ["answer", {"branch": [], "answer": ["result", {"output": {"v": 1}, "after_seconds": "1"}]}],
        ["answer", {"branch": [], "answer": ["result", {"output": {"v": 1}, "provenance": "heaven"}]}],
        ["answer", {"branch": [["A"]], "answer": ["silence", {}]}],
        ["answer", {"branch": [["A", "0"]], "answer": ["silence", {}]}],
        ["answer", {"branch": [], "answer": ["dataset", {}]}],
        ["answer", {"branch": [], "answer": ["dataset", {"content": "*"}]}],
        ["answer", {"branch": [], "answer": ["dataset", {"files": []}]}],
        ["force", {"branch": [], "rule": True}],
        ["force", {"branch": [], "rule": 0, "colour": 1}],
        ["inject", {"state": [None], "error": "x"}],
        ["input", {"branch": [], "input": {"v": 1, "d": 0}}],
        ["output", {"branch": [], "output": {"v": 1}, "assigned": {"v": 1}}],
        ["proceed", {"whole_visit": 1}],
        ["input", {"branch": [], "input": {"v": deep(MAX_NESTING + 1)}}],
    ],
)
def test_what_is_no_decision_is_refused(coded: Any) -> None:
    with pytest.raises(SessionError):
        decision_of(coded, [])
