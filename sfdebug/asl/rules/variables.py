"""Variables and functions: what a state reads and calls, which variables are set where, and what is wrong between.

Source: AWS docs, "Passing data between states with variables": a state reads what was assigned before it in its own
scope and in those around it; a branch's variables end with it; a Distributed Map's states see none from outside. No
inner scope, not even a Distributed Map's, assigns what one around it has assigned by then (AWS API,
ValidateStateMachineDefinitionDiagnostic, DUPLICATE_VARIABLE_NAME; measured: iwamot/sfnx, docs/design.md).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.asl.definition import Catcher, ChoiceRule, QueryLanguage, Scope, State, StateMachine
from sfdebug.asl.findings import ERROR, AwsVerdict, our_verdict
from sfdebug.asl.parsing.fields import TEMPLATES
from sfdebug.asl.reader import DefinitionReader, is_jsonata, members
from sfdebug.asl.rules.jsonata import ExpressionString, compile_string, expression_start, expression_strings
from sfdebug.asl.text.problems import quote
from sfdebug.expressions.errors import ExpressionSyntaxError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sfdebug.asl.text.source import Pointer
    from sfdebug.expressions.intrinsics.calls import IntrinsicCall
    from sfdebug.values import Json


_HOLDERS: Final = ("ItemReader", "ReaderConfig", "ItemBatcher", "ResultWriter", "Not")
_LISTS: Final = ("Choices", "Catch", "And", "Or")
SCOPES: Final = ("Branches", "ItemProcessor", "Iterator")
_DUPLICATE: Final = "DUPLICATE_VARIABLE_NAME"
_HIDDEN: Final = "HIDDEN_VARIABLE"

FORBIDDEN: Final = frozenset({_DUPLICATE, _HIDDEN})
"""The codes of what AWS's docs rule out. A read of what is set nowhere AWS takes, and fails at run time (recorded)."""

_RESERVED: Final = frozenset({"states", "", "$"})
_NOTHING: Final[frozenset[str]] = frozenset()


class VariableRead(Struct, frozen=True, gc=False):
    """A variable that is read, or a function that is `called`; `offset` is that of its $ in the string."""

    name: str
    pointer: Pointer
    offset: int
    called: bool = False
    is_known_function: bool = False


def reads(state: State) -> Iterator[VariableRead]:
    """Everything that the state's own expressions name. What cannot be compiled is left out: it has a finding."""
    if state.query_language is QueryLanguage.JSONATA:
        for string in expression_strings(state.pointer, state.fields, state.type):
            if is_jsonata(string.text):
                yield from _named(string)
        return
    for pointer, text in _path_texts(state.pointer, dict(state.fields)):
        yield from _roots(pointer, text)


def _named(string: ExpressionString) -> Iterator[VariableRead]:
    from sfdebug.expressions.jsonata.functions.builtins import FUNCTIONS
    from sfdebug.expressions.jsonata.names import names_in

    try:
        compiled = compile_string(string)
    except ExpressionSyntaxError:
        return
    start = expression_start(string.text)
    for name in names_in(compiled.tree):
        yield VariableRead(name.name, string.pointer, start + name.offset, name.called, name.name in FUNCTIONS)


def _path_texts(pointer: Pointer, value: Json) -> Iterator[tuple[Pointer, str]]:
    """Every path and intrinsic call in a JSONPath state's own fields: those of the states inside it are not its own."""
    for key, item in value.items() if isinstance(value, dict) else ():
        here = (*pointer, key)
        if isinstance(item, str):
            if key.endswith(("Path", ".$")) or key == "Variable":
                yield here, item
        elif key in TEMPLATES or key == "BatchInput":
            yield from (
                (at, text) for at, name, text in members(here, item) if name.endswith(".$") and isinstance(text, str)
            )
        elif key in _HOLDERS:
            yield from _path_texts(here, item)
        elif key in _LISTS and isinstance(item, list):
            for index, entry in enumerate(item):
                yield from _path_texts((*here, index), entry)


def _roots(pointer: Pointer, text: str) -> Iterator[VariableRead]:
    from sfdebug.expressions.intrinsics.calls import compile_intrinsic
    from sfdebug.expressions.jsonpath.path import compile_path

    try:
        if text.startswith("$"):
            roots = [compile_path(text).root]
        elif text.lstrip().startswith("States."):
            roots = list(_call_roots(compile_intrinsic(text).call))
        else:
            return
    except ExpressionSyntaxError:
        return
    for root in roots:
        if root not in ("$", "$$"):
            yield VariableRead(root[1:], pointer, max(0, text.find(root)))


def _call_roots(call: IntrinsicCall) -> Iterator[str]:
    from sfdebug.expressions.intrinsics.calls import IntrinsicCall, PathArgument

    for argument in call.arguments:
        if isinstance(argument, PathArgument):
            yield argument.path.root
        elif isinstance(argument, IntrinsicCall):
            yield from _call_roots(argument)


class _Sight(Struct, frozen=True, gc=False):
    """What a scope sees: the names that may be set when it begins, all names of the scopes around it, and why not.

    `taken` are the names that scopes around it may have set when it begins, seen or not.
    """

    before: frozenset[str] = _NOTHING
    around: frozenset[str] = _NOTHING
    hidden: frozenset[str] = _NOTHING
    taken: frozenset[str] = _NOTHING


def check_variables(reader: DefinitionReader, machine: StateMachine) -> None:
    """Note variables that are read and never set, or set where an outer scope has them already."""
    _check_scope(reader, machine.scope, _Sight())


