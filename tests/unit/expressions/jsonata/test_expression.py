"""JSONata expressions as AWS evaluates them."""

from __future__ import annotations

import subprocess
import sys
import threading
from types import ModuleType
from typing import Any

import pytest

from sfdebug.errors import SfdebugError
from sfdebug.expressions.jsonata import reading as jsonata_reading
from sfdebug.expressions.jsonata.errors import JsonataFault, JsonataSyntaxError
from sfdebug.expressions.jsonata.expression import compile_jsonata, is_jsonata_string, jsonata_text
from sfdebug.expressions.jsonata.limits import JsonataLimits
from sfdebug.expressions.jsonata.names import names_in
from sfdebug.expressions.jsonata.values import UnsupportedResultError
from sfdebug.values import MISSING, Json, same


class Drawn:
    """A source of randomness that gives what it is told to."""

    def __init__(self, *numbers: float) -> None:
        self._numbers = iter(numbers)

    def uniform(self) -> float:
        return next(self._numbers)

    def uuid(self) -> str:
        return "11111111-2222-4333-8444-555555555555"


def value_of(text: str, states: Json = None, **variables: Json) -> Any:
    return compile_jsonata(text).evaluate(states, variables)


def fault_of(text: str, states: Json = None, **variables: Json) -> JsonataFault:
    with pytest.raises(JsonataFault) as caught:
        value_of(text, states, **variables)
    return caught.value


def refusal_of(text: str) -> JsonataSyntaxError:
    with pytest.raises(JsonataSyntaxError) as caught:
        compile_jsonata(text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{% 1 %}", True),
        ("{%1%}", True),
        ("{%%}", True),
        (" {% 1 %}", False),
        ("{% 1 %} ", False),
        ("{%}", False),
        ("1", False),
    ],
)
def test_a_jsonata_string_stands_wholly_between_its_marks(text: str, expected: bool) -> None:
    assert is_jsonata_string(text) is expected


def test_the_expression_is_shown_without_blanks_around_it() -> None:
    assert jsonata_text("{%  $a + 1 %}") == "$a + 1"


def test_states_and_variables_are_read() -> None:
    assert value_of("$states.input.n + $m", {"input": {"n": 40}}, m=2) == 42


def test_undefined_is_not_null() -> None:
    assert value_of("$nothing") is MISSING
    assert value_of("$x", x=None) is None
    assert value_of("[$exists($x), $exists($y), $type($x)]", x=None) == [True, False, "null"]
    assert value_of("$x[$ = null]", x=[1, None]) is None
    assert value_of("$map($x, function($v) { $type($v) })", x=[None, 1]) == ["null", "number"]


def test_true_is_not_one() -> None:
    assert value_of("1 in [true]") is False
    assert same(value_of("$distinct([1, true, 1, true])"), [1, True])
    assert value_of("[true] = [1]") is False


def test_the_result_shares_what_it_did_not_make() -> None:
    states: Any = {"input": {"list": [{"a": 1}]}}
    result = value_of("{'all': $states.input, 'first': $states.input.list[0]}", states)
    assert result["all"] is states["input"]
    assert result["first"] is result["all"]["list"][0]
    assert states == {"input": {"list": [{"a": 1}]}}


@pytest.mark.parametrize(
    "text",
    [
        "$states.input.list",
        "$states.input.list.a",
        "[1, [$x], {'a': [$x]}]",
        "{'a': {'b': $x}}",
        "$append($x, {'a': 1})",
        "$partition([1, {'a': $x}], 1)",
        "$merge([$x[0], {'b': [2]}])",
        "$zip($x, $x)",
        "$spread($x[0])",
        "$sift($x[0], function($v) { true })",
        "$reverse($append($x, $x))",
        "$sort([3, 1, 2], function($a, $b) { $a > $b })",
        "$match('ab', /(a)(b)/)",
        "$x ~> |$|{'c': [1]}|",
        "$x.{'v': [a]}",
        "$x{$string(a): $}",
        "$split('a,b', ',')",
        "$distinct([[1], [1]])",
        "$each($x[0], function($v, $k) { {$k: $v} })",
        "$reduce([1, 2], function($i, $j) { [$i, $j] })",
    ],
)
def test_a_result_is_plain_json(text: str) -> None:
    def check(value: object) -> None:
        assert type(value) in (dict, list, str, int, float, bool, type(None))
        for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            check(item)

    check(value_of(text, {"input": {"list": [{"a": 1}, {"a": [2]}]}}, x=[{"a": 1}]))


