"""Any bytes at all: the loader answers with a definition or with problems whose places are inside the file."""

from __future__ import annotations

import json
import random
import re
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sfdebug.asl.load import parse_definition
from sfdebug.asl.text.problems import render
from sfdebug.errors import DefinitionError, Problem
from tests.examples import STEADY, examples

SAMPLES: Final = (
    b"""{
  "Comment": "An order: \xc3\xa9, \xe6\x97\xa5\xe6\x9c\xac, \xf0\x9f\x98\x80",
  "StartAt": "Reserve",
  "TimeoutSeconds": 300,
  "States": {
    "Reserve": {
      "Type": "Task",
      "Resource": "arn:aws:states:::lambda:invoke",
      "Parameters": {"FunctionName": "${Reserve}", "Payload": {"order.$": "$.order", "n.$": "States.Array($.a, 1)"}},
      "ResultSelector": {"id.$": "$.Payload.id"},
      "ResultPath": "$.reservation",
      "Retry": [{"ErrorEquals": ["Lambda.TooManyRequestsException"], "IntervalSeconds": 2, "BackoffRate": 1.5}],
      "Catch": [{"ErrorEquals": ["States.ALL"], "ResultPath": "$.error", "Next": "Failed"}],
      "Next": "Paid?"
    },
    "Paid?": {
      "Type": "Choice",
      "Choices": [
        {"And": [{"Variable": "$.total", "NumericGreaterThan": 10.5}, {"Not": {"Variable": "$.paid", "IsNull": true}}],
         "Next": "Each"},
        {"Variable": "$.when", "TimestampLessThan": "2030-01-31T12:00:00Z", "Next": "Pause"}
      ],
      "Default": "Both"
    },
    "Each": {
      "Type": "Map", "ItemsPath": "$.items", "MaxConcurrency": 2, "ItemSelector": {"item.$": "$$.Map.Item.Value"},
      "ItemProcessor": {"StartAt": "One", "States": {"One": {"Type": "Pass", "End": true}}}, "Next": "Done"
    },
    "Pause": {"Type": "Wait", "SecondsPath": "$.seconds", "Next": "Both"},
    "Both": {
      "Type": "Parallel", "End": true,
      "Branches": [{"StartAt": "L", "States": {"L": {"Type": "Succeed"}}},
                   {"StartAt": "R", "States": {"R": {"Type": "Fail"}}}]
    },
    "Done": {"Type": "Succeed", "OutputPath": null},
    "Failed": {"Type": "Fail", "Error": "Order.Failed", "CausePath": "$.error.Cause"}
  }
}
""",
    b"""Comment: polls \xe2\x80\x94 until done
StartAt: Ask
States:
  Ask: &ask
    Type: Task
    Resource: arn:aws:states:::lambda:invoke
    Parameters: {FunctionName: "${F}", 'Payload.$': $}
    Retry: &retry
      - ErrorEquals: [States.ALL]
        MaxAttempts: 0
    Next: Ready
  Ready:
    Type: Choice
    Choices:
      - Variable: $.status
        StringMatches: 'done*'
        Next: End
    Default: Sleep
  Sleep: {Type: Wait, Seconds: 5, Next: Again}
  Again:
    Type: Task
    Resource: |-
      arn:aws:states:::lambda:invoke
    Retry: *retry
    Next: Ready
  End: {Type: Succeed}
""",
    b"""{"QueryLanguage": "JSONata", "StartAt": "A", "States": {"A": {"Type": "Map", "Items": "{% $states.input %}",
"ItemProcessor": {"ProcessorConfig": {"Mode": "DISTRIBUTED", "ExecutionType": "EXPRESS"}, "StartAt": "B",
"States": {"B": {"Type": "Pass", "Output": {"x": "{% $states.input * 2 %}"}, "End": true}}}, "End": true}}}""",
)
PIECES: Final = (
    *(
        b"{",
        b"}",
        b"[",
        b"]",
        b",",
        b":",
        b'"',
        b"'",
        b"\\",
        b"\\u12",
        b"\\ud800",
        b"\n",
        b"\r",
        b"\t",
        b" ",
        b"//",
        b"/*",
    ),
    *(
        b"#",
        b"${",
        b"${A}",
        b"null",
        b"true",
        b"NaN",
        b"1e999",
        b"-",
        b"- ",
        b"? ",
        b"&a ",
        b"*a ",
        b"*retry",
        b"!Sub ",
        b"|\n",
    ),
    *(
        b"%",
        b"---\n",
        b"<<: ",
        b"@",
        b"`",
        b"\0",
        b"\x1b",
        b"\x85",
        b"\xc2\x85",
        b"\xe2\x80\xa8",
        b"\xed\xa0\x80",
        b"\xff",
    ),
    *(
        b"\xef\xbb\xbf",
        b"\xf0\x9f\x98\x80",
        b"e\xcc\x81",
        b"$.a[",
        b"States.Format(",
        b'"Next"',
        b'"End": true',
        b'"Type":',
    ),
)
_LINE_BREAK: Final = re.compile(r"\r\n?|\n")


