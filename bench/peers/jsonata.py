"""JSONata elsewhere: npm's jsonata, which is the reference, and jsonata-python's evaluator, on the same expressions.

What is measured is an evaluation in which everything is compiled and warm.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any, Final

from bench.peers.npm import NotInstalledError, run_script
from sfdebug.values import Json, same

_ITEMS: Final = 1_000
_ROUNDS: Final = 20
_ROUNDS_OF_THE_SLOW: Final = 1
_WORDS: Final = ("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota", "kappa", "lambda", "mu")

EXPRESSIONS: Final = {
    "a path through objects": "orders.customer.address.city",
    "a filter": "orders[price > 500 and active].id",
    "objects made of each": "orders.{'id': id, 'total': price * quantity}",
    "group-by": "orders{category: $sum(price)}",
    "group-by with objects": "orders{category: {'count': $count($), 'total': $sum($.(price * quantity))}}",
    "order-by of two terms": "orders^(category, >price)",
    "$sort with a comparator": "$sort(orders, function($l, $r) { $l.price > $r.price })",
    "$map with a function": "$map(orders, function($o, $i) { {'i': $i, 'id': $o.id} })",
    "$filter with a function": "$filter(orders, function($o) { $o.price > 500 })",
    "$reduce with a function": "$reduce(orders, function($sum, $o) { $sum + $o.price }, 0)",
    "texts joined by &": "orders.(id & '-' & category & '-' & quantity)",
    "$split": "orders.$split(name, ' ')",
    "$split by a pattern": "orders.$split(name, / +/)",
    "$join": "orders.$join(tags, ',')",
    "$replace": "orders.$replace(name, 'a', 'b')",
    "$replace by a pattern": "orders.$replace(name, /a(l|m)/, '<$1>')",
    "$substring": "orders.$substring(name, 2, 5)",
    "$match": "orders.$match(name, /[aeiou]+/).match",
    "$uppercase": "orders.$uppercase(name)",
    "$pad": "orders.$pad(category, 12, '#')",
    "$contains": "orders.$contains(name, 'beta')",
    "$string of objects": "orders.$string(customer)",
    "$distinct": "$distinct(orders.category)",
    "a recursive function": "($f := function($n) { $n < 2 ? $n : $f($n - 1) + $f($n - 2) }; $f(12))",
}


def lines() -> Iterator[str]:
    """What each expression takes here and there, and compiling all of them."""
    data = _orders()
    ours = [_evaluated(text, data) for text in EXPRESSIONS.values()]
    try:
        given = {"expressions": [*EXPRESSIONS.values()], "data": data, "rounds": _ROUNDS}
        theirs = run_script("jsonata.mjs", "jsonata", given)
    except NotInstalledError as missing:
        yield f"  JSONata: jsonata (Node.js) is skipped, for {missing}"
    else:
        yield from _beside("jsonata (Node.js)", ours, [(each["seconds"], each["result"]) for each in theirs["found"]])
        yield _line("compiling these expressions", _compiled(), "jsonata (Node.js)", float(theirs["compiling"]))
    yield from _beside("jsonata-python", ours, [_by_the_library(text, data) for text in EXPRESSIONS.values()])


def _beside(name: str, ours: list[tuple[float, Any]], theirs: list[tuple[float, Any]]) -> Iterator[str]:
    for what, (seconds, result), (other_seconds, other_result) in zip(EXPRESSIONS, ours, theirs, strict=True):
        line = _line(f"{what}, {_ITEMS:,} objects", seconds, name, other_seconds)
        yield line if same(result, other_result) else f"{line}, which gives something else"


def _line(what: str, ours: float, name: str, theirs: float) -> str:
    times = f"sfdebug {ours * 1e3:,.2f} ms, {name} {theirs * 1e3:,.2f} ms ({theirs / ours:,.1f} times)"
    return f"  JSONata, {what}: {times}"


def _orders() -> dict[str, Json]:
    draw = random.Random(7)

    def order(number: int) -> dict[str, Json]:
        address: dict[str, Json] = {"city": draw.choice(_WORDS), "zip": str(draw.randrange(10_000, 99_999))}
        return {
            "id": f"O-{number:05}",
            "category": draw.choice(_WORDS),
            "name": " ".join(draw.choice(_WORDS) for _ in range(4)),
            "price": draw.randrange(100_000) / 4,
            "quantity": draw.randrange(1, 20),
            "active": draw.random() < 0.5,
            "customer": {"name": draw.choice(_WORDS), "address": address},
            "tags": [*draw.sample(_WORDS, 3)],
        }

    return {"orders": [order(number) for number in range(_ITEMS)]}


def _fastest(work: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        begun = process_time()
        work()
        times.append(process_time() - begun)
    return min(times)


def _evaluated(text: str, data: dict[str, Json]) -> tuple[float, Any]:
    from sfdebug.expressions.jsonata.expression import compile_reference_jsonata
    from sfdebug.expressions.jsonata.limits import JsonataLimits, JsonataRun

    compiled, limits = compile_reference_jsonata(text), JsonataLimits(seconds=60)

    def evaluate() -> Any:
        return compiled.evaluate_on(data, {}, JsonataRun(limits, None, 0))

    return _fastest(evaluate, _ROUNDS), evaluate()


def _compiled() -> float:
    from sfdebug.expressions.jsonata.expression import compile_jsonata, compile_reference_jsonata

    def compile_all() -> None:
        compile_jsonata.cache_clear()
        compile_reference_jsonata.cache_clear()
        for text in EXPRESSIONS.values():
            compile_jsonata(text)

    return _fastest(compile_all, _ROUNDS)


def _by_the_library(text: str, data: dict[str, Json]) -> tuple[float, Any]:
    from jsonata import Jsonata  # type: ignore[import-untyped]

    compiled = Jsonata(text)
    result = compiled.evaluate(data)
    return _fastest(lambda: compiled.evaluate(data), _ROUNDS_OF_THE_SLOW), json.loads(json.dumps(result))
