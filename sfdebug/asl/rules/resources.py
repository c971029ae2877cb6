"""The Resource of a Task: an ARN, of an integration that has the pattern it asks for and that Express machines have.

Source: AWS docs, "Integrating optimized services" and "Learning to use AWS service SDK integrations". What the AWS SDK
integrations have is in `integrations`, which reads API models for it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from sfdebug.asl.definition import StateMachine
from sfdebug.asl.findings import AwsVerdict, Finding
from sfdebug.asl.reader import DefinitionReader, has_placeholder
from sfdebug.asl.text.problems import ordered, quote
from sfdebug.aws.catalogue.integrations import PATTERNS, Lack, Unrecognized, split_pattern, unrecognized_optimized
from sfdebug.aws.catalogue.names import SDK, sdk_equivalent, sdk_name

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Pointer
    from sfdebug.errors import Problem


_INTEGRATION: Final = re.compile(
    r"arn:(?:\$\{[^}]*\}|[^:]*):states:[^:]*:[^:]*:(?P<service>aws-sdk:[^:]*|[^:]*):(?P<action>.*)", re.DOTALL
)
_SERVICE: Final = re.compile(r"arn:(?:\$\{[^}]*\}|[^:]*):(?P<service>[a-z0-9-]+):")
_BAD_QUALIFIER: Final = re.compile(r"^arn:[^:]*:lambda:[^:]*:[^:]*:function:[^:]+:(?![\w$-]+$|.*\$\{)")
"""An alias that a function cannot have. Source: Lambda API, `Qualifier`."""

_WHOLE: Final = re.compile(
    r"arn:[^:]+:(?:lambda:[^:]*:[^:]*:function:[^:]|states:[^:]*:[^:]*:[^:]+:.|(?!lambda:|states:))"
)
"""The beginning of an ARN that names something: a function, an integration's call, an activity, or something else."""

_WORKERS: Final = ("lambda", "states", "swf")
"""Whose ARNs a Task may have. Source: specification, "Task State"; AWS docs, "Task workflow state"."""

_NOT_AN_ARN: Final = AwsVerdict("Value is not a valid resource ARN")
"""Reported."""

_PATTERNS: Final = (".waitForTaskToken", ".sync:2", ".sync")


class Integration(NamedTuple):
    """The service integration that a Resource names: `service` and `action` as TaskScheduled events have them."""

    service: str
    action: str

    @property
    def is_sdk(self) -> bool:
        """Whether it is one of the AWS SDK."""
        return self.service.startswith(SDK)


def integration_of(resource: str) -> Integration | None:
    """The service integration in a Resource; None for a function, an activity, and what is still a placeholder."""
    match = _INTEGRATION.fullmatch(resource)
    if match is None or match["service"] == "activity" or has_placeholder(match["service"] + match["action"]):
        return None
    return Integration(match["service"], match["action"])


def check_resource(reader: DefinitionReader, pointer: Pointer, resource: str) -> None:
    """Note a Resource that AWS does not take. It can still be drawn, and answered by a mock: it is warned of."""
    if has_placeholder(resource):
        reader.reject(pointer, _NOT_AN_ARN)  # measured (iwamot/sfnx, docs/design.md), wherever it stands
    if resource.startswith("arn:"):
        _check_arn(reader, pointer, resource)
    elif not has_placeholder(resource):
        what = f"the Resource {quote(resource)} is not an ARN: AWS would not take it"
        fix = "write an ARN, such as arn:aws:states:::lambda:invoke"
        if resource.startswith(("$", "{%")):
            fix = "a Resource is never computed: to choose the function, write arn:aws:states:::lambda:invoke"
        reader.warn(pointer, what, fix, aws=_NOT_AN_ARN)


def _check_arn(reader: DefinitionReader, pointer: Pointer, resource: str) -> None:
    integration = integration_of(resource)
    if integration is None:
        if not has_placeholder(resource) and not _WHOLE.match(resource):
            what = f"the Resource {quote(resource)} is not a whole ARN: AWS would not take it"
            fix = "write all of it, such as arn:aws:states:::lambda:invoke or arn:aws:lambda:…:function:…"
            reader.warn(pointer, what, fix, aws=_NOT_AN_ARN)
            return
        if _BAD_QUALIFIER.search(resource):
            what = "what follows the function's name is no version and no alias"
            reader.warn(pointer, what, "end with the name, or with :version or :alias", aws=_NOT_AN_ARN)
        service = _SERVICE.match(resource)
        if service is not None and service["service"] not in _WORKERS:
            what = f"a Task cannot call an ARN of {quote(service['service'])}"
            fix = f"call it by an integration, such as arn:aws:states:::{SDK}{service['service']}:…"
            reader.warn(pointer, what, fix, aws=_unrecognized_verdict(resource))
        return
    pattern = split_pattern(integration.action)[1]
    if pattern and pattern not in PATTERNS:
        fix = reader.suggest(pattern, PATTERNS, "the patterns are .sync, .sync:2 and .waitForTaskToken")
        what = f"the integration {quote(integration.service)} has no {quote(pattern)}"
        reader.warn(pointer, what, fix, aws=_unrecognized_verdict(resource))
    elif integration.is_sdk:
        if pattern.startswith(".sync"):
            what = f"the integrations of the AWS SDK have no {quote(pattern)}"
            fix = f"leave {pattern} off: it answers when its call is done"
            reader.warn(pointer, what, fix, aws=_unrecognized_verdict(resource))
    else:
        lacking = unrecognized_optimized(*integration)
        if lacking is not None:
            note_unrecognized(reader, pointer, resource, integration, lacking)


