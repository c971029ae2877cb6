"""JSONata's paths: steps, predicates, order-by, wildcards, and the tuple streams of `@`, `#` and `%`.

Source: the JSONata documentation, "Path operators"; the reference implementation decides where it is silent.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cmp_to_key
from typing import Any, Final

from sfdebug.expressions.jsonata_errors import JsonataFault
from sfdebug.expressions.jsonata_frames import Evaluator, Frame
from sfdebug.expressions.jsonata_limits import Run
from sfdebug.expressions.jsonata_values import Constructed, Sequence, appended, is_number, looked_up, settle, truth
from sfdebug.values import MISSING

HERE: Final = "@"
"""The name of a tuple's own item among its bindings."""

Compile = Callable[[Any], Evaluator]
Stage = Callable[[Any, Frame], Any]


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
    results: Any = Sequence()
    for value in values:
        if isinstance(value, list):
            results = appended(frame.run, results, _flat(value, []))
        else:
            results.append(value)
    return results


def _flat(value: Any, into: list[Any]) -> list[Any]:
    if isinstance(value, list):
        for item in value:
            _flat(item, into)
    else:
        into.append(value)
    return into


def descendants(input: Any, frame: Frame) -> Any:
    """`**`: the value and everything inside it that is no array."""
    if input is MISSING:
        return MISSING
    found = Sequence()
    _descend(input, found, frame.run)
    return found


def _descend(value: Any, found: Sequence, run: Run) -> None:
    run.tick()
    if isinstance(value, list):
        for item in value:
            _descend(item, found, run)
        return
    found.append(value)
    if isinstance(value, dict):
        for item in value.values():
            _descend(item, found, run)


def predicate(node: Any, compile_node: Compile) -> Stage:
    """A filter in square brackets: an index, indexes, or a condition."""
    if node.type == "number":
        index = math.floor(node.value)
        return lambda input, frame: _at(input, index)
    condition = compile_node(node)

    def keep(input: Any, frame: Frame) -> Any:
        results = Sequence()
        tuples = isinstance(input, Sequence) and input.tuples
        results.tuples = tuples
        items = input if isinstance(input, list) else [input]
        frame.run.tick(len(items))
        for index, item in enumerate(items):
            verdict = condition(item[HERE], frame.inner(item)) if tuples else condition(item, frame)
            if _chosen(verdict, index, len(items)):
                results.append(item)
        return results

    return keep


def _chosen(verdict: Any, index: int, length: int) -> bool:
    if isinstance(verdict, bool):
        return verdict
    numbers = [verdict] if is_number(verdict) else verdict if isinstance(verdict, list) else None
    if numbers is not None and all(map(is_number, numbers)):
        return any((wanted + length if wanted < 0 else wanted) == index for wanted in map(math.floor, numbers))
    return truth(verdict)


def _at(input: Any, index: int) -> Any:
    results = Sequence()
    results.tuples = isinstance(input, Sequence) and input.tuples
    items = input if isinstance(input, list) else [] if input is MISSING else [input]
    index = index + len(items) if index < 0 else index
    if 0 <= index < len(items):
        if isinstance(items[index], list):
            return items[index]
        results.append(items[index])
    return results


def _stage(node: Any, compile_node: Compile) -> Stage:
    if node.type == "filter":
        return predicate(node.expr, compile_node)
    name = str(node.value)

    def number(input: Any, frame: Frame) -> Any:
        for index, bindings in enumerate(input):
            bindings[name] = index
        return input

    return number


class _Step:
    """One step of a path, compiled."""

    __slots__ = ("ancestor", "constructs", "evaluate", "focus", "index", "order", "stages", "tuple")

    def __init__(self, node: Any, compile_node: Compile) -> None:
        self.order = _order_by(node, compile_node) if node.type == "sort" else None
        self.evaluate = (lambda input, frame: MISSING) if self.order else compile_node(node)
        self.stages = [_stage(stage, compile_node) for stage in node.stages or ()]
        self.tuple = bool(node.tuple)
        self.constructs = bool(node.consarray)
        self.focus = None if node.focus is None else str(node.focus)
        self.index = None if node.index is None or node.type == "parent" else str(node.index)
        self.ancestor = None if node.ancestor is None else node.ancestor

    def plain(self, input: Any, frame: Frame, last: bool) -> Any:
        """The step over each item of `input`, the results flattened into one sequence."""
        if self.order:
            return self.staged(self.order(input, frame), frame)
        results = []
        run = frame.run
        run.tick(len(input))
        for item in input:
            result = self.evaluate(item, frame)
            for stage in self.stages:
                result = stage(result, frame)
            if result is not MISSING:
                results.append(result)
        if last and len(results) == 1 and isinstance(results[0], list) and type(results[0]) is not Sequence:
            return results[0]
        flat = Sequence()
        for result in results:
            if isinstance(result, list) and type(result) is not Constructed:
                flat.extend(result)
                run.made(result)
                run.check_items(flat)
            else:
                flat.append(result)
        return flat

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


def path(node: Any, compile_node: Compile, group: Callable[[Any, Frame], Any] | None) -> Evaluator:
    """A path. `group` is the object constructor that ends it, if one does."""
    steps = [_Step(step, compile_node) for step in node.steps]
    keep = bool(node.keep_singleton_array)
    absolute = node.steps[0].type == "variable"
    if not any(step.tuple for step in steps):
        return _plain_path(steps, absolute, keep, bool(node.keep_array), group)
    streams = bool(node.tuple)

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
            if not streaming and not result:
                break
            if step.focus is None:
                items = result
        if streaming:
            result = tuples if streams else Sequence(bindings[HERE] for bindings in tuples)
        result = _kept(result) if keep else result
        if group is not None:
            result = group(tuples if streaming else result, frame)
        return settle(result, bool(node.keep_array))

    return evaluate


def _plain_path(
    steps: list[_Step], absolute: bool, keep: bool, keep_array: bool, group: Callable[[Any, Frame], Any] | None
) -> Evaluator:
    final = len(steps) - 1

    def evaluate(input: Any, frame: Frame) -> Any:
        result: Any = input if isinstance(input, list) and not absolute else [input]
        for position, step in enumerate(steps):
            if position == 0 and step.constructs:
                result = step.evaluate(result, frame)
            else:
                result = step.plain(result, frame, position == final)
            if result is MISSING or not result:
                break
        if keep:
            result = _kept(result)
        if group is not None:
            result = group(result, frame)
        return settle(result, keep_array)

    return evaluate


def _kept(result: Any) -> Any:
    if type(result) is Constructed:
        result = Sequence([result])
    if type(result) is Sequence:
        result.single = True
    return result


def _order_by(node: Any, compile_node: Compile) -> Stage:
    terms = [(compile_node(term.expression), bool(term.descending)) for term in node.terms]
    offset: int = node.position

    def order(input: Any, frame: Frame) -> Any:
        tuples = isinstance(input, Sequence) and input.tuples

        def term_of(evaluate: Evaluator, item: Any) -> Any:
            return evaluate(item[HERE], frame.inner(item)) if tuples else evaluate(item, frame)

        def compare(left: Any, right: Any) -> int:
            frame.run.tick()
            for evaluate, descending in terms:
                verdict = _compared(term_of(evaluate, left), term_of(evaluate, right), descending, offset)
                if verdict:
                    return verdict
            return 0

        return input if len(input) <= 1 else sorted(input, key=cmp_to_key(compare))

    return order


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
    verdict = -1 if left < right else 1
    return -verdict if descending else verdict
