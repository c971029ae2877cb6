"""The bounds of a JSONata evaluation: what goes beyond them ends with a clear error, in AWS's words."""

from __future__ import annotations

import subprocess
import sys
import threading
from typing import Any

import pytest

from sfdebug.expressions.errors import PathSyntaxError
from sfdebug.expressions.jsonata.errors import JsonataFault, JsonataSyntaxError
from sfdebug.expressions.jsonata.expression import compile_jsonata
from sfdebug.expressions.jsonata.limits import JsonataLimits
from sfdebug.expressions.jsonata.values import UnsupportedResultError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.values import MISSING, Json

_RECURSIVE = "($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f(%d))"
_DOUBLED = "($p := function($s, $n) { $n = 0 ? $s : $p($s & $s, $n - 1) }; $length($p('x', %d)))"


def value_of(text: str, states: Json = None, **variables: Json) -> Any:
    return compile_jsonata(text).evaluate(states, variables)


def fault_of(text: str, limits: JsonataLimits, **variables: Json) -> JsonataFault:
    with pytest.raises(JsonataFault) as caught:
        compile_jsonata(text).evaluate({"input": list(range(100))}, variables, limits=limits)
    return caught.value


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("$range(1, 1000000000, 1)", "D2014"),
        ("[1..1000000000]", "D2014"),
        ("$count([1..9000000])", "D2014"),
        ("($f := function($x) { $f($x) }; $f(1))", "U1001"),
        ("($f := function($x) { $f($x) + 1 }; $f(1))", "U1001"),
        ("($f := function($x) { $map([1], $f) }; $f(1))", "U1001"),
        ("($f := function($x) { $sort([1, 2], function($a, $b) { $f($a) }) }; $f(1))", "U1001"),
        ("($f := function($x) { $x ~> $f ~> $f }; $f(1))", "U1001"),
        ("($f := function($x) { $x.($f($)) }; $f([1]))", "U1001"),
        ("$pad('x', 1000000000)", "D2014"),
        ("$join($map([1..60000], function($i) { 'aaaaaaaaaaaaaaaaaaaa' }))", "D2014"),
        ("$replace($pad('', 10000, 'a'), 'a', $pad('', 1000, 'b'))", "D2014"),
        ("($f := function($x) { $f($x & $x) }; $f('aaaa'))", "D2014"),
        ("($f := function($x) { $f([$x, $x]) }; $f([1]))", "D2014"),
        ("($f := function($x, $n) { $n = 0 ? $x : $f({'a': $x, 'b': $x}, $n - 1) }; $f({}, 60))", "D2014"),
        ("($f := function($x, $n) { $n = 0 ? $x : $f({'a': $x, 'b': $x}, $n - 1) }; $string($f({}, 60)))", "D2014"),
        ("($x := [1..5000]; $x.$x.$x)", "D2014"),
        ("$map([1..1000], function($i) { [1..100000] })", "U1001"),
        ("$map([1..100000], function($i) { $pad('x', 100000) })", "U1001"),
        ("$map($split($pad('', 20000, 'a,'), ','), function($i) { $clone($states) })", "U1001"),
    ],
)
def test_hostile_expressions_end_with_a_clear_error(text: str, code: str) -> None:
    fault = fault_of(text, JsonataLimits(steps=100_000, items=100_000, characters=1_000_000))
    assert fault.code == code
    assert fault.is_bound


_SHARED = (
    "($f := function($p, $q) { [[$p], [$p]] }; $d := $reduce([1..40], $f, [0]); $e := $reduce([1..40], $f, [0]); %s)"
)


@pytest.mark.parametrize(
    "use", ["$d = $e", "$d != $e", "$distinct([$d, $e])", "$keys($d)", "{'a': $d}.*", "$string($d)"]
)
def test_shared_structure_costs_what_it_unfolds_to(use: str) -> None:
    assert fault_of(_SHARED % use, JsonataLimits(steps=50_000, characters=100_000)).is_bound


@pytest.mark.parametrize(
    "use", ["$boolean($d)", "$d ? 1 : 2", "$d and true", "[1, 2][$d]", "$filter([1], function($x) { $d })"]
)
def test_the_truth_of_shared_structure_is_found_at_once(use: str) -> None:
    assert value_of(_SHARED % f"[{use}]") in ([False], [2], [])