def test_a_result_that_repeats_an_input_without_bound_is_refused() -> None:
    limits = JsonataLimits(items=10_000, characters=100_000)
    with pytest.raises(JsonataFault) as caught:
        compile_jsonata("[1..1000].$big").evaluate(None, {"big": {"a": list(range(100))}}, limits=limits)
    assert caught.value.code == "D2014"
    with pytest.raises(JsonataFault) as caught:
        compile_jsonata("[1..1000].$big").evaluate(None, {"big": "x" * 1000}, limits=limits)
    assert caught.value.code == "D2014"


def test_grouping_an_empty_array_leaves_it_empty() -> None:
    items: list[Json] = []
    value_of("$items{'a': 1}", items=items)
    assert items == []


def test_a_transform_cannot_make_a_value_contain_itself() -> None:
    assert value_of('$x ~> |$|{"b": $}|', x={"a": 1}) == {"a": 1, "b": {"a": 1}}


def test_whole_numbers_are_shown_without_a_point() -> None:
    assert repr(value_of("[10 / 2, 7 / 2, 0.1 + 0.2, 5.5 % 2, -3 % 2]")) == "[5, 3.5, 0.30000000000000004, 1.5, -1]"


def test_large_integers_pass_through_exactly() -> None:
    assert value_of("$n", n=9007199254740993) == 9007199254740993


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("$string(1234567890123456)", "1234567890123456"),
        ("$string($n)", "9007199254740993"),
        ("$string(9223372036854775808)", "9223372036854776000"),
        ("$string(999999999999999868928)", "999999999999999900000"),
        ("$string(1e20)", "100000000000000000000"),
        ("$string(1e21)", "1e+21"),
        ("$string(0.1 + 0.2)", "0.3"),
        ("'id-' & $n", "id-9007199254740993"),
    ],
)
def test_numbers_as_text_have_the_digits_that_aws_gives_them(text: str, shown: str) -> None:
    assert value_of(text, n=9007199254740993) == shown


@pytest.mark.parametrize(("picture", "code"), [("x", "D3086"), ("0.0.0", "D3081"), ("0,", "D3088"), ("", "D3085")])
def test_a_picture_that_is_none_is_refused(picture: str, code: str) -> None:
    assert fault_of("$formatNumber(1, $p)", p=picture).code == code


@pytest.mark.parametrize("text", ["-(1/0)", "$sum([1e308, 1e308])", "$round(0/0)", "1/0 + 1"])
def test_numbers_out_of_range_are_refused(text: str) -> None:
    assert fault_of(text).code == "D1001"


def test_numbers_that_json_cannot_show_become_their_names() -> None:
    assert [value_of(text) for text in ("1/0", "-1/0", "0/0", "1e308 * 10")] == [
        "Infinity", "-Infinity", "NaN", "Infinity",
    ]  # fmt: skip
    assert value_of("[1/0, {'k': 0/0}]") == ["Infinity", {"k": "NaN"}]
    assert value_of("$parseInteger('abc', '0')") == "NaN"


def test_a_fault_says_what_and_where() -> None:
    fault = fault_of("1 + 'a'")
    assert (fault.code, fault.offset) == ("T2002", 3)
    assert str(fault) == 'T2002: The right side of the "+" operator must evaluate to a number'
    assert str(fault_of("$length(1)")) == 'T0410: Argument 1 of function "length" does not match function signature'


