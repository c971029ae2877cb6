"""The JSONata expressions of a state: where they stand, what cannot be read, and what AWS does not let them name.

AWS compiles them when a definition is created; its words for what it refuses were reported. A string that looks like
JSONata and is not marked as it (`"${foo = 2}"`, `"$foo = 2"` for `"{% $foo = 2 %}"`) is noted, too.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.definition import StateType
from sfdebug.asl.findings import AwsVerdict, our_verdict
from sfdebug.asl.parsing.fields import FIXED
from sfdebug.asl.reader import DefinitionReader, closest, has_placeholder, is_jsonata
from sfdebug.asl.text.problems import quote

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.asl.text.source import Pointer
    from sfdebug.expressions.jsonata.errors import JsonataSyntaxError
    from sfdebug.expressions.jsonata.expression import Jsonata
    from sfdebug.values import Json


_SUBSTITUTION: Final = re.compile(r"\$\{([A-Za-z0-9_.:-]+)\}")
"""A `${Placeholder}` that a deployment fills in. AWS docs: CloudFormation, DefinitionSubstitutions."""

_BRACES: Final = re.compile(r"\$\{(?P<inner>[^{}]*)\}")
_STATES: Final = re.compile(r"\$?states\.(?:input|result|context|errorOutput)\b")
_OPERATOR: Final = re.compile(r"[=<>&()\[\]?+*/]|\s-\s|!=|\b(?:and|or|in)\b")
_PIECES: Final = re.compile(
    r"'[^']*'|\"[^\"]*\"|\$\w*|\.\s*\w+|\d[\w.]*|(?P<name>[A-Za-z_]\w*)(?!\s*:[^=])|.", re.DOTALL
)
"""The pieces of an expression: texts, variables, steps of a path, numbers, names, and single characters."""

_MARKED: Final = re.compile(r"\s*(?:\{%|%\{|\{\{|<%)(?P<inner>.*?)(?:%\}|\}%|\}\}|%>|\})\s*", re.DOTALL)
_VARIABLE: Final = re.compile(r"\$(?:states\b|[A-Za-z]\w*)(?=\s*(?:[.\[(~&=!<>+\-*/%?]|and\b|or\b|in\b|$))")
_WORDS: Final = ("and", "or", "in", "true", "false", "null", "function")

_WITH_RESULT: Final = (StateType.TASK, StateType.PARALLEL, StateType.MAP)
_OUTCOMES: Final = ("Output", "Assign")
_MAX_DEPTH: Final = 200

_HEADERS: Final = ("ItemReader", "ReaderConfig", "CSVHeaders")
"""Where names stand that AWS does not read as expressions (reported)."""

_INVALID: Final = "INVALID_JSONATA_EXPRESSION"
_UNSUPPORTED: Final = "UNSUPPORTED_JSONATA_EXPRESSION"

UNMARKED: Final = "UNMARKED_EXPRESSION"
"""The code of our advice for text that was meant for an expression."""

_UNCLOSED: Final = AwsVerdict("JSONata string must start with {% and end with %}")


def as_expression(text: str) -> str | None:
    """The expression that an unmarked string was most likely meant to be, None when it looks like plain text."""
    braced = _in_braces(text)
    if braced is not None or _SUBSTITUTION.fullmatch(text.strip()):
        return braced
    marked = _MARKED.fullmatch(text)
    if marked and not text.startswith("{%"):
        inner = marked["inner"].strip()
        return inner if _VARIABLE.match(inner) and _reads(inner) else None
    stripped = text.strip()
    if _VARIABLE.match(stripped) and not _SUBSTITUTION.search(text) and _reads(stripped):
        return stripped
    return None


def _in_braces(text: str) -> str | None:
    """The expression that a string with `${…}` was most likely meant to be: `Hello ${states.input.name}` is one.

    None for text around placeholders that a deployment fills in (`${Name}`), and for text without braces.
    """
    parts: list[str] = []
    at = 0
    is_meant = False
    for braces in _BRACES.finditer(text):
        inner = braces["inner"].strip()
        if _SUBSTITUTION.fullmatch(braces[0]) and not _STATES.match(inner):
            return None
        inner = _with_dollars(inner)
        is_meant = is_meant or (_VARIABLE.match(inner) is not None or _OPERATOR.search(inner) is not None)
        if not _reads(inner):
            return None
        if text[at : braces.start()].strip():
            parts.append(_literal(text[at : braces.start()]))
        parts.append(inner)
        at = braces.end()
    if not is_meant:
        return None
    if text[at:].strip():
        parts.append(_literal(text[at:]))
    alone = len(parts) == 1
    return parts[0] if alone else " & ".join(part if _is_simple(part) else f"({part})" for part in parts)


def _with_dollars(text: str) -> str:
    """An expression with a $ before each variable and function that lacks it."""
    return "".join(
        f"${piece[0]}" if piece["name"] is not None and piece[0] not in _WORDS else piece[0]
        for piece in _PIECES.finditer(text.removeprefix("!"))
    )


def _literal(text: str) -> str:
    quote = "'" if "'" not in text else '"'
    return f"{quote}{text}{quote}"


def _is_simple(part: str) -> bool:
    return _OPERATOR.search(part) is None or part[0] in "'\""


def _reads(text: str) -> bool:
    from sfdebug.expressions.errors import ExpressionSyntaxError
    from sfdebug.expressions.jsonata.expression import compile_jsonata

    try:
        compile_jsonata(text)
    except ExpressionSyntaxError:
        return False
    return True


class ExpressionString(Struct, frozen=True, gc=False):
    """A string of a JSONata state that may be an expression: where, in which field, with what in `$states`."""

    pointer: Pointer
    text: str
    field: str
    states: tuple[str, ...]


def expression_strings(pointer: Pointer, fields: Mapping[str, Json], type_: StateType) -> Iterator[ExpressionString]:
    """Every string of a JSONata state's own fields that may hold an expression, those of its rules and catchers too."""
    plain = ("input", "context")
    for name, value in fields.items():
        if name not in FIXED:
            known = (*plain, "result") if name in _OUTCOMES and type_ in _WITH_RESULT else plain
            for string in _strings((*pointer, name), value, name, known):
                if string.pointer[len(pointer) :][:3] != _HEADERS:
                    yield string
    for name, known, holders in (
        ("Choices", plain, ("Condition", *_OUTCOMES)),
        ("Catch", (*plain, "errorOutput"), _OUTCOMES),
    ):
        entries = fields.get(name)
        for index, entry in enumerate(entries if isinstance(entries, list) else ()):
            for holder in holders if isinstance(entry, dict) else ():
                if isinstance(entry, dict) and holder in entry:
                    yield from _strings((*pointer, name, index, holder), entry[holder], holder, known)


