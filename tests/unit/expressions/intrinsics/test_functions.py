"""Intrinsic functions: what they compute, what they refuse and in which words, how their calls are read."""

from __future__ import annotations

from typing import Any

import pytest

from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import IntrinsicError, IntrinsicSyntaxError
from sfdebug.expressions.intrinsics.calls import compile_intrinsic
from sfdebug.values import Json

INPUT: dict[str, Any] = {
    "name": "Ada",
    "n": 3,
    "half": 2.5,
    "list": [1, 2, 2, 3],
    "object": {"Arg1": 1, "Arg2": []},
    "null": None,
    "yes": True,
    "json": '{"a": [1, 2.50, null]}',
    "template": r"{} of \{{}\} in C:\dir",
}


class Draws:
    """A source of randomness that gives what the test says."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = list(numbers)

    def uniform(self) -> float:
        return self.numbers.pop(0)

    def uuid(self) -> str:
        return "8d9c2f2e-52a5-4f3f-9a43-6a2f8d7f0c11"


def call(text: str, input: Json = INPUT, *draws: float) -> Json:
    environment = Environment(
        input, make_context=lambda: {"State": {"Name": "Here"}}, variables={"v": {"x": "var"}}, entropy=Draws(*draws)
    )
    return compile_intrinsic(text).evaluate(environment)


_REFUSED = "There was an error while evaluating the intrinsic function: {}. "


def refusal(text: str, input: Json = INPUT) -> IntrinsicError:
    with pytest.raises(IntrinsicError) as caught:
        call(text, input)
    assert caught.value.error == "States.Runtime"
    lead = "The function '{}' had the following error: " if caught.value.path else _REFUSED
    assert caught.value.cause.startswith(lead.format(text))
    return caught.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("States.Format('Hello {}', $.name)", "Hello Ada"),
        ("States.Format('none')", "none"),
        ("States.Format('{}{}{}', 1, 'b', true)", "1btrue"),
        ("States.Format('{}', $.null)", "null"),  # recorded
        ("States.Format('{}', 1.1)", "1.1"),  # recorded
        ("States.Format('{}', 1.0)", "1.0"),
        ("States.Format('{}', $.object)", "{Arg1=1, Arg2=[]}"),  # recorded
        ("States.Format('{}', States.StringToJson('\"x\"'))", '"x"'),
        (r"States.Format('\{{}\} \'{}\' \\', 1, 2)", "{1} '2' \\"),
        ("States.Format($.template, 1, 2)", r"1 of {2} in C:\dir"),
        ("States.Format('{}/{}', $$.State.Name, $v.x)", "Here/var"),
        ("States.StringToJson($.json)", {"a": [1, 2.5, None]}),
        ("States.StringToJson('')", None),  # recorded
        ("States.StringToJson('  ')", None),  # recorded
        ("States.StringToJson('-0')", 0),  # recorded
        ("States.JsonToString($.object)", '{"Arg1":1,"Arg2":[]}'),  # recorded
        ("States.JsonToString($.name)", '"Ada"'),
        ("States.JsonToString(null)", "null"),
        ("States.JsonToString(1e20)", "1.0E20"),
        ("States.JsonToString(States.Array(12345678.5, 1.5))", "[1.23456785E7,1.5]"),
        ("States.Format('{}', 1e20)", "1.0E20"),
        ("States.Format('{}', States.StringToJson('[1e20]'))", "[1.0E20]"),
        ("States.Array()", []),
        ("States.Array(1, 'a', null, $.n, $.list)", [1, "a", None, 3, [1, 2, 2, 3]]),
        ("States.ArrayPartition($.list, 3)", [[1, 2, 2], [3]]),
        ("States.ArrayPartition($.list, 2.6)", [[1, 2], [2, 3]]),
        ("States.ArrayPartition(States.Array(), 1)", []),
        ("States.ArrayContains($.list, 2)", True),
        ("States.ArrayContains($.list, 4)", False),
        ("States.ArrayContains(States.Array('true', 'x'), true)", True),
        ("States.ArrayContains(States.Array(0, 1), false)", False),
        ("States.ArrayRange(1, 9, 2)", [1, 3, 5, 7, 9]),
        ("States.ArrayRange(0, 10, 3)", [0, 3, 6, 9]),  # recorded
        ("States.ArrayRange(1, 9, 9)", [1]),  # recorded
        ("States.ArrayRange(5, 1, -2)", [5, 3, 1]),
        ("States.ArrayRange(5.4, -0.6, -2.4)", [5, 3, 1]),
        ("States.ArrayRange(5, 1, 1)", []),
        ("States.ArrayGetItem($.list, 3)", 3),
        ("States.ArrayGetItem($.list, 1.9)", 2),
        ("States.ArrayGetItem(States.Array(), 9)", None),
        ("States.ArrayLength($.list)", 4),
        ("States.ArrayUnique($.list)", [1, 2, 3]),
        ("States.ArrayUnique(States.Array(true, false, true))", [False, True]),
        ("States.Base64Encode('Data to encode ✓')", "RGF0YSB0byBlbmNvZGUg4pyT"),
        ("States.Base64Decode('RGF0YSB0byBlbmNvZGU=')", "Data to encode"),  # recorded
        ("States.Base64Decode('')", ""),  # recorded
        ("States.Base64Decode(' YWJj ZA ')", "abcd"),
        ("States.Base64Decode('ab==cd')", "i"),
        ("States.Hash('input data', 'SHA-1')", "aaff4a450a104cd177d28d18d74485e8cae074b7"),  # recorded
        ("States.Hash('input data', 'MD5')", "812f45842bc6d66ee14572ce20db8e86"),  # recorded
        (
            'States.JsonMerge(States.StringToJson(\'{"a": {"x": 1}}\'), $.object, false)',
            {"a": {"x": 1}, "Arg1": 1, "Arg2": []},
        ),
        ("States.JsonMerge($.object, States.StringToJson('{\"Arg2\": {}}'), 'no')", {"Arg1": 1, "Arg2": {}}),
        ("States.MathAdd($.n, -1)", 2),
        ("States.MathAdd(1.5, 1.51)", 4),  # recorded
        ("States.MathAdd(-1.5, -1.51)", -3),  # recorded
        ("States.MathAdd(-0.5, 0.5)", 1),  # recorded
        ("States.MathAdd(2147483646, 1)", 2_147_483_647),
        ("States.StringSplit('a,b,,c', ',')", ["a", "b", "c"]),
        ("States.StringSplit('1+2,3.4', '.+,')", ["1", "2", "3", "4"]),
        ("States.StringSplit('a-b]c^d', '-]^')", ["a", "b", "c", "d"]),
        ("States.StringSplit(',,,,', ',')", []),  # recorded
        ("States.StringSplit('', ',')", []),
        ("States.StringSplit('abc', '')", ["abc"]),
        ("States.UUID()", "8d9c2f2e-52a5-4f3f-9a43-6a2f8d7f0c11"),
        ("States.ArrayGetItem(States.StringSplit('a/b', '/'), States.MathAdd(States.ArrayLength($.list), -3))", "b"),
        ("  States.ArrayLength ( $.list )  ", 4),
        ("States.ArrayLength($.list[?(@ > 1 && @ < 3)])", 2),
        ("States.Format('{}', $['name'])", "Ada"),
        ("States.Array($.list.length(), $..n)", [4, [3]]),
        ("States.Array(-1, 1e2, 0.5, -2.5E-1)", [-1, 100.0, 0.5, -0.25]),
        ("States.Array('it\\'s', 'a\\\\b', 'x, y) z')", ["it's", "a\\b", "x, y) z"]),
    ],
)
def test_values(text: str, value: Json) -> None:
    assert call(text) == value


def test_random_numbers_come_from_the_environment() -> None:
    assert call("States.MathRandom(1, 10)", INPUT, 0.0) == 1
    assert call("States.MathRandom(1, 10)", INPUT, 0.999999) == 9
    assert call("States.MathRandom(12.5, 44.51)", INPUT, 0.0) == 12
    with pytest.raises(IntrinsicError) as caught:
        compile_intrinsic("States.UUID()").evaluate(Environment({}))
    assert "no source of random numbers" in caught.value.why


def test_a_seed_gives_the_same_number_every_time() -> None:
    drawn = [call("States.MathRandom(1, 1000, 42)") for _ in range(3)]
    assert drawn == [126, 126, 126]  # new java.util.Random(42).nextInt(999) is 125
    assert call("States.MathRandom(-2147483648, 2147483647, 1)") == -1_155_869_325  # its nextInt()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("States.MathAdd('3', 1)", "a number is needed, not a string"),
        ("States.MathAdd(true, 1)", "a number is needed, not a boolean"),
        ("States.MathAdd(null, 1)", "a number is needed, not null"),
        ("States.MathAdd(2147483647, 1)", "32-bit"),
        ("States.MathAdd(3000000000, -2999999999)", "32-bit"),
        ("States.MathRandom(1, 1)", "less than the end"),
        ("States.MathRandom(1.4, 1.6)", "less than the end"),
        ("States.MathRandom(1, 10, 'seed')", "a number is needed"),
        ("States.ArrayPartition($.list, 0)", "at least 1"),
        ("States.ArrayPartition($.list, 0.6)", "at least 1"),
        ("States.ArrayPartition('x', 1)", "an array is needed, not a string"),
        ("States.ArrayRange(1, 1001, 1)", "1001 numbers"),
        ("States.ArrayRange(1, 10, 0.49)", "must not be 0"),
        ("States.ArrayRange(0, 99999999999999999999, 1)", "the most is 1000"),
        ("States.ArrayGetItem($.list, 4)", "outside the array of 4"),
        ("States.ArrayGetItem($.list, -1)", "outside the array"),
        ("States.ArrayLength($.object)", "an array is needed, not an object"),
        ("States.ArrayUnique($.null)", "an array is needed, not null"),
        ("States.Base64Encode(1)", "a string is needed, not a number"),
        ("States.Hash('x', 'sha-256')", "must be one of MD5"),
        ("States.JsonMerge($.list, $.object, false)", "must be objects"),
        ("States.JsonMerge($.object, $.object, true)", "no deep merge"),
        ("States.StringSplit($.n, ',')", "a string is needed"),
        ("States.StringToJson('{bad json}')", "not JSON"),
        ("States.StringToJson('NaN')", "not JSON"),
        ("States.StringToJson('1e999')", "not JSON"),
        ("States.StringToJson('1 2')", "not JSON"),
        ("States.StringToJson($.object)", "a string is needed, not an object"),
        ("States.Format($.n, 1)", "a string is needed"),
    ],
)
def test_refusals_are_worded_as_aws_words_them(text: str, why: str) -> None:
    error = refusal(text)
    name = text.partition("(")[0]
    words = "Cannot convert String to Json" if why == "not JSON" else "Invalid arguments"
    assert error.cause.endswith(f"). {words} in {name}")
    assert why in error.why


@pytest.mark.parametrize(
    ("text", "end"),
    [
        (
            "States.Format('{} {}', 1)",
            "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.",
        ),
        (
            "States.Format('{}', 1, 2)",
            "Invalid arguments in States.Format: number of arguments do not match the occurrences of {}.",
        ),
        ("States.Format('a { b', 1)", "Invalid template in States.Format: matching '}' not found for '{'."),
        ("States.Format('a } b')", "Invalid template in States.Format: matching '{' not found for '}'."),
    ],
)
def test_a_template_that_does_not_fit(text: str, end: str) -> None:
    assert refusal(text).cause.endswith(end)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("States.Format('{}', $.nope)", "$.nope"),
        ("States.Format('{}', States.Array(1,$.a.b))", "$.a.b"),
        ("States.ArrayLength($.items[5])", "$.items[5]"),
        ("States.Format('{}', $$.Nope.Deep)", "$.Nope.Deep"),
    ],
)
def test_a_missing_argument_names_the_whole_call_and_the_input(text: str, shown: str) -> None:
    error = refusal(text, {"items": [1]})
    assert error.cause.endswith(
        f"The JsonPath argument for the field '{shown}' could not be found in the input '{{\"items\":[1]}}'"
    )


def test_an_index_in_something_else_than_an_array() -> None:
    error = refusal("States.Format('{}', $.n[0])")
    assert error.cause.endswith("error: Filter: [0] can only be applied to arrays. Current context is: 3")


@pytest.mark.parametrize(("characters", "accepted"), [(10_000, True), (10_001, False)])
@pytest.mark.parametrize("text", ["States.Base64Encode($)", "States.Base64Decode($)", "States.Hash($, 'MD5')"])
def test_texts_have_a_longest_length(text: str, characters: int, accepted: bool) -> None:
    if accepted:
        assert isinstance(call(text, "a" * characters), str)
    else:
        assert "10001 characters" in refusal(text, "a" * characters).why


@pytest.mark.parametrize(
    ("text", "offset", "why", "cause"),
    [
        ("States.MathAdd(1)", 0, "takes 2 arguments, not 1", "Invalid arguments in States.MathAdd"),
        ("States.MathRandom(1)", 0, "takes 2 to 3 arguments, not 1", "Invalid arguments in States.MathRandom"),
        ("States.Format()", 0, "takes 1 or more arguments, not 0", "Invalid arguments in States.Format"),
        ("States.Array(States.Hash('a'))", 13, "takes 2 arguments, not 1", "Invalid arguments in States.Hash"),
        (
            "States.JsonToString()",
            0,
            "takes 1 argument, not 0",
            "States.JsonToString: only a single argument is allowed.",
        ),
    ],
)
def test_a_wrong_number_of_arguments_fails_when_it_is_evaluated(text: str, offset: int, why: str, cause: str) -> None:
    (misuse,) = compile_intrinsic(text).call.misuses()
    assert (misuse.offset, why in misuse.why, misuse.fix.startswith("Write States.")) == (offset, True, True)
    assert refusal(text).cause.endswith(cause)


def test_an_id_is_made_whatever_it_is_given() -> None:
    assert not list(compile_intrinsic("States.UUID(1, 'a')").call.misuses())
    assert call("States.UUID($.n, null)") == call("States.UUID()")


def test_a_deep_argument_is_refused() -> None:
    deep: Json = []
    for _ in range(100_000):
        deep = [deep]
    assert "nested too deep" in refusal("States.JsonToString($)", deep).cause
    assert "not JSON" in refusal("States.StringToJson($)", "[" * 100_000).why


@pytest.mark.parametrize(
    ("text", "offset", "message"),
    [
        ("", 0, "function call is expected"),
        ("$.a", 0, "function call is expected"),
        ("Format('x')", 0, "no intrinsic function Format"),
        ("States.format('x')", 0, "no intrinsic function States.format"),
        ("States.UUID", 11, "( expected"),
        ("States.Array(1", 14, "not closed"),
        ("States.Array(1, )", 16, "argument is expected"),
        ("States.Array(,)", 13, "argument is expected"),
        ("States.Array(1 2)", 15, "expected , or )"),
        ("States.Array('a)", 13, "not closed"),
        ('States.Array("a")', 13, "single quotes"),
        ("States.Array(abc)", 13, "abc is not an argument"),
        ("States.Array(States.Nope())", 13, "no intrinsic function States.Nope"),
        ("States.Array(1))", 15, "more after the call"),
        ("States.Array(1)[0]", 15, "more after the call"),
        ("States.Array($.a[?(], 1)", 18, "not closed"),
        ("States.Array(1, $.)", 17, "end with ."),
        (r"States.StringSplit('a\nb', ',')", 21, r"no escape \n"),
    ],
)
def test_what_is_not_a_call(text: str, offset: int, message: str) -> None:
    with pytest.raises(IntrinsicSyntaxError) as caught:
        compile_intrinsic(text)
    assert message in caught.value.message
    assert caught.value.offset == offset
    assert caught.value.fix
    assert caught.value.text == text


@pytest.mark.parametrize(
    "text",
    [
        "States.Array(" * 5_000,
        "States.Array(" * 65 + ")" * 65,
        "States.Array(" + "1," * 5_000,
        "States.Array('" + "\\'" * 20_000,
        "States.Array($" + "[" * 10_000 + ")",
        "States.Array(" + "9" * 20_000 + "e)",
    ],
)
def test_hostile_calls_are_refused_quickly(text: str) -> None:
    with pytest.raises(IntrinsicSyntaxError):
        compile_intrinsic(text)


def test_suggests_the_function_that_was_meant() -> None:
    with pytest.raises(IntrinsicSyntaxError) as caught:
        compile_intrinsic("States.StringToJSON($.a)")
    assert caught.value.fix == "Did you mean States.StringToJson?"