@pytest.mark.parametrize(
    "text",
    [
        "($x := [1..9000]; $y := [1..9000]; $count([1..5000][$x = $y]))",
        "($x := [1..9000].(0); $count([1..5000][$x]))",
        "($x := $pad('a', 900000, ','); $count([1..9000].($split($x, ',', 1))))",
        "($x := $pad('a', 900000, ','); $count([1..9000].($contains($x, 'b'))))",
        "($x := $pad('a', 900000, ','); $count([1..9000].($match($x, /b/))))",
        "($x := [1..9000]; $count([1..9000].($max($x))))",
        "[1..60000].{'a': {'b': {'c': [[$]]}}}",
        "$formatInteger(1, $pad('', 5000, '#'))",
        "$fromMillis(0, $pad('', 5000, 'x'))",
        "$parse($pad('', 900000, '[],'))",
        "$base64encode($pad('', 900000, 'x'))",
        "$encodeUrl($pad('', 900000, '\u00e9'))",
    ],
)
def test_what_an_operation_touches_counts(text: str) -> None:
    assert fault_of(text, JsonataLimits(steps=100_000, characters=1_000_000)).is_bound


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$count(([1..20000]{'a': $}).a)", 20_000),
        ("$count({'a': [1..20000], 'b': [[1, [2]]], 'c': 3}.*)", 20_003),
        ("[{'k': 'a', 'v': 1}, {'k': 'b', 'v': [2]}, {'k': 'a', 'v': [3, 4]}]{k: v}", {"a": [1, 3, 4], "b": [2]}),
        ("[[1], [2, 3], [4]]{'a': $}", {"a": [1, 2, 3, 4]}),
        ("[1, 2][$>5].a#$i.$i", None),
        ("([{'price': 5}].price).($ * 2)", None),
        ("([{'price': [5, 6]}].price).($ * 2)", [10, 12]),
    ],
)
def test_grouping_and_steps_give_the_same_as_ever(text: str, expected: Json) -> None:
    found = value_of(text)
    assert (None if found is MISSING else found) == expected


@pytest.mark.parametrize(
    "pattern",
    ["((a{1000}){1000}){1000}", "(?:(?:ab|cd){1000}){1000}", "a{1000000}", "[a{2}]{200000}", "(a{400}b{400}){400}"],
)
def test_repeats_are_bounded_before_they_are_written_out(pattern: str) -> None:
    with pytest.raises(JsonataSyntaxError, match="more than 100,000 are not taken"):
        compile_jsonata(f"$match('a', /{pattern}/)")
    with pytest.raises(PathSyntaxError, match="more than 100,000 are not taken"):
        compile_path(f"$[?(@.a =~ /{pattern}/)]")


def test_common_repeats_are_taken() -> None:
    assert value_of("$match('aab', /(a{1,2}){1}[{1000000}]?b/).match") == "aab"
    assert value_of("$contains('{5}', /\\{5\\}/)") is True


def test_the_bounds_are_told_in_awss_words() -> None:
    deep = fault_of("($f := function($x) { $f($x) + 1 }; $f(1))", JsonataLimits())
    assert deep.message == (
        "Stack overflow error: Check for non-terminating recursive function. Consider rewriting as tail-recursive"
    )
    assert deep.named["bound"] == "100 levels"
    large = fault_of("[1..900000]", JsonataLimits())
    assert large.message == "Expression evaluation memory limit exceeded: Check for excessive memory usage"
    assert large.named["bound"] == "873,782 items"
    long = fault_of("($f := function($x) { $f($x) }; $f(1))", JsonataLimits(steps=1_000))
    assert long.message == "Expression evaluation timeout: Check for infinite loop"
    assert long.named["bound"] == "1,000 steps"


@pytest.mark.parametrize(
    ("taken", "refused"),
    [
        ("+".join(["1"] * 100), "+".join(["1"] * 101)),
        ("(" * 99 + "1" + ")" * 99, "(" * 100 + "1" + ")" * 100),
        ("[" * 99 + "1" + "]" * 99, "[" * 100 + "1" + "]" * 100),
        ("1" + " ~> $string()" * 99, "1" + " ~> $string()" * 100),
        (_RECURSIVE % 31, _RECURSIVE % 32),
        ("$count([1..873782])", "$count([1..873783])"),
        ("$count($range(1, 360145, 1))", "$count($range(1, 360146, 1))"),
        (_DOUBLED % 22, _DOUBLED % 23),
    ],
    ids=["terms", "parentheses", "brackets", "chain", "recursion", "range", "range-function", "text"],
)
def test_the_bounds_lie_where_they_were_measured_in_aws(taken: str, refused: str) -> None:
    value_of(taken)
    assert fault_of(refused, JsonataLimits()).is_bound


def test_what_is_not_evaluated_may_lie_beyond_the_depth() -> None:
    deep = "(" * 150 + "1" + ")" * 150
    assert value_of(f"$x ? 0 : {deep}", x=True) == 0
    assert fault_of(f"$x ? 0 : {deep}", JsonataLimits(), x=False).is_bound