def test_eval_is_not_there() -> None:
    assert str(fault_of("$eval('1')")) == "T1006: Attempted to invoke a non-function"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$partition([0, 1, 2, 3], 3)", [[0, 1, 2], [3]]),
        ("$partition([0], 1)", [[0]]),
        ("$partition([1, 2, 3], 2.9)", [[1, 2], [3]]),
        ("$partition([1, 2, 3])", [[1, 2, 3]]),
        ("$range(-1.7, 2, 1)", [-1, 0, 1, 2]),
        ("$range(0, 9, 3)", [0, 3, 6, 9]),
        ("$range(9, 0, -4)", [9, 5, 1]),
        ("$range(1, 9, 9)", 1),
        ("$hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),
        ("$random(42)", 0.7275636800328681),
        ("$parse('{\"a\": [1, null]}')", {"a": [1, None]}),
        ("$map(['{\"a\": 1}', '{\"a\": 2}'], $parse).a", [1, 2]),
    ],
)
def test_the_functions_that_aws_adds(text: str, expected: Json) -> None:
    assert same(value_of(text), expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.0", "1"),
        ("1e2", "100"),
        ("1.5", "1.5"),
        ("-9223372036854775808", "-9223372036854775808"),
        ("9223372036854775807", "9223372036854775807"),
        ("9223372036854775808", "9.223372036854776e+18"),
        ("123456789012345678901234567890", "1.2345678901234568e+29"),
    ],
)
def test_parsed_numbers_are_whole_in_64_bits_and_doubles_beyond(text: str, expected: str) -> None:
    assert repr(value_of("$parse($t)", t=text)) == expected


@pytest.mark.parametrize("text", ["$x", "[$x][0]", "[$x]", "{'k': $x}", "[$x, 'a', true]", "{'k': {'l': [$x]}}"])
@pytest.mark.parametrize(("given", "expected"), [(2**63 - 1, int), (-(2**63), int), (2**63, float)])
def test_a_result_holds_no_whole_number_beyond_64_bits(text: str, given: int, expected: type) -> None:
    found = value_of(text, x=given)
    while isinstance(found, (list, dict)):
        found = next(iter(found.values() if isinstance(found, dict) else found))
    assert type(found) is expected
    assert found == given


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$string(999999999999999868928)", "999999999999999900000"),
        ("$string(1e21)", "1e+21"),
        ("$string($parse('[9223372036854775807, 9223372036854775808]'))", "[9223372036854775807,9223372036854776000]"),
        ("$string(1/3)", "0.333333333333333"),
    ],
)
def test_whole_numbers_keep_their_digits_in_strings(text: str, expected: str) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize(("text", "expected"), [("aGk=", "hi"), ("aGk", "hi"), ("", "")])
def test_base64_may_lack_its_padding(text: str, expected: str) -> None:
    assert value_of("$base64decode($t)", t=text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$decodeUrlComponent('a+b%2B')", "a b+"),
        ("$decodeUrlComponent('%ff')", "\ufffd"),
        ("$decodeUrl('a+b%2B%20')", "a+b%2B "),
        ("$fromMillis(0, '[H01]:[m01]', 'utc')", "00:00"),
        ("$fromMillis(0, '[H01]:[m01]', '+0900')", "09:00"),
    ],
)
def test_what_aws_decodes_and_formats_otherwise_than_the_reference(text: str, expected: str) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize("text", ["$decodeUrlComponent('%zz')", "$decodeUrl('%zz')", "$decodeUrl('%ff')"])
def test_a_malformed_url_is_refused(text: str) -> None:
    assert fault_of(text).code == "D3140"


