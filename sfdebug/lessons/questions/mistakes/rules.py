"""Mistakes about Choice: the order of its rules, Default, types, and paths that lead nowhere."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.debugger.stepping.forecasts import ChoiceForecast, forecast_choice
from sfdebug.debugger.wording.values import named, quoted
from sfdebug.engine.execution.execution import Phase
from sfdebug.engine.execution.visit import StageName
from sfdebug.engine.faults import QUERY_EVALUATION_ERROR, RUNTIME
from sfdebug.expressions.choice import OPERATORS, Verdict
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.lessons.model import PredictKind
from sfdebug.lessons.questions.answers import DEFAULT
from sfdebug.lessons.questions.mistakes.case import Case, KnownMistake, Wrong
from sfdebug.values import MISSING, Json, Value, compact, is_present

if TYPE_CHECKING:
    from sfdebug.asl.definition import State
    from sfdebug.engine.execution.execution import Execution
    from sfdebug.engine.execution.visit import Visit

RULES: Final = frozenset({PredictKind.RULE, PredictKind.NEXT})


class _Seen:
    """A Choice where it is asked about: what each of its rules says, and which one is taken."""

    def __init__(self, case: Case, state: State, forecast: ChoiceForecast) -> None:
        self.case = case
        self.state = state
        self.verdicts = forecast.verdicts
        self.taken = forecast.taken
        self.is_default = forecast.is_default
        self.fails = forecast.fault is not None and not forecast.is_default and forecast.taken is None

    def wrong(self, rule: int | None, sentence: str) -> Wrong:
        """The answer that another rule (from 0) is taken; None is the Default."""
        if self.case.asked.kind is PredictKind.RULE:
            return Wrong(DEFAULT if rule is None else rule + 1, sentence)
        return Wrong(self.state.default if rule is None else self.state.choices[rule].next, sentence)

    @property
    def right(self) -> str:
        """What happens, as the beginning of a sentence."""
        if self.taken is not None:
            return f"rule {self.taken + 1} matches{self.why(self.taken)}"
        return "no rule matches"

    def why(self, rule: int) -> str:
        """Why a rule says what it says, in brackets; "" where that cannot be told."""
        verdict = self.verdicts[rule] if rule < len(self.verdicts) else None
        return f" ({verdict.why})" if verdict is not None and verdict.why else ""


def _seen(case: Case) -> _Seen | None:
    """The Choice that the question is about; None where there is none, or somebody has forced a rule."""
    visit = case.visit
    if visit is None or visit.state.type is not StateType.CHOICE or not case.can_alter:
        return None
    before = _before(case, visit)
    if before is None:
        return None
    branch = before.branches[visit.branch]
    if branch.forced is not None:
        return None
    return _Seen(case, visit.state, forecast_choice(visit.state, before, visit.branch))


def _before(case: Case, visit: Visit) -> Execution | None:
    """The execution in which the branch of a visit is about to enter it."""
    candidates = (case.base, *reversed(case.ahead.seen))
    for execution in candidates:
        if execution is None or execution.visit_count >= visit.number:
            continue
        branch = execution.branches.get(visit.branch)
        if branch is not None and branch.phase is Phase.READY and branch.state_name == visit.state.name:
            return execution
    return None


def _later_rule(case: Case) -> Iterator[Wrong]:
    seen = _seen(case)
    if seen is None or seen.taken is None:
        return
    for rule in range(len(seen.verdicts) - 1, seen.taken, -1):
        verdict = seen.verdicts[rule]
        if verdict is not None and verdict.matched:
            yield seen.wrong(
                rule,
                f"Rule {rule + 1} matches too, but the rules are read in their order: rule {seen.taken + 1} is the "
                f"first that matches{seen.why(seen.taken)}, and nothing after it is looked at.",
            )


def _default_though_match(case: Case) -> Iterator[Wrong]:
    seen = _seen(case)
    if seen is None or seen.taken is None or seen.state.default is None:
        return
    yield seen.wrong(None, f"Default is taken only when no rule matches, and {seen.right}.")


def _not_matching(case: Case) -> Iterator[Wrong]:
    """A rule that does not match, before the one that does."""
    seen = _seen(case)
    if seen is None:
        return
    for rule, verdict in enumerate(seen.verdicts):
        if rule == seen.taken or (verdict is not None and verdict.matched):
            continue
        if verdict is None:
            continue
        why = seen.why(rule)
        instead = f"; {seen.right}" if seen.taken is not None else ""
        yield seen.wrong(rule, f"Rule {rule + 1} does not match{why}{instead}.")


def _type_confused(case: Case) -> Iterator[Wrong]:
    """A rule that would match if a number was as good as its text."""
    seen = _seen(case)
    if seen is None or seen.state.query_language is not QueryLanguage.JSONPATH:
        return
    stop = seen.taken if seen.taken is not None else len(seen.verdicts)
    for rule, verdict in enumerate(seen.verdicts[:stop]):
        found = _confused(verdict) if verdict is not None else None
        if found is not None:
            operator, value = found
            is_text = isinstance(value, str)
            wanted, what = ("numbers", "a text") if is_text else ("texts", "no text")
            yield seen.wrong(
                rule,
                f"{operator} compares {wanted} only: {compact(value)} is {what}, so rule {rule + 1} does not match.",
            )


def _confused(verdict: Verdict) -> tuple[str, Json] | None:
    """The operator and the value, where it would match but for its type."""
    operator = OPERATORS.get(verdict.operator)
    value, comparand = verdict.value, verdict.comparand
    if operator is None or operator.kind not in ("String", "Numeric") or not is_present(value) or verdict.matched:
        return None
    if not is_present(comparand) or type(value) is type(comparand):
        return None
    if isinstance(value, str) and isinstance(comparand, int | float):
        read: Value = _number(value)
        is_alike = is_present(read) and operator.prepare(comparand)(read)
    elif isinstance(comparand, str) and isinstance(value, int | float | bool):
        is_alike = operator.prepare(comparand)(compact(value))
    else:
        return None
    return (verdict.operator, value) if is_alike else None


def _number(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return MISSING


def _missing_is_false(case: Case) -> Iterator[Wrong]:
    """A path that leads nowhere taken for a rule that does not match."""
    seen, visit = _seen(case), case.visit
    if seen is None or visit is None or not seen.fails:
        return
    rules = [stage for stage in visit.stages if stage.name is StageName.RULE]
    failed = rules[-1].fault if rules else None
    if failed is None:
        return
    rule, error = len(rules) - 1, failed.error or ""
    path = _leading_nowhere(seen.state.choices[rule].fields, rules[-1].before, visit)
    at = f"{quoted(path)} leads nowhere" if path else "it cannot be evaluated"
    guard = " Only IsPresent may ask for what is not there." if path else ""
    say = f"Rule {rule + 1} does not count as false: {at}, and {named(visit.state.name)} fails with {error}.{guard}"
    for later in range(rule + 1, len(seen.verdicts)):
        verdict = seen.verdicts[later]
        if verdict is not None and verdict.matched:
            yield seen.wrong(later, say)
            break
    if seen.state.default is not None:
        yield seen.wrong(None, say)
    yield seen.wrong(rule, say)


def _leading_nowhere(fields: object, data: Value, visit: Visit) -> str:
    """The first path of a rule, or of those inside of it, that finds nothing; "" where that cannot be told."""
    if isinstance(fields, list):
        return next((found for item in fields if (found := _leading_nowhere(item, data, visit))), "")
    if not isinstance(fields, dict):
        return ""
    for key, item in fields.items():
        is_path = isinstance(item, str) and (key == "Variable" or key.endswith("Path"))
        found = _nowhere(item, data, visit) if is_path else _leading_nowhere(item, data, visit)
        if found:
            return found
    return ""


def _nowhere(path: str, data: Value, visit: Visit) -> str:
    """A path as it is where it finds nothing; "" where it finds something, or reads the Context object."""
    if path.startswith("$$") or not is_present(data):
        return ""
    try:
        compile_path(path).read(Environment(data, None, visit.variables))
    except ExpressionError:
        return path
    return ""


def _missing_is_error(case: Case) -> Iterator[Wrong]:
    """IsPresent taken for an operator that fails where its path leads nowhere."""
    seen = _seen(case)
    if seen is None or seen.fails:
        return
    for verdict in seen.verdicts:
        asked = _asks_presence(verdict)
        if asked is None:
            continue
        say = f"IsPresent asks whether {quoted(asked)} is there: that it is not is an answer, and no error."
        yield Wrong(MISSING, say, RUNTIME)
        return


def _asks_presence(verdict: Verdict | None) -> str | None:
    if verdict is None:
        return None
    if verdict.operator == "IsPresent" and verdict.value is MISSING:
        return verdict.path
    return next((found for child in verdict.children if (found := _asks_presence(child)) is not None), None)


def _none_matches(case: Case) -> Iterator[Wrong]:
    """Without a Default, when nothing matches, the Choice taken for one that goes on or ends well."""
    seen, visit = _seen(case), case.visit
    if seen is None or visit is None or not seen.fails or seen.state.default is not None:
        return
    if any(stage.name is StageName.RULE and stage.fault is not None for stage in visit.stages):
        return
    say = f"No rule matches and {named(visit.state.name)} has no Default: it fails with {RUNTIME}."
    yield Wrong(None, say) if case.asked.kind is PredictKind.NEXT else Wrong(DEFAULT, say)
    yield seen.wrong(len(seen.verdicts) - 1, say)


def _fails_instead(case: Case) -> Iterator[Wrong]:
    """Nothing matches, and Default is not thought of."""
    seen = _seen(case)
    if seen is None or not seen.is_default:
        return
    target = named(seen.state.default or "")
    say = f"No rule matches, and for that {named(seen.state.name)} has its Default: it leads to {target}."
    yield Wrong(MISSING, say, "States.NoChoiceMatched")


def _comparison_fails(case: Case) -> Iterator[Wrong]:
    """A comparison taken for one that cannot be made."""
    seen = _seen(case)
    if seen is None or seen.taken is None:
        return
    say = f"Nothing fails here: {seen.right}."
    is_jsonata = seen.state.query_language is QueryLanguage.JSONATA
    yield Wrong(MISSING, say, QUERY_EVALUATION_ERROR if is_jsonata else RUNTIME)


def _forced_aside(case: Case) -> Iterator[Wrong]:
    """What the Choice would have done by itself, where somebody has forced a rule."""
    visit = case.visit
    if visit is None or visit.state.type is not StateType.CHOICE or not case.can_alter:
        return
    before = _before(case, visit)
    branch = before.branches[visit.branch] if before is not None else None
    if before is None or branch is None or branch.forced is None:
        return
    unforced = replace(before, branches={**before.branches, visit.branch: replace(branch, forced=None)})
    seen = _Seen(case, visit.state, forecast_choice(visit.state, unforced, visit.branch))
    say = "A rule is forced here: the Choice takes it, whatever its rules say."
    for rule in (*range(len(seen.verdicts)), *((None,) if visit.state.default is not None else ())):
        yield seen.wrong(rule, say)


RULE_MISTAKES: Final = (
    KnownMistake("later-rule", RULES, "a later rule that matches is the one that counts", _later_rule),
    KnownMistake("missing-is-false", RULES, "a rule whose path leads nowhere just does not match", _missing_is_false),
    KnownMistake("type-confused", RULES, "a number is as good as the text of it", _type_confused),
    KnownMistake("default-though-match", RULES, "Default is taken, although a rule matches", _default_though_match),
    KnownMistake("rule-not-matching", RULES, "a rule matches that does not", _not_matching),
    KnownMistake("missing-is-error", RULES, "IsPresent fails where nothing is there", _missing_is_error),
    KnownMistake(
        "no-default-goes-on",
        RULES,
        "a Choice goes on or ends well, although no rule matches and there is no Default",
        _none_matches,
    ),
    KnownMistake(
        "default-forgotten", RULES, "a Choice fails where no rule matches, although it has a Default", _fails_instead
    ),
    KnownMistake(
        "comparison-fails", RULES, "a comparison fails, although all that it asks for is there", _comparison_fails
    ),
    KnownMistake("rule-forced", RULES, "the rules decide, although somebody has forced one", _forced_aside),
)
