"""The table of the functions that JSONata expressions find in AWS: name, signature, and what does the work.

Source: the JSONata documentation (2.0.6, the version that AWS documents) without $eval, which AWS removes, and with
the six functions that AWS adds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from sfdebug.expressions.jsonata.errors import too_deep
from sfdebug.expressions.jsonata.functions import arrays, dates, integers, numbers, strings, values
from sfdebug.expressions.jsonata.functions.signatures import UNPLANNED, Plan, signature_of
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.values import JsonataFunction
from sfdebug.values import MISSING

_TABLE: Final[dict[str, tuple[str, Callable[..., Any]]]] = {
    "sum": ("<a<n>:n>", arrays.total),
    "count": ("<a:n>", arrays.count),
    "max": ("<a<n>:n>", arrays.largest),
    "min": ("<a<n>:n>", arrays.smallest),
    "average": ("<a<n>:n>", arrays.average),
    "string": ("<x-b?:s>", strings.string),
    "substring": ("<s-nn?:s>", strings.substring),
    "substringBefore": ("<s-s:s>", strings.substring_before),
    "substringAfter": ("<s-s:s>", strings.substring_after),
    "lowercase": ("<s-:s>", strings.lowercase),
    "uppercase": ("<s-:s>", strings.uppercase),
    "length": ("<s-:n>", strings.length),
    "trim": ("<s-:s>", strings.trim),
    "pad": ("<s-ns?:s>", strings.pad),
    "match": ("<s-f<s:o>n?:a<o>>", strings.match),
    "contains": ("<s-(sf):b>", strings.contains),
    "replace": ("<s-(sf)(sf)n?:s>", strings.replace),
    "split": ("<s-(sf)n?:a<s>>", strings.split),
    "join": ("<a<s>s?:s>", strings.join),
    "formatNumber": ("<n-so?:s>", numbers.format_number),
    "formatBase": ("<n-n?:s>", numbers.format_base),
    "formatInteger": ("<n-s:s>", integers.format_integer),
    "parseInteger": ("<s-s:n>", integers.parse_integer),
    "number": ("<(nsb)-:n>", numbers.number),
    "floor": ("<n-:n>", numbers.floor),
    "ceil": ("<n-:n>", numbers.ceil),
    "round": ("<n-n?:n>", numbers.rounded),
    "abs": ("<n-:n>", numbers.absolute),
    "sqrt": ("<n-:n>", numbers.square_root),
    "power": ("<n-n:n>", numbers.power),
    "boolean": ("<x-:b>", values.boolean),
    "not": ("<x-:b>", values.negation),
    "map": ("<af>", arrays.mapped),
    "zip": ("<a+>", arrays.zipped),
    "filter": ("<af>", arrays.filtered),
    "single": ("<af?>", arrays.single),
    "reduce": ("<afj?:j>", arrays.reduced),
    "sift": ("<o-f?:o>", arrays.sift),
    "keys": ("<x-:a<s>>", arrays.keys),
    "lookup": ("<x-s:x>", arrays.lookup),
    "append": ("<xx:a>", arrays.append),
    "exists": ("<x:b>", values.exists),
    "spread": ("<x-:a<o>>", arrays.spread),
    "merge": ("<a<o>:o>", arrays.merge),
    "reverse": ("<a:a>", arrays.reverse),
    "each": ("<o-f:a>", arrays.each),
    "error": ("<s?:x>", values.error),
    "assert": ("<bs?:x>", values.asserted),
    "type": ("<x:s>", values.kind),
    "sort": ("<af?:a>", arrays.sort),
    "shuffle": ("<a:a>", arrays.shuffle),
    "distinct": ("<x:x>", arrays.distinct),
    "base64encode": ("<s-:s>", strings.base64encode),
    "base64decode": ("<s-:s>", strings.base64decode),
    "encodeUrlComponent": ("<s-:s>", strings.encode_url_component),
    "encodeUrl": ("<s-:s>", strings.encode_url),
    "decodeUrlComponent": ("<s-:s>", strings.decode_url_component),
    "decodeUrl": ("<s-:s>", strings.decode_url),
    "toMillis": ("<s-s?:n>", dates.to_millis),
    "fromMillis": ("<n-s?s?:s>", dates.from_millis),
    "clone": ("<(oa)-:o>", values.clone),
    "now": ("<s?s?:s>", dates.now),
    "millis": ("<:n>", dates.millis),
    "partition": ("<xn?:a>", values.partition),
    "range": ("<nnn?:a>", values.numbers),
    "hash": ("<ss?:s>", values.digest),
    "random": ("<n?:n>", values.random),
    "uuid": ("<:s>", values.uuid),
    "parse": ("<s?:x>", values.parse),
}
_ONE_FROM_HIGHER_ORDER: Final = frozenset({"string", "round", "random"})
"""Functions whose other arguments are optional: $map and its like pass them the item only."""

_TAKE_UNDEFINED: Final = frozenset({"append", "assert", "count", "error", "exists", "now", "random", "zip"})
"""Functions that make something of an undefined first argument. All others give undefined for it."""

_SIZED: Final = (str, list, dict)
_SMALL: Final = 15
"""Sizes that `made` does not count."""


class Builtin(JsonataFunction):
    """A built-in function. `invoke(run, arguments, context, depth)` is `call` with all that surrounds it: the arguments
    are checked, and what the function makes is counted. `nests` says that it takes functions, which it may call.

    Which arguments are taken depends on their types alone, but for items of arrays, so the outcome is kept by them.
    """

    __slots__ = ("_passes_undefined", "_plans", "_plans_of_one", "_signature", "_work", "nests")

    def __init__(self, name: str, signature: str, work: Callable[..., Any]) -> None:
        self._signature = signature_of(signature, name)
        self._work = work
        self._plans: dict[tuple[type, ...], Plan | None] = {}
        self._plans_of_one: dict[type, Plan] = {}
        count = len(self._signature.parameters)
        self._passes_undefined = count > 0 and name not in _TAKE_UNDEFINED
        self.nests = "f" in signature
        arity = 1 if name in _ONE_FROM_HIGHER_ORDER else count
        super().__init__(name, arity, self._call)

    def _call(self, run: JsonataRun, arguments: list[Any], context: Any) -> Any:
        result = self._checked(run, arguments, context)
        if isinstance(result, _SIZED) and len(result) > _SMALL:
            run.made(result)
        return result

    def invoke_nested(self, run: JsonataRun, arguments: list[Any], context: Any, depth: int) -> Any:
        """`invoke` for functions that call functions: they count as calls themselves."""
        if run.depth >= run.limits.calls:
            raise too_deep(f"{run.limits.calls:,} calls")
        base = run.base
        run.base = base + depth
        run.depth += 1
        run.steps += 1
        if run.steps >= run.next_look:
            run.look()
        plan = self._plans.get(tuple(map(type, arguments)))
        if plan is None or (plan.is_conditional and not plan.fits(arguments)):
            result = self._checked(run, arguments, context)
        else:
            result = self._work(run, *arguments, *plan.padding)
        if isinstance(result, _SIZED) and len(result) > _SMALL:
            run.made(result)
        run.depth -= 1
        run.base = base
        return result

    def invoke(self, run: JsonataRun, arguments: list[Any], context: Any, depth: int = 0) -> Any:
        """Check the arguments, call, and count what the call has made as steps. Raises JsonataFault."""
        plan = self._plans.get(tuple(map(type, arguments)))
        if plan is None or (plan.is_conditional and not plan.fits(arguments)):
            result = self._checked(run, arguments, context)
        else:
            result = self._work(run, *arguments, *plan.padding)
        run.steps += 1
        if run.steps >= run.next_look:
            run.look()
        if isinstance(result, _SIZED) and len(result) > _SMALL:
            run.made(result)
        return result

    def invoke_one(self, run: JsonataRun, argument: Any, context: Any) -> Any:
        """`invoke` with one argument."""
        plan = self._plans_of_one.get(type(argument))
        if plan is None or (plan.is_conditional and not plan.fits([argument])):
            return self.invoke(run, [argument], context)
        result = self._work(run, argument, *plan.padding)
        run.steps += 1
        if run.steps >= run.next_look:
            run.look()
        if isinstance(result, _SIZED) and len(result) > _SMALL:
            run.made(result)
        return result

    def _planned(self, kinds: tuple[type, ...], arguments: list[Any]) -> Plan | None:
        is_undefined = not arguments or arguments[0] is MISSING
        may_plan = not (self._passes_undefined and is_undefined)
        plan = self._plans[kinds] = self._signature.plan(arguments) if may_plan else None
        if plan is not None and len(kinds) == 1:
            self._plans_of_one[kinds[0]] = plan
        return plan

    def _checked(self, run: JsonataRun, arguments: list[Any], context: Any) -> Any:
        """What the function makes of arguments, which are checked first."""
        kinds = tuple(map(type, arguments))
        plan = self._plans.get(kinds, UNPLANNED)
        if plan is UNPLANNED:
            plan = self._planned(kinds, arguments)
        if plan is None or (plan.is_conditional and not plan.fits(arguments)):
            return self._worked(run, self._signature.validate(arguments, context))
        return self._work(run, *arguments, *plan.padding)

    def _worked(self, run: JsonataRun, arguments: list[Any]) -> Any:
        """What the function makes of checked arguments."""
        padded = arguments + [MISSING] * (len(self._signature.parameters) - len(arguments))
        return MISSING if self._passes_undefined and padded[0] is MISSING else self._work(run, *padded)


FUNCTIONS: Final = {name: Builtin(name, signature, work) for name, (signature, work) in _TABLE.items()}
"""The built-in functions by name, without the dollar."""
