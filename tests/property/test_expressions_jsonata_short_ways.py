"""JSONata's short ways give what its long ways give: each is compared with a way of writing it that has none."""

from __future__ import annotations

import math
import re
from decimal import ROUND_HALF_EVEN, Context, Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.expression import compile_jsonata
from sfdebug.expressions.jsonata.functions.builtins import FUNCTIONS
from sfdebug.expressions.jsonata.limits import DEFAULT_LIMITS, JsonataLimits, JsonataRun
from sfdebug.expressions.jsonata.regex import RegexLiteral
from sfdebug.expressions.jsonata.sorting import HIGHER_ORDER, UNSTEADY
from sfdebug.expressions.jsonata.text import _JsonataWriter
from sfdebug.expressions.jsonata.values import Array, UnsupportedResultError, number, plain
from sfdebug.expressions.pattern_size import soon_searched
from sfdebug.values import Json

NUMBERS = st.integers(-3, 3) | st.floats(-3, 3, allow_nan=False) | st.sampled_from([2**53, 2**63, 1e300, 0.1, -0.0])
TEXTS = st.sampled_from(["", "a", "b", "B", "é", "\U0001f600", "\uffee", "\ud800"])
KEYS = NUMBERS | TEXTS | st.none() | st.booleans()


def items_of(keys: st.SearchStrategy[Any]) -> st.SearchStrategy[list[Any]]:
    """Objects with such a key or without one, each with a number of its own."""
    objects = st.fixed_dictionaries({}, optional={"k": keys, "m": keys})
    return st.lists(objects, max_size=12).map(lambda them: [{**one, "n": at} for at, one in enumerate(them)])


ITEMS = st.one_of(items_of(NUMBERS), items_of(TEXTS), items_of(KEYS), items_of(st.integers(0, 2)))


def outcome(text: str, limits: JsonataLimits = DEFAULT_LIMITS, **names: Any) -> Any:
    """What an expression gives, with the types of it, or the fault without its offset."""
    try:
        return repr(compile_jsonata(text).evaluate(None, names, limits=limits))
    except JsonataFault as fault:
        return fault.code, str(fault)


@given(ITEMS, st.sampled_from(["$l.k > $r.k", "$l.k < $r.k", "$l.k * 2 > $r.k * 2", "$string($l.k) < $string($r.k)"]))
def test_a_comparator_of_keys_sorts_as_any_other(items: list[Any], body: str) -> None:
    known, any_other = f"function($l, $r){{ {body} }}", f"function($l, $r){{ ({body}) }}"
    assert outcome(f"$sort($x, {known})", x=items) == outcome(f"$sort($x, {any_other})", x=items)


@given(ITEMS, st.sampled_from(["%k", ">%k", "%k, >%m", ">%m, %n", "%k + 1", "%m & 'x', <%k"]))
def test_order_by_is_the_same_when_each_term_is_evaluated_once(items: list[Any], terms: str) -> None:
    once, often = terms.replace("%", ""), re.sub(r"%(\w)", r"($f := function() { 1 }; \1)", terms)
    assert outcome(f"$x^({once})", x=items) == outcome(f"$x^({often})", x=items)


GROUPED = ITEMS | st.lists(
    st.sampled_from([{"k": "a"}, {"k": "b", "n": 1}, [{"k": "a"}], [], None, "x", {"k": 5}]), max_size=9
)


@given(
    GROUPED, st.sampled_from(["$", "n", "$count($)", "{'n': $count($), 'all': $, 'm': m[]}", "$[]", "$[0]", "$ = $"])
)
def test_groups_are_the_same_by_one_key_and_by_several(items: list[Any], value: str) -> None:
    any_other = re.sub(r"'(\w)':", r"('\1'):", value)
    assert outcome(f"$x{{k: {value}}}", x=items) == outcome(f"$x{{k: {any_other}, nowhere: 1}}", x=items)


def test_what_may_call_functions_or_draw_is_known() -> None:
    assert {name for name, function in FUNCTIONS.items() if function.nests} == HIGHER_ORDER
    assert FUNCTIONS.keys() > UNSTEADY


def test_each_item_is_looked_at_once_in_a_sort() -> None:
    items = [{"k": key * 7919 % 1009} for key in range(1000)]
    for text in ("$sort($x, function($l, $r) { $l.k > $r.k })", "$x^(k)"):
        run = JsonataRun(DEFAULT_LIMITS, None, None, None, {"x": items})
        assert compile_jsonata(text).evaluate_in(run) == sorted(items, key=lambda item: item["k"])
        assert run.steps < 3_000


def test_functions_in_what_is_ordered_are_no_result() -> None:
    with pytest.raises(UnsupportedResultError):
        compile_jsonata("[{'a': 2, 'f': $sum}, {'a': 1}]^(a)").evaluate(None)


