"""JSONPath against the answers of Jayway JsonPath, the library whose meaning AWS follows."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError, PathNotFoundError, PathSyntaxError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.values import same

FILE: Final = Path(__file__).parents[3] / "shared" / "conformance" / "jsonpath" / "jayway.json"


@cache
def _record() -> dict[str, Any]:
    record: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {"answers": []}
    return record


def cases() -> list[dict[str, Any]]:
    """Jayway's answers; none when they are not beside this checkout."""
    answers: list[dict[str, Any]] = _record()["answers"]
    return answers


def check(answer: dict[str, Any]) -> str | None:
    """What our answer to the path differs in; None when it does not."""
    return _miss(answer, Environment(_record()["document"])) or None


@pytest.mark.skipif(not cases(), reason="Jayway's answers are not beside this checkout")
@pytest.mark.parametrize("answer", cases(), ids=lambda answer: answer["path"])
def test_a_path_gives_jayways_answer(answer: dict[str, Any]) -> None:
    assert check(answer) is None


def test_there_are_all_answers(shared: Path) -> None:
    assert FILE.resolve().is_relative_to(shared.resolve())
    assert len(cases()) == 80


def test_errors_are_worded_as_jayway_words_them(shared: Path) -> None:
    record = json.loads((shared / "conformance/jsonpath/jayway.json").read_text(encoding="utf-8"))
    environment = Environment(record["document"])
    # The answers come from a build of the library inside another program, under a package name of its own.
    expected = {
        answer["path"]: answer["error"].split(": ", 1)[1].replace("wiremock.", "")
        for answer in record["answers"]
        if "error" in answer and answer["definite"]
    }
    assert len(expected) == 6
    assert {path: _words(path, environment) for path in expected} == expected


def _words(text: str, environment: Environment) -> str:
    with pytest.raises(PathNotFoundError) as caught:
        compile_path(text).read(environment)
    return caught.value.detail


def _miss(answer: dict[str, Any], environment: Environment) -> str:
    """What our answer differs in; "" when it does not."""
    text = answer["path"]
    try:
        path = compile_path(text)
    except PathSyntaxError as error:
        return "" if "compile_error" in answer else f"{text}: refused, {error.message}"
    if "compile_error" in answer:
        return f"{text}: accepted, but Jayway says {answer['compile_error']}"
    if path.is_definite is not answer["definite"]:
        return f"{text}: is_definite is {path.is_definite}"
    try:
        value = path.read(environment)
    except ExpressionError as error:
        return "" if "error" in answer else f"{text}: failed, {error}"
    if "error" in answer:
        # AWS gives [] where Jayway misses a field on the way of a path that could select several values.
        deviates = not path.is_definite and value == [] and "Missing property" in answer["error"]
        return "" if deviates else f"{text}: gave {value!r} instead of an error"
    return "" if same(value, answer["value"]) else f"{text}: gave {value!r}"
