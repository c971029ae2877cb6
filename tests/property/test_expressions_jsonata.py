"""What must hold of JSONata for any value."""

from __future__ import annotations

import json
from copy import deepcopy
from decimal import Decimal

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sfdebug.expressions.choice import Verdict
from sfdebug.expressions.jsonata.errors import JsonataFault, JsonataSyntaxError
from sfdebug.expressions.jsonata.explain import explain_parts
from sfdebug.expressions.jsonata.expression import compile_jsonata
from sfdebug.expressions.jsonata.limits import DEFAULT_LIMITS, JsonataLimits, JsonataRun
from sfdebug.expressions.jsonata.text import number_text
from sfdebug.expressions.jsonata.values import UnsupportedResultError, identity
from sfdebug.values import MISSING, Json, is_present, same
from tests.examples import examples

_NUMBERS = st.integers(-(2**53), 2**53) | st.floats(-1e15, 1e15, allow_nan=False)
_JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | _NUMBERS | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=12,
)
_ALPHABET = st.sampled_from(
    ["$", "a", "1", "'b'", "(", ")", "[", "]", "{", "}", ".", "*", "**", "%", "?", ":", ":=", "~>", "|", "^", "@", "#",
     "/", " ", ",", ";", "-", "+", "&", "=", "<", "in", "and", "$x", "$map", "$sum", "function($v){$v}", "null", "..",
     "\\", "`", '"', "/*", "!", "?:"]
)  # fmt: skip


@given(_JSON)
def test_a_variable_is_what_it_was(value: Json) -> None:
    result = compile_jsonata("$x").evaluate(None, {"x": value})
    assert is_present(result)
    assert same(result, value)


@given(_JSON)
def test_string_and_parse_are_inverse(value: Json) -> None:
    text = compile_jsonata("$string($x)").evaluate(None, {"x": [value]})
    assert isinstance(text, str)
    assume(not any(character < " " for character in text))  # $string lets them stand, and $parse takes none
    again = compile_jsonata("$string($parse($t))").evaluate(None, {"t": text})
    assert isinstance(again, str)
    assert compile_jsonata("$parse($t) = $parse($again)").evaluate(None, {"t": text, "again": again}) is True


@given(_JSON, _JSON)
def test_equality_is_deep_and_its_keys_agree(left: Json, right: Json) -> None:
    names, run = {"a": left, "b": right}, JsonataRun(DEFAULT_LIMITS, None, None)
    assert compile_jsonata("$a = $b").evaluate(None, names) is same(left, right)
    assert compile_jsonata("$a != $b").evaluate(None, names) is not same(left, right)
    assert (identity(left, run) == identity(right, run)) is same(left, right)


@given(st.lists(_JSON, max_size=8))
def test_distinct_keeps_the_first_of_each(values: list[Json]) -> None:
    result = compile_jsonata("[$distinct($x)]").evaluate(None, {"x": values})
    expected: list[Json] = []
    for value in values:
        if not any(same(value, kept) for kept in expected):
            expected.append(value)
    assert isinstance(result, list)
    assert same(result, expected)


@given(st.lists(st.integers(-50, 50), max_size=30))
def test_sort_with_a_comparator_sorts(values: list[int]) -> None:
    sort = compile_jsonata("[$sort($x, function($a, $b) { $a > $b })]")
    assert sort.evaluate(None, {"x": list(values)}) == sorted(values)


@given(st.lists(st.integers(), min_size=1, max_size=20), st.integers(1, 6))
def test_partitions_join_to_what_they_were_cut_from(values: list[int], size: int) -> None:
    parts = compile_jsonata("$partition($x, $n)").evaluate(None, {"x": list(values), "n": size})
    assert isinstance(parts, list)
    assert [item for part in parts for item in part] == values  # type: ignore[union-attr]
    assert all(len(part) == size for part in parts[:-1])  # type: ignore[arg-type]


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_number_texts_read_back_as_the_number(value: float) -> None:
    assert float(number_text(value)) == value


@given(st.integers(0, 3999))
def test_roman_numerals_and_words_read_back(value: int) -> None:
    for picture in ("I", "i", "w", "W", "Ww", "w;o", "0", "#,##0", "0;o"):
        text = compile_jsonata("$formatInteger($n, $p)").evaluate(None, {"n": value, "p": picture})
        assert is_present(text)
        back = compile_jsonata("$parseInteger($t, $p)").evaluate(None, {"t": text, "p": picture})
        assert back == value, (picture, text)


@given(st.integers(-62_000_000_000_000, 253_000_000_000_000))
def test_moments_read_back(millis: int) -> None:
    assert compile_jsonata("$toMillis($fromMillis($m))").evaluate(None, {"m": millis}) == millis


@given(st.decimals(-(10**9), 10**9, places=2))
def test_formatted_numbers_show_the_digits(value: Decimal) -> None:
    text = compile_jsonata("$formatNumber($n, '#,##0.00')").evaluate(None, {"n": float(value)})
    assert text == f"{value:,.2f}" or value == 0


