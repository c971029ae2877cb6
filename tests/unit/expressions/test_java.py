"""What Java would do: texts, hash codes, the order of a HashSet, and java.util.Random."""

from __future__ import annotations

import pytest

from sfdebug.expressions.java import JavaRandom, class_name, hash_set_order, java_hash, java_text, json_text
from sfdebug.values import Json


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "null"),
        (True, "true"),
        (False, "false"),
        ("a b", "a b"),
        (1, "1"),
        (-7, "-7"),
        (1.1, "1.1"),
        (1.0, "1.0"),
        (100.0, "100.0"),
        (1e7, "1.0E7"),
        (123456789.5, "1.234567895E8"),
        (1e-5, "1.0E-5"),
        (0.001, "0.001"),
        (1.5e300, "1.5E300"),
        (-0.0, "-0.0"),
        ({}, "{}"),
        ({"a": 1, "b": {"c": None}}, "{a=1, b={c=null}}"),
        ([1, "a"], '[1,"a"]'),
        ({"a": [1e20, {"b": -2e-7}]}, '{a=[1.0E20,{"b":-2.0E-7}]}'),
    ],
)
def test_texts(value: Json, text: str) -> None:
    assert java_text(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1e20, "1.0E20"),
        (-1.5e-9, "-1.5E-9"),
        (12345678.5, "1.23456785E7"),
        ([0.1, 10**30, -7, 100.0, True, None], "[0.1,1000000000000000000000000000000,-7,100.0,true,null]"),
        ({"1e20": '1e20 "2.0e+5" \\\\', "é": {"x": 1e7}}, '{"1e20":"1e20 \\"2.0e+5\\" \\\\\\\\","é":{"x":1.0E7}}'),
    ],
)
def test_json(value: Json, text: str) -> None:
    assert json_text(value) == text


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (None, "null"),
        (True, "java.lang.Boolean"),
        (1, "java.lang.Integer"),
        (2**31, "java.lang.Long"),
        (2**63, "java.math.BigInteger"),
        (1.0, "java.lang.Double"),
        ("", "java.lang.String"),
        ([], "net.minidev.json.JSONArray"),
        ({}, "java.util.LinkedHashMap"),
    ],
)
def test_class_names(value: Json, name: str) -> None:
    assert class_name(value) == name


@pytest.mark.parametrize(
    ("value", "code"),
    [
        (None, 0),
        (True, 1231),
        (False, 1237),
        (7, 7),
        (-1, 0xFFFFFFFF),
        (2**31, 0x80000000),
        (1.0, 1072693248),
        ("", 0),
        ("hello", 99162322),
        ("é😀", 1996812),
        (-5_000_000_000, 705_032_702),
        ([1, 2], 994),
        ([2, 1], 1024),
        ({"a": 1}, 96),
    ],
)
def test_hash_codes(value: Json, code: int) -> None:
    assert java_hash(value) == code


@pytest.mark.parametrize(
    ("values", "order"),
    [
        ([True, False, True], [False, True]),  # measured at AWS, as are the next five
        ([[1, 2], [1, 2], [2, 1]], [[2, 1], [1, 2]]),
        ([None, None, 1, None], [None, 1]),
        ([1, "1", 1, "01"], [1, "1", "01"]),
        (["a", "b", "a", "c", "b"], ["a", "b", "c"]),
        ([{"a": 1, "b": 2}, {"b": 2, "a": 1}], [{"a": 1, "b": 2}]),
        ([1, 1.0, True, "1"], [1.0, 1, "1", True]),
        ([], []),
        (
            [f"item{number * 7}" for number in range(20)],
            [
                f"item{number}"
                for number in (0, 126, 105, 119, 28, 49, 14, 35, 56, 77, 21, 98, 42, 63, 84, 70, 91, 7, 133, 112)
            ],
        ),
    ],
)
def test_distinct_values_come_in_the_order_of_a_hash_set(values: list[Json], order: list[Json]) -> None:
    result = hash_set_order(values)
    assert [(type(item), item) for item in result] == [(type(item), item) for item in order]


def test_random_numbers_are_javas() -> None:
    assert JavaRandom(42).next_double() == 0.7275636800328681  # measured at AWS: $random(42)
    source = JavaRandom(42)
    assert [source.next_int(10) for _ in range(5)] == [0, 3, 8, 4, 0]
    assert JavaRandom(0).next_int(2**30) == 784_870_680
