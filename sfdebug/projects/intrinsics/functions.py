"""The table of the functions that are evaluated, and the resolver of a template that has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.projects.intrinsics.conditions import choose
from sfdebug.projects.intrinsics.lookups import find_in_map, import_value, length, select, transform, zones
from sfdebug.projects.intrinsics.references import get_att, ref
from sfdebug.projects.intrinsics.resolver import Resolver
from sfdebug.projects.intrinsics.texts import in_base64, join, split, sub, to_json

if TYPE_CHECKING:
    from collections.abc import Collection

    from sfdebug.projects.assumptions import Assumptions
    from sfdebug.projects.deployment import StackPlace
    from sfdebug.projects.intrinsics.resolver import TemplateFunction
    from sfdebug.projects.intrinsics.template import WrittenTemplate

FUNCTIONS: Final[dict[str, TemplateFunction]] = {
    "Ref": ref,
    "Fn::GetAtt": get_att,
    "Fn::Sub": sub,
    "Fn::Join": join,
    "Fn::Select": select,
    "Fn::Split": split,
    "Fn::FindInMap": find_in_map,
    "Fn::If": choose,
    "Fn::Base64": in_base64,
    "Fn::Length": length,
    "Fn::ToJsonString": to_json,
    "Fn::GetAZs": zones,
    "Fn::ImportValue": import_value,
    "Fn::Transform": transform,
}
"""What each function gives, by its long name."""


def resolver_of(
    template: WrittenTemplate, assumptions: Assumptions, place: StackPlace, generated_names: Collection[str] = ()
) -> Resolver:
    """What evaluates the functions of a template that is deployed to a place."""
    return Resolver(template, assumptions, place, FUNCTIONS, generated_names)
