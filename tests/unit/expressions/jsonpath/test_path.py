"""JSONPath: roots, definiteness, the words of its errors, places, and what is refused and why."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError, Miss, PathNotFoundError, PathSyntaxError
from sfdebug.expressions.jsonpath.parser import parse_steps
from sfdebug.expressions.jsonpath.path import compile_path, simple_steps
from sfdebug.expressions.jsonpath.reference_path import compile_reference_path
from sfdebug.values import Json

ORDER: dict[str, Any] = {
    "id": 7,
    "items": [{"sku": "a", "price": 10}, {"sku": "b", "price": 25}],
    "customer": {"name": "Ada", "vat": None},
    "word": "hello",
}


def read(text: str, document: Json = ORDER) -> Json:
    return compile_path(text).read(Environment(document))


def miss(text: str, document: Json = ORDER) -> PathNotFoundError:
    with pytest.raises(PathNotFoundError) as caught:
        read(text, document)
    assert caught.value.path == text
    return caught.value


def refusal(text: str) -> PathSyntaxError:
    with pytest.raises(PathSyntaxError) as caught:
        compile_path(text)
    assert caught.value.text == text.rstrip(" ") or caught.value.text == text
    assert 0 <= caught.value.offset <= len(text)
    assert caught.value.message
    return caught.value


class TestRoots:
    environment = Environment(
        {"id": 1},
        make_context=lambda: {"Execution": {"Input": {"id": 2}}, "Map": {"Item": {"Index": 0}}},
        variables={"order": {"id": 3, "lines": [4, 5]}, "größe": 6, "none": None},
    )

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ("$", {"id": 1}),
            ("$.id", 1),
            ("$$.Execution.Input.id", 2),
            ("$$['Map'].Item.Index", 0),
            ("$order", {"id": 3, "lines": [4, 5]}),
            ("$order.id", 3),
            ("$order['lines'][1]", 5),
            ("$order.lines[*]", [4, 5]),
            ("$order.lines[?(@ > 4)]", [5]),
            ("$größe", 6),
            ("$none", None),
        ],
    )
    def test_reads_from_its_root(self, text: str, value: Json) -> None:
        assert compile_path(text).read(self.environment) == value

    def test_the_root_in_a_filter_is_the_roots_document(self) -> None:
        environment = Environment({"top": 99}, variables={"v": {"top": 4, "list": [3, 5]}})
        assert compile_path("$v.list[?(@ > $.top)]").read(environment) == [5]

    def test_the_context_object_is_made_once_and_only_when_needed(self) -> None:
        made: list[int] = []
        environment = Environment({"a": 1}, make_context=lambda: {"n": made.append(1) or len(made)})  # type: ignore[func-returns-value]
        assert compile_path("$.a").read(environment) == 1
        assert made == []
        assert compile_path("$$.n").read(environment) == compile_path("$$.n").read(environment) == 1

    def test_an_unknown_variable_is_named(self) -> None:
        with pytest.raises(PathNotFoundError, match="'nobody'"):
            compile_path("$nobody.id").read(self.environment)


class TestMisses:
    @pytest.mark.parametrize(
        ("text", "detail"),
        [
            ("$.nope", "No results for path: $['nope']"),
            ("$.customer.nope", "No results for path: $['customer']['nope']"),
            ("$.nope.deep", "Missing property in path $['nope']"),
            ("$.customer.nope.deep.deeper", "Missing property in path $['customer']['nope']"),
            ("$.items[2]", "No results for path: $['items'][2]"),
            ("$.items[-3].sku", "No results for path: $['items'][-3]['sku']"),
            ("$.customer[0]", "Filter: [0] can only be applied to arrays. Current context is: {name=Ada, vat=null}"),
            ("$.word[0]", "Filter: [0] can only be applied to arrays. Current context is: hello"),
            ("$.customer.vat[0]", "The path $['customer']['vat'] is null"),
            ("$.items[0,1].sku.length[0]", ""),
        ],
    )
    def test_words(self, text: str, detail: str) -> None:
        if detail:
            assert miss(text).detail == detail
        else:
            assert read(text) == []

    @pytest.mark.parametrize(
        ("text", "found"),
        [("$.word.x", "java.lang.String"), ("$.customer.vat.x", "null"), ("$.id.x", "java.lang.Integer")],
    )
    def test_a_name_in_a_scalar(self, text: str, found: str) -> None:
        error = miss(text)
        assert error.miss is Miss.KIND
        assert f"Expected to find an object with property ['x'] in path {_parent(text)} but found '{found}'" in str(
            error
        )

    def test_kinds_of_misses(self) -> None:
        assert miss("$.nope").miss is Miss.NAME
        assert miss("$.items[5]").miss is Miss.INDEX
        assert miss("$.items[5].sku").miss is Miss.INDEX
        assert miss("$.word[1]").miss is Miss.KIND

    @pytest.mark.parametrize("text", ["$.nope[*]", "$.nope[1:].x", "$.nope.deep[*]", "$.nope[?(@.x)]", "$.items[9][*]"])
    def test_a_path_that_can_select_several_finds_nothing(self, text: str) -> None:
        # Recorded: a missing field on the way of such a path gives [], where Jayway reports an error.
        assert read(text) == []

    @pytest.mark.parametrize("text", ["$[1:5]", "$.word[0:1]", "$.word.x[*]", "$.id[?(@ > 1)]"])
    def test_but_a_step_that_does_not_fit_is_an_error(self, text: str) -> None:
        assert miss(text).miss is Miss.KIND


def _parent(text: str) -> str:
    names = text.split(".")[1:-1]
    return "$" + "".join(f"['{name}']" for name in names)


class TestPlaces:
    @pytest.mark.parametrize(
        ("text", "places"),
        [
            ("$", [()]),
            ("$.id", [("id",)]),
            ("$.items[-1].sku", [("items", 1, "sku")]),
            ("$.items[*].price", [("items", 0, "price"), ("items", 1, "price")]),
            ("$.items[-1:]", [("items", 1)]),
            ("$..sku", [("items", 0, "sku"), ("items", 1, "sku")]),
            ("$.items[?(@.price > 20)]", [("items", 1)]),
            ("$.customer[?(@.name)]", [("customer",)]),
            ("$.nope", []),
            ("$.nope[*]", []),
            ("$.items[9]", []),
            ("$.items.length()", []),
        ],
    )
    def test_where_the_values_stand(self, text: str, places: list[tuple[str | int, ...]]) -> None:
        assert compile_path(text).locate(Environment(ORDER)) == places

    def test_places_lead_to_the_values(self) -> None:
        path, environment = compile_path("$..[?(@.price)].price"), Environment(ORDER)
        values: list[Any] = []
        for place in path.locate(environment):
            value: Any = ORDER
            for key in place:
                value = value[key]
            values.append(value)
        assert values == path.read(environment) == [10, 25]


class TestSyntax:
    @pytest.mark.parametrize(
        ("text", "offset", "message"),
        [
            ("", 0, "empty"),
            ("order.id", 0, "begin with $"),
            ("id", 0, "begin with $"),
            ("$ .a", 1, "blank"),
            ("$a b", 2, "blank"),
            ("$.", 1, "end with ."),
            ("$.a.", 3, "end with ."),
            ("$..", 1, "end with ."),
            ("$...a", 3, "too many dots"),
            ("$.a b", 3, "blank"),
            ("$. a", 2, "name"),
            ("$[", 2, "index"),
            ("$[]", 2, "index"),
            ("$[a]", 2, "index"),
            ("$['a'", 5, "] is expected"),
            ("$['a]", 2, "in quotes"),
            ("$['a',]", 6, "in quotes"),
            ("$[0", 3, "] is expected"),
            ("$[0,]", 4, "index"),
            ("$[1.5]", 3, "] is expected"),
            ("$[:]", 2, "slice"),
            ("$[::2]", 2, "slice"),
            ("$[99999999999]", 2, "larger"),
            ("$[2147483648]", 2, "larger"),
            ("$.**", 3, "alone"),
            ("$[?@.a]", 3, "( is expected"),
            ("$[?(@.a]", 3, "not closed"),
            ("$[?()]", 4, "value"),
            ("$[?(@.a ==)]", 10, "value"),
            ("$[?(@.a == 1 &&)]", 15, "value"),
            ("$[?(@.a == 1 @.b)]", 13, "expected"),
            ("$[?(@.a ~ 1)]", 8, "operator ~"),
            ("$[?(@.a = 1)]", 8, "operator ="),
            ("$[?(@.a <> 1)]", 8, "operator <>"),
            ("$[?(@.a isa 1)]", 8, "operator isa"),
            ("$[?(true)]", 4, "compare"),
            ("$[?('a')]", 4, "compare"),
            ("$[?(@.a == +1)]", 11, "not a number"),
            ("$[?(@.a == 1e)]", 11, "not a number"),
            ("$[?(@.a == --1)]", 11, "not a number"),
            ("$[?(@.a == [1,)]", 3, "not closed"),
            ("$[?(@.a == [1 2])]", 11, "not a JSON value"),
            ("$[?(@.a =~ /x)]", 11, "not closed"),
            ("$[?(@.a =~ /(/)]", 11, "regular expression"),
            ("$[?(@.a =~ /x/q)]", 14, "flag q"),
            ("$[?(@.a&&@.b)]", 7, "blank is needed"),
            ("$[?(@.a. == 1)]", 7, "end with ."),
            ("$[?(@.b[a] == 1)]", 8, "index"),
            ("$[?(@.a == $$.x)]", 11, "@ and to $ only"),
            ("$.a.nosuch()", 4, "no function nosuch"),
            ("$.a.length(", 10, "not closed"),
            ("$.a.length().b", 4, "last step"),
            ("$.a.sum($.b)", 4, "arguments"),
            ("$.a.index('x')", 4, "whole number"),
            ("$..keys()", 3, "not supported"),
            ("$..a.first()", 5, "not supported"),
        ],
    )
    def test_what_is_not_a_path(self, text: str, offset: int, message: str) -> None:
        error = refusal(text)
        assert message in error.message
        assert error.offset == offset

    def test_a_fix_is_offered(self) -> None:
        assert refusal("orderId").fix == "Write $.orderId for a field of the input."
        assert "length()" in refusal("$.a.lenght()").fix

    def test_reads_names_with_escapes(self) -> None:
        document: Json = {"it's": 1, 'say "hi"': 2, "back\\slash": 3, "line\nbreak": 4, "dé": 5}
        assert read(r"$['it\'s']", document) == 1
        assert read('$["it\'s"]', document) == 1
        assert read(r'$["say \"hi\""]', document) == 2
        assert read(r"$['back\\slash']", document) == 3
        assert read(r"$['line\nbreak']", document) == 4
        assert read(r"$['d\u00e9']", document) == 5

    def test_a_bare_word_in_a_filter_is_a_string(self) -> None:
        # AWS's own samples write so: $.Labels[?(@.Name==Receipt)]
        assert read("$.items[?(@.sku==b)].price") == [25]

    def test_is_compiled_once(self) -> None:
        assert compile_path("$.items[?(@.price > 1)]") is compile_path("$.items[?(@.price > 1)]")

    def test_a_path_can_be_long_but_not_endless(self) -> None:
        document: Json = 1
        for _ in range(500):
            document = {"a": document}
        assert read("$" + ".a" * 500, document) == 1
        assert "longer than" in refusal("$" + ".a" * 10_001).message


class TestFunctions:
    def test_aggregates_are_real_numbers(self) -> None:
        total = read("$.n.sum()", {"n": [1, 2, True, "3"]})
        assert total == 3.0
        assert isinstance(total, float)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("$.n.sum()", "Aggregation function attempted to calculate value using empty array"),
            ("$.word.max()", "Aggregation function attempted to calculate value using empty array"),
            ("$.n.first()", "Index 0 out of bounds for length 0"),
            ("$.n.index(3)", "Index 3 out of bounds for length 0"),
        ],
    )
    def test_nothing_to_compute(self, text: str, message: str) -> None:
        with pytest.raises(ExpressionError) as caught:
            read(text, {"n": [], "word": "x"})
        assert str(caught.value) == message
        assert not isinstance(caught.value, PathNotFoundError)


class TestBounds:
    def test_a_slow_regular_expression_is_stopped(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sfdebug.expressions.jsonpath.ast.MAX_SECONDS", 0.02)
        path = compile_path("$[?(@ =~ /(a|aa)+$/)]")
        with pytest.raises(ExpressionError, match="longer than"):
            path.read(Environment(["a" * 60 + "b"] * 50))

    def test_what_the_machine_does_meanwhile_is_no_time_of_the_expressions(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("sfdebug.expressions.jsonpath.ast.thread_time", lambda: 5.0)
        monkeypatch.setattr("sfdebug.expressions.jsonpath.ast.MAX_SECONDS", 0.001)
        path = compile_path("$[?(@ =~ /a+/)]")
        assert path.read(Environment(["a", "b", "aa"])) == ["a", "aa"]

    def test_too_many_values_are_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("sfdebug.expressions.jsonpath.ast.MAX_SELECTED", 100)
        document: Json = [[[[0] * 4] * 4] * 4] * 4
        with pytest.raises(ExpressionError, match="more than 100 values"):
            read("$..*", document)

    def test_a_deep_document_is_walked(self) -> None:
        document: Json = {"x": 1}
        for _ in range(20_000):
            document = [document]
        assert read("$..x", document) == [1]

    @pytest.mark.parametrize(
        "text",
        [
            "$" + "[?(@.a" * 60 + ")]" * 60,
            "$[?(" + "(" * 5000 + "@.a" + ")" * 5000 + ")]",
            "$[?(" + "!" * 5000 + "@.a)]",
            "$[?(@.a == " + "[" * 5000 + "]" * 5000 + ")]",
            "$" + "[" * 15_000,
            "$" + "(" * 15_000,
            "$[?(@.a == '" + "\\" * 9_000,
            "$[" + "9" * 10_000 + "]",
            "$[?(@.a == " + "9" * 19_900 + "e)]",
            "$[?(@.a =~ /" + "(" * 900 + "/)]",
            "$[?(@.a =~ /" + "x" * 2_000 + "/)]",
        ],
    )
    def test_hostile_paths_are_refused_quickly(self, text: str) -> None:
        refusal(text)

    def test_nesting_is_bounded_whatever_python_allows(self) -> None:
        before = sys.getrecursionlimit()
        sys.setrecursionlimit(10_000)
        try:
            refusal("$[?(@.b == " + "[" * 4_000 + "]" * 4_000 + ")]")
        finally:
            sys.setrecursionlimit(before)


def test_plain_paths_load_neither_jsonpath_ng_nor_regex() -> None:
    script = (
        "import sys\n"
        "from sfdebug.expressions.choice import compile_rule\n"
        "from sfdebug.expressions.jsonpath.path import compile_path\n"
        "from sfdebug.expressions.template import compile_template\n"
        "compile_path('$.a.b[0][\"c d\"]'); compile_template({'x.$': \"States.Format('{}', $.a)\"})\n"
        "assert 'jsonpath_ng' not in sys.modules and 'regex' not in sys.modules\n"
        "compile_path('$.a[*].b')\n"
        "assert 'jsonpath_ng' not in sys.modules and 'regex' not in sys.modules\n"
        "compile_path('$.a.*')\n"
        "assert 'jsonpath_ng' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


@pytest.mark.parametrize(
    "text",
    ["$[*].sku", "$.a[*][*].b", "$['a'][*]", "$[*]", "$.a[-1][*].b[3]", "$.a-b[*].c", "$.a[00][*]", "$.größe[*].ä",
     "$[*]['it\\'s']", "$[''][*]", '$["a"][*]["b"]', "$.x[-0][*]", "$.1[*]"],
)  # fmt: skip
def test_steps_that_are_read_without_the_grammar_are_those_of_the_grammar(text: str) -> None:
    assert simple_steps(text, 1) == parse_steps(text, 1)


@pytest.mark.parametrize(
    "text",
    ["$['a[*]b']", "$.a[*]b", "$[*]..x", "$.a.[*]", "$['x[*].y'][*]", "$.a[*].*", "$.a[*].length()", "$.a[*][1,2]",
     "$.a[*]['x','y']", "$.a[*][?(@.b)]", "$.a[1:2]"],
)  # fmt: skip
def test_other_steps_are_left_to_the_grammar(text: str) -> None:
    assert simple_steps(text, 1) is None


class TestBareWords:
    @pytest.mark.parametrize(
        "word",
        ["es", "Enabled", "e", "error", "e-mail", "E2E", "ecs.availability-zone", "/eggs/cooked/like", "a/b", "/one",
         "//", "10.0.0.1", "2024-01-01", "123abc", "arn:aws:sns", "é", "x@y"],
    )  # fmt: skip
    def test_a_word_without_quotes_is_text(self, word: str) -> None:
        document: Json = [{"n": word, "k": 1}, {"n": "other", "k": 2}]
        for text, found in ((f"$[?(@.n=={word})].k", [1]), (f"$[?(@.n != {word} && @.k > 0)].k", [2])):
            assert compile_path(text).read(Environment(document)) == found

    @pytest.mark.parametrize(
        ("word", "value"), [("10", 10), ("-2.5", -2.5), ("1e3", 1000), ("1E-2", 0.01), ("true", True), ("null", None)]
    )
    def test_numbers_and_constants_stay(self, word: str, value: Json) -> None:
        document: Json = [{"n": value, "k": 1}, {"n": word, "k": 2}]
        assert 1 in compile_path(f"$[?(@.n=={word})].k").read(Environment(document))  # type: ignore[operator]

    def test_a_regular_expression_follows_its_operator(self) -> None:
        document: Json = [{"n": "a/b", "k": 1}, {"n": "b", "k": 2}]
        assert compile_path(r"$[?(@.n =~ /a\/.*/)].k").read(Environment(document)) == [1]
        assert compile_path("$[?(@.n =~ /B/i && @.k == 2)].k").read(Environment(document)) == [2]


class TestQuotedNames:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            (r"$['say \"so\"']", r"say \"so\""),  # recorded: the backslash before the other quote is part of the name
            (r"""$['a\""b']""", r"""a\""b"""),
            (r'$["say \"so\""]', 'say "so"'),
            (r"$['it\'s']", "it's"),
            (r'$["it\'s"]', r"it\'s"),
            (r'$["it\\\'s"]', r"it\\'s"),
            (r"$['a\\b']", "a\\b"),
            (r"$['\u00e9']", "é"),
            (r"$['tab\t']", "tab\t"),
            ("$['']", ""),
            ('$[""]', ""),
        ],
    )
    def test_escapes_are_undone_everywhere(self, text: str, name: str) -> None:
        document: Json = {name: {"x": [1]}}
        assert compile_path(f"{text}.x[0]").read(Environment(document)) == 1
        assert compile_path(f"{text}.x[*]").read(Environment(document)) == [1]
        assert compile_reference_path(f"{text}.y").write(document, 2) == {name: {"x": [1], "y": 2}}
