"""What JSONata does in AWS where Java shows through: number texts, infinities, UTF-16.

The measured statements themselves are in tests/measured; these are other members of the same rules.
"""

from __future__ import annotations

from decimal import ROUND_FLOOR, Context, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.expression import compile_jsonata
from sfdebug.expressions.jsonata.text import rounded_text
from sfdebug.values import Json

FACE, LIGATURE = "\U0001f600", "\ufb01"


def value_of(text: str, **variables: Json) -> Any:
    return compile_jsonata(text).evaluate({}, variables)


def code_of(text: str, **variables: Json) -> str:
    with pytest.raises(JsonataFault) as caught:
        value_of(text, **variables)
    return caught.value.code


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        (123456789012345.6, "123456789012345"),
        (123456789012340.6, "1.2345678901234e+14"),
        (100000000000000.5, "1e+14"),
        (-100000000000000.5, "-100000000000001"),
        (1234567890123456.7, "1.23456789012345e+15"),
        (0.1 + 0.2, "0.3"),
        (1.1, "1.1"),
        (1.5e-10, "1.5e-10"),
        (0.000001, "0.000001"),
        (0.0000012345678901234567, "0.00000123456789012345"),
        (1 / 3, "0.333333333333333"),
        (-1 / 3, "-0.333333333333334"),
        (2.0, "2"),
        (1e300, "1e+300"),
    ],
)
def test_a_number_as_text(number: float, shown: str) -> None:
    assert rounded_text(number) == shown
    assert value_of("$string($n)", n=number) == shown
    assert value_of("'' & $n", n=number) == shown
    assert value_of("$string([$n])", n=number) == f"[{shown}]"
    assert value_of("$map([$n, $n], $string)", n=number) == [shown, shown]


@given(st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer()))
def test_a_fraction_is_rounded_down_to_fifteen_digits(number: float) -> None:
    shown = rounded_text(number)
    exact = Context(prec=15, rounding=ROUND_FLOOR).create_decimal(repr(number))
    assert Decimal(shown) == exact <= Decimal(repr(number))
    assert "E" not in shown
    assert ("e" in shown) == (exact.normalize().as_tuple().exponent > 0 or exact.adjusted() < -6)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5 < 1/0", True),
        ("-1/0 <= -1/0", True),
        ("1/0 = 1/0", True),
        ("0/0 > 1", False),
        ("0/0 < 1", False),
        ("1/0 > 1 ? 'much' : 'little'", "much"),
        ("$ceil(-1/0)", "-Infinity"),
        ("$abs(-1/0)", "Infinity"),
        ("$filter([1, 2], function($v) { $v < 1/0 })", [1, 2]),
    ],
)
def test_infinity_compares(text: str, expected: Any) -> None:
    assert value_of(text) == expected


@pytest.mark.parametrize("text", ["1/0 + 1", "-(1/0)", "1 - 1/0", "1/0 * 0", "1/0 / 2", "$round(1/0)", "$sqrt(1/0)"])
def test_infinity_does_not_compute(text: str) -> None:
    assert code_of(text) == "D1001"


@pytest.mark.parametrize("text", ["1/0 > 'a'", "true > 1", "[1] > 1"])
def test_what_does_not_compare(text: str) -> None:
    assert code_of(text) in ("T2009", "T2010")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$a < $b", True),
        ("$b >= $a", True),
        ("$a < 'z'", False),
        ("'z' < $a", True),
        ("[$b, $a]^($)", [FACE, LIGATURE]),
        ("[$b, $a]^(>$)", [LIGATURE, FACE]),
        ("$sort([$b, $a, 'z'])", ["z", FACE, LIGATURE]),
        ("$sort([{'n': $b}, {'n': $a}], function($l, $r) { $l.n > $r.n }).n", [FACE, LIGATURE]),
    ],
)
def test_strings_are_ordered_by_their_utf_16_units(text: str, expected: Any) -> None:
    assert value_of(text, a=FACE, b=LIGATURE) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$substring('héllo', -2)", "lo"),
        ("$substring($t, 0, 1)", "a"),
        ("$substring($t, 1, 2)", f"{FACE}b"),
        ("$substring($t, 2, 1)", "b"),
        ("$substring($t, -1, 1)", "b"),
        ("$substring($t, 1, 1)", "\ud83d"),
        ("$substring($t, 9)", ""),
        ("$substring($t, 0, 0)", ""),
        ("$substring($t, 0, 99)", f"a{FACE}b"),
        ("$split($t, '')", ["a", "\ud83d", "\ude00", "b"]),
        ("$join($split($t, ''))", f"a{FACE}b"),
        ("$substring($t, 1, 1) & $split($t, '')[2]", FACE),
        ("$length($t)", 3),
    ],
)
def test_characters_of_two_units(text: str, expected: Any) -> None:
    assert value_of(text, t=f"a{FACE}b") == expected


@pytest.mark.parametrize("start", [0, 1, 2, -1])
def test_a_substring_of_such_characters_needs_a_length(start: int) -> None:
    assert code_of("$substring($t, $start)", t=f"a{FACE}b", start=start) == "INTERNAL"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{'a': ['b', \"c\"]}", {"a": ["b", "c"]}),
        ("'it is'", "it is"),
        ('"it\'s"', "it's"),
        (r"'it\'s'", "it's"),
        ("'say \"so\"'", 'say "so"'),
        (r"'\u00e9\n'", "é\n"),
        ("{'': ''}", {"": ""}),
    ],
)
def test_parse_reads_single_quotes(text: str, expected: Any) -> None:
    assert value_of("$parse($given)", given=text) == expected


@pytest.mark.parametrize("text", ["'a", "{'a': 1, 'a': 2}", "{a: 1}", "'a\"", "{'a': NaN}"])
def test_parse_reads_nothing_else(text: str) -> None:
    assert code_of("$parse($given)", given=text) == "D3137"


@pytest.mark.parametrize(
    ("text", "fails"),
    [("$hash('a')", False), ("$hash('a', $gone)", True), ("$hash($gone, $gone)", True), ("$hash($gone, 'MD5')", False)],
)
def test_an_algorithm_that_is_written_must_be_there(text: str, fails: bool) -> None:
    if fails:
        assert code_of(text) == "T0410"
    else:
        assert value_of(f"$exists({text})") is False


@pytest.mark.parametrize(
    ("text", "shown"),
    [("\x01", '{"v":"\x01"}'), ('\t"\\\x7f', '{"v":"\\t\\"\\\\\x7f"}'), ("é/", '{"v":"é/"}'), ("\x0b", '{"v":"\x0b"}')],
)
def test_control_characters_in_text(text: str, shown: str) -> None:
    assert value_of("$string({'v': $v})", v=text) == shown


def test_limits_lose_their_fraction() -> None:
    assert value_of("$replace('aaa', /a/, 'b', 2.5)") == "bba"
    assert value_of("$count($match('aaa', /a/, 1.9))") == 1
    assert value_of("$split('a,b,c', ',', 2.5)") == ["a", "b"]