def _check_scope(reader: DefinitionReader, scope: Scope, sight: _Sight) -> None:
    own = {name: pointer for state in scope.states.values() for name, pointer in _assigned(state)}
    for name, pointer in own.items():
        # Recorded: AWS accepts a name that the scope around it sets only later, in a catcher of its container.
        if name in sight.taken:
            what = f"the variable {quote(name)} belongs to a scope around this one: AWS lets no inner scope assign it"
            said = f"The variable name '{name}' was already defined in a parent scope."  # recorded
            aws = AwsVerdict(said, _DUPLICATE)
            reader.warn(pointer, what, "give one of them another name", key=True, aws=aws)
    set_before = _flow(scope, sight.before)
    anywhere = sight.around | own.keys()
    for name, state in scope.states.items():
        before = set_before.get(name)
        for read in reads(state):
            _check_read(reader, scope, state, read, anywhere, before, sight.hidden)
        for branch in state.branches:
            taken = sight.taken | (anywhere if before is None else before)
            inner = _Sight(anywhere if before is None else before, anywhere, sight.hidden, taken)
            if state.is_distributed:
                inner = _Sight(hidden=anywhere | sight.hidden, taken=taken)
            _check_scope(reader, branch, inner)


def _check_read(
    reader: DefinitionReader,
    scope: Scope,
    state: State,
    read: VariableRead,
    anywhere: frozenset[str],
    before: frozenset[str] | None,
    hidden: frozenset[str],
) -> None:
    name = read.name
    if name in _RESERVED and not (name == "states" and state.query_language is QueryLanguage.JSONPATH):
        return
    if read.is_known_function:
        return
    if name not in anywhere:
        if read.called:
            _unknown_function(reader, read)
        else:
            _unknown_variable(reader, scope, state, read, anywhere, hidden)
    elif before is not None and name not in before:
        what = f"the variable ${name} is never set before this state runs"
        aws = our_verdict(what, "UNSET_VARIABLE")
        reader.warn(read.pointer, what, f"assign {quote(name)} in a state that leads here", offset=read.offset, aws=aws)


def _unknown_function(reader: DefinitionReader, read: VariableRead) -> None:
    from sfdebug.expressions.jsonata.functions.builtins import FUNCTIONS

    what = f"there is no function ${read.name}"
    if read.name == "eval":
        fix = "AWS leaves $eval out; $parse reads JSON text"
    else:
        fix = reader.suggest(f"${read.name}", [f"${name}" for name in FUNCTIONS], "see the functions of JSONata 2.0.6")
    aws = our_verdict(what, "UNKNOWN_FUNCTION", ERROR)
    reader.warn(read.pointer, what, fix, offset=read.offset, aws=aws)


def _unknown_variable(
    reader: DefinitionReader,
    scope: Scope,
    state: State,
    read: VariableRead,
    anywhere: frozenset[str],
    hidden: frozenset[str],
) -> None:
    name = read.name
    what = f"the variable ${name} is set nowhere that this state could see"
    inside = next((other for other, inner in _inner(scope) if name in inner), None)
    code = _HIDDEN if name in hidden else "UNKNOWN_VARIABLE"
    if name in hidden:
        fix = "a Distributed Map does not see the variables around it: hand the value in with ItemSelector or Items"
    elif inside is not None:
        fix = f"it is set inside {quote(inside)}, and ends with that branch: hand its value out as output"
    else:
        candidates = [f"${other}" for other in sorted(anywhere)]
        if state.query_language is QueryLanguage.JSONATA and abs(len(name) - len("states")) <= 1:
            candidates.append("$states")
        fix = reader.suggest(f"${name}", candidates, f"assign {quote(name)} in a state before this one")
    aws = our_verdict(what, code, ERROR)
    reader.warn(read.pointer, what, fix, offset=read.offset, aws=aws)


def _inner(scope: Scope) -> Iterator[tuple[str, set[str]]]:
    """The containers of a scope, each with the names that are set inside it, at any depth."""
    for state in scope.states.values():
        if state.branches:
            inside = {
                name for branch in state.branches for other in branch.states.values() for name, _ in _assigned(other)
            }
            for branch in state.branches:
                for _, deeper in _inner(branch):
                    inside |= deeper
            yield state.name, inside


def _assigned(state: State) -> Iterator[tuple[str, Pointer]]:
    """Every variable that a state sets: by its own Assign, a catcher's or a rule's."""
    yield from _names(state.pointer, state.fields)
    for holder in _holders(state):
        yield from _names(holder.pointer, holder.fields)


def _holders(state: State) -> tuple[Catcher | ChoiceRule, ...]:
    return (*state.catchers, *state.choices)


def _names(pointer: Pointer, fields: Mapping[str, Json]) -> Iterator[tuple[str, Pointer]]:
    assign = fields.get("Assign")
    for key in assign if isinstance(assign, dict) else ():
        yield key.removesuffix(".$"), (*pointer, "Assign", key)


def _flow(scope: Scope, before: frozenset[str]) -> dict[str, frozenset[str]]:
    """The names that may be set when a state is entered, for every state that can be reached."""
    entered: dict[str, frozenset[str]] = {scope.start_at: before}
    waiting = [scope.start_at]
    while waiting:
        state = scope.states.get(waiting.pop())
        if state is None:
            continue
        for target, names in _edges(state):
            known = entered.get(target)
            union = (known or _NOTHING) | entered[state.name] | names
            if union != known:
                entered[target] = union
                waiting.append(target)
    return entered


def _edges(state: State) -> Iterator[tuple[str, frozenset[str]]]:
    """Where a state leads, and the names that it sets on that way."""
    own = frozenset(name for name, _ in _names(state.pointer, state.fields))
    if state.next is not None:
        yield state.next, own
    if state.default is not None:
        yield state.default, own
    for holder in _holders(state):
        yield holder.next, frozenset(name for name, _ in _names(holder.pointer, holder.fields))