@pytest.mark.parametrize(
    "text",
    [
        "$partition([], 2)", "$partition([1], 0)", "$partition([1], -0.5)", "$partition($nothing, 2)", "$range(1, 3)",
        "$range(1, 3, 0)", "$range(1, 3, -1)", "$hash('a')", "$parse()",
    ],
)  # fmt: skip
def test_some_arguments_give_nothing(text: str) -> None:
    assert value_of(text) is MISSING


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("$partition([1], -1)", "D3137: Second argument must be zero or greater"),
        ("$partition([1], '1')", 'T0410: Argument 2 of function "partition" does not match function signature'),
        ("$partition(null, 2)", 'T0412: Argument 1 of function "partition" must be an array of undefined'),
        ("$partition('a', 2)", 'T0412: Argument 1 of function "partition" must be an array of undefined'),
        ("$hash('a', 'md5')", "D3137: Hash algorithm 'md5' must be one of SHA-1, SHA-384, SHA-256, SHA-512, MD5"),
        ("$hash(42, 'MD5')", 'T0410: Argument 1 of function "hash" does not match function signature'),
        ("$parse(null)", 'T0410: Argument 1 of function "parse" does not match function signature'),
        ("$parse('')", "D3137: Invalid JSON"),
        ("$parse('{')", "D3137: Invalid JSON"),
        ("$parse('{} {}')", "D3137: Invalid JSON"),
        ("$parse('NaN')", "D3137: Invalid JSON"),
        ("$parse('1e400')", "D3137: Invalid JSON"),
        ("$parse($pad('', 5000, '9'))", "D3137: Invalid JSON"),
        ("$parse($pad('', 50000, '['))", "D3137: Invalid JSON"),
        ('$parse(\'{"a": 1, "a": 2}\')', "D3137: Invalid JSON"),
        ("$base64decode('!!!')", "is not Base64"),
        ("$uuid()", "no source of randomness"),
        ("$millis()", "no clock"),
        ("$error('mine')", "mine"),
    ],
)
def test_arguments_that_make_no_sense_are_refused(text: str, why: str) -> None:
    assert why in str(fault_of(text))


def test_randomness_and_time_come_from_outside() -> None:
    jsonata = compile_jsonata("[$random(), $uuid(), $millis(), $now()]")
    result = jsonata.evaluate(None, {}, entropy=Drawn(0.25), now=1_700_000_000_123)
    assert result == [0.25, "11111111-2222-4333-8444-555555555555", 1_700_000_000_123, "2023-11-14T22:13:20.123Z"]


@pytest.mark.parametrize(
    ("text", "offset", "code"),
    [
        ("1 +", 3, "S0207"),
        ("(1", 2, "S0203"),
        ("[1, 2", 5, "S0203"),
        ("'abc", 4, "S0101"),
        ("1 /* a", 2, "S0106"),
        ("$x ?: 1", 3, "S0204"),
        ("$x ?? 1", 3, "S0204"),
    ],
)
def test_text_that_cannot_be_read_is_refused_with_its_place(text: str, offset: int, code: str) -> None:
    error = refusal_of(text)
    assert (error.offset, error.code) == (offset, code)
    assert error.text == text


def test_a_signature_may_hold_the_letters_of_a_newer_operator() -> None:
    assert value_of("function($a, $b)<as?:s>{ $join($a, $b) }(['a', 'b'])") == "ab"


def test_a_bad_regular_expression_is_refused() -> None:
    assert "the regular expression cannot be read" in refusal_of("$match('a', /a{2,1}/)").message


@pytest.mark.parametrize(
    ("text", "offset"),
    [("$", 0), ("$$", 0), ("1 + $.a", 4), ("$map([1], function($v) { $ })", 25), ("$x[$$.a = 1]", 3)],
)
def test_aws_has_no_document_at_the_top(text: str, offset: int) -> None:
    error = refusal_of(text)
    assert error.offset == offset
    assert "$states.input" in error.fix


def test_the_context_inside_a_path_is_allowed() -> None:
    assert value_of("$count($x[$ = 1])", x=[1, 2, 1]) == 2
    assert value_of("$x.{'v': $}", x=[1, 2]) == [{"v": 1}, {"v": 2}]


