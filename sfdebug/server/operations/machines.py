"""State machines: created, changed, described, listed, deleted.

Source: AWS API, CreateStateMachine and the others; the answers are those that are recorded.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from sfdebug.asl.variable_references import variable_references
from sfdebug.hosting.records import MachineSettings
from sfdebug.limits import ExecutionType
from sfdebug.server.arns import ResourceArnKind, read_arn, read_machine_arn
from sfdebug.server.call import ApiCall, seconds, without_none
from sfdebug.server.errors import ApiRefusalError, ErrorType, validation
from sfdebug.server.operations.names import check_name
from sfdebug.server.pages import page_of
from sfdebug.validation import definition_error
from sfdebug.values import Json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sfdebug.hosting.host import ExecutionHost
    from sfdebug.hosting.records import MachineRecord

OFF: Final = "OFF"
NO_LOGGING: Final[dict[str, Json]] = {"level": OFF, "includeExecutionData": False}
NO_TRACING: Final[dict[str, Json]] = {"enabled": False}
OWNED_KEY: Final[dict[str, Json]] = {"type": "AWS_OWNED_KEY"}
METADATA_ONLY: Final = "METADATA_ONLY"
_REUSED: Final = 300
"""Seconds. AWS API, EncryptionConfiguration, kmsDataKeyReusePeriodSeconds: the default."""

_ROLE: Final = re.compile(r"arn:aws[a-zA-Z-]*:iam::[0-9]{12}:role/.+")
_NOTHING_TO_UPDATE: Final = (
    "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified"
)
_UPDATED: Final = ("definition", "roleArn", "loggingConfiguration", "tracingConfiguration", "encryptionConfiguration")


def preload(host: ExecutionHost, name: str, definition: str, type: str, role_arn: str) -> str:
    """Have a machine be there before clients come, as CreateStateMachine makes it without further settings; its ARN.

    Raises HostRefusalError (MACHINE_EXISTS) where another one has that name.
    """
    settings = MachineSettings(
        name,
        definition,
        role_arn,
        type,
        logging=dict(NO_LOGGING),
        tracing=dict(NO_TRACING),
        encryption=dict(OWNED_KEY),
    )
    record, _ = host.machines.create(settings)
    return record.arn


def create_state_machine(call: ApiCall) -> dict[str, Json]:
    """CreateStateMachine."""
    name = check_name(call.members["name"])
    type = call.get("type") or ExecutionType.STANDARD
    definition = call.members["definition"]
    _check_definition(definition, type)
    _check_description(call)
    settings = MachineSettings(
        name,
        definition,
        _role(call.members["roleArn"]),
        type,
        logging=_logging(call.get("loggingConfiguration")),
        tracing={**NO_TRACING, **(call.get("tracingConfiguration") or {})},
        encryption=encryption_of(call.get("encryptionConfiguration")),
    )
    record, version = call.host.machines.create(
        settings,
        publish=bool(call.get("publish")),
        version_description=call.get("versionDescription"),
        tags=tags_of(call.get("tags")),
    )
    return without_none(
        stateMachineArn=record.arn,
        creationDate=seconds(record.created),
        stateMachineVersionArn=version.arn if version is not None else None,
    )


def update_state_machine(call: ApiCall) -> dict[str, Json]:
    """UpdateStateMachine: executions that run keep what they were started with."""
    arn = read_machine_arn(call.members["stateMachineArn"]).text
    if not any(name in call.members for name in _UPDATED):
        raise ApiRefusalError(ErrorType.MISSING_REQUIRED_PARAMETER, _NOTHING_TO_UPDATE)
    _check_description(call)
    machines = call.host.machines
    definition = call.get("definition")
    if definition is not None:
        _check_definition(definition, machines.get(arn).type)
    role, tracing = call.get("roleArn"), call.get("tracingConfiguration")
    record, version = machines.update(
        arn,
        definition=definition,
        role_arn=None if role is None else _role(role),
        logging=_logging(call.get("loggingConfiguration")) if "loggingConfiguration" in call.members else None,
        tracing=None if tracing is None else {**NO_TRACING, **tracing},
        encryption=encryption_of(call.get("encryptionConfiguration"))
        if "encryptionConfiguration" in call.members
        else None,
        publish=bool(call.get("publish")),
        version_description=call.get("versionDescription"),
    )
    return without_none(
        updateDate=seconds(record.updated or record.created),
        revisionId=record.revision_id,
        stateMachineVersionArn=version.arn if version is not None else None,
    )


def describe_state_machine(call: ApiCall) -> dict[str, Json]:
    """DescribeStateMachine, of a machine, a version or an alias."""
    arn = read_machine_arn(call.members["stateMachineArn"])
    record = call.host.machines.get(arn.text)
    return {
        "stateMachineArn": record.version_arn or record.arn,
        "status": record.status,
        "type": record.type,
        "creationDate": seconds(record.created),
        **without_none(description=record.description or None),
        **described(record, call.get("includedData")),
    }


def describe_state_machine_for_execution(call: ApiCall) -> dict[str, Json]:
    """DescribeStateMachineForExecution: the machine as it was when the execution was started."""
    arn = read_arn(call.members["executionArn"], ResourceArnKind.EXECUTION)
    record = call.host.machine_of(arn.text)
    return {
        "stateMachineArn": record.arn,
        "updateDate": seconds(record.updated or record.created),
        **without_none(mapRunArn=record.map_run_arn),
        **described(record, call.get("includedData")),
    }


def list_state_machines(call: ApiCall) -> dict[str, Json]:
    """ListStateMachines: by name, as recorded."""
    machines = sorted(call.host.machines.list(), key=lambda record: record.name)
    page, token = page_of(machines, call.members, "machines")
    listed: list[Json] = [
        {
            "stateMachineArn": record.arn,
            "name": record.name,
            "type": record.type,
            "creationDate": seconds(record.created),
        }
        for record in page
    ]
    return without_none(stateMachines=listed, nextToken=token)


def delete_state_machine(call: ApiCall) -> dict[str, Json]:
    """DeleteStateMachine: done when no execution runs any more; of one that is not there, nothing."""
    arn = read_machine_arn(call.members["stateMachineArn"])
    if arn.rest:  # not recorded
        raise validation(f"A version or an alias of a state machine is not deleted by this operation: {arn.text}")
    call.host.machines.delete(arn.text)
    return {}


def described(record: MachineRecord, included: str | None) -> dict[str, Json]:
    """What both descriptions have."""
    members = without_none(
        name=record.name,
        roleArn=record.role_arn,
        loggingConfiguration=record.logging or NO_LOGGING,
        tracingConfiguration=record.tracing or NO_TRACING,
        encryptionConfiguration=record.encryption or OWNED_KEY,
        revisionId=record.revision_id,
        label=record.label,
    )
    if included != METADATA_ONLY:
        members["definition"] = record.definition
        references = variable_references(record.definition)
        if references:
            members["variableReferences"] = {state: list(names) for state, names in references.items()}
    return members


def encryption_of(given: Mapping[str, Any] | None) -> dict[str, Json]:
    """How something is encrypted. Raises ApiRefusalError (InvalidEncryptionConfiguration)."""
    if given is None:
        return dict(OWNED_KEY)
    if given["type"] == OWNED_KEY["type"]:
        if "kmsKeyId" in given or "kmsDataKeyReusePeriodSeconds" in given:
            raise _wrong_encryption("a KMS key can only be specified with the type CUSTOMER_MANAGED_KMS_KEY")
        return dict(OWNED_KEY)
    if "kmsKeyId" not in given:
        raise _wrong_encryption("kmsKeyId must be specified with the type CUSTOMER_MANAGED_KMS_KEY")
    return {"kmsDataKeyReusePeriodSeconds": _REUSED, **given}


def tags_of(given: list[Mapping[str, str]] | None) -> dict[str, str]:
    """Tags by their keys; the last one of a key stands."""
    return {tag.get("key", ""): tag.get("value", "") for tag in given or ()}


def _wrong_encryption(why: str) -> ApiRefusalError:
    # Not recorded.
    return ApiRefusalError(ErrorType.INVALID_ENCRYPTION_CONFIGURATION, f"Invalid Encryption Configuration: {why}")


def _check_definition(definition: str, type: str) -> None:
    message = definition_error(definition, type)
    if message is not None:
        raise ApiRefusalError(ErrorType.INVALID_DEFINITION, message)


def _check_description(call: ApiCall) -> None:
    if call.get("versionDescription") and not call.get("publish"):
        raise validation("Version description can only be set when publish is true")


def _role(arn: str) -> str:
    if _ROLE.fullmatch(arn) is None:
        raise ApiRefusalError(ErrorType.INVALID_ARN, f"Invalid Role Arn: '{arn}'")  # as public reports have it
    return arn


def _logging(given: Mapping[str, Any] | None) -> dict[str, Json]:
    """Recorded: what is not given is off, and what logs has exactly one destination; an empty list stays one."""
    logging: dict[str, Json] = {**NO_LOGGING, **(given or {})}
    destinations = logging.get("destinations")
    count = len(destinations) if isinstance(destinations, list) else 0
    if count > 1 or (count == 0 and logging["level"] != OFF):
        message = "Invalid Logging Configuration: Must specify exactly one Log Destination."
        raise ApiRefusalError(ErrorType.INVALID_LOGGING_CONFIGURATION, message)
    return logging
