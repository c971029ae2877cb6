"""The definition of a state machine, followed from `definition = …` to the text that people edit.

`file` and `templatefile` lead into another file, `local` and `var` to where they are written, `jsonencode` writes an
object out with the places of what is in it.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

from sfdebug.asl.load import MAX_FILE_BYTES
from sfdebug.asl.text.placed import PlacedBuilder, PlacedText, fixed, whole
from sfdebug.asl.text.source import Source
from sfdebug.projects.assumptions import Placeholder
from sfdebug.projects.definitions import WrittenDefinition
from sfdebug.projects.model import FileRole, ProjectError
from sfdebug.projects.reading import ProjectFiles, problem_in
from sfdebug.projects.terraform.evaluating import Evaluator, NameScope
from sfdebug.projects.terraform.functions import WRONG, Unfit, expanded, members, pattern, text
from sfdebug.projects.terraform.modules import Bound, Module
from sfdebug.projects.terraform.parsing.expressions import parse_template
from sfdebug.projects.terraform.resources import Instance
from sfdebug.projects.terraform.syntax import (
    Attribute,
    Call,
    Choice,
    Expression,
    HclName,
    HclTemplate,
    Index,
    Interpolation,
    ListOf,
    ObjectOf,
)

if TYPE_CHECKING:
    from sfdebug.values import Json

_YAML: Final = (".yaml", ".yml")
_MAX_DEPTH: Final = 40


class FileCalls:
    """The functions that read files: their paths are relative to the folder in which Terraform runs."""

    def __init__(self, files: ProjectFiles, evaluator: Evaluator) -> None:
        self.files = files
        self.evaluator = evaluator
        evaluator.calls |= {
            "file": self._file,
            "templatefile": self._template_file,
            "fileexists": self._exists,
            "yamldecode": self._yaml,
            "templatestring": self._template_string,
        }

    def path(self, node: Expression, scope: NameScope) -> Path:
        """The path that an expression is. Raises Unfit for one that nobody knows."""
        value = self.evaluator.value(node, scope)
        if isinstance(value, Placeholder) or not isinstance(value, str):
            raise Unfit("its path is only known when it is applied")
        return self.files.root / value

    def source(self, node: Expression, scope: NameScope) -> Source:
        """The file of a call. Raises ProjectError, with the place of the call, when it cannot be read."""
        path = self.path(node, scope)
        try:
            return self.files.source(path, FileRole.DEFINITION, MAX_FILE_BYTES)
        except ProjectError as error:
            problem = error.problems[0]
            if problem.line:
                raise
            what = f"the file {problem.file}: {problem.what}"
            raise ProjectError([problem_in(scope.source, node.start, node.end, what, problem.fix)]) from error

    def _file(self, call: Call, scope: NameScope) -> object:
        return self.source(call.arguments[0], scope).text

    def _exists(self, call: Call, scope: NameScope) -> object:
        return self.path(call.arguments[0], scope).is_file()

    def _template_file(self, call: Call, scope: NameScope) -> object:
        return self.filled(self.source(call.arguments[0], scope), self.names(call, scope)).text

    def _template_string(self, call: Call, scope: NameScope) -> object:
        template = self.evaluator.value(call.arguments[0], scope)
        return self.filled(Source("<template>", text(template)), self.names(call, scope)).text

    def _yaml(self, call: Call, scope: NameScope) -> object:
        from sfdebug.asl.text.yaml import scan_yaml

        value = self.evaluator.value(call.arguments[0], scope)
        scan = scan_yaml(Source("<yaml>", text(value)))
        if scan.document is None or scan.errors:
            raise Unfit("this is not YAML")
        return scan.document.value

    def names(self, call: Call, scope: NameScope) -> dict[str, Json]:
        """The names that a call gives to its template."""
        return members(self.evaluator.value(call.arguments[1], scope)) if len(call.arguments) > 1 else {}

    def filled(self, source: Source, names: dict[str, Json]) -> PlacedText:
        """A template filled in, with places in its own file."""
        return self.evaluator.placed(parse_template(source), NameScope(source, None, names))


class DefinitionTracer:
    """Follows definitions."""

    def __init__(self, files: ProjectFiles, evaluator: Evaluator) -> None:
        self.evaluator = evaluator
        self.calls = FileCalls(files, evaluator)
        self._depth = 0

    def written(self, node: Expression, scope: NameScope) -> WrittenDefinition:
        """The text of a definition and the file that its places are in. Raises ProjectError, or Unfit."""
        self._depth += 1
        try:
            if self._depth > _MAX_DEPTH:
                raise Unfit("it is nested too deep")
            return self._followed(node, scope) or self._evaluated(node, scope)
        finally:
            self._depth -= 1

    def _evaluated(self, node: Expression, scope: NameScope) -> WrittenDefinition:
        value = self.evaluator.text(node, scope)
        return WrittenDefinition(fixed(str(value), node.start), scope.source)

    def _followed(self, node: Expression, scope: NameScope) -> WrittenDefinition | None:
        if isinstance(node, HclTemplate):
            if len(node.parts) == 1 and isinstance(node.parts[0], Interpolation):
                return self.written(node.parts[0].value, scope)
            return WrittenDefinition(self.evaluator.placed(node, scope), scope.source)
        if isinstance(node, Choice):
            return self.written(node.yes if self.evaluator.holds(node.condition, scope) else node.no, scope)
        if isinstance(node, Call):
            return self._of_call(node, scope)
        if isinstance(node, Attribute | Index):
            rendered = self._rendered(node, scope)
            if rendered is not None:
                return rendered
            bound = self.bound(node, scope)
            return None if bound is None else self._of_bound(node, scope, bound)
        return None

    def _of_bound(self, node: Expression, scope: NameScope, bound: Bound) -> WrittenDefinition:
        owner = scope.names.address if isinstance(scope.names, Module) else ""
        label = owner + " ".join(scope.source.text[node.start : node.end].split())
        with self.evaluator.entered(label, node, scope) as is_free:
            if not is_free:
                raise Unfit("it names itself")
            return self.written(bound.node, bound.scope)

    def _of_call(self, node: Call, scope: NameScope) -> WrittenDefinition | None:
        if not node.arguments:
            return None
        first = node.arguments[0]
        if node.name == "file":
            source = self.calls.source(first, scope)
            return WrittenDefinition(whole(source), source, _format(source))
        if node.name == "templatefile":
            source = self.calls.source(first, scope)
            return WrittenDefinition(self.calls.filled(source, self.calls.names(node, scope)), source, _format(source))
        if node.name == "jsonencode":
            return self._encoded(first, scope)
        if node.name in ("try", "coalesce"):
            return self._first(node, scope)
        if node.name in ("trimspace", "chomp", "nonsensitive", "sensitive", "tostring"):
            return self._trimmed(node.name, self.written(first, scope))
        if node.name == "replace" and len(node.arguments) == 3:
            return self._replaced(node, scope)
        return None

    def _first(self, node: Call, scope: NameScope) -> WrittenDefinition | None:
        for argument in node.arguments:
            try:
                self.evaluator.raw(argument, scope)
                return self.written(argument, scope)
            except WRONG:
                continue
        return None

    def _trimmed(self, name: str, written: WrittenDefinition) -> WrittenDefinition:
        made = written.placed.text
        begin = len(made) - len(made.lstrip()) if name == "trimspace" else 0
        end = len(made.rstrip()) if name == "trimspace" else len(made.rstrip("\r\n")) if name == "chomp" else len(made)
        builder = PlacedBuilder()
        builder.take(written.placed, begin, end)
        return WrittenDefinition(builder.built(), written.origin, written.format)

    def _replaced(self, node: Call, scope: NameScope) -> WrittenDefinition:
        written = self.written(node.arguments[0], scope)
        old, new = (self.evaluator.text(each, scope) for each in node.arguments[1:])
        is_pattern = len(old) > 1 and old.startswith("/") and old.endswith("/")
        form = pattern(old[1:-1]) if is_pattern else re.compile(re.escape(old))
        made = written.placed.substituted(form, lambda match: expanded(match, new) if is_pattern else new)
        return WrittenDefinition(made, written.origin, written.format)

    def _rendered(self, node: Expression, scope: NameScope) -> WrittenDefinition | None:
        """What `data.template_file.name.rendered` is: its template with its vars."""
        if not isinstance(node, Attribute) or node.name != "rendered":
            return None
        found = self.evaluator.raw(node.owner, scope)
        instances = getattr(found, "instances", None)
        instance = instances()[0] if instances is not None and instances() else found
        if not isinstance(instance, Instance) or instance.kind != "template_file":
            return None
        template = instance.owner.block.body.argument("template")
        if template is None:
            return None
        node_of_vars = instance.owner.block.body.argument("vars")
        values = {} if node_of_vars is None else members(self.evaluator.value(node_of_vars, instance.scope))
        inner = self.written(template, instance.scope)
        made = Source(inner.origin.name, inner.placed.text)
        placed = self.evaluator.placed(parse_template(made), NameScope(made, None, values))
        return WrittenDefinition(through(placed, inner.placed), inner.origin, inner.format)

    def bound(self, node: Expression, scope: NameScope) -> Bound | None:
        """Where the value of a reference is written, None where it is not written in one place."""
        if isinstance(node, Attribute | Index):
            key = node.name if isinstance(node, Attribute) else self.evaluator.value(node.key, scope)
            owner = node.owner
            if isinstance(owner, HclName) and owner.name not in scope.own and isinstance(scope.names, Module):
                if owner.name == "local":
                    return scope.names.locals.get(str(key))
                return scope.names.bound_variable(str(key)) if owner.name == "var" else None
            return self._item(self._bound_all(owner, scope), key)
        return None

    def _bound_all(self, node: Expression, scope: NameScope) -> Bound | None:
        """A reference followed until what it leads to is no reference."""
        bound = self.bound(node, scope)
        for _ in range(_MAX_DEPTH):
            if bound is None or not isinstance(bound.node, Attribute | Index):
                return bound
            bound = self.bound(bound.node, bound.scope)
        return None

    def _item(self, bound: Bound | None, key: Json) -> Bound | None:
        if bound is None:
            return None
        if isinstance(bound.node, ObjectOf):
            for name, value in bound.node.items:
                if self.evaluator.value(name, bound.scope) == key:
                    return Bound(value, bound.scope)
        if isinstance(bound.node, ListOf) and isinstance(key, int) and 0 <= key < len(bound.node.items):
            return Bound(bound.node.items[key], bound.scope)
        return None

    # jsonencode

    def _encoded(self, node: Expression, scope: NameScope) -> WrittenDefinition:
        """What `jsonencode` gives: a text that was decoded is that text again, an object is written out."""
        target = Bound(node, scope)
        for _ in range(_MAX_DEPTH):
            if not isinstance(target.node, Attribute | Index):
                break
            further = self.bound(target.node, target.scope)
            if further is None:
                break
            target = further
        node, scope = target.node, target.scope
        if isinstance(node, Call) and node.name in ("yamldecode", "jsondecode") and node.arguments:
            inner = self.written(node.arguments[0], scope)
            return WrittenDefinition(inner.placed, inner.origin, "yaml" if node.name == "yamldecode" else "json")
        writer = _ObjectWriter(self, scope.source)
        writer.write(node, scope, "\n", None)
        return WrittenDefinition(writer.builder.built(), scope.source, "json")


class _ObjectWriter:
    """Writes an expression out as JSON. What is written in another file lies where it is named in this one."""

    def __init__(self, tracer: DefinitionTracer, origin: Source) -> None:
        self.tracer = tracer
        self.evaluator = tracer.evaluator
        self.origin = origin
        self.builder = PlacedBuilder()
        self._depth = 0

    def write(self, node: Expression, scope: NameScope, line: str, at: int | None) -> None:
        """Write a value; `line` is the line break with its indentation, `at` the place where another file is named."""
        self._depth += 1
        if self._depth > 4 * _MAX_DEPTH:
            raise Unfit("it is nested too deep")
        if scope.source is self.origin:
            at = None
        place = node.start if at is None else at
        bound = self.tracer.bound(node, scope)
        if isinstance(node, ObjectOf):
            self._object(node, scope, line, at)
        elif isinstance(node, ListOf):
            self._list(node, scope, line, at)
        elif bound is not None and isinstance(bound.node, ObjectOf | ListOf | Attribute | Index | Call):
            self.write(bound.node, bound.scope, line, place)
        elif isinstance(node, Call) and node.name == "merge" and not node.expands:
            self._merged(node, scope, line, at)
        elif isinstance(node, Choice):
            self.write(node.yes if self.evaluator.holds(node.condition, scope) else node.no, scope, line, at)
        elif isinstance(node, HclTemplate):
            self._text(node, scope, at)
        else:
            self.builder.add(_json(self.evaluator.value(node, scope)), place)
        self._depth -= 1

    def _object(self, node: ObjectOf, scope: NameScope, line: str, at: int | None) -> None:
        place = node.start if at is None else at
        self.builder.add("{", place, 1 if at is None else 0)
        last = {self.evaluator.text(key, scope): index for index, (key, _) in enumerate(node.items)}
        self._members(node, scope, line, at, "", last)
        self.builder.add((line if node.items else "") + "}", place)

    def _members(
        self, node: ObjectOf, scope: NameScope, line: str, at: int | None, sign: str, last: dict[str, int]
    ) -> str:
        for index, (key, value) in enumerate(node.items):
            name = self.evaluator.text(key, scope)
            if last.get(name) != index:
                continue
            begin = key.start if at is None else at
            self.builder.add(f"{sign}{line}  ", begin)
            self.builder.add(f"{_json(name)}: ", begin)
            self.write(value, scope, f"{line}  ", at)
            sign = ","
        return sign

    def _list(self, node: ListOf, scope: NameScope, line: str, at: int | None) -> None:
        place = node.start if at is None else at
        self.builder.add("[", place)
        for index, item in enumerate(node.items):
            self.builder.add(f"{',' if index else ''}{line}  ", item.start if at is None else at)
            self.write(item, scope, f"{line}  ", at)
        self.builder.add((line if node.items else "") + "]", place)

    def _merged(self, node: Call, scope: NameScope, line: str, at: int | None) -> None:
        """`merge` of objects: each is written where it stands, a later one counts."""
        place = node.start if at is None else at
        parts = [(each, self.tracer.bound(each, scope)) for each in node.arguments]
        objects = [
            (bound.node, bound.scope, each.start) if bound is not None else (each, scope, None) for each, bound in parts
        ]
        if not all(isinstance(each, ObjectOf) for each, _, _ in objects):
            self.builder.add(_json(self.evaluator.value(node, scope)), place)
            return
        owner: dict[str, int] = {}
        for number, (each, inner, _) in enumerate(objects):
            if isinstance(each, ObjectOf):
                owner |= {self.evaluator.text(key, inner): number for key, _ in each.items}
        self.builder.add("{", place)
        sign = ""
        for number, (each, inner, named) in enumerate(objects):
            if isinstance(each, ObjectOf):
                names = {self.evaluator.text(key, inner): index for index, (key, _) in enumerate(each.items)}
                mine = {name: index for name, index in names.items() if owner[name] == number}
                where = None if inner.source is self.origin else (named if at is None else at)
                sign = self._members(each, inner, line, where, sign, mine)
        self.builder.add(f"{line if sign else ''}}}", place)

    def _text(self, node: HclTemplate, scope: NameScope, at: int | None) -> None:
        place = node.start if at is None else at
        if len(node.parts) == 1 and isinstance(node.parts[0], Interpolation):
            self.write(node.parts[0].value, scope, "\n", at)
            return
        placed = self.evaluator.placed(node, scope)
        encoded = _json(placed.text)
        if at is None and encoded[1:-1] == placed.text:
            self.builder.add('"', place)
            self.builder.take(placed, 0, len(placed.text))
            self.builder.add('"', max(place, node.end - 1))
        else:
            self.builder.add(encoded, place)


def _json(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def _format(source: Source) -> str:
    return "yaml" if source.name.lower().endswith(_YAML) else "json"


def through(outer: PlacedText, inner: PlacedText) -> PlacedText:
    """A text whose places are in another made text, with the places that those have."""
    builder = PlacedBuilder()
    for index, piece in enumerate(outer.pieces):
        end = outer.pieces[index + 1].start if index + 1 < len(outer.pieces) else len(outer.text)
        size = end - piece.start
        if piece.length >= size:
            builder.take(inner, piece.place, piece.place + size)
        else:
            builder.add(outer.text[piece.start : end], inner.place(piece.place))
    return builder.built()
