"""The Conditions of a template, and Fn::If, which chooses by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.asl.reader import closest
from sfdebug.asl.text.problems import quote
from sfdebug.projects.intrinsics.resolver import MAX_DEPTH
from sfdebug.projects.intrinsics.values import text_of
from sfdebug.values import MISSING, same

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.values import Json, Value


def choose(resolver: Resolver, argument: Json, at: Pointer) -> Value:
    """What Fn::If gives."""
    chosen = branch(resolver, argument, at)
    if chosen is None:
        return resolver.wrong(at, "Fn::If", "the name of a condition and two values")
    return resolver.resolve(*chosen)


def branch(resolver: Resolver, argument: Json, at: Pointer) -> tuple[Json, Pointer] | None:
    """The one of the two values of a Fn::If that counts, and where it stands; None when it is no Fn::If."""
    if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
        return None
    index = 1 if holds(resolver, argument[0], (*at, 0)) else 2
    return argument[index], (*at, index)


def holds(resolver: Resolver, name: str, at: Pointer) -> bool:
    """Whether the condition of this name, which is named at `at`, holds for the parameters as they are."""
    conditions = resolver.known_conditions
    if name in conditions:
        return conditions[name]
    written = resolver.template.section("Conditions")
    if name not in written:
        close = closest(name, written)
        fix = f"did you mean {quote(close)}?" if close else "add it under Conditions"
        resolver.template.note(at, f"there is no condition {quote(name)}", fix)
        return False
    conditions[name] = False  # a condition that names itself does not hold
    conditions[name] = _rule_holds(resolver, written[name], ("Conditions", name))
    return conditions[name]


def _rule_holds(resolver: Resolver, rule: Json, at: Pointer) -> bool:
    resolver.spend(1)
    if isinstance(rule, dict) and len(rule) == 1 and len(at) < MAX_DEPTH:
        name, argument = next(iter(rule.items()))
        here = (*at, name)
        if name == "Condition" and isinstance(argument, str):
            return holds(resolver, argument, here)
        if isinstance(argument, list):
            if name == "Fn::Equals" and len(argument) == 2:
                left, right = (resolver.resolve(item, here) for item in argument)
                return left is right or _equal(left, right)
            if name in ("Fn::And", "Fn::Or") and not resolver.is_spent:
                found = [_rule_holds(resolver, item, (*here, index)) for index, item in enumerate(argument)]
                return all(found) if name == "Fn::And" else any(found)
            if name == "Fn::Not" and len(argument) == 1:
                return not _rule_holds(resolver, argument[0], (*here, 0))
    resolver.template.note(at, "this is no condition", "write Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")
    return False


def _equal(left: Value, right: Value) -> bool:
    if left is MISSING or right is MISSING:
        return False
    texts = text_of(left), text_of(right)
    return texts[0] == texts[1] if None not in texts else same(left, right)