def _strings(pointer: Pointer, value: Json, field: str, states: tuple[str, ...]) -> Iterator[ExpressionString]:
    if isinstance(value, str):
        yield ExpressionString(pointer, value, field, states)
    elif isinstance(value, dict) and len(pointer) < _MAX_DEPTH:
        for key, item in value.items():
            yield from _strings((*pointer, key), item, field, states)
    elif isinstance(value, list) and len(pointer) < _MAX_DEPTH:
        for index, item in enumerate(value):
            yield from _strings((*pointer, index), item, field, states)


def check_expressions(reader: DefinitionReader, pointer: Pointer, fields: Mapping[str, Json], type_: StateType) -> None:
    """Note what AWS refuses in the expressions of a JSONata state, and `${…}` that was meant for one."""
    for string in expression_strings(pointer, fields, type_):
        text = string.text
        if is_jsonata(text):
            _check(reader, string, type_)
        elif text.startswith("{%"):
            what = "this expression begins with {% and does not end with %}"
            fix = "nothing may stand behind the %}" if "%}" in text else "write %} at its end"
            reader.error(string.pointer, what, fix, aws=_UNCLOSED)
        elif text.endswith("%}"):
            _check_unopened(reader, string)
        elif string.field == "Condition":
            _check_bare_condition(reader, string)
        elif "${" in text:
            _check_braces(reader, string)


def _check_unopened(reader: DefinitionReader, string: ExpressionString) -> None:
    """Source: AWS docs, "Transforming data with JSONata"; measured (iwamot/sfnx, docs/design.md)."""
    what = "this text ends with %} and does not begin with {%"
    meant = as_expression(string.text) or string.text.removesuffix("%}").replace("{%", "").strip()
    fix = "nothing may stand before the {%" if "{%" in string.text else f'write "{{% {meant} %}}"'
    reader.error(string.pointer, what, fix, aws=_UNCLOSED)


