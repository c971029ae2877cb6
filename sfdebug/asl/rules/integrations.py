"""Service integrations held against AWS's catalogue: whether they exist, and whether they take what they are given.

Loading a definition leaves this out: it reads the API model of each service that a Task calls, one at a time.
Validating, linting, checking and testing a state ask for it. AWS's words were reported (badmintoncryer/cdk-preflight,
measured with ValidateStateMachineDefinition; public reports of InvalidDefinition).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sfdebug.asl.definition import QueryLanguage, StateType
from sfdebug.asl.findings import ERROR, AwsVerdict, our_verdict
from sfdebug.asl.reader import DefinitionReader, closest, has_placeholder, is_jsonata
from sfdebug.asl.rules.resources import integration_of, note_unrecognized
from sfdebug.asl.text.problems import quote
from sfdebug.aws.catalogue.arguments import ArgumentFault, Mistake, argument_faults
from sfdebug.aws.catalogue.integrations import Lack, unrecognized_optimized, unrecognized_sdk
from sfdebug.aws.catalogue.models import MissingModelsError
from sfdebug.aws.catalogue.names import SDK

if TYPE_CHECKING:
    from sfdebug.asl.definition import State, StateMachine
    from sfdebug.asl.findings import Finding
    from sfdebug.asl.rules.resources import Integration
    from sfdebug.asl.text.source import Pointer
    from sfdebug.values import Json

_COMPUTED: Final = "UNKNOWN_ARGUMENT"


def integration_findings(machine: StateMachine) -> tuple[Finding, ...]:
    """What AWS refuses in the integrations of `machine`; of AWS SDK integrations nothing when botocore is missing."""
    reader = DefinitionReader(machine.document)
    for state in machine.walk():
        integration = integration_of(state.resource) if state.type is StateType.TASK else None
        if integration is not None:
            try:
                _check_integration(reader, state, integration)
            except MissingModelsError:
                continue
    return tuple(reader.findings)


def _check_integration(reader: DefinitionReader, state: State, integration: Integration) -> None:
    if not _is_recognized(reader, state, integration):
        return
    field, arguments = state.arguments_field, state.arguments
    if field not in state.fields:
        what = f"an integration needs {quote(field)}, which is missing"
        aws = AwsVerdict(f"{field} field is required for resource ARN: {state.resource}")
        reader.warn(state.pointer, what, f'add "{field}": {{…}}, with nothing in it at least', key=True, aws=aws)
    if isinstance(arguments, dict):
        computes_keys = state.query_language is QueryLanguage.JSONPATH
        for fault in argument_faults(*integration, arguments, _is_computed, computes_keys=computes_keys):
            _note(reader, (*state.pointer, field), fault, integration)


def _is_recognized(reader: DefinitionReader, state: State, integration: Integration) -> bool:
    """Whether there is such an integration; notes what loading does not say of one that there is not."""
    if not integration.is_sdk:
        return unrecognized_optimized(*integration) is None
    lacking = unrecognized_sdk(integration.service.removeprefix(SDK), integration.action)
    if lacking is not None and lacking.lack is not Lack.PATTERN:
        note_unrecognized(reader, (*state.pointer, "Resource"), state.resource, integration, lacking)
    return lacking is None


def _is_computed(value: Json) -> bool:
    return isinstance(value, str) and (is_jsonata(value) or has_placeholder(value) or value.startswith("{%"))


def _note(reader: DefinitionReader, arguments: Pointer, fault: ArgumentFault, integration: Integration) -> None:
    pointer = (*arguments, *fault.path)
    call = f"{integration.service}:{integration.action}"
    if fault.mistake is Mistake.MISSING:
        what = f"{call} needs {quote(fault.name)}, which is missing"
        aws = AwsVerdict(f"The field '{fault.name}' is required but was missing")
        reader.warn(pointer, what, f"add {quote(fault.name)}", key=True, aws=aws)
    elif fault.mistake is Mistake.WRONG_KIND:
        aws = AwsVerdict(f"The value of the field '{fault.name}' has an invalid format", at=pointer[:-1])
        reader.warn(pointer, f"{quote(fault.name)} must be {fault.wanted}", f"write {fault.wanted}", aws=aws)
    else:
        _note_unknown(reader, pointer, fault, call)


def _note_unknown(reader: DefinitionReader, pointer: Pointer, fault: ArgumentFault, call: str) -> None:
    meant = fault.known[0] if fault.is_misspelled else closest(fault.name, fault.known)
    shown = ", ".join(fault.known[:12]) + (", …" if len(fault.known) > 12 else "")
    fix = f"did you mean {quote(meant)}?" if meant else f"it takes {shown}" if shown else "take it out"
    if fault.is_misspelled and fault.name[:1].islower():
        fix = f"write {quote(meant or '')}: the fields of an integration begin with a capital, at every depth"
    what = f"{call} takes no {quote(fault.name)}" + (" here" if len(fault.path) > 1 else "")
    said = f'The field "{fault.name}" is not supported by Step Functions'
    # How AWS names the field that was meant is not known, only that it does (measured with TestState).
    said += f'. Did you mean "{meant}"?' if fault.is_misspelled else ""
    aws = AwsVerdict(said, at=pointer[:-1])
    if str(pointer[-1]).endswith(".$") and not fault.is_misspelled:
        # Reported: such a definition is taken, and its execution fails when the Task starts.
        aws = our_verdict(said, _COMPUTED, ERROR)
    reader.warn(pointer, what, fix, key=True, aws=aws)