def test_the_depth_is_a_setting() -> None:
    jsonata = compile_jsonata("(" * 99 + "1" + ")" * 99)
    assert fault_of(jsonata.text, JsonataLimits(depth=99)).code == "U1001"
    assert compile_jsonata("(" * 200 + "1" + ")" * 200).evaluate(None, limits=JsonataLimits(depth=300)) == 1


def test_tail_calls_do_not_nest() -> None:
    assert value_of("($f := function($n) { $n = 0 ? 'end' : $f($n - 1) }; $f(5000))") == "end"


def test_a_catastrophic_regular_expression_runs_out_of_time() -> None:
    fault = fault_of("$match($s, /^(a|aa)+$/)", JsonataLimits(seconds=0.2), s="a" * 60 + "!")
    assert fault.code == "U1001"
    assert fault.named["bound"] == "0.2 seconds"


def test_what_the_machine_does_meanwhile_is_no_time_of_the_evaluation(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sfdebug.expressions.jsonata.limits.thread_time", lambda: 5.0)
    jsonata = compile_jsonata("$sum([1..5000].($contains($string($), /7/) ? 1 : 0))")
    assert jsonata.evaluate(None, limits=JsonataLimits(seconds=0.0)) == 1355


def test_a_fault_leaves_nothing_behind_for_the_next_evaluation() -> None:
    jsonata = compile_jsonata("($f := function($n) { $n = 0 ? 0 : 1 + $f($n - 1) }; $f($depth))")
    for _ in range(3):
        with pytest.raises(JsonataFault):
            jsonata.evaluate(None, {"depth": 1000})
        assert jsonata.evaluate(None, {"depth": 30}) == 30


def test_deep_nesting_is_read_or_refused() -> None:
    try:
        assert fault_of("(" * 3000 + "1" + ")" * 3000, JsonataLimits()).code == "U1001"
    except JsonataSyntaxError as error:
        assert "nested too deep" in error.message


@pytest.mark.parametrize("text", ["1", _RECURSIVE % 20, "(" * 99 + "1" + ")" * 99])
def test_the_processs_recursion_limit_stays_as_it_is(text: str) -> None:
    script = (
        "import sys\n"
        "before = sys.getrecursionlimit()\n"
        "from sfdebug.expressions.jsonata.expression import compile_jsonata\n"
        "from sfdebug.expressions.jsonata.explain import explain_parts\n"
        "from sfdebug.expressions.jsonata.limits import DEFAULT_LIMITS, JsonataRun\n"
        f"jsonata = compile_jsonata({text!r})\n"
        "jsonata.evaluate(None)\n"
        "explain_parts(jsonata, JsonataRun(DEFAULT_LIMITS, None, None))\n"
        "assert sys.getrecursionlimit() == before, sys.getrecursionlimit()\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    "text",
    [
        "($f := function($x) { $map([1], $f) }; $f(1))",
        "($f := function($x) { $sort([1, 2], function($a, $b) { $f($a) }) }; $f(1))",
        "($f := function($x) { $sift({'a': 1}, function($v) { $f(1) }) }; $f(1))",
    ],
)
def test_calls_have_the_room_that_the_bounds_leave_them(text: str) -> None:
    fault = fault_of(text, JsonataLimits())
    assert fault.code == "U1001"
    assert fault.named["bound"] in ("400 calls", "100 levels")


def test_threads_share_the_room_for_deep_expressions() -> None:
    before = sys.getrecursionlimit()
    found: list[str] = []

    def work() -> None:
        for _ in range(20):
            fault = fault_of("($f := function($x) { $map([1], $f) }; $f(1))", JsonataLimits())
            found.append(fault.named["bound"])

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["400 calls"] * 80
    assert sys.getrecursionlimit() == before


@pytest.mark.parametrize("text", ["$string($x)", "[$x, function() { 1 }]", "$x = $y", "$count($x.**)", "$clone($x)"])
def test_data_deeper_than_pythons_stack_end_with_a_clear_error_at_worst(text: str) -> None:
    def nested(depth: int) -> Json:
        value: Json = 1
        for _ in range(depth):
            value = [value]
        return value

    for depth in (900, 20_000):
        try:
            value_of(text, x=nested(depth), y=nested(depth))
        except JsonataFault as fault:
            assert fault.code == "U1001"
        except UnsupportedResultError:
            pass


def test_deep_data_is_no_strain() -> None:
    deep: Json = 1
    for _ in range(900):
        deep = {"a": [deep]}
    assert value_of("$x", x=deep) is deep
    assert value_of("$x = $y", x=deep, y=deep) is True