def _check_bare_condition(reader: DefinitionReader, string: ExpressionString) -> None:
    meant = as_expression(string.text)
    if meant is None and has_placeholder(string.text):
        reader.placeholder(string.pointer, "an expression", _UNCLOSED)
        return
    what = f"the Condition {quote(string.text)} is no JSONata expression: those stand between {{% and %}}"
    reader.error(string.pointer, what, f'write "{{% {meant or string.text} %}}"', aws=_UNCLOSED)


def _check_braces(reader: DefinitionReader, string: ExpressionString) -> None:
    meant = _in_braces(string.text)
    if meant is not None:
        what = f"{quote(string.text)} is plain text, and no placeholder: JSONata stands between {{% and %}}"
        aws = our_verdict(what, UNMARKED)
        reader.warn(string.pointer, what, f'write "{{% {meant} %}}"', aws=aws)


def _check(reader: DefinitionReader, string: ExpressionString, type_: StateType) -> None:
    from sfdebug.expressions.jsonata.errors import JsonataSyntaxError
    from sfdebug.expressions.jsonata.names import document_names, states_paths

    before = expression_start(string.text)
    try:
        compiled = compile_string(string)
    except JsonataSyntaxError as error:
        if has_placeholder(string.text):
            reader.placeholder(string.pointer, "a whole expression", AwsVerdict(error.message, _INVALID))
            return
        aws = _refusal(error)
        what = f"the JSONata expression cannot be read: {error.message}" if error.code else error.message
        fix = error.fix or "see the JSONata documentation"
        reader.error(string.pointer, what, fix, offset=before + error.offset, aws=aws)
        return
    for name, offset in document_names(compiled.tree).items():
        what = f"{quote(name)} reads a field of nothing: an expression has no document at its top in AWS"
        fix = f"write $states.input.{name} for the field of the state's input, ${name} for a variable"
        aws = AwsVerdict(f"Reference to '{name}' at the top level is not supported.", _UNSUPPORTED)
        reader.error(string.pointer, what, fix, offset=before + offset, aws=aws)
    paths, seen = states_paths(compiled.tree), set(string.states)
    for (name, *_), offset in paths.items():
        if name not in seen:
            seen.add(name)
            _no_such_field(reader, string, name, before + offset)
    for path, offset in paths.items():
        if path[:2] == ("context", "Task") and type_ is not StateType.TASK:
            _no_task(reader, string, type_, before + offset)


def _no_task(reader: DefinitionReader, string: ExpressionString, type_: StateType, offset: int) -> None:
    """Measured (iwamot/sfnx, docs/design.md): AWS refuses it of a Pass; whether of other types too is not known."""
    what = f"the Context object has no Task in a {type_} state"
    aws = AwsVerdict("Field '$states.context.Task' does not exist.", _UNSUPPORTED)  # the words are ours
    if type_ is not StateType.PASS:
        aws = our_verdict(what, "NO_TASK_TOKEN")
    fix = "read the token in the Task that waits for it, and assign it to a variable"
    reader.warn(string.pointer, what, fix, offset=offset, aws=aws)


def _refusal(error: JsonataSyntaxError) -> AwsVerdict:
    """What AWS says of an expression that cannot be compiled: JSONata's own words (reported), without their code."""
    if error.code or not error.message.startswith("$"):
        return AwsVerdict(error.message, _INVALID)
    sign = error.message.split(" ", 1)[0]
    where = "" if sign == "$$" else " at the top level"
    return AwsVerdict(f"Reference to '{sign}'{where} is not supported.", _UNSUPPORTED)


def _no_such_field(reader: DefinitionReader, string: ExpressionString, name: str, offset: int) -> None:
    what = f"$states has no {quote(name)} here"
    fix = {
        "errorOutput": "a catcher's Output and Assign have it",
        "result": "the Output and Assign of a Task, Map or Parallel have it",
    }.get(name, "")
    close = closest(name, string.states)
    fix = fix or (f"did you mean {quote(f'$states.{close}')}?" if close else f"it has {', '.join(string.states)}")
    aws = AwsVerdict(f"Field '$states.{name}' does not exist.", _UNSUPPORTED)
    reader.warn(string.pointer, what, fix, offset=offset, aws=aws)


def expression_start(text: str) -> int:
    """Where the expression in `{% … %}` begins."""
    inner = text[2:-2]
    return 2 + len(inner) - len(inner.lstrip())


def compile_string(string: ExpressionString) -> Jsonata:
    """The compiled expression of a `{% … %}` string. Raises JsonataSyntaxError."""
    from sfdebug.expressions.jsonata.expression import compile_jsonata, jsonata_text

    return compile_jsonata(jsonata_text(string.text))
