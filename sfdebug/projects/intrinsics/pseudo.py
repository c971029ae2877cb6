"""The pseudo parameters: `AWS::Region`, `AWS::StackName` and the others, given or assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.problems import quote
from sfdebug.projects.deployment import partition_of
from sfdebug.projects.model import AssumedBasis
from sfdebug.values import MISSING

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.projects.intrinsics.resolver import Resolver
    from sfdebug.values import Value

_STACK_UUID: Final = "51af3dc0-da77-11e4-872e-1234567db123"
"""The last part of a stack's id, as in AWS's documents: templates take it apart at its hyphens."""

_NOT_GIVEN: Final = "a stand-in, as none was given"


def pseudo(resolver: Resolver, name: str, at: Pointer) -> Value:
    """What a pseudo parameter gives."""
    place = resolver.place
    if name == "AWS::NoValue":
        return MISSING
    if name == "AWS::Region":
        return region(resolver)
    if name == "AWS::AccountId":
        return account(resolver)
    partition, suffix = partition_of(place.region)
    if name == "AWS::Partition":
        return partition
    if name == "AWS::URLSuffix":
        return suffix
    if name in ("AWS::StackName", "AWS::StackId"):
        arn = f"arn:{partition}:cloudformation:{place.region}:{place.account}:stack/{place.stack}/{_STACK_UUID}"
        value = place.stack if name == "AWS::StackName" else arn
        if place.is_stack_given:
            return value
        why = "a stand-in: the stack is named at deployment"
        return resolver.assumptions.note(name, value, AssumedBasis.PSEUDO_PARAMETER, why)
    if name == "AWS::NotificationARNs":
        return []
    resolver.template.note(at, f"there is no pseudo parameter {quote(name)}", "AWS::Region, AWS::AccountId, …")
    return resolver.unknown(name.removeprefix("AWS::"), "CloudFormation has no such pseudo parameter", at)


def region(resolver: Resolver) -> str:
    """The region that the stack is deployed to, noted as assumed where none was given."""
    place = resolver.place
    if not place.is_region_given:
        resolver.assumptions.note("AWS::Region", place.region, AssumedBasis.REGION, _NOT_GIVEN, option="--region")
    return place.region


def account(resolver: Resolver) -> str:
    """The account that the stack is deployed to, noted as assumed where none was given."""
    place = resolver.place
    if not place.is_account_given:
        resolver.assumptions.note("AWS::AccountId", place.account, AssumedBasis.ACCOUNT, _NOT_GIVEN, option="--account")
    return place.account
