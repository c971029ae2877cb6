"""CloudFormation's intrinsic functions, evaluated as far as a template alone says.

Source: AWS docs, "Intrinsic function reference" and "Conditions". What is only known at deployment becomes a
`${Placeholder}` and is noted as assumed. `Resolver` never raises but for a template whose functions come to too much.
"""

from __future__ import annotations

import base64
import json
import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.reader import closest
from sfdebug.asl.text.problems import quote
from sfdebug.projects.assumptions import Assumptions
from sfdebug.projects.loops import unrolled
from sfdebug.projects.model import AssumedBasis, ProjectError
from sfdebug.projects.reading import problem_at
from sfdebug.projects.resource_types import name_properties, type_named
from sfdebug.values import MISSING, Json, Value, compact, same

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.errors import Problem

MAX_EVALUATIONS: Final = 500_000
"""Most values that are looked at for one template, so that a small one cannot keep the processor busy for ever."""

MAX_TEXT: Final = 1 << 22
"""Longest text that a function gives."""

MAX_DEPTH: Final = 120
"""Deepest nesting of functions and references into one another."""

_SUB: Final = re.compile(r"\$\{(!?)([^{}]*)\}")
_DYNAMIC: Final = re.compile(r"\{\{resolve:([^{}]+)\}\}")
_ALIAS: Final = re.compile(r"(\w+?)Alias(\w+)")
_STACK_UUID: Final = "51af3dc0-da77-11e4-872e-1234567db123"
"""The last part of a stack's id, as in AWS's documents: templates take it apart at its hyphens."""

_DERIVED: Final = "{derived}"
_MAX_PROBLEMS: Final = 200

CHINA: Final = ("aws-cn", "amazonaws.com.cn")
GOVERNMENT: Final = ("aws-us-gov", "amazonaws.com")
COMMERCIAL: Final = ("aws", "amazonaws.com")


def partition_of(region: str) -> tuple[str, str]:
    """The partition of a region, and the domain that its URLs end with."""
    return CHINA if region.startswith("cn-") else GOVERNMENT if region.startswith("us-gov-") else COMMERCIAL


def function_in(value: Json) -> str | None:
    """The intrinsic function that an object is: its only key says so."""
    if not isinstance(value, dict) or len(value) != 1:
        return None
    name = next(iter(value))
    return name if name == "Ref" or name.startswith("Fn::") else None


def text_of(value: Json) -> str | None:
    """A scalar as CloudFormation writes it into a text; None for lists and objects."""
    if isinstance(value, str):
        return value
    return None if isinstance(value, (dict, list)) or value is None else compact(value)


