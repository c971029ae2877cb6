"""Definitions that are damaged at random: advice is given or not, and nothing falls over."""

from __future__ import annotations

import json
from copy import deepcopy
from random import Random
from typing import Any

import pytest

from sfdebug.advice.advising import advice_on, by_state
from sfdebug.advice.registry import RULES
from sfdebug.advice.rule import RuleSubject
from sfdebug.advice.silencing import silenced
from sfdebug.asl.load import examine_definition
from sfdebug.limits import ExecutionType
from sfdebug.reports.sarif import sarif

VALUES: list[Any] = [
    None, True, 0, -1, 3.5, 10**30, "", "$", "$$", "{% $x %}", "{%", "${x}", [], {}, ["a"], {"a": 1}, "States.ALL",
    "arn:aws:states:::lambda:invoke", "arn:aws:states:::aws-sdk:dynamodb:scan", "sfdebug: ignore no-such, no-default",
]  # fmt: skip
FIELDS = ("Comment", "TimeoutSeconds", "Retry", "Catch", "Parameters", "Arguments", "Next", "Choices", "Seconds")


def whole(fragment: Any) -> dict[str, Any]:
    return dict(fragment) if "States" in fragment else {"StartAt": next(iter(fragment)), "States": fragment}


def places(value: Any) -> list[tuple[Any, Any]]:
    keys = list(value) if isinstance(value, dict) else list(range(len(value))) if isinstance(value, list) else []
    return [place for key in keys for place in ((value, key), *places(value[key]))]


def damaged(definition: dict[str, Any], random: Random) -> dict[str, Any]:
    for _ in range(random.randint(1, 4)):
        found = places(definition)
        if not found:
            break
        owner, key = random.choice(found)
        way = random.random()
        if way < 0.5:
            owner[key] = deepcopy(random.choice(VALUES))
        elif way < 0.7 and isinstance(owner, dict):
            owner[random.choice(FIELDS)] = deepcopy(random.choice(VALUES))
        elif way < 0.85 and isinstance(owner, dict):
            del owner[key]
        else:
            owner[key] = json.loads(json.dumps(random.choice(found)[0]))
    return definition


@pytest.mark.parametrize("seed", range(6))
def test_nothing_falls_over_a_damaged_definition(seed: int) -> None:
    random = Random(seed)
    shown = [rule.example for rule in RULES.values() if rule.example and rule.subject is RuleSubject.DEFINITION]
    said = 0
    for example in shown:
        definition = damaged(json.loads(json.dumps(whole(example.before))), random)
        examination = examine_definition(json.dumps(definition), "damaged.json", "json", anything=True)
        if examination.machine is None:
            continue
        for type in ExecutionType:
            found = silenced(advice_on(examination.machine, type), examination.document)
            by_state(examination.machine, found)
            assert len(sarif(found)["runs"]) == 1  # type: ignore[arg-type]
            said += len(found)
    assert said > 20
