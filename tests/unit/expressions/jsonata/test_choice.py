"""The Condition of a Choice rule in JSONata, and why it is what it is."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from sfdebug.expressions.choice import Verdict
from sfdebug.expressions.jsonata.choice import ConditionVerdict, compile_condition
from sfdebug.expressions.jsonata.errors import JsonataSyntaxError, QueryEvaluationError
from sfdebug.expressions.jsonata.explain import MOST_PARTS, explain_parts
from sfdebug.expressions.jsonata.expression import compile_jsonata
from sfdebug.expressions.jsonata.limits import JsonataLimits, JsonataRun
from sfdebug.expressions.jsonata.template import JsonataEnvironment
from sfdebug.values import MISSING, Json, Value

STATES: Json = {"input": {"total": 42.5, "orders": [{"price": 3}, {"price": 20}]}}
FIELD = "Choices[0]/Condition"


def verdict_on(expression: str, entropy: Any = None, **variables: Json) -> Verdict:
    environment = JsonataEnvironment(STATES, variables, entropy, 0)
    return compile_condition(f"{{% {expression} %}}", FIELD).evaluate(environment)


def failure_of(expression: str, **variables: Json) -> str:
    with pytest.raises(QueryEvaluationError) as caught:
        verdict_on(expression, **variables)
    assert caught.value.error == "States.QueryEvaluationError"
    assert caught.value.location == FIELD
    return caught.value.cause


def rows(expression: str, **variables: Json) -> list[tuple[str, Value]]:
    """The parts of an expression, each before its own."""

    def flat(parts: tuple[Verdict, ...]) -> Iterator[tuple[str, Value]]:
        for part in parts:
            yield part.path, part.value
            yield from flat(part.children)

    run = JsonataRun(JsonataLimits(), None, None, STATES, variables)
    return list(flat(explain_parts(compile_jsonata(expression), run)))


def test_a_verdict_says_what_was_evaluated_and_what_it_gave() -> None:
    verdict = verdict_on("$foo = 2", foo=3)
    assert isinstance(verdict, Verdict)
    assert (verdict.matched, verdict.operator, verdict.path, verdict.value) == (False, "Condition", "$foo = 2", False)
    assert (verdict.comparand, verdict.comparand_path) == (MISSING, "")
    assert verdict.why == "$foo = 2 is false: $foo is 3"
    assert verdict.children == (Verdict(True, "", "$foo", 3, MISSING, "", (), "$foo is 3"),)


@pytest.mark.parametrize("given", [True, False])
def test_a_literal_condition_is_what_it_says(given: bool) -> None:
    verdict = compile_condition(given, FIELD).evaluate(JsonataEnvironment(None))
    assert verdict.matched is given
    assert verdict.why == f"the condition is always {'true' if given else 'false'}"


@pytest.mark.parametrize("given", [1, None, "$foo", {"a": 1}])
def test_what_is_no_condition_is_refused(given: Json) -> None:
    with pytest.raises(JsonataSyntaxError) as caught:
        compile_condition(given, FIELD)
    assert caught.value.fix


def test_a_result_that_is_no_boolean_fails_in_awss_words() -> None:
    assert failure_of("$foo", foo="yes") == (
        "The JSONata expression '$foo' specified for the field 'Choices[0]/Condition' returned an unexpected result "
        "type. Expected 'boolean', but was 'string' for value: \"yes\""
    )
    assert failure_of("$foo", foo=1).endswith("Expected 'boolean', but was 'number' for value: 1")
    assert failure_of("$foo").endswith("returned nothing (undefined).")
    assert failure_of("$sum").endswith("returned an unsupported result type.")
    assert failure_of("$foo > 'a'", foo=1).endswith(
        'threw an error during evaluation. T2009: The values 1 and "a" either side of operator ">" must be of the '
        "same data type"
    )


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$n = 2 and $states.input.total > 100", [("$n = 2", False), ("$n", 3)]),
        (
            "$n = 3 and $states.input.total > 100",
            [("$n = 3", True), ("$n", 3), ("$states.input.total > 100", False), ("$states.input.total", 42.5)],
        ),
        ("$n = 1 or $n = 3 or $boom()", [("$n = 1", False), ("$n", 3), ("$n = 3", True), ("$n", 3)]),
        ("$not($exists($none))", [("$exists($none)", False), ("$none", MISSING)]),
        ("$none = null", [("$none", MISSING)]),
        ("($n + 1) * 2 > 5", [("($n + 1) * 2", 8), ("$n + 1", 4), ("$n", 3)]),
        ("$count($states.input.orders[price > 10]) = 1",
         [("$count($states.input.orders[price > 10])", 1), ("$states.input.orders[price > 10]", {"price": 20})]),
        ("$s in ['a', $t]", [("$s", "a,)"), ("['a', $t]", ["a", "b"]), ("$t", "b")]),
        ("$contains($s, /,(\\))/)", [("$s", "a,)")]),
        ("$s ~> $contains(')')", [("$s", "a,)")]),
        ("/* why, (not */ $n = 3 ", [("$n", 3)]),
        ("$n = 4 ? true : $t = 'b'", [("$n = 4", False), ("$n", 3), ("$t = 'b'", True), ("$t", "b")]),
        ("$n = 3 ? $n > 1 ? true : false : $boom()", [("$n = 3", True), ("$n", 3),
         ("$n > 1 ? true : false", True), ("$n > 1", True), ("$n", 3)]),
        ("( $twice := $n * 2; $twice = 6 )", [("$twice", 6)]),
        ("-$n < 0", [("-$n", -3), ("$n", 3)]),
        ("$yes", [("$yes", True)]),
        ("true", []),
        ("'a' = 'a'", []),
    ],
)  # fmt: skip
def test_the_parts_that_make_a_condition_what_it_is(expression: str, expected: list[tuple[str, Value]]) -> None:
    assert rows(expression, n=3, s="a,)", t="b", yes=True) == expected


@pytest.mark.parametrize(
    ("expression", "why"),
    [
        ("$n = 3 and $t = 'x'", "$n = 3 and $t = 'x' is false: $t = 'x' is false ($t is \"b\")"),
        ("$n = 3 and $t = 'b'", "$n = 3 and $t = 'b' is true: all its parts are true"),
        ("$n = 1 or $t = 'b'", "$n = 1 or $t = 'b' is true: $t = 'b' is true ($t is \"b\")"),
        ("$n = 1 or $n = 2", "$n = 1 or $n = 2 is false: none of its parts is true"),
        ("$none > 1 or $yes", "$none > 1 or $yes is true: $yes is true"),
        ("$exists($none)", "$exists($none) is false: $none is undefined"),
        ("$yes", "$yes is true"),
    ],
)
def test_the_reason_in_plain_words(expression: str, why: str) -> None:
    assert verdict_on(expression, n=3, t="b", yes=True).why == why


def test_randomness_is_not_drawn_again() -> None:
    class Counted(Random):
        drawn = 0

        def uniform(self) -> float:  # type: ignore[override]
            self.drawn += 1
            return 0.25

        def uuid(self) -> str:
            raise AssertionError

    entropy = Counted()
    verdict = verdict_on("$n = 3 and $random() < 0.5", entropy, n=3)
    assert verdict.matched
    assert entropy.drawn == 1
    assert [child.path for child in verdict.children] == ["$n = 3"]
    assert verdict.why
    assert entropy.drawn == 1


def test_what_cannot_be_evaluated_is_left_out() -> None:
    assert rows("$n.$boom() or $n > 'a' or $n = 3", n=3) == []
    assert rows("$n = 3 and $sum($t) > 1 and $n = 4", n=3, t="b") == [("$n = 3", True), ("$n", 3)]
    assert rows("[$n, $boom(), $t] = 1", n=3, t="b") == [("$n", 3), ("$t", "b")]
    assert rows("($boom(); $n = 3)", n=3) == []


def test_an_explanation_is_bounded() -> None:
    parts = rows(" or ".join(["$n = 0"] * 90), n=3)
    assert len(parts) == MOST_PARTS
    loop = compile_jsonata("($f := function($x) { $f($x) }; $f(1)) = 1")
    assert explain_parts(loop, JsonataRun(JsonataLimits(steps=1_000), None, None)) == ()


def test_the_explanation_is_worked_out_when_it_is_asked_for() -> None:
    verdict = verdict_on("$n = 3", n=3)
    assert not hasattr(verdict, "_explained")
    assert verdict.why
    assert verdict.children is verdict.children


def test_verdicts_that_say_the_same_are_equal() -> None:
    verdict, same, other = (verdict_on("$n > 2", n=n) for n in (3, 3, 4))
    assert verdict == same
    assert hash(verdict) == hash(same)
    assert verdict != other
    assert verdict != verdict_on("$n > 1", n=3)
    plain = copy.deepcopy(verdict)
    assert not isinstance(plain, ConditionVerdict)
    assert plain == verdict
    assert verdict == plain
    assert pickle.loads(pickle.dumps(verdict)) == verdict


def test_a_verdict_does_not_change() -> None:
    verdict = verdict_on("$n > 2", n=3)
    for name in ("matched", "why", "path"):
        with pytest.raises(AttributeError):
            setattr(verdict, name, None)


def test_values_have_their_parts() -> None:
    assert rows("$n", n=1) == [("$n", 1)]