def note_unrecognized(
    reader: DefinitionReader, pointer: Pointer, resource: str, integration: Integration, lacking: Unrecognized
) -> None:
    """Note that Step Functions has no such integration: what of it is lacking, and what there is."""
    service = integration.service.removeprefix(SDK)
    if lacking.lack is Lack.SERVICE:
        kind = "the AWS SDK integrations have" if integration.is_sdk else "there is"
        what = f"{kind} no service {quote(lacking.name)}"
        otherwise = (
            f"its name is that of the SDK for Java, such as {SDK}cloudwatchlogs"
            if integration.is_sdk
            else f"for a service that has none of its own: arn:aws:states:::{SDK}{service}:{integration.action}"
        )
    elif lacking.lack is Lack.CALL:
        what = f"the integration {quote(service)} has no call {quote(lacking.name)}"
        shown = ", ".join(lacking.known[:8]) + (", …" if len(lacking.known) > 8 else "")
        otherwise = f"it has {shown}"
        if not integration.is_sdk:
            otherwise += f"; other calls of the service: {SDK}{sdk_equivalent(service) or '…'}:{lacking.name}"
    else:
        what = f"{quote(f'{service}:{split_pattern(integration.action)[0]}')} has no {quote(lacking.name)}"
        patterns = [pattern for pattern in lacking.known if pattern]
        otherwise = f"it may have {' or '.join(patterns)}" if patterns else f"leave {lacking.name} off"
        reader.warn(pointer, what, otherwise, aws=_unrecognized_verdict(resource))
        return
    renamed = sdk_name(lacking.name) if integration.is_sdk and lacking.lack is Lack.SERVICE else ""
    if renamed != lacking.name and renamed in lacking.known:
        fix = f"it is called {quote(renamed)} here: the integrations take the names of the SDK for Java"
    else:
        fix = reader.suggest(lacking.name, lacking.known, otherwise)
    reader.warn(pointer, what, fix, aws=_unrecognized_verdict(resource))


def _unrecognized_verdict(resource: str) -> AwsVerdict:
    """What AWS says of an integration that it does not have. Reported."""
    said = f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the"
    return AwsVerdict(f"{said} resource is not available in this region.")


def express_problems(machine: StateMachine) -> tuple[Problem, ...]:
    """Why AWS would not make an Express state machine of `machine`, as problems; empty when it would."""
    return ordered(finding.problem for finding in express_findings(machine) if finding.problem)


def express_findings(machine: StateMachine) -> tuple[Finding, ...]:
    """Why AWS would not make an Express state machine of `machine`; empty when it would.

    Recorded: "Express state machine does not support '.waitForTaskToken' service integration ", with the blank at the
    end that '.sync' does not have; activities. Distributed Maps: reported; AWS docs, "Choosing workflow type".
    """
    reader = DefinitionReader(machine.document)
    for state in machine.walk():
        here = (*state.pointer, "Resource")
        pattern = next((pattern for pattern in _PATTERNS if state.resource.endswith(pattern)), None)
        if pattern is not None:
            what = f"an Express state machine has no {pattern} integrations: the state {quote(state.name)} has one"
            said = f"Express state machine does not support '{pattern.removesuffix(':2')}' service integration"
            said += " " if pattern == ".waitForTaskToken" else ""
            reader.error(here, what, "run it as STANDARD, or call the service without waiting", aws=AwsVerdict(said))
        elif ":activity:" in state.resource:
            what = f"an Express state machine has no activities: the state {quote(state.name)} is one"
            reader.error(
                here, what, "run it as STANDARD", aws=AwsVerdict("Express state machine does not support Activity ARN")
            )
        if state.is_distributed:
            what = f"an Express state machine has no Distributed Maps: the state {quote(state.name)} is one"
            said = "The field 'Mode' with value 'DISTRIBUTED' is not supported inside 'EXPRESS' state machines"
            at = (*state.branches[0].pointer, "ProcessorConfig", "Mode")
            reader.error(at, what, "run it as STANDARD", aws=AwsVerdict(said))
    return tuple(reader.findings)
