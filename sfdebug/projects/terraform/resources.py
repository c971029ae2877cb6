"""Resources and data sources of Terraform as values: each that `count` and `for_each` make, and its attributes.

Source: Terraform docs, "Resources" (`count`, `for_each`, `dynamic`), "References to Named Values".
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import Final, Protocol

from msgspec import Struct, field

from sfdebug.asl.text.source import Document
from sfdebug.projects.assumptions import Assumptions, Placeholder
from sfdebug.projects.deployment import DeploymentPlace
from sfdebug.projects.model import AssumedBasis
from sfdebug.projects.options import Options
from sfdebug.projects.provider_types import provider_type
from sfdebug.projects.provisioned import Provisioned, computed, given_name, short
from sfdebug.projects.reading import ProjectFiles
from sfdebug.projects.terraform.evaluating import UNKNOWN, Evaluator, NameScope, pairs, plain
from sfdebug.projects.terraform.functions import WRONG, Unfit
from sfdebug.projects.terraform.syntax import Body, Choice, HclBlock, HclLiteral, Node
from sfdebug.values import Json

MAX_INSTANCES: Final = 200
MAX_DEPTH: Final = 12
META: Final = ("count", "for_each", "provider", "depends_on", "lifecycle")
"""Arguments that say how a resource is made, not what it is."""

_NOT_EVALUATED: Final = ("definition", "policy", "assume_role_policy", "inline_policy", "provisioner", "connection")
_POLICIES: Final[Mapping[str, tuple[str, ...]]] = {
    "aws_iam_policy": ("policy",),
    "aws_iam_role": ("inline_policy", "policy"),
    "aws_iam_role_policy": ("policy",),
}
"""What says what a role may do is evaluated, too."""


class Shared(Struct, frozen=True):
    """What all modules of a project share. `recorded` are the attributes that a state beside it has, by address."""

    files: ProjectFiles
    options: Options
    evaluator: Evaluator
    recorded: Mapping[str, Mapping[str, Json]] = field(default_factory=dict)

    @property
    def assumptions(self) -> Assumptions:
        """Where assumed values are noted."""
        return self.evaluator.assumptions


class Owner(Protocol):
    """What a resource needs of the module that it stands in."""

    @property
    def shared(self) -> Shared:
        """What all modules share."""

    @property
    def address(self) -> str:
        """What addresses in it begin with."""

    def noted_place(self) -> DeploymentPlace:
        """Region and account, which are noted where nobody gave them."""


class LazyMembers:
    """What has members that are made when they are asked for."""

    def __init__(self, member: Callable[[str | int], object]) -> None:
        self._member = member

    def member(self, key: str | int) -> object:
        """A member."""
        return self._member(key)

    def each(self) -> list[object]:
        """It cannot be gone through."""
        raise Unfit("it cannot be gone through")

    def plain(self) -> Json:
        """It is no value by itself."""
        raise Unfit("it is no value by itself")


def repeated(body: Body, scope: NameScope, evaluator: Evaluator) -> list[tuple[Json, NameScope]]:
    """What `count` or `for_each` makes of a block: the key of each, None for a single one, and its scope."""
    count, collection = body.argument("count"), body.argument("for_each")
    if isinstance(count, Choice) and isinstance(evaluator.value(count.condition, scope), Placeholder):
        return [(0, scope.within({"count": {"index": 0}}))]  # where nobody knows whether there is one, there is
    if count is not None:
        value = evaluator.value(count, scope)
        amount = 1 if isinstance(value, Placeholder) or not isinstance(value, int | float) else int(value)
        indices = range(min(amount, MAX_INSTANCES))
        return [(index, scope.within({"count": {"index": index}})) for index in indices]
    if collection is not None:
        value = evaluator.value(collection, scope)
        if isinstance(value, Placeholder) or not isinstance(value, list | dict):
            unknown = {"key": Placeholder("${each.key}"), "value": Placeholder("${each.value}")}
            return [("…", scope.within({"each": unknown}))]
        each = [(key if isinstance(value, dict) else item, item) for key, item in pairs(value)]
        return [(plain(key), scope.within({"each": {"key": key, "value": item}})) for key, item in each[:MAX_INSTANCES]]
    return [(None, scope)]


class ResourceValue:
    """A resource or a data source as a value: one, a list of them, or an object."""

    def __init__(self, module: Owner, block: HclBlock, scope: NameScope) -> None:
        self.module = module
        self.block = block
        self.scope = scope
        self.address = f"{module.address}{'data.' if block.type == 'data' else ''}{'.'.join(block.labels)}"
        self._instances: list[Instance] | None = None

    def instances(self) -> list[Instance]:
        """Each that is made of it."""
        if self._instances is None:
            made = repeated(self.block.body, self.scope, self.module.shared.evaluator)
            self._instances = [Instance(self, key, scope) for key, scope in made]
        return self._instances

    def member(self, key: str | int) -> object:
        """One of several by its key, or an attribute of the only one."""
        for instance in self.instances():
            if instance.key is not None and str(instance.key) == str(key):
                return instance
        single = next((each for each in self.instances() if each.key is None), None)
        if single is not None:
            return single if key == 0 else single.member(key)
        if isinstance(key, int) or not self.instances():
            raise Unfit("there is no such one")
        return self.instances()[0].member(key)

    def each(self) -> list[object]:
        """Each that is made of it."""
        return list(self.instances())

    def plain(self) -> Json:
        """All of their attributes."""
        found = self.instances()
        if any(each.key is None for each in found):
            return found[0].plain()
        if any(isinstance(each.key, str) for each in found):
            return {str(each.key): each.plain() for each in found}
        return [each.plain() for each in found]


class Instance:
    """One resource that is made. `key` is its index or key where there are several."""

    def __init__(self, owner: ResourceValue, key: Json, scope: NameScope) -> None:
        self.owner = owner
        self.key = key
        self.scope = scope
        self.module = owner.module
        self.kind = owner.block.labels[0]
        self.address = owner.address + ("" if key is None else f"[{json.dumps(key, ensure_ascii=False)}]")
        self._known: dict[str, object] = {}

    def member(self, key: str | int) -> object:
        """An attribute: an argument, what the provider makes of the name, or what a state says of it."""
        name = str(key)
        if name not in self._known:
            block = self.owner.block
            node: Node = HclLiteral(block.start, block.start, None)
            with self.module.shared.evaluator.entered(f"{self.address}.{name}", node, self.scope) as is_free:
                if not is_free:
                    raise Unfit("it names itself")
                self._known[name] = self._attribute(name)
        return self._known[name]

    def _attribute(self, name: str) -> object:
        recorded = self.module.shared.recorded.get(self.address)
        if recorded is not None and recorded.get(name) is not None:
            return recorded[name]
        if self.owner.block.type == "data":
            found = self._data(name)
            if found is not None:
                return found
        node = self.owner.block.body.argument(name)
        if node is not None:
            return self.module.shared.evaluator.value(node, self.scope)
        blocks = self._blocks(name)
        if blocks:
            return blocks
        made = self._made()
        return made.get(name, UNKNOWN)

    def _data(self, name: str) -> Json:
        if self.kind == "aws_caller_identity":
            return self.module.noted_place().account if name in ("account_id", "id") else None
        if self.kind == "aws_region":
            return self.module.noted_place().region if name in ("name", "region", "id") else None
        if self.kind == "aws_partition":
            filled = self.module.noted_place().filled("{partition}|{suffix}", "")
            partition, _, suffix = filled.partition("|")
            return {"partition": partition, "id": partition, "dns_suffix": suffix}.get(name)
        if self.kind == "aws_iam_policy_document" and name == "json" and not self._is_merged():
            return json.dumps({"Version": "2012-10-17", "Statement": [_statement(each) for each in self._statements()]})
        return None

    def _is_merged(self) -> bool:
        """Whether other documents are part of it, which are not looked at."""
        return any(name.endswith(("policy_documents", "_json")) for name in self.owner.block.body.arguments)

    def _statements(self) -> list[dict[str, Json]]:
        return [each for each in self._blocks("statement") if isinstance(each, dict)]

    def _made(self) -> dict[str, Json]:
        """What the provider makes of the name of the resource."""
        known = provider_type(self.kind)
        if not self.kind.startswith("aws_"):
            return {}
        arguments = {field: self._argument(field) for field in (known.name, f"{known.name}_prefix") if known.name}
        name = given_name(self.kind, {key: value for key, value in arguments.items() if value is not None})
        return computed(self.kind, {}, name or self._generated(), self.module.noted_place())

    def _argument(self, name: str) -> Json:
        node = self.owner.block.body.argument(name)
        return None if node is None else self.module.shared.evaluator.value(node, self.scope)

    def _generated(self) -> str:
        block, source = self.owner.block, self.scope.source
        span = source.span(block.start, block.start)
        return self.module.shared.assumptions.assume(
            self.address, block.labels[-1], AssumedBasis.GENERATED_NAME,
            "the provider makes its name; the name of the resource stands in", source.name, span.line, span.column,
        )  # fmt: skip

    def _blocks(self, name: str) -> list[Json]:
        """The nested blocks of a name, those that `dynamic` makes among them."""
        found: list[Json] = []
        for block in self.owner.block.body.blocks:
            if block.type == name:
                found.append(self._body(block.body, self.scope, 0))
            elif block.type == "dynamic" and block.labels == (name,):
                found += self._dynamic(block)
        return found

    def _dynamic(self, block: HclBlock) -> list[Json]:
        evaluator = self.module.shared.evaluator
        content = next((each.body for each in block.body.blocks if each.type == "content"), None)
        collection = block.body.argument("for_each")
        if content is None or collection is None:
            return []
        values = evaluator.value(collection, self.scope)
        if isinstance(values, Placeholder) or not isinstance(values, list | dict):
            return []
        each = [self.scope.within({block.labels[0]: {"key": key, "value": item}}) for key, item in pairs(values)]
        return [self._body(content, scope, 0) for scope in each[:MAX_INSTANCES]]

    def _body(self, body: Body, scope: NameScope, depth: int) -> Json:
        evaluator = self.module.shared.evaluator
        found: dict[str, Json] = {
            name: evaluator.value(node, scope) for name, (node, _) in body.arguments.items() if self._is_evaluated(name)
        }
        for block in body.blocks if depth < MAX_DEPTH else ():
            made = found.setdefault(block.type, [])
            if isinstance(made, list):
                made.append(self._body(block.body, scope, depth + 1))
        return found

    def _is_evaluated(self, name: str) -> bool:
        return name not in _NOT_EVALUATED or name in _POLICIES.get(self.kind, ())

    def each(self) -> list[object]:
        """Itself."""
        return [self]

    def plain(self) -> Json:
        """All of its attributes."""
        return dict(self.attributes())

    def attributes(self) -> dict[str, Json]:
        """All that is known of it: arguments, blocks, and what the provider makes of the name."""
        body = self.owner.block.body
        names = [name for name in body.arguments if name not in META]
        names += [block.labels[0] if block.type == "dynamic" else block.type for block in body.blocks]
        found = {name: self.value(name) for name in names if name not in META and self._is_evaluated(name)}
        recorded = self.module.shared.recorded.get(self.address) or {}
        kept = {name: value for name, value in recorded.items() if name not in found and self._is_evaluated(name)}
        made = {} if self.owner.block.type == "data" else self._made()
        return {**made, **kept, **{name: value for name, value in found.items() if value is not None}}

    def provisioned(self) -> Provisioned:
        """The resource as the provider knows it."""
        block = self.owner.block
        source = self.scope.source
        end = source.text.find("\n", block.start)
        return Provisioned(
            address=self.address,
            shown=self.shown,
            type=self.kind,
            attributes=self.attributes(),
            document=Document(None, source, (block.start, end if end > 0 else block.start + 1)),
        )

    @property
    def shown(self) -> str:
        """What people call it."""
        return short(self.address)

    def value(self, name: str) -> Json:
        """An attribute as a value, None where it has none."""
        evaluator = self.module.shared.evaluator
        try:
            with evaluator.forgiving() if name in _NOT_EVALUATED else nullcontext():
                found = self.member(name)
        except WRONG:
            return None
        return None if found is UNKNOWN else plain(found)


def _statement(given: Mapping[str, Json]) -> dict[str, Json]:
    """A statement block of aws_iam_policy_document as IAM has it."""
    names = {
        "Action": "actions",
        "NotAction": "not_actions",
        "Resource": "resources",
        "NotResource": "not_resources",
    }
    found: dict[str, Json] = {"Effect": given.get("effect") or "Allow"}
    found |= {name: given[argument] for name, argument in names.items() if given.get(argument) is not None}
    conditions = given.get("condition")
    for each in conditions if isinstance(conditions, list) else ():
        if isinstance(each, dict):
            keys = found.setdefault("Condition", {})
            if isinstance(keys, dict):
                tested = keys.setdefault(str(each.get("test")), {})
                if isinstance(tested, dict):
                    tested[str(each.get("variable"))] = each.get("values")
    return found
