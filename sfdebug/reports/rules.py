"""The rules of `sfdebug lint` in words: one explained, all of them listed, and the page docs/rules.md."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any, Final

from sfdebug.advice.registry import RULES
from sfdebug.advice.rule import RuleSubject

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sfdebug.advice.rule import Fragment, Rule, Severity

_WIDTH: Final = 96


def rule_lines(rule: Rule) -> Iterator[str]:
    """A rule explained: why, what to do, an example of both, who says so, and how to silence it."""
    yield f"{rule.id}  ({_heading(rule)})"
    yield ""
    yield from textwrap.wrap(rule.why, _WIDTH)
    yield from textwrap.wrap(f"fix: {rule.fix}", _WIDTH, subsequent_indent="     ")
    if rule.example is not None:
        for title, fragment in (("before", rule.example.before), ("after", rule.example.after)):
            yield f"\n{title}:"
            yield from (f"  {line}" for line in fragment_lines(fragment))
    yield ""
    for index, source in enumerate(rule.source.split("; ")):
        yield f"{'source: ' if not index else '        '}{source}"
    yield from textwrap.wrap(f"silence: {silence(rule)}", _WIDTH, subsequent_indent="         ", break_on_hyphens=False)


def silence(rule: Rule) -> str:
    """How a rule is silenced, in words."""
    if rule.severity == "ERROR":
        return "an error is never silenced: mend it"
    if rule.subject is RuleSubject.TEMPLATE:
        return f'"Comment": "sfdebug: ignore {rule.id}" in the definition, or --ignore {rule.id}'
    return f'"Comment": "sfdebug: ignore {rule.id}" in the state or the definition, or --ignore {rule.id}'


def list_lines(rules: Iterable[Rule], width: int | None = None) -> Iterator[str]:
    """A line for each rule: id, severity, why. Where that is wider than `width`, why stands in lines of its own."""
    found = list(rules)
    room = max((len(rule.id) for rule in found), default=0)
    for rule in found:
        head = f"{rule.id:<{room}}  {rule.severity.lower():<7}"
        if width is None:
            yield f"{head}  {rule.why}"
        else:
            yield head.rstrip()
            yield from textwrap.wrap(
                rule.why, max(width - 1, 40), initial_indent="    ", subsequent_indent="    ", break_on_hyphens=False
            )


def rule_json(rule: Rule) -> dict[str, Any]:
    """A rule as an object."""
    example = rule.example
    return {
        "id": rule.id,
        "severity": rule.severity,
        "subject": rule.subject,
        "why": rule.why,
        "fix": rule.fix,
        "source": rule.source,
        "before": None if example is None else example.before,
        "after": None if example is None else example.after,
    }


def rule_markdown(rule: Rule) -> str:
    """A rule as Markdown, without its heading."""
    parts = [rule.why, f"Fix: {rule.fix}."]
    if rule.example is not None:
        language = "yaml" if isinstance(rule.example.before, str) else "json"
        for title, fragment in (("Before", rule.example.before), ("After", rule.example.after)):
            parts.append("\n".join([f"{title}:\n", f"```{language}", *fragment_lines(fragment), "```"]))
    parts.append(f"Source: {rule.source}")
    return "\n\n".join(parts)


def rules_page(rules: Mapping[str, Rule] = RULES) -> str:
    """docs/rules.md: every rule, those that advise first, then by subject and severity."""
    parts = ["# Rules", _INTRODUCTION]
    for title, chosen in _sections(rules.values()):
        rows = [f"| [`{rule.id}`](#{rule.id}) | {rule.severity.lower()} | {_cell(rule.why)} |" for rule in chosen]
        parts += [f"## {title}", "\n".join(["| rule | severity | why |", "|---|---|---|", *rows])]
        for rule in chosen:
            parts += [f"### {rule.id}", f"*{_heading(rule)}*", rule_markdown(rule)]
    return "\n\n".join(parts) + "\n"


_INTRODUCTION: Final = """\
What `sfdebug lint` can say, by the id of its rule. Made from the rules themselves: `make docs` writes it anew.

`sfdebug lint --explain RULE` prints one of them. A rule is silenced for a state, or for all of a definition, by a
`Comment` in it, after which there may be a reason: `"Comment": "sfdebug: ignore RULE, RULE: people answer"`.
Everywhere: `--ignore RULE`. What AWS refuses stays an error.

Severities: an *error* is refused by AWS, or certain to fail; a *warning* is most likely not meant, or breaks something
once it happens; *advice* works, and AWS or people who were bitten by it advise otherwise; *info* is shown only with
`--severity INFO`."""


def _sections(rules: Iterable[Rule]) -> Iterator[tuple[str, list[Rule]]]:
    found = list(rules)
    advice = [rule for rule in found if rule.example is not None]
    yield "Definitions", [rule for rule in advice if rule.subject is RuleSubject.DEFINITION]
    templates = [rule for rule in advice if rule.subject is RuleSubject.TEMPLATE]
    if templates:
        yield "Templates", templates
    yield "What AWS checks, and likely mistakes", [rule for rule in found if rule.example is None]


def _heading(rule: Rule) -> str:
    severity: Severity = rule.severity
    return f"{severity.lower()}, of Express workflows" if rule.is_for_express else severity.lower()


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def fragment_lines(fragment: Fragment) -> list[str]:
    """A fragment of a definition as JSON, with what is short on one line; of a template as it is."""
    if isinstance(fragment, str):
        return fragment.strip("\n").splitlines()
    if "States" not in fragment:  # states by name
        return [
            line
            for index, (name, state) in enumerate(fragment.items())
            for line in _json(state, f"{json.dumps(name)}: ", 0, "," if index < len(fragment) - 1 else "")
        ]
    return _json(fragment, "", 0, "")


def _json(value: Any, before: str, depth: int, after: str) -> list[str]:
    indent = "  " * depth
    line = f"{indent}{before}{json.dumps(value, ensure_ascii=False)}{after}"
    if len(line) <= _WIDTH - 2 or not isinstance(value, (dict, list)) or not value:
        return [line]
    is_object = isinstance(value, dict)
    items = [(f"{json.dumps(key)}: ", item) for key, item in value.items()] if isinstance(value, dict) else []
    items = items or [("", item) for item in value]
    lines = [f"{indent}{before}{'{' if is_object else '['}"]
    for index, (name, item) in enumerate(items):
        lines += _json(item, name, depth + 1, "," if index < len(items) - 1 else "")
    return [*lines, f"{indent}{'}' if is_object else ']'}{after}"]