def check(data: bytes | str, format: str | None) -> bool:
    """Load `data`; whether it is a definition. Every problem must have a place inside the text, words and a fix."""
    problems: tuple[Problem, ...] = ()
    try:
        parse_definition(data, "f", format)
    except DefinitionError as error:
        problems = error.problems
        assert problems
    text = data.decode(errors="replace") if isinstance(data, bytes) else data
    lines = _LINE_BREAK.split(text.removeprefix("\ufeff"))
    for problem in problems:
        assert problem.what
        assert problem.fix
        assert problem.severity == "error"
        if problem.line:
            assert 1 <= problem.line <= len(lines)
            assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
            assert 1 <= problem.length <= len(lines[problem.line - 1]) + 1
    assert render(problems).replace("\n", "").isprintable()
    return not problems


def mutated(sample: bytes, source: random.Random) -> bytes:
    """A sample with a few stretches taken out, doubled, replaced, or a byte changed."""
    data = bytearray(sample)
    for _ in range(source.choice((1, 1, 1, 2, 4, 12))):
        start = source.randrange(len(data) + 1)
        end = min(len(data), start + source.choice((1, 1, 2, 8, 60)))
        action = source.randrange(5)
        if action == 0:
            del data[start:end]
        elif action == 1:
            data[start:start] = data[start:end]
        elif action == 2:
            data[start:start] = source.choice(PIECES)
        elif action == 3:
            data[start:end] = source.choice(PIECES)
        elif start < len(data):
            data[start] = source.randrange(256)
    return bytes(data)


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_samples_themselves_load(sample: bytes) -> None:
    assert check(sample, None)


@pytest.mark.parametrize("seed", range(4))
def test_random_bytes(seed: int) -> None:
    source = random.Random(seed)
    for index in range(1_500):
        if index % 2:
            data = source.randbytes(source.randrange(120))
        else:
            data = b"".join(source.choices(PIECES, k=source.randrange(1, 40)))
        check(data, source.choice(("json", "yaml", None)))


@pytest.mark.parametrize("seed", range(4))
def test_mutated_samples(seed: int) -> None:
    source = random.Random(1000 + seed)
    outcomes = {check(mutated(source.choice(SAMPLES), source), None) for _ in range(1_500)}
    assert outcomes == {True, False}, "some mutations must still load, and some must not"


@settings(max_examples=examples(150), deadline=None, derandomize=STEADY)
@given(st.binary(max_size=200) | st.text(max_size=200), st.sampled_from(["json", "yaml", None]))
def test_bytes_and_texts_of_all_kinds(data: bytes | str, format: str | None) -> None:
    check(data, format)


_SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.sampled_from(
    ["$.a", "States.ALL", "${X}", "{% $x %}", "A", "B", "2030-01-31T12:00:00Z", 1.5, -1]
)  # fmt: skip
_NAMES = st.sampled_from(
    [
        *(
            "Type",
            "Next",
            "End",
            "Resource",
            "Choices",
            "Default",
            "Variable",
            "And",
            "Not",
            "IsNull",
            "Retry",
            "Catch",
        ),
        *("ErrorEquals", "Branches", "ItemProcessor", "ProcessorConfig", "Mode", "Parameters", "a.$", "ResultPath"),
        *("QueryLanguage", "Assign", "Seconds", "Label", "Credentials", "States", "StartAt", "Comment", "Condition"),
    ]
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4), max_leaves=12
)
_TYPES = st.sampled_from(["Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map", "Mpa"])
_STATES = st.builds(lambda kind, fields: {"Type": kind, **fields}, _TYPES, st.dictionaries(_NAMES, _VALUES, max_size=5))


@settings(max_examples=examples(150), deadline=None, derandomize=STEADY)
@given(st.dictionaries(st.sampled_from(["A", "B", "C"]), _STATES | _VALUES, min_size=1), st.booleans())
def test_definitions_of_any_shape(states: dict[str, object], as_yaml: bool) -> None:
    text = json.dumps({"StartAt": "A", "States": states}, indent=1, ensure_ascii=True)
    check(text, "yaml" if as_yaml and "\\u" not in text else "json")
