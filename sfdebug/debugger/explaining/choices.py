"""Why a Choice goes where it goes. Source: States Language specification, "Choice State"."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.explaining.model import StageReasons
from sfdebug.debugger.explaining.templates import mentions
from sfdebug.debugger.wording.values import named
from sfdebug.engine.execution.visit import StageStatus
from sfdebug.errors import SfdebugError
from sfdebug.expressions.choice import Verdict, compile_rule
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError
from sfdebug.values import Json, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import ChoiceRule
    from sfdebug.debugger.explaining.model import StageFacts

_KIND: Final = re.compile(r"^(.*) is not (a number|a string|a timestamp|true or false)$", re.DOTALL)
_NOT_EVALUATED_AGAIN: Final = r"\$\$|\$states(?!\.input\b)|\$(now|millis|random|uuid|eval)\b"
"""What a rule reads that hangs on more than the input and the variables: whether it matches is not worked out again."""

_YOU_DECIDED: Final = "A forced Choice asks no rule: you have decided in their place."


def rule(facts: StageFacts) -> StageReasons:
    """One rule."""
    if facts.stage is None:
        return StageReasons("The rules are tried in their order, and the first that matches decides.")
    if facts.status is StageStatus.FORCED:
        return _forced(facts)
    if facts.status is StageStatus.MATCHED:
        return _matched(facts)
    index, rules = facts.index or 0, facts.state.choices
    if index + 1 < len(rules):
        return StageReasons(f"The rules are tried in their order: rule {index + 2} is next.", _other_kind(facts))
    default = facts.state.default
    if default is not None:
        why = f"It was the last one, so the Choice takes its Default, {named(default)}."
        return StageReasons(why, _other_kind(facts))
    return StageReasons(
        "It was the last one, and there is no Default: the Choice fails.",
        "One might expect the state that is written next to follow. Nothing does: the language calls it "
        "States.NoChoiceMatched, AWS reports States.Runtime.",
    )


def _matched(facts: StageFacts) -> StageReasons:
    index, rules = facts.index or 0, facts.state.choices
    before = {0: "", 1: "Rule 1 does not match. ", 2: "Rules 1 and 2 do not match. "}.get(index)
    before = f"Rules 1 to {index} do not match. " if before is None else before
    rest = len(rules) - index - 1
    others = f"rules {index + 2} to {len(rules)} are" if rest > 2 else f"rules {index + 2} and {index + 3} are"
    others = f"; {f'rule {index + 2} is' if rest == 1 else others} not tried any more" if rest else ""
    why = f"{before}The rules are tried in their order: the first that matches decides{others}."
    also = next(
        (other for other in rules[index + 1 :] if other.next != rules[index].next and _matches(facts, other)), None
    )
    if also is None:
        return StageReasons(why)
    return StageReasons(
        why,
        f"One might expect rule {also.index + 1}, which matches too, to lead to {named(also.next)}. The order decides, "
        "not how exact a rule is.",
    )


def _matches(facts: StageFacts, rule: ChoiceRule) -> bool:
    """Whether a rule that was not tried matches, too; False where that cannot be told from the data at hand."""
    value, visit = facts.before, facts.visit
    written: Json = {name: each for name, each in rule.fields.items() if name not in ("Assign", "Output", "Comment")}
    if visit is None or not is_present(value) or mentions(written, _NOT_EVALUATED_AGAIN):
        return False
    try:
        if not facts.is_jsonata:
            return compile_rule(rule.fields).evaluate(Environment(value, None, visit.variables)).matched
        from sfdebug.expressions.jsonata.choice import compile_condition
        from sfdebug.expressions.jsonata.template import JsonataEnvironment

        condition = compile_condition(rule.fields.get("Condition"), f"Choices[{rule.index}]/Condition")
        limits = facts.execution.settings.jsonata_limits
        return condition.evaluate(JsonataEnvironment({"input": visit.input}, visit.variables, limits=limits)).matched
    except (ExpressionError, SfdebugError):
        return False


def _forced(facts: StageFacts) -> StageReasons:
    verdict = facts.stage.detail if facts.stage is not None else None
    why = _YOU_DECIDED
    if not isinstance(verdict, Verdict):
        return StageReasons(why, "By itself this rule fails the Choice with these data: it cannot be worked out.")
    if verdict.matched:
        return StageReasons(why)
    return StageReasons(why, "By itself the Choice does not take this rule with these data.")


def _other_kind(facts: StageFacts) -> str:
    """What is said where a value does not match because it is of another kind than the operator compares."""
    verdict = facts.stage.detail if facts.stage is not None else None
    leaf = verdict if isinstance(verdict, Verdict) else None
    while leaf is not None and leaf.children and leaf.operator in ("And", "Or", "Not"):
        leaf = leaf.children[-1]
    if leaf is None or leaf.matched or leaf.operator.startswith("Is"):
        return ""
    found = _KIND.match(leaf.why)
    if found is None:
        return ""
    kind = "a boolean" if found[2] == "true or false" else found[2]
    return (
        f"One might expect {found[1]} to be taken for {kind}, or to fail. {leaf.operator} matches no value of another "
        "kind, and that is no error."
    )


def default(facts: StageFacts) -> StageReasons:
    """The Default."""
    count = len(facts.state.choices)
    if facts.status is StageStatus.FORCED:
        return StageReasons(_YOU_DECIDED)
    if facts.stage is None:
        rules = "its one rule does not match" if count == 1 else f"none of its {count} rules matches"
        return StageReasons(f"A Choice takes its Default when {rules}.")
    none = "Its one rule does not match" if count == 1 else f"None of its {count} rules matches"
    return StageReasons(f"{none}, and the Default is what a Choice takes then.")