class Resolver:
    """Evaluates the functions of one template.

    `aliases` are further names of resources (the function keys of serverless.yml); `exports` are what other stacks of
    the project export, by name; `nested_output` gives an output of a nested stack. `name_prefix` stands before the
    names that CloudFormation makes at deployment, so that two stacks of a project do not share them. `mounts` say of
    values that were put into the template from elsewhere where they stand; `generated_names` are resources that a
    framework makes besides those of the template.
    """

    def __init__(
        self,
        document: Document,
        parameters: Mapping[str, Json],
        assumptions: Assumptions,
        *,
        region: str,
        account: str,
        stack: str,
        is_region_given: bool = False,
        is_account_given: bool = False,
        is_stack_given: bool = False,
        name_prefix: str = "",
    ) -> None:
        self.document = document
        self.template, self.mounts = unrolled(document, parameters)
        self.assumptions = assumptions
        self.problems: list[Problem] = []
        self.parameters = parameters
        self.region, self.account, self.stack = region, account, stack
        self.aliases: dict[str, str] = {}
        self.exports: Mapping[str, Value] = {}
        self.generated_names: Collection[str] = ()
        self.nested_output: Callable[[str, str], Value] = lambda owner, name: MISSING
        self.is_region_given, self.is_account_given = is_region_given, is_account_given
        self.name_prefix = name_prefix
        self._is_stack_given = is_stack_given
        self._given = {"AWS::Region": is_region_given, "AWS::AccountId": is_account_given}
        self._steps = 0
        self._depth = 0
        self._names: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._resolving: list[str] = []
        self._conditions: dict[str, bool] = {}

    # what templates hold

    def section(self, name: str) -> dict[str, Json]:
        """A section of the template, empty when it is none."""
        value = self.template.get(name)
        return value if isinstance(value, dict) else {}

    def resource(self, logical_id: str) -> dict[str, Json] | None:
        """A resource as written."""
        value = self.section("Resources").get(self.aliases.get(logical_id, logical_id))
        return value if isinstance(value, dict) else None

    def resource_type(self, logical_id: str) -> str:
        """The type of a resource, "" when it is none."""
        value = (self.resource(logical_id) or {}).get("Type")
        return value if isinstance(value, str) else ""

    def properties(self, logical_id: str) -> dict[str, Json]:
        """The properties of a resource as written."""
        value = (self.resource(logical_id) or {}).get("Properties")
        return value if isinstance(value, dict) else {}

    def note(self, pointer: Pointer, what: str, fix: str, *, severity: str = "warning", key: bool = False) -> None:
        """Note a problem of the template."""
        if len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(self.problem(pointer, what, fix, severity=severity, key=key))

    def problem(self, pointer: Pointer, what: str, fix: str, *, severity: str = "error", key: bool = False) -> Problem:
        """A problem with what stands at a pointer of the template."""
        return problem_at(*self.placed(pointer), what, fix, severity=severity, key=key)

    def placed(self, pointer: Pointer) -> tuple[Document, Pointer]:
        """The document and the pointer in it at which a value of the template was written."""
        for length in range(len(pointer) if self.mounts else 0, 0, -1):
            mounted = self.mounts.get(pointer[:length])
            if mounted is not None:
                return mounted[0], (*mounted[1], *pointer[length:])
        return self.document, pointer

    # values

    def resolve(self, value: Json, at: Pointer = ()) -> Value:
        """`value` with its functions evaluated; MISSING for AWS::NoValue. `at` is where it stands."""
        self._steps += 1
        if self._steps > MAX_EVALUATIONS:
            what = f"its functions come to more than {MAX_EVALUATIONS:,} evaluations"
            raise ProjectError([self.problem(at, what, "use fewer references into references")])
        if isinstance(value, str):
            return _DYNAMIC.sub(lambda match: self._dynamic(match[1], at), value) if "{{resolve:" in value else value
        if not isinstance(value, (dict, list)):
            return value
        if self._depth > MAX_DEPTH:
            self.note(at, "functions and references are nested too deep here", "make it flatter", severity="error")
            return self.assumptions.unknown("Nested", "it is nested too deep", self.placed(at))
        self._depth += 1
        try:
            name = function_in(value)
            if name is not None and isinstance(value, dict):
                return self._applied(name, value[name], (*at, name))
            if isinstance(value, dict):
                found = {key: self.resolve(item, (*at, key)) for key, item in value.items()}
                return {key: item for key, item in found.items() if item is not MISSING}
            items = (self.resolve(item, (*at, index)) for index, item in enumerate(value))
            return [item for item in items if item is not MISSING]
        finally:
            self._depth -= 1

    def text(self, value: Json, at: Pointer) -> str:
        """`value` evaluated, as a text; a placeholder for what is none."""
        found = self.resolve(value, at)
        text = None if found is MISSING else text_of(found)
        if text is None:
            if isinstance(found, list) and all(isinstance(item, str) for item in found):
                return ",".join(map(str, found))
            self.note(at, "a text is needed here", "give a text, or a function that gives one")
            return self.assumptions.unknown("NoText", "a text is needed there", self.placed(at))
        return text

    def _applied(self, name: str, argument: Json, at: Pointer) -> Value:
        function = _FUNCTIONS.get(name)
        if function is None:
            return self.unknown(name.removeprefix("Fn::"), f"sfdebug does not evaluate {name}", at)
        return function(self, argument, at)

    def unknown(self, name: str, why: str, at: Pointer) -> str:
        """A value that is only known at deployment: a placeholder, which is noted."""
        return self.assumptions.unknown(name, why, self.placed(at))

    def _dynamic(self, reference: str, at: Pointer) -> str:
        return self.unknown(f"resolve:{reference}", "AWS reads it when the template is deployed", at)

    def _wrong(self, at: Pointer, function: str, wanted: str) -> str:
        self.note(at, f"{function} takes {wanted}", "write it so")
        return self.unknown(function.removeprefix("Fn::"), f"its {function} cannot be read", at)

    # Ref and GetAtt

    def ref(self, argument: Json, at: Pointer) -> Value:
        """What Ref gives."""
        if not isinstance(argument, str):
            return self._wrong(at, "Ref", "a name")
        if argument.startswith("AWS::"):
            return self.pseudo(argument, at)
        if argument in self.section("Parameters"):
            return self._parameter(argument)
        if self.resource(argument) is not None:
            known = type_named(self.resource_type(argument))
            return self._filled(known.ref, argument)
        return self._implied(argument, at)

    def _parameter(self, name: str) -> Json:
        value = self.parameters.get(name, MISSING)
        if value is not MISSING:
            return value
        return self.assumptions.note(
            name,
            f"${{{name}}}",
            AssumedBasis.PARAMETER,
            "the template gives it no value",
            option=f"--parameter {name}=…",
            at=self.placed(("Parameters", name)),
        )

    def pseudo(self, name: str, at: Pointer) -> Value:
        """What a pseudo parameter gives."""
        if name == "AWS::NoValue":
            return MISSING
        partition, suffix = partition_of(self.region)
        if name in ("AWS::Region", "AWS::AccountId"):
            value = self.region if name == "AWS::Region" else self.account
            if not self._given[name]:
                basis = AssumedBasis.REGION if name == "AWS::Region" else AssumedBasis.ACCOUNT
                option = "--region" if name == "AWS::Region" else "--account"
                self.assumptions.note(name, value, basis, "a stand-in, as none was given", option=option)
            return value
        if name == "AWS::Partition":
            return partition
        if name == "AWS::URLSuffix":
            return suffix
        if name in ("AWS::StackName", "AWS::StackId"):
            arn = f"arn:{partition}:cloudformation:{self.region}:{self.account}:stack/{self.stack}/{_STACK_UUID}"
            value = self.stack if name == "AWS::StackName" else arn
            if self._is_stack_given:
                return value
            return self.assumptions.note(
                name, value, AssumedBasis.PSEUDO_PARAMETER, "a stand-in: the stack is named at deployment"
            )
        if name == "AWS::NotificationARNs":
            return []
        self.note(at, f"there is no pseudo parameter {quote(name)}", "AWS::Region, AWS::AccountId, …")
        return self.unknown(name.removeprefix("AWS::"), "CloudFormation has no such pseudo parameter", at)

    def _implied(self, name: str, at: Pointer) -> str:
        """A name that no parameter and no resource has: SAM makes some resources of its own."""
        owner, _, made = name.partition(".")
        if made in ("Alias", "Version") and self.resource(owner) is not None:
            alias = self.text(self.properties(owner).get("AutoPublishAlias", "live"), at) if made == "Alias" else "1"
            return f"{self.arn(owner)}:{alias}"
        alias_of = _ALIAS.fullmatch(name)
        if alias_of is not None and self.resource_type(alias_of[1]).startswith("AWS::Serverless::"):
            return f"{self.arn(alias_of[1])}:{alias_of[2]}"
        if name in self.generated_names:
            return self._generated(name, "the framework makes this resource", at)
        if name.endswith("Role") and self.resource_type(name.removesuffix("Role")).startswith("AWS::Serverless::"):
            return self._generated(name, "SAM makes this role", at)
        if name.startswith("Serverless") and self.template.get("Transform"):
            return self._generated(name, "SAM makes this resource", at)
        known = [*self.section("Parameters"), *self.section("Resources")]
        close = closest(name, known)
        fix = f"did you mean {quote(close)}?" if close else "name a parameter or a resource of this template"
        self.note(at, f"{quote(name)} is no parameter and no resource of this template", fix)
        return self.unknown(name, "nothing in the template has this name", at)

    def _generated(self, name: str, why: str, at: Pointer | None) -> str:
        here = None if at is None else self.placed(at)
        name = f"{self.name_prefix}{name}"
        return self.assumptions.note(
            name, name, AssumedBasis.GENERATED_NAME, f"{why}; its logical id stands in", at=here
        )

    def name_of(self, logical_id: str) -> str:
        """The physical name of a resource; its logical id where CloudFormation makes one at deployment."""
        logical_id = self.aliases.get(logical_id, logical_id)
        if logical_id in self._names:
            name, touched = self._names[logical_id]
            self.assumptions.touch(touched)
            return name
        at: Pointer = ("Resources", logical_id)
        if logical_id in self._resolving:
            chain = " → ".join((*self._resolving[self._resolving.index(logical_id) :], logical_id))
            self.note(
                at, f"a cycle of references: {chain}", "CloudFormation refuses it: break it", severity="error", key=True
            )
            return logical_id
        self._resolving.append(logical_id)
        try:
            with self.assumptions.watching() as used:
                name = self._given_name(logical_id) or self._generated(
                    logical_id, "CloudFormation makes its name at deployment", at
                )
        finally:
            self._resolving.pop()
        self._names[logical_id] = (name, tuple(used))
        return name

    def _given_name(self, logical_id: str) -> str:
        properties = self.properties(logical_id)
        kind = self.resource_type(logical_id)
        for field in name_properties(kind, type_named(kind)):
            if field in properties:
                value = self.resolve(properties[field], ("Resources", logical_id, "Properties", field))
                if isinstance(value, str) and value:
                    return value
        return ""

    def arn(self, logical_id: str) -> str:
        """The ARN of a resource, "" for a type that has none."""
        return self._filled(type_named(self.resource_type(logical_id)).arn, logical_id)

    def url(self, logical_id: str) -> str:
        """The URL of a queue, "" for all else."""
        return self._filled(type_named(self.resource_type(logical_id)).url, logical_id)

    def _filled(self, form: str, logical_id: str) -> str:
        if not form:
            return ""
        if form == _DERIVED:
            return self._derived(logical_id)
        values = {"partition": "AWS::Partition", "region": "AWS::Region", "account": "AWS::AccountId"}
        found = {word: str(self.pseudo(name, ())) for word, name in values.items() if f"{{{word}}}" in form}
        if "{suffix}" in form:
            found["suffix"] = partition_of(self.region)[1]
        return form.format(name=self.name_of(logical_id), **found)

    def _derived(self, logical_id: str) -> str:
        """The ARN of a version or an alias: that of what it is one of, with a number or a name behind it."""
        properties, at = self.properties(logical_id), ("Resources", logical_id, "Properties")
        if logical_id in self._resolving:
            return self.name_of(logical_id)  # which notes the cycle
        self._resolving.append(logical_id)
        try:
            kind = self.resource_type(logical_id).rpartition("::")[2]
            if kind == "StateMachineAlias":
                routes = properties.get("RoutingConfiguration")
                route = routes[0] if isinstance(routes, list) and routes else None
                version = route.get("StateMachineVersionArn") if isinstance(route, dict) else None
                owner = self.text(version, (*at, "RoutingConfiguration")).rpartition(":")[0] if version else ""
            else:
                field = "StateMachineArn" if kind == "StateMachineVersion" else "FunctionName"
                owner = self.text(properties[field], (*at, field)) if field in properties else ""
                if field == "FunctionName" and not owner.startswith("arn:"):
                    owner = self._named_function(owner)
            name = properties.get("Name", "alias")
            return f"{owner}:{self.text(name, (*at, 'Name')) if kind.endswith('Alias') else '1'}"
        finally:
            self._resolving.pop()

    def _named_function(self, name: str) -> str:
        partition, region, account = (
            str(self.pseudo(f"AWS::{part}", ())) for part in ("Partition", "Region", "AccountId")
        )
        return f"arn:{partition}:lambda:{region}:{account}:function:{name}"

    def get_att(self, argument: Json, at: Pointer) -> Value:
        """What Fn::GetAtt gives."""
        if isinstance(argument, list) and len(argument) >= 2:
            owner, attribute = argument[0], ".".join(self.text(part, at) for part in argument[1:])
        elif isinstance(argument, str) and "." in argument:
            owner, _, attribute = argument.partition(".")
        else:
            return self._wrong(at, "Fn::GetAtt", "a resource and an attribute of it")
        if not isinstance(owner, str):
            return self._wrong(at, "Fn::GetAtt", "the name of a resource first")
        return self.attribute(owner, attribute, at)

    def attribute(self, owner: str, attribute: str, at: Pointer) -> Value:
        """An attribute of a resource."""
        if self.resource(owner) is None:
            if attribute == "Arn" and owner.endswith("Role") and self.resource_type(owner.removesuffix("Role")):
                name = self._implied(owner, at)
                return f"arn:{partition_of(self.region)[0]}:iam::{self.pseudo('AWS::AccountId', at)}:role/{name}"
            if owner in self.section("Parameters"):
                self.note(at, f"{quote(owner)} is a parameter: it has no attributes", "use Ref")
                return self.unknown(f"{owner}.{attribute}", "a parameter has no attributes", at)
            self._implied(owner, at)
            return self.unknown(f"{owner}.{attribute}", "nothing in the template has this name", at)
        kind = self.resource_type(owner)
        known = type_named(kind)
        if attribute == "Arn" and known.arn:
            return self._filled(known.arn, owner)
        if attribute in known.attributes:
            return self._filled(known.attributes[attribute], owner)
        why = "it is made at deployment"
        if attribute.startswith("Outputs."):
            found = self.nested_output(self.aliases.get(owner, owner), attribute.removeprefix("Outputs."))
            if found is not MISSING:
                return found
            why = "a nested stack gives it at deployment"
        return self.unknown(f"{owner}.{attribute}", why, at)

    # functions on texts and lists

    def sub(self, argument: Json, at: Pointer) -> Value:
        """What Fn::Sub gives."""
        parts = self.sub_parts(argument, at)
        if parts is None:
            return self._wrong(at, "Fn::Sub", "a text, or a list of a text and an object of names")
        text, names, here = parts
        return self._bounded(_SUB.sub(lambda match: self.sub_value(match, names, here), text), at)

    def sub_parts(self, argument: Json, at: Pointer) -> tuple[str, dict[str, Json], Pointer] | None:
        """The text of a Fn::Sub, its own names, and where the text stands; None when it is wrong."""
        if isinstance(argument, str):
            return argument, {}, at
        if isinstance(argument, list) and argument and isinstance(argument[0], str):
            names = argument[1] if len(argument) > 1 else {}
            if isinstance(names, dict):
                return argument[0], names, (*at, 0)
        return None

    def sub_value(self, match: re.Match[str], names: Mapping[str, Json], at: Pointer) -> str:
        """What stands for one `${Name}` of a Fn::Sub."""
        name = match[2].strip()
        if match[1]:
            return f"${{{match[2]}}}"
        if name in names:
            return self.text(names[name], (*at[:-1], 1, name))
        noted = self.assumptions.noted.get(name)
        if noted is not None and noted.value == match[0]:  # a placeholder that was put in before
            self.assumptions.touch((name,))
            return match[0]
        if "." in name and name not in self.section("Parameters"):
            owner, _, attribute = name.partition(".")
            if attribute in ("Alias", "Version") and self.resource(owner) is not None:
                return self._implied(name, at)
            value = self.attribute(owner, attribute, at)
        else:
            value = self.ref(name, at)
        if value is MISSING:
            return ""
        text = text_of(value)
        return ",".join(map(str, value)) if isinstance(value, list) else text if text is not None else match[0]

    def _bounded(self, text: str, at: Pointer) -> str:
        self._steps += len(text) >> 6
        if len(text) <= MAX_TEXT:
            return text
        self.note(at, f"this becomes a text of more than {MAX_TEXT >> 20} MiB", "make it smaller", severity="error")
        return self.unknown("LongText", "it is too long", at)

    def join(self, argument: Json, at: Pointer) -> Value:
        """What Fn::Join gives."""
        if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str):
            return self._wrong(at, "Fn::Join", "a delimiter and a list")
        items = self.resolve(argument[1], (*at, 1))
        if isinstance(items, str):  # a parameter that is a list, whose value nobody knows
            return items
        if not isinstance(items, list):
            return self._wrong(at, "Fn::Join", "a delimiter and a list")
        texts = [self.text(item, (*at, 1)) for item in items]
        return self._bounded(argument[0].join(texts), at)

    def select(self, argument: Json, at: Pointer) -> Value:
        """What Fn::Select gives."""
        if not isinstance(argument, list) or len(argument) != 2:
            return self._wrong(at, "Fn::Select", "an index and a list")
        index, items = self.resolve(argument[0], (*at, 0)), self.resolve(argument[1], (*at, 1))
        number = text_of(index) if index is not MISSING else None
        if number is None or not number.isdecimal() or not isinstance(items, list):
            return self.unknown("Select", "its index or its list is only known at deployment", at)
        if int(number[:9]) < len(items):
            return items[int(number[:9])]
        if any(isinstance(item, str) and "${" in item for item in items):
            return self.unknown("Select", "its list is only known at deployment", at)
        return self._wrong(at, "Fn::Select", f"an index of its list, which has {len(items)}")

    def split(self, argument: Json, at: Pointer) -> Value:
        """What Fn::Split gives."""
        if not isinstance(argument, list) or len(argument) != 2 or not isinstance(argument[0], str) or not argument[0]:
            return self._wrong(at, "Fn::Split", "a delimiter and a text")
        text = self.text(argument[1], (*at, 1))
        return list(text.split(argument[0]))

    def find_in_map(self, argument: Json, at: Pointer) -> Value:
        """What Fn::FindInMap gives."""
        if not isinstance(argument, list) or len(argument) < 3:
            return self._wrong(at, "Fn::FindInMap", "a map and two keys")
        names = [self.text(part, (*at, index)) for index, part in enumerate(argument[:3])]
        value: Json = self.section("Mappings")
        for name in names:
            if not isinstance(value, dict) or name not in value:
                default = (
                    argument[3].get("DefaultValue", MISSING)
                    if len(argument) > 3 and isinstance(argument[3], dict)
                    else MISSING
                )
                if default is not MISSING:
                    return self.resolve(default, (*at, 3, "DefaultValue"))
                self.note(
                    at, f"the Mappings have no {'.'.join(names)}", "add it, or give a parameter that chooses another"
                )
                return self.unknown(f"FindInMap:{'.'.join(names)}", "the Mappings do not have it", at)
            value = value[name]
        return [text_of(item) or "" for item in value] if isinstance(value, list) else text_of(value) or ""

    def base64(self, argument: Json, at: Pointer) -> Value:
        """What Fn::Base64 gives."""
        return base64.b64encode(self.text(argument, at).encode()).decode()

    def length(self, argument: Json, at: Pointer) -> Value:
        """What Fn::Length gives."""
        items = self.resolve(argument, at)
        return len(items) if isinstance(items, list) else self._wrong(at, "Fn::Length", "a list")

    def to_json(self, argument: Json, at: Pointer) -> Value:
        """What Fn::ToJsonString gives."""
        value = self.resolve(argument, at)
        return "" if value is MISSING else json.dumps(value, separators=(",", ":"), ensure_ascii=False)

    def zones(self, argument: Json, at: Pointer) -> Value:
        """What Fn::GetAZs gives: three stand-ins."""
        region = self.text(argument, at) or str(self.pseudo("AWS::Region", at))
        why = "a stand-in: an account has its own zones"
        self.assumptions.note("Fn::GetAZs", f"{region}a, {region}b, {region}c", AssumedBasis.UNKNOWN, why)
        return [f"{region}{letter}" for letter in "abc"]

    def import_value(self, argument: Json, at: Pointer) -> Value:
        """What Fn::ImportValue gives: the export of another stack of the project, if there is one."""
        name = self.text(argument, at)
        found = self.exports.get(name, MISSING)
        if found is not MISSING:
            return found
        return self.unknown(f"ImportValue:{name}", "another stack exports it", at)

    def transform(self, argument: Json, at: Pointer) -> Value:
        """What Fn::Transform gives: nobody knows but the macro."""
        name = argument.get("Name") if isinstance(argument, dict) else None
        return self.unknown(f"Transform:{name}", "a macro gives it at deployment", at)

    # conditions

    def choose(self, argument: Json, at: Pointer) -> Value:
        """What Fn::If gives."""
        if not isinstance(argument, list) or len(argument) != 3 or not isinstance(argument[0], str):
            return self._wrong(at, "Fn::If", "the name of a condition and two values")
        index = 1 if self.condition(argument[0], (*at, 0)) else 2
        return self.resolve(argument[index], (*at, index))

    def condition(self, name: str, at: Pointer) -> bool:
        """Whether the condition of this name holds, for the parameters as they are."""
        if name in self._conditions:
            return self._conditions[name]
        known = self.section("Conditions")
        if name not in known:
            close = closest(name, known)
            fix = f"did you mean {quote(close)}?" if close else "add it under Conditions"
            self.note(at, f"there is no condition {quote(name)}", fix)
            return False
        self._conditions[name] = False  # a condition that names itself does not hold
        self._conditions[name] = self._holds(known[name], ("Conditions", name))
        return self._conditions[name]

    def _holds(self, rule: Json, at: Pointer) -> bool:
        self._steps += 1
        if isinstance(rule, dict) and len(rule) == 1 and len(at) < MAX_DEPTH:
            name, argument = next(iter(rule.items()))
            here = (*at, name)
            if name == "Condition" and isinstance(argument, str):
                return self.condition(argument, here)
            if isinstance(argument, list):
                if name == "Fn::Equals" and len(argument) == 2:
                    left, right = (self.resolve(item, here) for item in argument)
                    return left is right or _equal(left, right)
                if name in ("Fn::And", "Fn::Or") and self._steps < MAX_EVALUATIONS:
                    found = [self._holds(item, (*here, index)) for index, item in enumerate(argument)]
                    return all(found) if name == "Fn::And" else any(found)
                if name == "Fn::Not" and len(argument) == 1:
                    return not self._holds(argument[0], (*here, 0))
        self.note(at, "this is no condition", "write Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition")
        return False


def _equal(left: Value, right: Value) -> bool:
    if left is MISSING or right is MISSING:
        return False
    texts = text_of(left), text_of(right)
    return texts[0] == texts[1] if None not in texts else same(left, right)


_FUNCTIONS: Final[dict[str, Callable[[Resolver, Json, Pointer], Value]]] = {
    "Ref": Resolver.ref,
    "Fn::GetAtt": Resolver.get_att,
    "Fn::Sub": Resolver.sub,
    "Fn::Join": Resolver.join,
    "Fn::Select": Resolver.select,
    "Fn::Split": Resolver.split,
    "Fn::FindInMap": Resolver.find_in_map,
    "Fn::If": Resolver.choose,
    "Fn::Base64": Resolver.base64,
    "Fn::Length": Resolver.length,
    "Fn::ToJsonString": Resolver.to_json,
    "Fn::GetAZs": Resolver.zones,
    "Fn::ImportValue": Resolver.import_value,
    "Fn::Transform": Resolver.transform,
}
