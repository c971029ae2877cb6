"""Versions of state machines and aliases that lead to them.

Source: AWS API, PublishStateMachineVersion, CreateStateMachineAlias and the others; the answers are those recorded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sfdebug.hosting.records import AliasRoute
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason
from sfdebug.server.arns import ResourceArn, ResourceArnKind, read_arn
from sfdebug.server.call import ApiCall, seconds, without_none
from sfdebug.server.errors import ApiRefusalError, ErrorType, validation
from sfdebug.server.pages import page_of
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_WHOLE: Final = 100
_INITIAL: Final = "INITIAL"
"""AWS API, PublishStateMachineVersion, `revisionId`: what a machine has that was never updated."""


def publish_state_machine_version(call: ApiCall) -> dict[str, Json]:
    """PublishStateMachineVersion: the same revision once more is the same version."""
    arn = _machine(call).text
    host, revision = call.host, call.get("revisionId")
    current = host.machines.get(arn).revision_id
    if revision == _INITIAL and current is None:
        revision = None
    try:
        version = host.versions.publish(arn, revision_id=revision, description=call.get("description"))
    except HostRefusalError as refusal:
        if refusal.reason is not RefusalReason.REVISION_CONFLICT:
            raise
        message = (
            f"Failed to publish the State Machine version for revision {revision}. The current State Machine revision "
            f"is {current or _INITIAL}."
        )
        raise ApiRefusalError(ErrorType.CONFLICT, message) from None
    return {"creationDate": seconds(version.created), "stateMachineVersionArn": version.arn}


def list_state_machine_versions(call: ApiCall) -> dict[str, Json]:
    """ListStateMachineVersions: the newest first."""
    arn = _machine(call)
    page, token = page_of(call.host.versions.list(arn.text), call.members, "versions", arn.text)
    listed: list[Json] = [
        {"stateMachineVersionArn": version.arn, "creationDate": seconds(version.created)} for version in page
    ]
    return without_none(stateMachineVersions=listed, nextToken=token)


def delete_state_machine_version(call: ApiCall) -> dict[str, Json]:
    """DeleteStateMachineVersion: of one that is not there, nothing."""
    arn = read_arn(call.members["stateMachineVersionArn"], ResourceArnKind.STATE_MACHINE)
    try:
        call.host.versions.delete(arn.text)
    except HostRefusalError as refusal:
        if refusal.reason is not RefusalReason.VERSION_IN_USE:
            raise
        names = ", ".join(alias.name for alias in call.host.aliases.list(arn.text))
        message = (
            "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this "
            f"version: [{names}]"
        )
        raise ApiRefusalError(ErrorType.CONFLICT, message) from None
    return {}


# aliases


def create_state_machine_alias(call: ApiCall) -> dict[str, Json]:
    """CreateStateMachineAlias: the same once more gives the first."""
    routes = _routes(call.members["routingConfiguration"])
    alias = call.host.aliases.create(call.members["name"], routes, call.get("description") or "")
    return {"stateMachineAliasArn": alias.arn, "creationDate": seconds(alias.created)}


def update_state_machine_alias(call: ApiCall) -> dict[str, Json]:
    """UpdateStateMachineAlias."""
    arn = _alias(call)
    given, description = call.get("routingConfiguration"), call.get("description")
    if given is None and description is None:
        # Not recorded: AWS API, "you must specify at least one of the description or routingConfiguration".
        raise validation("Either the description or the routing configuration must be specified")
    routes = None if given is None else _routes(given)
    alias = call.host.aliases.update(arn.text, description=description, routes=routes)
    return {"updateDate": seconds(alias.updated)}


def describe_state_machine_alias(call: ApiCall) -> dict[str, Json]:
    """DescribeStateMachineAlias."""
    alias = call.host.aliases.get(_alias(call).text)
    routes: list[Json] = [
        {"stateMachineVersionArn": route.version_arn, "weight": route.weight} for route in alias.routes
    ]
    return without_none(
        stateMachineAliasArn=alias.arn,
        name=alias.name,
        description=alias.description or None,
        routingConfiguration=routes,
        creationDate=seconds(alias.created),
        updateDate=seconds(alias.updated),
    )


def list_state_machine_aliases(call: ApiCall) -> dict[str, Json]:
    """ListStateMachineAliases: of a machine, or of one of its versions; by name, as recorded."""
    arn = read_arn(call.members["stateMachineArn"], ResourceArnKind.STATE_MACHINE)
    aliases = sorted(call.host.aliases.list(arn.text), key=lambda alias: alias.name)
    page, token = page_of(aliases, call.members, "aliases", arn.text)
    listed: list[Json] = [{"stateMachineAliasArn": alias.arn, "creationDate": seconds(alias.created)} for alias in page]
    return without_none(stateMachineAliases=listed, nextToken=token)


def delete_state_machine_alias(call: ApiCall) -> dict[str, Json]:
    """DeleteStateMachineAlias. Recorded: of one that is not there, nothing."""
    try:
        call.host.aliases.delete(_alias(call).text)
    except HostRefusalError as refusal:
        if refusal.reason is not RefusalReason.ALIAS_UNKNOWN:
            raise
    return {}


def _machine(call: ApiCall) -> ResourceArn:
    return read_arn(call.members["stateMachineArn"], ResourceArnKind.STATE_MACHINE)


def _alias(call: ApiCall) -> ResourceArn:
    return read_arn(call.members["stateMachineAliasArn"], ResourceArnKind.STATE_MACHINE)


def _routes(given: Sequence[Mapping[str, Any]]) -> list[AliasRoute]:
    """Where an alias is to lead. Raises ApiRefusalError (ValidationException), with the words that are recorded."""
    routes = [AliasRoute(route["stateMachineVersionArn"], route["weight"]) for route in given]
    arns = [read_arn(route.version_arn, ResourceArnKind.STATE_MACHINE) for route in routes]
    received = f"Received: [{', '.join(arn.text for arn in arns)}]"
    if not all(arn.is_version for arn in arns):
        raise validation(f"Routing configuration must contain state machine version ARNs. {received}")
    if len({arn.text for arn in arns}) < len(arns):
        raise validation(f"Routing configuration must contain distinct state machine version ARNs. {received}")
    if len({arn.whole for arn in arns}) > 1:  # not recorded
        raise validation(f"Routing configuration must contain versions of the same state machine. {received}")
    weights = [route.weight for route in routes]
    if sum(weights) != _WHOLE:
        raise validation(
            f"Sum of routing configuration weights must equal 100. Received: [{', '.join(map(str, weights))}]"
        )
    return routes
