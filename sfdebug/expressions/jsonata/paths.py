"""JSONata's paths: steps, fields, predicates, wildcards, order-by, and the tuple streams of `@`, `#` and `%`.

Source: the JSONata documentation, "Path operators", "Sorting"; the reference implementation decides where it is silent.
Reading fields is the most frequent of all paths (`$states.input.order.total`): through plain objects (exactly `dict`,
see `values`) it is a chain of look-ups; where that meets anything else, such as an array, the general way goes on.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, Final, TypeAlias

from sfdebug.expressions.jsonata.errors import JsonataFault
from sfdebug.expressions.jsonata.frames import HERE, Compiler, Evaluator, Frame
from sfdebug.expressions.jsonata.limits import JsonataRun
from sfdebug.expressions.jsonata.sorting import is_steady, ranked
from sfdebug.expressions.jsonata.text import utf16
from sfdebug.expressions.jsonata.values import (
    Array,
    Constructed,
    Object,
    Sequence,
    is_number,
    looked_up,
    rearranged,
    settle,
    truth,
)
from sfdebug.values import MISSING

_Resume: TypeAlias = Callable[[Any, int, Frame], Any]
"""The rest of a path: from a value that was reached, the number of fields that led there, and the frame."""

_UNDEFINED: Final = type(MISSING)

_LEAVES: Final = frozenset({int, float, str, bool, type(None)})
_FLAT: Final = frozenset({int, float, str, bool, type(None), dict, Object, _UNDEFINED})
"""Types of results that are no lists."""

_PathStep = Callable[[Any, Frame], Any]


def _fields_reader(first: Evaluator, keys: list[str], resume: _Resume) -> Evaluator:
    """What reads the fields `keys`, one inside the other, of what `first` gives."""
    if len(keys) == 1:
        return _one(first, keys[0], resume)
    return _two(first, keys[0], keys[1], resume) if len(keys) == 2 else _several(first, keys, resume)


def _context_fields_reader(keys: list[str], resume: _Resume, general: Evaluator) -> Evaluator:
    """The same of `$`; `general` is the whole path, for a `$` that is an array."""
    if len(keys) == 1:
        key = keys[0]
        return lambda input, frame: input.get(key, MISSING) if type(input) is dict else general(input, frame)
    deep = _several(lambda input, frame: input, keys, resume)
    return lambda input, frame: deep(input, frame) if type(input) is dict else general(input, frame)


def _one(first: Evaluator, key: str, resume: _Resume) -> Evaluator:
    def read(input: Any, frame: Frame) -> Any:
        value = first(input, frame)
        return value.get(key, MISSING) if type(value) is dict else resume(value, 0, frame)

    return read


def _two(first: Evaluator, key: str, second: str, resume: _Resume) -> Evaluator:
    def read(input: Any, frame: Frame) -> Any:
        value = first(input, frame)
        if type(value) is not dict:
            return resume(value, 0, frame)
        value = value.get(key, MISSING)
        return value.get(second, MISSING) if type(value) is dict else resume(value, 1, frame)

    return read


def _several(first: Evaluator, keys: list[str], resume: _Resume) -> Evaluator:
    def read(input: Any, frame: Frame) -> Any:
        value = first(input, frame)
        for position, key in enumerate(keys):
            if type(value) is not dict:
                return resume(value, position, frame)
            value = value.get(key, MISSING)
        return value

    return read


def _fields_then(first: Evaluator, keys: list[str], resume: _Resume) -> Evaluator:
    """The fields `keys` of what `first` gives, and then the rest of the path."""
    count = len(keys)

    def read(input: Any, frame: Frame) -> Any:
        value = first(input, frame)
        for position, key in enumerate(keys):
            if type(value) is not dict:
                return resume(value, position, frame)
            value = value.get(key, MISSING)
        return resume(value, count, frame)

    return read


def _order_by(node: Any, compiler: Compiler) -> Callable[[Any, Frame], Any]:
    """What sorts all the items of a step."""
    terms = [(compiler(term.expression), bool(term.descending)) for term in node.terms]
    offset: int = node.position

    steady = all(is_steady(term.expression, compiler.bound) for term in node.terms)

    def order(input: Any, frame: Frame) -> Any:
        if len(input) <= 1:
            return input
        tuples = isinstance(input, Sequence) and input.tuples
        found = _ordered_at_once(terms, input, frame, tuples) if steady else None
        return _ordered_two_by_two(terms, offset, input, frame, tuples) if found is None else found

    return order


_Terms: TypeAlias = "list[tuple[Evaluator, bool]]"


def _term_of(evaluate: Evaluator, item: Any, frame: Frame, tuples: bool) -> Any:
    return evaluate(item[HERE], frame.inner(item)) if tuples else evaluate(item, frame)


def _ordered_at_once(terms: _Terms, items: list[Any], frame: Frame, tuples: bool) -> list[Any] | None:
    """The items by their terms, each evaluated once; None when that is not enough to tell."""
    run = frame.run
    steps = run.steps
    try:
        columns = [([_term_of(evaluate, item, frame, tuples) for item in items], down) for evaluate, down in terms]
    except JsonataFault:  # comparing finds it at its place, or never comes there
        columns = None
    order = None if columns is None else ranked(columns, len(items))
    if order is None:
        run.steps = steps
        return None
    run.tick(len(items))
    return rearranged([items[index] for index in order])


def _ordered_two_by_two(terms: _Terms, offset: int, items: list[Any], frame: Frame, tuples: bool) -> list[Any]:
    def compare(left: Any, right: Any) -> int:
        frame.run.tick()
        for evaluate, descending in terms:
            terms_of_both = _term_of(evaluate, left, frame, tuples), _term_of(evaluate, right, frame, tuples)
            verdict = _compared(*terms_of_both, descending, offset)
            if verdict:
                return verdict
        return 0

    return rearranged(sorted(items, key=cmp_to_key(compare)))


def _compared(left: Any, right: Any, descending: bool, offset: int) -> int:
    """Which of two order-by terms comes first: undefined comes last, whatever the direction."""
    if left is MISSING or right is MISSING:
        return 0 if left is right else 1 if left is MISSING else -1
    texts = isinstance(left, str), isinstance(right, str)
    if not (texts[0] or is_number(left)) or not (texts[1] or is_number(right)):
        raise JsonataFault("T2008", offset, value=right if texts[0] or is_number(left) else left)
    if texts[0] is not texts[1]:
        raise JsonataFault("T2007", offset, value=left, value2=right)
    if left == right:
        return 0
    if texts[0] and not (left.isascii() or right.isascii()):
        left, right = utf16(left), utf16(right)
    verdict = -1 if left < right else 1
    return -verdict if descending else verdict


def name_step(node: Any) -> Evaluator:
    """A field name."""
    key = str(node.value)

    def read(input: Any, frame: Frame) -> Any:
        if isinstance(input, dict):
            return input.get(key, MISSING)
        return settle(looked_up(frame.run, input, key))

    return read


def wildcard(input: Any, frame: Frame) -> Any:
    """`*`: the values of every field, arrays flattened."""
    if isinstance(input, Sequence) and input.outer and input:
        input = input[0]
    values = list(input.values()) if isinstance(input, dict) else input if isinstance(input, list) else []
    frame.run.tick(len(values))
    if _FLAT.issuperset(map(type, values)):
        return Sequence(values)
    results: list[Any] = Sequence()
    for value in values:
        if isinstance(value, list):
            if type(results) is Sequence:  # as $append makes one of the two
                results = Array(results)
            _flatten(value, results, frame.run)
            frame.run.check_items(results)
        else:
            results.append(value)
    return results


def _flatten(array: list[Any], into: list[Any], run: JsonataRun) -> None:
    run.tick(1 + (len(array) >> 4))
    if _FLAT.issuperset(map(type, array)):
        into.extend(array)
        return
    for item in array:
        if isinstance(item, list):
            _flatten(item, into, run)
        else:
            into.append(item)


def descendants(input: Any, frame: Frame) -> Any:
    """`**`: the value and everything inside it that is no array."""
    if input is MISSING:
        return MISSING
    found = Sequence()
    if not isinstance(input, list):
        found.append(input)
    frame.run.tick()
    _descend(input, found, frame.run)
    return found


def _descend(value: Any, found: Sequence, run: JsonataRun) -> None:
    """Add what stands inside `value`."""
    if isinstance(value, list):
        items: Any = value
    elif isinstance(value, dict):
        items = value.values()
    else:
        return
    run.tick(len(items))
    for item in items:
        if type(item) in _LEAVES:
            found.append(item)
        else:
            if not isinstance(item, list):
                found.append(item)
            _descend(item, found, run)


def predicate(node: Any, compiler: Compiler) -> _PathStep:
    """A filter in square brackets: an index, indexes, or a condition."""
    if node.type == "number":
        index = math.floor(node.value)
        return lambda input, frame: _at(input, index)
    condition = compiler(node)

    def keep(input: Any, frame: Frame) -> Any:
        results = Sequence()
        items = input if isinstance(input, list) else [input]
        length = len(items)
        frame.run.tick(length)
        tuples = isinstance(input, Sequence) and input.tuples
        if tuples:
            results.tuples = True
        for index, item in enumerate(items):
            verdict = condition(item[HERE], frame.inner(item)) if tuples else condition(item, frame)
            if verdict is True or (verdict is not False and _chosen(verdict, index, length, frame.run)):
                results.append(item)
        return results

    return keep


def _chosen(verdict: Any, index: int, length: int, run: JsonataRun) -> bool:
    if isinstance(verdict, bool):
        return verdict
    if isinstance(verdict, list):
        run.tick(len(verdict) >> 3)
    numbers = [verdict] if is_number(verdict) else verdict if isinstance(verdict, list) else None
    if numbers is not None and all(map(is_number, numbers)):
        return any((wanted + length if wanted < 0 else wanted) == index for wanted in map(math.floor, numbers))
    return truth(verdict, run)


def _at(input: Any, index: int) -> Any:
    results = Sequence()
    if isinstance(input, Sequence) and input.tuples:
        results.tuples = True
    items = input if isinstance(input, list) else [] if input is MISSING else [input]
    index = index + len(items) if index < 0 else index
    if 0 <= index < len(items):
        if isinstance(items[index], list):
            return items[index]
        results.append(items[index])
    return results


def _stage(node: Any, compiler: Compiler) -> _PathStep:
    if node.type == "filter":
        return predicate(node.expr, compiler)
    name = str(node.value)

    def number(input: Any, frame: Frame) -> Any:
        for index, bindings in enumerate(input):
            bindings[name] = index
        return input

    return number


class _Step:
    """One step of a path, compiled."""

    __slots__ = ("ancestor", "constructs", "evaluate", "focus", "index", "key", "order", "stages", "tuple")

    def __init__(self, node: Any, compiler: Compiler) -> None:
        self.order = _order_by(node, compiler) if node.type == "sort" else None
        self.evaluate = (lambda input, frame: MISSING) if self.order else compiler(node)
        self.stages = [_stage(stage, compiler) for stage in node.stages or ()]
        self.tuple = bool(node.tuple)
        self.constructs = bool(node.consarray)
        self.focus = None if node.focus is None else str(node.focus)
        self.index = None if node.index is None or node.type == "parent" else str(node.index)
        self.ancestor = None if node.ancestor is None else node.ancestor
        self.key = str(node.value) if node.type == "name" and not node.predicate and node.group is None else None

    def plain(self, input: Any, frame: Frame, last: bool) -> Any:
        """The step over each item of `input`, the results flattened into one sequence."""
        if self.order:
            return self.staged(self.order(input, frame), frame)
        frame.run.tick(len(input))
        results = self._results(input, frame)
        kinds = set(map(type, results))
        if _UNDEFINED in kinds:
            results = [result for result in results if result is not MISSING]
        if kinds <= _FLAT:
            return Sequence(results)
        if last and len(results) == 1 and isinstance(results[0], list) and type(results[0]) is not Sequence:
            return results[0]
        flat = Sequence()
        for result in results:
            if isinstance(result, list) and type(result) is not Constructed:
                flat.extend(result)
                frame.run.made(result)
                frame.run.check_items(flat)
            else:
                flat.append(result)
        return flat

    def _results(self, input: Any, frame: Frame) -> list[Any]:
        """What the step gives for each item, undefined or not."""
        evaluate, stages, key = self.evaluate, self.stages, self.key
        if not stages:
            if key is None:
                return [evaluate(item, frame) for item in input]
            return [item.get(key, MISSING) if type(item) is dict else evaluate(item, frame) for item in input]
        results = []
        for item in input:
            result = evaluate(item, frame)
            for stage in stages:
                result = stage(result, frame)
            results.append(result)
        return results

    def staged(self, result: Any, frame: Frame) -> Any:
        """The predicates and index bindings of the step, one after the other, over a whole result."""
        for stage in self.stages:
            result = stage(result, frame)
        return result

    def stream(self, input: Any, tuples: Any, frame: Frame) -> Any:
        """The step over a stream of tuples: each result carries the bindings of the tuple it came from."""
        if self.order:
            return self.staged(self._ordered(input, tuples, frame), frame)
        results = Sequence()
        results.tuples = True
        for bindings in [{HERE: item} for item in input] if tuples is None else tuples:
            frame.run.tick()
            found = self.evaluate(bindings[HERE], frame.inner(bindings))
            if found is MISSING:
                continue
            streamed = isinstance(found, Sequence) and found.tuples
            for position, item in enumerate(found if isinstance(found, list) else [found]):
                results.append(self._bound(bindings, item, position, streamed))
            frame.run.check_items(results)
        return self.staged(results, frame)

    def _bound(self, bindings: dict[str, Any], item: Any, position: int, streamed: bool) -> dict[str, Any]:
        if streamed:
            return {**bindings, **item}
        bound = dict(bindings)
        bound[self.focus or HERE] = item
        if self.index is not None:
            bound[self.index] = position
        if self.ancestor is not None:
            bound[self.ancestor.label] = bindings[HERE]
        return bound

    def _ordered(self, input: Any, tuples: Any, frame: Frame) -> Any:
        assert self.order is not None
        if tuples is not None:
            result = Sequence(self.order(tuples, frame))
        else:
            ordered = self.order(input, frame)
            result = Sequence(
                {HERE: item} if self.index is None else {HERE: item, self.index: position}
                for position, item in enumerate(ordered)
            )
        result.tuples = True
        return result


def path(node: Any, compiler: Compiler, group: Callable[[Any, Frame], Any] | None) -> Evaluator:
    """A path. `group` is the object constructor that ends it, if one does."""
    steps = [_Step(step, compiler) for step in node.steps]
    absolute = node.steps[0].type == "variable"
    if any(step.tuple for step in steps):
        return _streamed_path(node, steps, absolute, group)
    general = _plain_path(node, steps, absolute, group)
    count = _simple_steps(node.steps)
    if node.keep_singleton_array or node.keep_array:
        return general
    offset = 1 if absolute else 0
    keys = [str(step.value) for step in node.steps[offset:count]]
    if not keys:
        return general
    resume = _rest(steps[offset:], group)
    complete = count == len(steps) and group is None
    if absolute:
        first = steps[0].evaluate
        return _fields_reader(first, keys, resume) if complete else _fields_then(first, keys, resume)
    if complete:
        return _context_fields_reader(keys, resume, general)
    follow = _fields_then(lambda input, frame: input, keys, resume)
    return lambda input, frame: follow(input, frame) if type(input) is dict else general(input, frame)


def _rest(steps: list[_Step], group: Callable[[Any, Frame], Any] | None) -> _Resume:
    """A path from any of its steps on."""
    final = len(steps) - 1

    def resume(value: Any, position: int, frame: Frame) -> Any:
        result: Any = value if isinstance(value, list) and type(value) is not Constructed else [value]
        if value is MISSING:
            result = []
        while position <= final and result:
            result = steps[position].plain(result, frame, position == final)
            position += 1
        if group is not None:
            return settle(group(result, frame))
        # An empty array that the last step found is a value; nothing before the last step is undefined.
        return settle(result) if position > final else MISSING

    return resume


def _simple_steps(steps: list[Any]) -> int:
    """How many steps at the start of a path are a variable or names, with nothing that refines them."""
    count = 0
    for index, step in enumerate(steps):
        refined = step.predicate or step.stages or step.group is not None or step.consarray or step.keep_array
        if refined or (step.type != "name" and not (index == 0 and step.type == "variable" and step.value)):
            break
        count += 1
    return count


def _streamed_path(
    node: Any, steps: list[_Step], absolute: bool, group: Callable[[Any, Frame], Any] | None
) -> Evaluator:
    """A path in which `@`, `#` or `%` bind names: its steps hand on tuples of bindings."""
    keep, keep_array, streams = bool(node.keep_singleton_array), bool(node.keep_array), bool(node.tuple)

    def evaluate(input: Any, frame: Frame) -> Any:
        items = input if isinstance(input, list) and not absolute else Sequence([input])
        result: Any = MISSING
        tuples: Any = None
        streaming = False
        for position, step in enumerate(steps):
            streaming = streaming or step.tuple
            if position == 0 and step.constructs:
                result = step.evaluate(items, frame)
            elif streaming:
                tuples = step.stream(items, tuples, frame)
            else:
                result = step.plain(items, frame, position == len(steps) - 1)
            if not streaming and (result is MISSING or not result):
                break
            if step.focus is None:
                items = _items(result)
        if tuples is not None:
            result = tuples if streams else Sequence(bindings[HERE] for bindings in tuples)
        result = _kept(result) if keep else result
        if group is not None:
            result = group(result if tuples is None else tuples, frame)
        return settle(result, keep_array)

    return evaluate


def _plain_path(node: Any, steps: list[_Step], absolute: bool, group: Callable[[Any, Frame], Any] | None) -> Evaluator:
    final = len(steps) - 1
    keep, keep_array = bool(node.keep_singleton_array), bool(node.keep_array)

    def evaluate(input: Any, frame: Frame) -> Any:
        result: Any = input if isinstance(input, list) and not absolute else [input]
        for position, step in enumerate(steps):
            if position == 0 and step.constructs:
                result = step.evaluate(result, frame)
            else:
                result = step.plain(_items(result), frame, position == final)
            if result is MISSING or not result:
                break
        if keep:
            result = _kept(result)
        if group is not None:
            result = group(result, frame)
        return settle(result, keep_array)

    return evaluate


def _items(result: Any) -> list[Any]:
    """What the next step is taken over. A first step in parentheses may give what is no array: the reference finds
    nothing in that."""
    return result if isinstance(result, list) else []


def _kept(result: Any) -> Any:
    if type(result) is Constructed:
        result = Sequence([result])
    if type(result) is Sequence:
        result.single = True
    return result
