"""JSONata against its official test suite at 2.0.6, the version that AWS documents."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import JsonataFault, JsonataSyntaxError
from sfdebug.expressions.jsonata.expression import compile_reference_jsonata
from sfdebug.expressions.jsonata.limits import JsonataLimits, JsonataRun
from sfdebug.values import MISSING, same

MISSES: Final[dict[str, str]] = {}
"""The cases that do not pass, each with its reason: none."""

_NO_DEPTH: Final = 5_000
"""The depth for the cases that do not name one."""


class _Entropy:
    def __init__(self) -> None:
        self._random = Random(1)

    def uniform(self) -> float:
        return self._random.random()

    def uuid(self) -> str:
        return "00000000-0000-4000-8000-000000000000"


@cache
def _cases(path: Path) -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    # AWS removes $eval, and its cases do not apply.
    return [case for case in cases if "$eval" not in case["expr"]]


def _outcome(case: dict[str, Any]) -> list[Any]:
    limits = JsonataLimits(
        depth=case.get("depth", _NO_DEPTH),
        calls=1_000,
        items=10_000_001,
        characters=20_000_000,
        steps=500_000 if case["group"] == "tail-recursion" else 5_000_000,
        seconds=60,
    )
    try:
        jsonata = compile_reference_jsonata(case["expr"])
        run = JsonataRun(limits, _Entropy(), 1_700_000_000_000)
        value = jsonata.evaluate_on(case.get("data", MISSING), case["bindings"] or {}, run)
    except (JsonataFault, JsonataSyntaxError) as error:
        assert str(error)
        return ["err", error.code]
    return ["undef"] if value is MISSING else ["val", value]


def _agrees(outcome: list[Any], expected: list[Any]) -> bool:
    if outcome[0] != expected[0]:
        return False
    return outcome[0] == "undef" or (
        same(outcome[1], expected[1]) if outcome[0] == "val" else outcome[1] == expected[1]
    )


def test_the_whole_suite_passes(shared: Path) -> None:
    cases = _cases(shared / "conformance/jsonata/suite-2.0.6.json")
    assert len(cases) == 1613
    missed = {f"{case['group']}/{case['id']}" for case in cases if not _agrees(_outcome(case), case["exp"])}
    assert missed == MISSES.keys()


def test_evaluating_leaves_the_data_as_it_was(shared: Path) -> None:
    cases = _cases(shared / "conformance/jsonata/suite-2.0.6.json")
    for case in cases:
        if case["group"] in ("transform", "transforms", "object-constructor", "joins", "function-sort"):
            before = json.dumps(case.get("data"))
            _outcome(case)
            assert json.dumps(case.get("data")) == before, case["id"]


def test_the_comparison_can_fail() -> None:
    assert not _agrees(["val", 1], ["val", True])
    assert not _agrees(["val", [1]], ["val", 1])
    assert not _agrees(["undef"], ["val", None])
    assert not _agrees(["err", "T1006"], ["err", "T1005"])
    assert _agrees(["val", {"a": [1.0]}], ["val", {"a": [1]}])
