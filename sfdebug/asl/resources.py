"""The Resource of a Task: an ARN, of an integration that has the pattern it asks for.

Source: AWS docs, "Integrating optimized services": which patterns each has. Only what no call of a service has is told:
which of its calls have a pattern differs, and grows.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from sfdebug.asl.findings import Verdict
from sfdebug.asl.problems import quote
from sfdebug.asl.reader import has_placeholder

if TYPE_CHECKING:
    from sfdebug.asl.reader import Reader
    from sfdebug.asl.source import Pointer

_INTEGRATION: Final = re.compile(
    r"arn:[^:]*:states:[^:]*:[^:]*:(?P<service>[a-z0-9-]+):(?:\w+:)?\w+(?P<pattern>\.[\w:]+)?"
)
_PATTERNS: Final = (".sync", ".sync:2", ".waitForTaskToken")
_NO_JOB: Final = frozenset(("lambda", "sns", "sqs", "dynamodb", "events", "apigateway", "aws-sdk"))
_NO_CALLBACK: Final = frozenset(
    ("athena", "batch", "codebuild", "elasticmapreduce", "emr-containers", "emr-serverless", "glue", "databrew",
     "mediaconvert", "sagemaker", "dynamodb")
)  # fmt: skip
_NOT_AN_ARN: Final = Verdict("Value is not a valid resource ARN")
"""Reported."""


def check_resource(reader: Reader, pointer: Pointer, resource: str) -> None:
    """Note a Resource that AWS does not take. It can still be drawn, and answered by a mock: it is warned of."""
    if resource.startswith("arn:"):
        _check_pattern(reader, pointer, resource)
    elif has_placeholder(resource):
        reader.reject(pointer, _NOT_AN_ARN)
    else:
        what = f"the Resource {quote(resource)} is not an ARN: AWS would not take it"
        fix = "write an ARN, such as arn:aws:states:::lambda:invoke"
        if resource.startswith(("$", "{%")):
            fix = "a Resource is never computed: to choose the function, write arn:aws:states:::lambda:invoke"
        reader.warn(pointer, what, fix, aws=_NOT_AN_ARN)


def _check_pattern(reader: Reader, pointer: Pointer, resource: str) -> None:
    match = _INTEGRATION.fullmatch(resource)
    if match is None or match["pattern"] is None or match["service"] in ("activity", "stateMachine"):
        return
    service, pattern = match["service"], match["pattern"]
    if pattern == ".sync:2" and service != "states":
        fix = "only states:startExecution has .sync:2: write .sync"
    elif pattern.startswith(".sync") and service in _NO_JOB:
        fix = "leave .sync off: this service answers when its call is done"
    elif pattern == ".waitForTaskToken" and service in _NO_CALLBACK:
        fix = "leave .waitForTaskToken off"
    elif pattern not in _PATTERNS:
        fix = reader.suggest(pattern, _PATTERNS, "the patterns are .sync, .sync:2 and .waitForTaskToken")
    else:
        return
    # Reported, for resources that AWS does not know.
    said = f"The resource provided {resource} is not recognized. The value is not a valid resource ARN, or the"
    aws = Verdict(f"{said} resource is not available in this region.")
    reader.warn(pointer, f"the integration {quote(service)} has no {quote(pattern)}", fix, aws=aws)