@settings(max_examples=examples(200))
@given(st.lists(_ALPHABET, max_size=12).map("".join), _JSON)
def test_any_text_is_evaluated_or_refused_and_the_inputs_stay(text: str, value: Json) -> None:
    before = deepcopy(value)
    limits = JsonataLimits(calls=50, steps=20_000, items=10_000, characters=100_000, seconds=2)
    try:
        result = compile_jsonata(text).evaluate({"input": value}, {"x": value}, limits=limits)
    except (JsonataSyntaxError, JsonataFault) as error:
        assert str(error)
        if isinstance(error, JsonataSyntaxError):
            assert 0 <= error.offset <= len(text)
    except UnsupportedResultError:
        pass
    else:
        assert result is MISSING or json.dumps(result) is not None
        assert_plain(result)
    assert same(value, before)
    assert_plain(value)


def assert_plain(value: object) -> None:
    """Exactly JSON at every depth: nothing of what an evaluation computes with shows."""
    assert type(value) in (dict, list, str, int, float, bool, type(None), type(MISSING))
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        assert item is not MISSING
        assert_plain(item)


_PATHS = st.sampled_from(
    ["$x", "$x.a", "$x.a.b", "$states.input.a", "$x[0]", "$x[a]", "$x.*", "$x.**", "$x.a[0].b", "$x[]", "$x^(a)",
     "$x.{'a': a}", "$x{'k': a}", "$x@$v.a", "$x#$i.a", "$x.(a)", "$x.[a]", "$x.a.%.b"]
)  # fmt: skip
_CALLS = st.sampled_from(
    ["{}", "[{}]", "{{'r': {}}}", "$append({}, $x)", "$reverse({})", "$distinct({})", "$sort({})", "$merge({})",
     "$spread({})", "$keys({})", "$zip({}, {})", "$map({}, function($v) {{ [$v] }})", "$filter({}, $exists)",
     "{} ~> |$|{{'t': 1}}|", "{} ~> |$|{{}}, 'a'|", "$clone({})", "$each({}, function($v) {{ $v }})",
     "($y := {}; $append($y, 1); $y)", "$partition({}, 1)", "$string({})", "$shuffle({})"]
)  # fmt: skip


@settings(max_examples=examples(300))
@given(_PATHS, _CALLS, _JSON | st.lists(_JSON, max_size=3))
def test_no_path_or_function_changes_its_inputs(path: str, call: str, value: Json) -> None:
    before = deepcopy(value)
    states: Json = {"input": value}
    try:
        result = compile_jsonata(call.replace("{}", path).replace("{{", "{").replace("}}", "}")).evaluate(
            states, {"x": value}
        )
        assert_plain(result)
        again = deepcopy(result)
        # The result may share structure: a second evaluation must not change the first one's.
        compile_jsonata("$r ~> |$|{'t': [1]}|").evaluate(None, {"r": [result] if is_present(result) else []})
        assert result is again or same(result, again)  # type: ignore[arg-type]
    except (JsonataFault, JsonataSyntaxError, UnsupportedResultError):
        pass
    assert same(value, before)


_LEAVES = st.sampled_from(
    ["$x", "$n", "$states.input.a", "1", "'a,)'", "true", "$nothing", "$x[0]", "$x.a", "$count($x)", "/* b( */ $n",
     "$map($x, function($v) { $v = ')' })", "$match('a)', /a\\)/)", "$exists($x.a)", "{'a': $n}", "`a b`.c"]
)  # fmt: skip
_SIGNS = st.sampled_from([" = ", "!=", " and ", " or ", " in ", " > ", "+", " & ", " ~> $string() & "])


def _joined(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return (
        st.builds("{}{}{}".format, inner, _SIGNS, inner)
        | st.builds("({})".format, inner)
        | st.builds("$not({})".format, inner)
        | st.builds("({} ? {} : {})".format, inner, inner, inner)
        | st.builds("($y := {}; $y = {})".format, inner, inner)
        | st.builds("[{}, {}]".format, inner, inner)
    )


@settings(max_examples=examples(200))
@given(st.recursive(_LEAVES, _joined, max_leaves=8), _JSON, st.integers(-3, 3))
def test_the_parts_of_a_condition_are_pieces_of_its_text_and_their_values_are_right(
    text: str, value: Json, number: int
) -> None:
    names: dict[str, Json] = {"x": value, "n": number}
    states: Json = {"input": {"a": value}}
    before = deepcopy(value)
    try:
        jsonata = compile_jsonata(text)
    except JsonataSyntaxError:
        return
    waiting: list[Verdict] = list(explain_parts(jsonata, JsonataRun(JsonataLimits(), None, None, states, names)))
    while waiting:
        part = waiting.pop()
        waiting += part.children
        assert part.path in text
        assert_plain(part.value)
        if "$y" in text:
            continue
        again = compile_jsonata(part.path).evaluate(states, names)
        assert again is part.value or (is_present(again) and is_present(part.value) and same(again, part.value))
    assert same(value, before)
