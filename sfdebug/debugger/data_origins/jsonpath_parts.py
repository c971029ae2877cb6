"""What a path, an intrinsic function or a payload template makes its value of."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from sfdebug.debugger.data_origins.parts import (
    DataRef,
    DataRoot,
    PartKind,
    ValuePart,
    ValueParts,
    computed,
    joined,
    literal,
    taken,
    value_in,
)
from sfdebug.expressions.environment import Environment
from sfdebug.expressions.errors import ExpressionError, ExpressionSyntaxError
from sfdebug.expressions.intrinsics.calls import IntrinsicCall, Literal, PathArgument, compile_intrinsic
from sfdebug.expressions.jsonpath.fast_paths import read_plain_steps, split_root
from sfdebug.expressions.jsonpath.path import compile_path
from sfdebug.values import MISSING, Json, Value, is_present

if TYPE_CHECKING:
    from sfdebug.debugger.data_origins.model import Keys
    from sfdebug.debugger.data_origins.parts import Documents
    from sfdebug.expressions.intrinsics.calls import Term
    from sfdebug.expressions.jsonpath.path import Path

_COMPUTED_KEY: Final = ".$"
_ARRAY: Final = "States.Array"


def template_parts(template: Json, documents: Documents, field: Keys = ()) -> ValueParts:
    """The parts of what a payload template gives."""
    if isinstance(template, dict) and template:
        found = []
        for key, value in template.items():
            if key.endswith(_COMPUTED_KEY):
                found.append(expression_parts(str(value), documents).under((key[:-2],), (*field, key)))
            else:
                found.append(template_parts(value, documents, (*field, key)).under((key,), ()))
        return _whole(found, field)
    if isinstance(template, list) and template:
        inside = [
            template_parts(value, documents, (*field, index)).under((index,), ())
            for index, value in enumerate(template)
        ]
        return _whole(inside, field)
    return literal(field)


def _whole(found: list[ValueParts], field: Keys) -> ValueParts:
    """Parts put together; what is written out whole is one literal."""
    parts = joined(found)
    if parts.parts and all(part.kind is PartKind.LITERAL for part in parts.parts):
        return literal(field)
    return parts


def expression_parts(text: str, documents: Documents) -> ValueParts:
    """The parts of what a path or an intrinsic function gives."""
    try:
        if text.startswith("$"):
            return path_parts(text, documents)
        return _term_parts(compile_intrinsic(text).call, documents, text)
    except (ExpressionError, ExpressionSyntaxError):
        return computed((), text)


def path_parts(text: str, documents: Documents) -> ValueParts:
    """The parts of what a path gives: the value that it names, or an array of all that it finds."""
    plain = _plain(text)
    if plain is not None:
        return taken(plain)
    path = compile_path(text)
    root, name = _root_of(path.root)
    found = _located(path, root, name, documents)
    if found is None:
        return computed((_beginning(path),), text, None)
    refs = tuple(DataRef(root, tuple(keys), name, text) for keys in found)
    if path.is_definite and len(refs) == 1 and text.endswith("]"):
        names = _several_names(path, found[0], documents(root, name))
        if names is not None:
            parts = tuple(
                ValuePart(PartKind.TAKEN, (key,), (DataRef(root, (*found[0], key), name, text),), (), text)
                for key in names
            )
            return ValueParts(parts, (_beginning(path),), None)
    if path.is_definite:
        return taken(refs[0], None) if len(refs) == 1 else computed((_beginning(path),), text, None)
    parts = tuple(ValuePart(PartKind.TAKEN, (index,), (ref,), (), text) for index, ref in enumerate(refs))
    if not parts:
        return computed((_beginning(path),), text, None)
    return ValueParts(parts, (_beginning(path),), None)


def reads_of_path(text: str) -> DataRef | None:
    """The place that a path leads to, or begins with; None when it is none."""
    try:
        return _plain(text) or _beginning(compile_path(text))
    except ExpressionSyntaxError:
        return None


def reads_of_expression(text: str) -> tuple[DataRef, ...]:
    """The places that a path or an intrinsic function reads."""
    if text.startswith("$"):
        ref = reads_of_path(text)
        return (ref,) if ref is not None else ()
    try:
        return tuple(_read_by(compile_intrinsic(text).call))
    except ExpressionSyntaxError:
        return ()


@lru_cache(maxsize=4096)
def _plain(text: str) -> DataRef | None:
    """The one place that a path names whatever the data; None for other paths."""
    root, start = split_root(text)
    keys = read_plain_steps(text, start)
    if keys is None or any(isinstance(key, int) and key < 0 for key in keys):
        return None
    kind, name = _root_of(root)
    return DataRef(kind, tuple(keys), name, text)


@lru_cache(maxsize=4096)
def _beginning(path: Path) -> DataRef:
    """The longest beginning of a path that names one place: all that the path reads lies in there."""
    root, name = _root_of(path.root)
    _, start = split_root(path.text)
    text = path.text
    for end in range(len(text), start - 1, -1):
        if end == len(text) or text[end] in ".[":
            keys = read_plain_steps(text[:end], start)
            if keys is not None and not any(isinstance(key, int) and key < 0 for key in keys):
                is_call = end < len(text) and "(" in text[end:] and "[?" not in text[end:]
                return DataRef(root, tuple(keys[:-1] if is_call and text[end] == "(" else keys), name, text)
    return DataRef(root, (), name, text)


def _located(path: Path, root: DataRoot, name: str, documents: Documents) -> list[Keys] | None:
    """Where the values stand that a path finds; None where a function computes them, or it cannot be told."""
    document = documents(root, name)
    if not is_present(document) or path.text.endswith(")"):
        return None
    variables = {name: document} if root is DataRoot.VARIABLE else {}
    try:
        found = path.locate(Environment(document, variables=variables))
    except ExpressionError:
        return None
    is_whole = all(value_in(document, tuple(keys)) is not MISSING for keys in found)
    return [tuple(keys) for keys in found] if is_whole else None


def _several_names(path: Path, keys: Keys, document: Value) -> list[str] | None:
    """The names that the last step of a path picks of an object (`$['a','b']`); None where it picks one thing."""
    if not is_present(document) or path.root == "$$":
        return None
    variables = {path.root[1:]: document} if path.root != "$" else {}
    try:
        picked = path.read(Environment(document, variables=variables))
    except ExpressionError:
        return None
    around = value_in(document, keys)
    is_part = isinstance(picked, dict) and isinstance(around, dict) and picked is not around
    return list(picked) if is_part and isinstance(picked, dict) else None


def _root_of(root: str) -> tuple[DataRoot, str]:
    if root == "$":
        return DataRoot.DOLLAR, ""
    return (DataRoot.CONTEXT, "") if root == "$$" else (DataRoot.VARIABLE, root[1:])


def _term_parts(term: Term, documents: Documents, text: str) -> ValueParts:
    """An argument of a call, or a call. States.Array makes an array of its arguments; all other functions compute."""
    if isinstance(term, Literal):
        return literal((), text)
    if isinstance(term, PathArgument):
        return path_parts(term.path.text, documents)
    if term.name == _ARRAY and term.arguments:
        found = [_term_parts(each, documents, text).under((index,), ()) for index, each in enumerate(term.arguments)]
        return joined(found)
    return computed(tuple(_read_by(term)), text)


def _read_by(call: IntrinsicCall) -> list[DataRef]:
    refs: list[DataRef] = []
    for argument in call.arguments:
        if isinstance(argument, PathArgument):
            refs.append(_plain(argument.path.text) or _beginning(argument.path))
        elif isinstance(argument, IntrinsicCall):
            refs += _read_by(argument)
    return refs