@given(NUMBERS | st.integers(-(10**9), 10**9) | st.floats(-1e6, 1e6), st.integers(-2, 6))
def test_rounding_is_that_of_the_digits(value: float, places: int) -> None:
    precise = Decimal(repr(float(value))).quantize(Decimal(1).scaleb(-places), ROUND_HALF_EVEN, Context(prec=800))
    expected = number(float(precise))
    assert outcome("$round($x, $n)", x=value, n=places) == repr(expected)


@given(st.floats(allow_nan=False, allow_infinity=False), st.floats(allow_nan=False, allow_infinity=False))
def test_fractions_are_computed_with_as_doubles(left: float, right: float) -> None:
    for sign, result in (("+", left + right), ("-", left - right), ("*", left * right)):
        if math.isfinite(result):
            assert outcome(f"$a {sign} $b", a=left, b=right) == repr(number(result))
    for sign, verdict in (("<", left < right), (">=", left >= right)):
        assert outcome(f"$a {sign} $b", a=left, b=right) == repr(verdict)


SCALARS = KEYS | st.text(max_size=4) | st.sampled_from(["\x00", "\\u0041", '"', 1e16, 1e-7, 1 / 3, 7.0, 2**70])
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner, max_size=3)
)


@given(VALUES)
def test_plain_json_is_written_as_any_other(value: Json) -> None:
    writer = _JsonataWriter(JsonataRun(DEFAULT_LIMITS, None, None), False)
    if isinstance(value, (dict, list)):
        writer._nested(value, "", "")
        assert outcome("$string($x)", x=value) == repr("".join(writer.parts))


PATTERNS = st.text("ab|.*+?()[]^$\\d{2,}", max_size=6) | st.sampled_from(
    ["[^a]", r"\d+", "a+b?", r"\[", r"[\^a]$", " "]
)


@given(PATTERNS, st.text("ab \n", max_size=8))
def test_matches_are_the_same_with_and_without_a_clock(pattern: str, subject: str) -> None:
    try:
        watched, unwatched = RegexLiteral(pattern, False, True), RegexLiteral(pattern, False, True)
    except Exception:
        return
    watched._soon, unwatched._soon = -1, 1_000
    assert matches(watched, subject) == matches(unwatched, subject)


def matches(pattern: RegexLiteral, subject: str) -> Any:
    """What it finds, up to the fault of a match of nothing."""
    found: list[Any] = []
    try:
        found.extend(
            (match.text, match.start, match.end, match.groups)
            for match in pattern.matches(subject, JsonataRun(DEFAULT_LIMITS, None, None))
        )
    except JsonataFault as fault:
        return found, fault.code
    return found


@given(PATTERNS, st.text("ab \n", max_size=8), st.sampled_from(["", "x", "\\1", "\\", "\\g<0>"]))
def test_texts_are_split_and_replaced_at_once_as_they_are_match_by_match(pattern: str, text: str, by: str) -> None:
    try:
        literal = RegexLiteral(pattern, False, False)
    except Exception:
        return
    run = JsonataRun(DEFAULT_LIMITS, None, None)
    parts, made = literal.split(text, run), literal.replaced(text, by, run)
    if made is None:
        assert parts is None
        return
    places = [(match.start, match.end) for match in literal.matches(text, run)]
    between = [
        text[end:start] for (_, end), (start, _) in zip([(0, 0), *places], [*places, (len(text), 0)], strict=True)
    ]
    assert made == by.join(between)
    assert parts is None or parts == between


@pytest.mark.parametrize("pattern", ["(a+)+b", "(a|aa)*$", r"(a)\1", "(?=a)b", "(a*)*", "a" * 300, "(?:a|b)?", "[[a]]"])
def test_what_could_take_long_is_watched(pattern: str) -> None:
    assert soon_searched(pattern) == 0


def test_what_is_over_soon_is_not_watched_in_short_texts() -> None:
    assert soon_searched(", *") > soon_searched(r"(\w+)@(\w+)") > 20
    assert soon_searched("abc") > 100_000


PARTS: st.SearchStrategy[Any] = st.lists(st.integers(0, 9) | st.text(max_size=3), max_size=3) | st.text(max_size=3)


@given(st.lists(PARTS, min_size=65, max_size=150), st.integers(60, 400), st.integers(60, 400))
def test_a_result_is_too_large_exactly_when_it_is(parts: list[Any], most_items: int, most_characters: int) -> None:
    shared = [part for part in parts if isinstance(part, list)][64:]  # so many are free
    texts = [text for part in (parts, *shared) for text in part if isinstance(text, str)]
    size, characters = len(parts) + sum(map(len, shared)), sum(map(len, texts))
    run = JsonataRun(JsonataLimits(items=most_items, characters=most_characters), None, None)
    try:
        assert plain(Array(parts), run) == parts
    except JsonataFault:
        assert size > most_items or characters > most_characters
    else:
        assert size <= most_items
        assert characters <= most_characters
