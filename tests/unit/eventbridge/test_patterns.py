"""Event patterns: what they let through, and in which words they are refused.

The values are those of AWS's documents (EventBridge User Guide, "Comparison operators for use in event patterns", and
what stands beside it) and of recorded answers of TestEventPattern.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from sfdebug.errors import SfdebugError
from sfdebug.eventbridge.reading import EventPatternError, pattern_of, read_pattern
from sfdebug.eventbridge.samples import sample_event
from sfdebug.eventbridge.wording import pattern_in_words, schedule_in_words

FITTING: list[tuple[Any, Any]] = [
    # plain values: one of them; numbers by what they come to
    ({"source": ["aws.ec2"]}, {"source": "aws.ec2"}),
    ({"state": ["initializing", "running"]}, {"state": "running"}),
    ({"n": [300]}, {"n": 300.0}),
    ({"n": [3.018e2]}, {"n": 301.8}),
    ({"flag": [True]}, {"flag": True}),
    ({"name": [""]}, {"name": ""}),
    ({"user": [None]}, {"user": None}),
    ({"ip": ["::1"]}, {"ip": "0:0:0:0:0:0:0:1"}),
    # texts
    ({"time": [{"prefix": "2017-10-02"}]}, {"time": "2017-10-02T18:43:48Z"}),
    ({"service": [{"prefix": {"equals-ignore-case": "EventB"}}]}, {"service": "EVENTBRIDGE"}),
    ({"file": [{"suffix": ".png"}]}, {"file": "a.png"}),
    ({"file": [{"suffix": {"equals-ignore-case": ".png"}}]}, {"file": "a.PNG"}),
    ({"type": [{"equals-ignore-case": "alice"}]}, {"type": "ALICE"}),
    ({"path": [{"wildcard": "dir/*.png"}]}, {"path": "dir/some/where.png"}),
    ({"path": [{"wildcard": "*a*b*"}]}, {"path": "xxaxbx"}),
    ({"path": [{"wildcard": r"a\*\\"}]}, {"path": "a*\\"}),
    ({"a": [{"exactly": "10.0.0.1"}]}, {"a": "10.0.0.1"}),
    # anything but: a value has to be there, of whatever kind
    ({"state": [{"anything-but": "initializing"}]}, {"state": "running"}),
    ({"state": [{"anything-but": "initializing"}]}, {"state": None}),
    ({"state": [{"anything-but": "initializing"}]}, {"state": 5}),
    ({"limit": [{"anything-but": [100, 200]}]}, {"limit": 300}),
    ({"state": [{"anything-but": {"prefix": "init"}}]}, {"state": "running"}),
    ({"state": [{"anything-but": {"prefix": ["init", "stop"]}}]}, {"state": "running"}),
    ({"file": [{"anything-but": {"suffix": [".png", ".gif"]}}]}, {"file": "a.txt"}),
    ({"state": [{"anything-but": {"equals-ignore-case": ["A", "b"]}}]}, {"state": "c"}),
    ({"path": [{"anything-but": {"wildcard": "*/lib/*"}}]}, {"path": "/usr/bin/x"}),
    ({"tags": [{"anything-but": "a"}]}, {"tags": ["a", "b"]}),
    # numbers
    ({"price": [{"numeric": ["=", 100]}]}, {"price": 100.0}),
    ({"price": [{"numeric": [">", 10, "<=", 20]}]}, {"price": 20}),
    ({"price": [{"numeric": ["<", 10]}]}, {"price": -1}),
    ({"price": [{"numeric": [">=", 10]}]}, {"price": 10}),
    # addresses
    ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "10.0.0.255"}),
    ({"ip": [{"cidr": "2001:db8:1234:1a00::/56"}]}, {"ip": "2001:0db8:1234:1a00:0000:0000:0000:0001"}),
    # there or not: an object is not a value
    ({"count": [{"exists": True}]}, {"count": None}),
    ({"count": [{"exists": False}]}, {"other": 1}),
    ({"count": [{"exists": False}]}, {"count": {"c1": 100}}),
    ({"count": [{"exists": False}, "x"]}, {"count": "x"}),
    # nested, arrays, dots
    ({"detail": {"a": {"b": [1]}}}, {"detail": {"a": {"b": 1}}}),
    ({"resources": ["arn:1"]}, {"resources": ["arn:0", "arn:1"]}),
    ({"employees": {"firstName": ["Anna"]}}, {"employees": [[{"firstName": "John"}, {"firstName": "Anna"}]]}),
    ({"detail": {"state.status": ["on"]}}, {"detail": {"state": {"status": "on"}}}),
    ({"detail": {"state": {"status": ["on"]}}}, {"detail": {"state.status": "on"}}),
    # one of several
    ({"$or": [{"a": [1]}, {"b": [2]}]}, {"b": 2}),
    ({"s": ["x"], "$or": [{"a": [1]}, {"b": [2], "$or": [{"c": [3]}, {"d": [4]}]}]}, {"s": "x", "b": 2, "d": 4}),
    ({"detail": {"$or": [{"c": [{"numeric": [">", 0]}]}, {"d": [{"exists": False}]}]}}, {"detail": {"c": 0}}),
]

NOT_FITTING: list[tuple[Any, Any]] = [
    ({"state": ["running"]}, {"state": "Running"}),
    ({"State": ["running"]}, {"state": "running"}),
    ({"n": ["300"]}, {"n": 300}),
    ({"flag": [1]}, {"flag": True}),
    ({"user": [None]}, {}),
    ({"user": [None]}, {"user": ""}),
    ({"n": [{"prefix": "3"}]}, {"n": 300}),
    ({"path": [{"wildcard": "dir/*.png"}]}, {"path": "dir/a.gif"}),
    ({"path": [{"wildcard": "ab*ba"}]}, {"path": "aba"}),
    ({"path": [{"wildcard": ""}]}, {"path": "a"}),
    ({"state": [{"anything-but": ["a", "b"]}]}, {"state": "b"}),
    ({"state": [{"anything-but": "a"}]}, {"other": "b"}),
    ({"state": [{"anything-but": "a"}]}, {"state": {"inner": "b"}}),
    ({"state": [{"anything-but": {"equals-ignore-case": "init"}}]}, {"state": "INIT"}),
    ({"state": [{"anything-but": {"wildcard": ["a*", "*b"]}}]}, {"state": "xb"}),
    ({"price": [{"numeric": [">", 10]}]}, {"price": "11"}),
    ({"price": [{"numeric": [">", 10]}]}, {"price": None}),
    ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "10.0.1.1"}),
    ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "::1"}),
    ({"ip": [{"cidr": "10.0.0.0/24"}]}, {"ip": "somewhere"}),
    ({"count": [{"exists": True}]}, {"count": {"c1": 100}}),
    ({"count": [{"exists": True}]}, {"count": []}),
    ({"count": [{"exists": False}]}, {"count": None}),
    # values of different elements of an array never fit together
    (
        {"employees": {"firstName": ["Anna"], "lastName": ["Jones"]}},
        {"employees": [{"firstName": "Anna", "lastName": "Smith"}, {"firstName": "Peter", "lastName": "Jones"}]},
    ),
    ({"items": {"a": [1], "b": [{"exists": False}]}}, {"items": [{"a": 1, "b": 2}]}),
    ({"$or": [{"a": [1]}, {"b": [2]}]}, {"a": 2, "b": 1}),
    ({"a": [1], "$or": [{"b": [2]}, {"c": [3]}]}, {"b": 2}),
]


@pytest.mark.parametrize(("pattern", "event"), FITTING, ids=[json.dumps(pattern) for pattern, _ in FITTING])
def test_an_event_fits(pattern: Any, event: Any) -> None:
    assert pattern_of(pattern).matches(event)


@pytest.mark.parametrize(("pattern", "event"), NOT_FITTING, ids=[json.dumps(pattern) for pattern, _ in NOT_FITTING])
def test_an_event_does_not_fit(pattern: Any, event: Any) -> None:
    assert not pattern_of(pattern).matches(event)


def test_what_is_absent_beside_what_is_there_in_an_element() -> None:
    pattern = pattern_of({"items": {"a": [1], "b": [{"exists": False}]}})
    assert pattern.matches({"items": [{"a": 1}, {"b": 2}]})
    assert not pattern.matches({"items": [{"a": 1, "b": 2}, {"c": 3}]})


REFUSED: list[tuple[str, str]] = [
    ('["not", "a", "dict"]', "Filter is not an object"),
    ("{}", "Empty objects are not allowed"),
    ('{"a": {}}', "Empty objects are not allowed"),
    ('{"a": []}', "Empty arrays are not allowed"),
    ('{"string": "x"}', '"string" must be an object or an array'),
    ('{"int": 5}', '"int" must be an object or an array'),
    ('{"a": [["x"]]}', "Match value must be String, number, true, false, or null"),
    ('{"a": [{"NUMERIC": ["=", 1]}]}', "Unrecognized match type NUMERIC"),
    ('{"a": [{}]}', "Match expression name not found"),
    ('{"a": [{"prefix": "a", "suffix": "b"}]}', "Only one key allowed in match expression"),
    ('{"a": [{"prefix": 5}]}', "prefix match pattern must be a string"),
    ('{"a": [{"suffix": ["x"]}]}', "suffix match pattern must be a string"),
    ('{"a": [{"prefix": {"wildcard": "x"}}]}', "Unsupported prefix pattern: wildcard"),
    ('{"a": [{"equals-ignore-case": ["x"]}]}', "equals-ignore-case match pattern must be a string"),
    ('{"a": [{"wildcard": 5}]}', "wildcard match pattern must be a string"),
    ('{"a": [{"wildcard": "x**"}]}', "Consecutive wildcard characters at pos 2"),
    (r'{"a": [{"wildcard": "x\\y"}]}', "Invalid escape character at pos 2"),
    ('{"a": [{"exists": "yes"}]}', "exists match pattern must be either true or false."),
    ('{"a": [{"numeric": 5}]}', "Value of numeric must be an array."),
    ('{"a": [{"numeric": []}]}', "Invalid member in numeric match: ]"),
    ('{"a": [{"numeric": [5]}]}', "Invalid member in numeric match: 5"),
    ('{"a": [{"numeric": ["!", 5]}]}', "Unrecognized numeric range operator: !"),
    ('{"a": [{"numeric": ["<", "5"]}]}', "Value of < must be numeric"),
    ('{"a": [{"numeric": ["=", true]}]}', "Value of equals must be numeric"),
    ('{"a": [{"numeric": [">", 0, ">", 0]}]}', "Bad numeric range operator: >"),
    ('{"a": [{"numeric": ["<", 0, "<", 0]}]}', "Too many elements in numeric expression"),
    ('{"a": [{"numeric": [">", 5, "<", 5]}]}', "Bottom must be less than top"),
    ('{"a": [{"numeric": [">", 5, "<", 6, "<", 7]}]}', "Too many terms in numeric range expression"),
    ('{"a": [{"anything-but": null}]}', "Value of anything-but must be an array or single string/number value."),
    ('{"a": [{"anything-but": ["x", null]}]}', "Inside anything but list, start|null|boolean is not supported."),
    (
        '{"a": [{"anything-but": ["x", 1]}]}',
        "Inside anything but list, either all values are number or string, mixed type is not supported",
    ),
    ('{"a": [{"anything-but": {"numeric": ["=", 1]}}]}', "Unsupported anything-but pattern: numeric"),
    ('{"a": [{"anything-but": {"prefix": ""}}]}', "Null prefix/suffix not allowed"),
    ('{"a": [{"anything-but": {"suffix": 5}}]}', "prefix/suffix match pattern must be a string"),
    ('{"a": [{"cidr": "10.0.0.0"}]}', "Malformed CIDR, one '/' required"),
    ('{"a": [{"cidr": "10.0.0.0/x"}]}', "Malformed CIDR, mask bits must be an integer"),
    ('{"a": [{"cidr": "10.0.0.0/32"}]}', "IPv4 mask bits must be < 32"),
    ('{"a": [{"cidr": "xx.11.xx/8"}]}', "Nonstandard IP address: xx.11.xx"),
    ('{"a": [{"cidr": 5}]}', "prefix match pattern must be a string"),
    ('{"$or": {"a": [1]}}', "It must be an Array followed with $or."),
    ('{"$or": [{"a": [1]}]}', "There must have at least 2 Objects in $or relationship."),
    ('{"$or": [1, 2]}', "Only JSON object is allowed in array of $or relationship."),
    ('{"$or": [{"prefix": [1]}, {"b": [2]}]}', "prefix is Ruler reserved fieldName which cannot be used inside $or."),
]


@pytest.mark.parametrize(("text", "reason"), REFUSED, ids=[text for text, _ in REFUSED])
def test_a_pattern_is_refused_in_the_words_of_aws(text: str, reason: str) -> None:
    with pytest.raises(EventPatternError) as refused:
        read_pattern(text)
    assert refused.value.reason == reason
    assert refused.value.what == f"Event pattern is not valid. Reason: {reason}"


def test_what_no_json_is_and_what_comes_to_too_much_is_refused() -> None:
    for text in ("{'a': 1}", '{"a": [1', "[" * 100_000):
        with pytest.raises(SfdebugError, match="Event pattern is not valid"):
            read_pattern(text)
    many: Any = {"a": [1], "$or": [{f"n{index}": [index]} for index in range(40)]}
    with pytest.raises(EventPatternError, match="1,000 combinations"):
        pattern_of({**many, "inner": {"$or": [{f"m{index}": [index]} for index in range(40)]}})


def test_a_name_that_stands_twice_counts_as_its_last_one_and_objects_count_together() -> None:
    pattern = read_pattern('{"d": {"l": [{"prefix": "us-"}]}, "d": {"l": [{"anything-but": "us-east"}], "m": [1]}}')
    assert pattern.matches({"d": {"l": "eu-west", "m": 1}})
    assert read_pattern('{"d": {"l": [1]}, "d": {"m": [1]}}').matches({"d": {"l": 1, "m": 1}})
    assert not read_pattern('{"d": {"l": [1]}, "d": {"m": [1]}}').matches({"d": {"m": 1}})


def test_many_arrays_side_by_side_are_no_long_search() -> None:
    pattern = pattern_of({f"a{index}": {"x": [{"exists": True}], "y": [7]} for index in range(12)})
    event: Any = {f"a{index}": [{"x": number, "y": number} for number in range(60)] for index in range(12)}
    assert pattern.matches(event)
    event["a11"] = [{"x": 1, "y": 1}]
    assert not pattern.matches(event)


def test_a_sample_of_an_event_of_s3_has_the_object() -> None:
    pattern = pattern_of(
        {"source": ["aws.s3"], "detail-type": ["Object Created"], "detail": {"bucket": {"name": ["photos"]}}}
    )
    event: Any = sample_event(pattern, "eu-west-1", "123456789012", "2026-01-02T03:04:05Z")
    assert event["detail"]["bucket"] == {"name": "photos"}
    assert event["detail"]["object"]["key"] == "sample.json"
    assert event["resources"] == ["arn:aws:s3:::photos"]
    assert (event["region"], event["time"]) == ("eu-west-1", "2026-01-02T03:04:05Z")


@pytest.mark.parametrize(
    "pattern",
    [
        {"source": ["x"], "id": [{"exists": False}]},
        {"$or": [{"detail": ["text"]}, {"a": [1]}]},
        {"$or": [{"a": ["x"]}, {"b": [1]}], "a": {"c": ["y"]}},
        {"a": [{"anything-but": {"wildcard": "*"}}]},
        {"a": [{"numeric": [">", 0.1, "<", 0.2]}]},
        {"a": [{"anything-but": ["sample", "example", "another", "sample-0"]}]},
    ],
)
def test_a_sample_fits_where_that_takes_thought(pattern: Any) -> None:
    read = pattern_of(pattern)
    assert read.matches(sample_event(read, "r", "a", "t"))


def test_patterns_in_words() -> None:
    pattern = pattern_of(
        {
            "source": ["aws.s3"],
            "detail": {
                "bucket": {"name": ["photos", "films"]},
                "size": [{"numeric": [">", 0, "<=", 1024]}],
                "key": [{"prefix": "in/"}, {"suffix": {"equals-ignore-case": ".png"}}],
                "state": [{"anything-but": ["a", "b"]}],
                "gone": [{"exists": False}],
                "n": [1.5, None],
            },
        }
    )
    assert pattern_in_words(pattern).split(", ") == [
        "source is aws.s3",
        "detail.bucket.name is photos or films",
        "detail.gone is not there",
        "detail.key starts with in/ or ends with .png (in any case)",
        "detail.n is 1.5 or null",
        "detail.size > 0 and <= 1024",
        "detail.state is none of: a",
        "b",
    ]
    either = pattern_of({"$or": [{"a": [1]}, {"b": [{"cidr": "10.0.0.0/8"}]}]})
    assert pattern_in_words(either) == "a is 1; or b is in 10.0.0.0/8"


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("rate(1 day)", "every day"),
        ("rate(5 minutes)", "every 5 minutes"),
        ("at(2026-12-24T18:00:00)", "once, at 2026-12-24T18:00:00"),
        ("cron(30 8 ? * MON-FRI *)", "at 08:30 on MON-FRI"),
        ("cron(0 12 1 * ? *)", "at 12:00 on day 1"),
        ("cron(0 3 * * ? *)", "every day at 03:00"),
        ("cron(0/15 * * * ? *)", "cron(0/15 * * * ? *)"),
        ("${Schedule}", "${Schedule}"),
    ],
)
def test_schedules_in_words(expression: str, words: str) -> None:
    assert schedule_in_words(expression) == words
