"""A folder of `.tf` files as a module: variables, locals, resources, data, and the modules that it calls.

Source: Terraform docs, "Modules", "Input Variables" (files of values in the order in which they count), "Resources"
(`count`, `for_each`, `dynamic`). What a data source of the AWS provider says of region and account is a stand-in.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from sfdebug.asl.text.source import Document, Source
from sfdebug.projects.assumptions import Placeholder
from sfdebug.projects.deployment import DeploymentPlace
from sfdebug.projects.model import AssumedBasis, FileRole, ProjectError
from sfdebug.projects.provider_types import FUNCTION, MACHINE, provider_type
from sfdebug.projects.provisioned import Provisioned, computed, given_name, short
from sfdebug.projects.terraform.evaluating import UNKNOWN, NameScope, plain
from sfdebug.projects.terraform.functions import WRONG, Unfit
from sfdebug.projects.terraform.parsing.bodies import parse_file
from sfdebug.projects.terraform.parsing.expressions import parse_value
from sfdebug.projects.terraform.resources import MAX_DEPTH, META, Instance, LazyMembers, ResourceValue, Shared, repeated
from sfdebug.projects.terraform.syntax import Expression, HclBlock, HclLiteral, HclTemplate, Node
from sfdebug.values import Json

_VALUES: Final = ("terraform.tfvars", "terraform.tfvars.json")


class Bound(Struct, frozen=True):
    """An expression, and what names mean where it stands."""

    node: Expression
    scope: NameScope


class Module:
    """One folder. `arguments` are what its caller gives; `address` begins the addresses of its resources."""

    def __init__(
        self,
        shared: Shared,
        folder: Path,
        *,
        address: str = "",
        arguments: Mapping[str, Bound] | None = None,
        place: DeploymentPlace | None = None,
        depth: int = 0,
    ) -> None:
        self.shared = shared
        self.evaluator = shared.evaluator
        self.folder = folder
        self.address = address
        self.arguments: Mapping[str, Bound] = arguments or {}
        self.depth = depth
        self.blocks: dict[str, list[tuple[HclBlock, NameScope]]] = {}
        self.locals: dict[str, Bound] = {}
        self._values: dict[str, Bound | Json] = {}
        self._calls: dict[str, CalledModule] = {}
        self._resources: dict[tuple[str, str, str], ResourceValue] = {}
        self._known: dict[str, Any] = {}
        for path in sorted(folder.glob("*.tf")):
            self._take(path)
        if not depth:
            self._values = self._files_of_values()
        self.place = place or self._place()

    def _take(self, path: Path) -> None:
        source = self.shared.files.source(path, FileRole.TEMPLATE)
        body = parse_file(source)
        scope = NameScope(source, self)
        for block in body.blocks:
            self.blocks.setdefault(block.type, []).append((block, scope))
            if block.type == "locals":
                self.locals |= {name: Bound(node, scope) for name, (node, _) in block.body.arguments.items()}

    def labelled(self, kind: str, *labels: str) -> tuple[HclBlock, NameScope] | None:
        """A block of these labels, None when there is none."""
        return next((each for each in self.blocks.get(kind, ()) if each[0].labels == labels), None)

    # where it is deployed to

    def _place(self) -> DeploymentPlace:
        options = self.shared.options
        region = options.region
        for block, scope in self.root_blocks("provider"):
            node = block.body.argument("region")
            if block.labels == ("aws",) and block.body.argument("alias") is None and node is not None:
                value = self.evaluator.value(node, scope)
                is_known = isinstance(value, str) and not isinstance(value, Placeholder)
                region = region or (str(value) if is_known else None)
        has_account = options.account is not None
        return DeploymentPlace(options.region_or(region), options.account_or_default, region is not None, has_account)

    def noted_place(self) -> DeploymentPlace:
        """Region and account, which are noted where nobody gave them."""
        note, why, place = self.shared.assumptions.assume, "a stand-in, as none was given", self.place
        if not place.is_region_given:
            note("region", place.region, AssumedBasis.REGION, why, option="--region")
        if not place.is_account_given:
            note("account", place.account, AssumedBasis.ACCOUNT, why, option="--account")
        return place

    def root_blocks(self, kind: str) -> list[tuple[HclBlock, NameScope]]:
        """The blocks of this kind."""
        return self.blocks.get(kind, [])

    # what names stand for

    def root(self, name: str) -> object:
        """What the first name of a reference stands for. Raises Unfit."""
        if name == "var":
            return LazyMembers(self.variable)
        if name == "local":
            return LazyMembers(self.local)
        if name == "path":
            inside = os.path.relpath(self.folder, self.shared.files.root)
            return {"module": inside if inside != "." else ".", "root": ".", "cwd": "."}
        if name == "terraform":
            return {"workspace": "default"}
        if name == "data":
            return LazyMembers(lambda kind: LazyMembers(lambda each: self.data(str(kind), str(each))))
        if name == "module":
            return LazyMembers(lambda each: self.called(str(each)))
        return LazyMembers(lambda each: self.resource(name, str(each)))

    def variable(self, key: str | int) -> object:
        """The value of a variable: given, from a file of values, from the caller, or its default."""
        name = str(key)
        if name not in self._known:
            self._known[name] = self._variable(name)
        return self._known[name]

    def bound_variable(self, name: str) -> Bound | None:
        """Where the value of a variable is written, None where it was given on a command line or nowhere."""
        if not self.depth and name in self.shared.options.parameters:
            return None
        given = self.arguments.get(name) or self._values.get(name)
        if isinstance(given, Bound):
            return given
        declared = self.labelled("variable", name)
        node = declared[0].body.argument("default") if declared is not None and given is None else None
        return None if node is None or declared is None else Bound(node, declared[1])

    def _variable(self, name: str) -> object:
        declared = self.labelled("variable", name)
        options = self.shared.options
        if not self.depth and (name in options.parameters or f"TF_VAR_{name}" in options.environment):
            text = options.parameters.get(name, options.environment.get(f"TF_VAR_{name}", ""))
            return self._converted(text, declared)
        if name in self._values and not isinstance(self._values[name], Bound):
            return self._values[name]
        written = self.bound_variable(name)
        if written is not None:
            with self.evaluator.entered(f"{self.address}var.{name}", written.node, written.scope) as is_free:
                if is_free:
                    return self.evaluator.value(written.node, written.scope)
            raise Unfit("it names itself")
        if declared is None:
            raise Unfit(f"there is no variable '{name}'")
        span = declared[1].source.span(declared[0].start, declared[0].start)
        why = "it has no value and no default"
        option = f"--parameter {name}=…" if not self.depth else ""
        shown = self.shared.assumptions.unknown_in(
            f"var.{name}", why, declared[1].source.name, span.line, span.column, option=option,
            basis=AssumedBasis.PARAMETER,
        )  # fmt: skip
        return Placeholder(shown)

    def _converted(self, text: str, declared: tuple[HclBlock, NameScope] | None) -> Json:
        """A text of the command line as the type of its variable says: only texts stand as they are."""
        kind = declared[0].body.argument("type") if declared is not None else None
        if declared is None or kind is None:
            return text
        source = declared[1].source
        if source.text[kind.start : kind.end].strip('"') == "string":
            return text
        value = Source("<parameter>", text)
        try:
            return self.evaluator.value(parse_value(value), NameScope(value, None))
        except ProjectError:
            return text

    def _files_of_values(self) -> dict[str, Bound | Json]:
        found: dict[str, Bound | Json] = {}
        automatic = sorted(
            path for path in self.folder.iterdir() if path.name.endswith((".auto.tfvars", ".auto.tfvars.json"))
        )
        for path in (*(self.folder / name for name in _VALUES), *automatic):
            if not path.is_file():
                continue
            source = self.shared.files.source(path, FileRole.CONFIGURATION)
            if path.suffix == ".json":
                try:
                    values = json.loads(source.text)
                except (ValueError, RecursionError):
                    values = None
                found |= values if isinstance(values, dict) else {}
            else:
                body = parse_file(source)
                found |= {name: Bound(node, NameScope(source, None)) for name, (node, _) in body.arguments.items()}
        return found

    def local(self, key: str | int) -> object:
        """The value of a local name."""
        name = str(key)
        label = f"{self.address}local.{name}"
        if label not in self._known:
            written = self.locals.get(name)
            if written is None:
                raise Unfit(f"there is no local value '{name}'")
            with self.evaluator.entered(label, written.node, written.scope) as is_free:
                if not is_free:
                    raise Unfit("it names itself")
                self._known[label] = self.evaluator.raw(written.node, written.scope)
        return self._known[label]

    def resource(self, kind: str, name: str) -> ResourceValue:
        """A resource by type and name. Raises Unfit for one that there is not."""
        return self._block_value("resource", kind, name)

    def data(self, kind: str, name: str) -> object:
        """A data source: what it says of region and account is known."""
        return self._block_value("data", kind, name)

    def _block_value(self, section: str, kind: str, name: str) -> ResourceValue:
        key = (section, kind, name)
        if key not in self._resources:
            found = self.labelled(section, kind, name)
            if found is None:
                raise Unfit(f"there is no {section} {kind}.{name}")
            self._resources[key] = ResourceValue(self, found[0], found[1])
        return self._resources[key]

    def called(self, name: str) -> CalledModule:
        """A module that this one calls. Raises Unfit for one that there is not."""
        if name not in self._calls:
            found = self.labelled("module", name)
            if found is None:
                raise Unfit(f"there is no module '{name}'")
            self._calls[name] = CalledModule(self, found[0], found[1])
        return self._calls[name]

    def output(self, name: str) -> object:
        """The value of an output."""
        found = self.labelled("output", name)
        node = found[0].body.argument("value") if found is not None else None
        if found is None or node is None:
            raise Unfit(f"the module has no output '{name}'")
        with self.evaluator.entered(f"{self.address}output.{name}", node, found[1]) as is_free:
            if not is_free:
                raise Unfit("it names itself")
            return self.evaluator.raw(node, found[1])

    def value_of(self, name: str) -> Json:
        """The value of a variable, None where it has none."""
        try:
            return plain(self.variable(name))
        except WRONG:
            return None

    # all that there is

    def provisioned(self) -> Iterator[tuple[Provisioned, Instance | CalledModule]]:
        """Every resource of this module and of those that it calls, each as often as it is made."""
        for block, _ in self.root_blocks("resource"):
            if len(block.labels) == 2:
                for instance in self.resource(*block.labels).instances():
                    yield instance.provisioned(), instance
        for block, _ in self.root_blocks("module"):
            if len(block.labels) == 1:
                called = self.called(block.labels[0])
                for module in called.modules():
                    yield from module.provisioned()
                if not called.modules() and called.remote() is not None:
                    yield called.provisioned(), called


REMOTE: Final = {
    "lambda": (FUNCTION, "lambda_function_"),
    "step-functions": (MACHINE, "state_machine_"),
    "sqs": ("aws_sqs_queue", "queue_"),
    "sns": ("aws_sns_topic", "topic_"),
    "dynamodb-table": ("aws_dynamodb_table", "dynamodb_table_"),
    "s3-bucket": ("aws_s3_bucket", "s3_bucket_"),
}
"""Modules of the registry whose files need not be here: what each makes, and what its outputs begin with."""

_REGISTRY: Final = re.compile(r"(?:registry\.terraform\.io/)?terraform-aws-modules/([\w-]+)/aws(?://.*)?")


class CalledModule:
    """A module that another calls, as a value: its outputs, or several of it."""

    def __init__(self, caller: Module, block: HclBlock, scope: NameScope) -> None:
        self.caller = caller
        self.block = block
        self.scope = scope
        self.name = block.labels[0]
        self._modules: dict[str, Module] | None = None
        self._keys: list[Json] = []

    def modules(self) -> list[Module]:
        """The module, as often as it is called; none when its files are not on this machine."""
        if self._modules is None:
            self._modules = {}
            folder = self.folder()
            if folder is None or self.caller.depth >= MAX_DEPTH:
                return []
            for key, scope in repeated(self.block.body, self.scope, self.caller.evaluator):
                index = "" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]"
                arguments = {
                    name: Bound(node, scope)
                    for name, (node, _) in self.block.body.arguments.items()
                    if name not in ("source", "version", "providers", *META)
                }
                self._keys.append(key)
                self._modules[str(key)] = Module(
                    self.caller.shared,
                    folder,
                    address=f"{self.caller.address}module.{self.name}{index}.",
                    arguments=arguments,
                    place=self.caller.place,
                    depth=self.caller.depth + 1,
                )
        return list(self._modules.values())

    def source(self) -> str:
        """Where the module is from."""
        node = self.block.body.argument("source")
        return "" if node is None else self.caller.evaluator.text(node, self.scope)

    def folder(self) -> Path | None:
        """The folder of its files: beside the caller, or where `terraform init` has put it."""
        source = self.source()
        if source.startswith(("./", "../")):
            folder = Path(os.path.normpath(self.caller.folder / source))
            if folder.is_dir():
                return folder
            what = f"the module '{self.name}' is not there: {self.caller.shared.files.shown(folder)}"
            self.caller.evaluator.note(self.node, self.scope, what, "check its source")
            return None
        files = self.caller.shared.files
        installed = files.root / ".terraform" / "modules" / "modules.json"
        wanted = f"{self.caller.address.replace('module.', '').rstrip('.')}.{self.name}".lstrip(".")
        try:
            text = files.source(installed, FileRole.CONFIGURATION).text if installed.is_file() else '{"Modules": []}'
            known = json.loads(text)["Modules"]
            found = next(each["Dir"] for each in known if each["Key"] == wanted)
        except (ProjectError, OSError, ValueError, KeyError, TypeError, StopIteration):
            return None
        folder = files.root / str(found)
        return folder if folder.is_dir() else None

    @property
    def node(self) -> Node:
        """Where it is called."""
        node = self.block.body.argument("source")
        return node if node is not None else HclLiteral(self.block.start, self.block.start + len("module"), None)

    # a module of the registry

    def remote(self) -> tuple[str, str] | None:
        """The type of resource that a well-known module of the registry makes, and what its outputs begin with."""
        match = _REGISTRY.fullmatch(self.source())
        return REMOTE.get(match[1]) if match is not None else None

    def attributes(self) -> dict[str, Json]:
        """What the resource of such a module has: its arguments are called alike."""
        kind, _ = self.remote() or ("", "")
        names = set(self.block.body.arguments) - {"source", "version", "providers", "definition", *META}
        given = self._given(names)
        variables = given.pop("environment_variables", None)
        if variables is not None:
            given["environment"] = [{"variables": variables}]
        package = given.pop("local_existing_package", None)
        if package is not None:
            given["filename"] = package
        return computed(kind, given, given_name(kind, given) or self.name, self.caller.noted_place())

    def provisioned(self) -> Provisioned:
        """The resource of such a module."""
        kind, _ = self.remote() or ("", "")
        shown = short(f"{self.caller.address}module.{self.name}.{self.name}").rpartition("/")[0]
        source = self.scope.source
        end = source.text.find("\n", self.block.start)
        document = Document(None, source, (self.block.start, end if end > 0 else self.block.start + 1))
        return Provisioned(f"{self.caller.address}module.{self.name}", shown, kind, self.attributes(), document)

    def _remote_output(self, name: str) -> object:
        remote = self.remote()
        if remote is None:
            return UNKNOWN
        field = name.removeprefix(remote[1]).removesuffix("_static")
        called = provider_type(remote[0]).name
        given = self._given((called, f"{called}_prefix"))
        made = computed(remote[0], given, given_name(remote[0], given) or self.name, self.caller.noted_place())
        found = made.get(called if field == "name" else field)
        return UNKNOWN if found is None else found

    def _given(self, names: Collection[str]) -> dict[str, Json]:
        """What is given for these arguments: modules may name one another, so nothing else is looked at."""
        return {
            name: self.caller.evaluator.value(node, self.scope)
            for name, (node, _) in self.block.body.arguments.items()
            if name in names
        }

    def member(self, key: str | int) -> object:
        """An output, or one of several by its key."""
        modules = self.modules()
        if not modules:
            return self._remote_output(str(key))
        if self._keys != [None]:
            found = (self._modules or {}).get(str(key))
            if found is None:
                raise Unfit("there is no such one")
            return _outputs(found)
        return modules[0].output(str(key))

    def each(self) -> list[object]:
        """Each of several."""
        return [_outputs(module) for module in self.modules()]

    def plain(self) -> Json:
        """It is no value by itself."""
        raise Unfit("it is no value by itself")


def _outputs(module: Module) -> LazyMembers:
    return LazyMembers(lambda name: module.output(str(name)))


def text_in(node: Expression | None) -> str:
    """The text of a template without values, "" for all else."""
    if not isinstance(node, HclTemplate) or len(node.parts) != 1:
        return ""
    return getattr(node.parts[0], "text", "")