@pytest.mark.parametrize("text", ["function($x) { 1 }", "{'f': $sum}", "/a/"])
def test_a_function_is_no_result(text: str) -> None:
    with pytest.raises(UnsupportedResultError):
        value_of(text)


def test_an_assignment_does_not_reach_the_variables() -> None:
    variables: dict[str, Json] = {"a": 1}
    assert compile_jsonata("($a := 2; $b := 3; $a + $b)").evaluate(None, variables) == 5
    assert compile_jsonata("$c := 4").evaluate(None, variables) == 4
    assert variables == {"a": 1}


def test_the_names_that_an_expression_needs() -> None:
    text = "($f := function($n) { $n + $m }; $map($xs, $f) ~> $sum(); $g($states.input))"
    found = [(each.name, each.offset, each.called) for each in names_in(compile_jsonata(text).tree)]
    assert ("m", text.index("$m }"), False) in found
    assert ("g", text.index("$g"), True) in found
    assert {name for name, _, _ in found} == {"m", "map", "xs", "sum", "g", "states"}


def test_what_could_not_be_read_leaves_nothing_behind() -> None:
    for bad in ("$x.(", "[1, {'a': ", "function($x", "/abc", "$x@", "1 ?: 2"):
        refusal_of(bad)
        tree = jsonata_reading.read("$x.a@$v.b[0]{'k': %.c}")
        assert (tree.type, len(tree.steps)) == ("path", 3)


def test_threads_read_expressions_side_by_side() -> None:
    texts = [f"$sum($map([1..{n}], function($v) {{ $v * {n} }}))" for n in range(300, 340)]
    found: dict[str, object] = {}

    def read_some(some: list[str]) -> None:
        for text in some:
            found[text] = compile_jsonata(text).evaluate(None)

    threads = [threading.Thread(target=read_some, args=(texts[start::4],)) for start in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [found[text] for text in texts] == [n * n * (n + 1) // 2 for n in range(300, 340)]


def test_threads_share_compiled_expressions() -> None:
    jsonata = compile_jsonata("$sum($map([1..$n], function($v) { $v * $n }))")
    results: dict[int, object] = {}

    def work(n: int) -> None:
        results[n] = jsonata.evaluate(None, {"n": n})

    threads = [threading.Thread(target=work, args=(n,)) for n in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {n: n * n * (n + 1) // 2 for n in range(1, 9)}


def test_expressions_are_compiled_once() -> None:
    assert compile_jsonata("$once + 1") is compile_jsonata("$once + 1")


@pytest.mark.parametrize("text", ["$replace('ab', 'a', $x)", "$replace('ab', /a/, $x)", "$contains('a', $x)"])
def test_an_argument_that_must_be_there_is_asked_for(text: str) -> None:
    assert fault_of(text).code == "T0410"


def test_grouping_an_empty_stream_of_tuples_gives_an_empty_object() -> None:
    assert value_of("$x.a@$e.b@$c[$e = $c]{ 'k': $c }", x=[{"a": 1, "b": 2}]) == {}


def test_another_library_of_the_same_name_is_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    jsonata_reading._parser_class.cache_clear()
    jsonata_reading._parsers.cache_clear()
    monkeypatch.setitem(sys.modules, "jsonata.parser", ModuleType("jsonata.parser"))
    with pytest.raises(SfdebugError) as caught:
        jsonata_reading.read("1")
    assert "jsonata-python" in str(caught.value)
    monkeypatch.undo()
    assert jsonata_reading.read("1").value == 1


def test_the_library_is_imported_only_when_an_expression_is_read() -> None:
    script = (
        "import sys\n"
        "from sfdebug.expressions.jsonata.template import compile_jsonata_template\n"
        "compile_jsonata_template({'a': 'literal'}, 'Output')\n"
        "assert 'jsonata.parser' not in sys.modules and 'regex' not in sys.modules\n"
        "compile_jsonata_template('{% 1 %}', 'Output')\n"
        "assert 'jsonata.parser' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
