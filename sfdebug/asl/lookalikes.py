"""Files given as definitions that are something else: what they are, and the definition that some of them hold.

A definition is found inside answers and requests of AWS's API: DescribeStateMachine has the text of one in a field.
"""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, Final

from sfdebug.asl.text.problems import quote

if TYPE_CHECKING:
    from sfdebug.asl.text.source import Document, Pointer
    from sfdebug.values import Json


_MACHINE_TYPES: Final = ("AWS::StepFunctions::StateMachine", "AWS::Serverless::StateMachine")
_DEFINITION_FIELDS: Final = ("Definition", "DefinitionString", "DefinitionUri", "DefinitionS3Location")

_BESIDE: Final = frozenset({"statemachinearn", "rolearn", "name", "updatedate", "creationdate", "revisionid"})
"""Fields beside a definition, however they are spelt: in answers of DescribeStateMachine and
DescribeStateMachineForExecution, in requests of CreateStateMachine and UpdateStateMachine. Source: API Reference."""

_PROJECT_SUFFIXES: Final = (".tf", ".tfstate", ".tf.json")
_PROJECT_WORDS: Final = (
    b"AWSTemplateFormatVersion",
    b"AWS::Serverless",
    b"AWS::StepFunctions",
    b"Resources",
    b"stepFunctions",
    b"artifacts",
    b"terraform_version",
    b"planned_values",
    b"deployment",
    b"checkpoint",
)
"""Each file of a project that can be given has one of these words, but for those with an ending of their own."""
_MOST_READ: Final = 1 << 23


def may_be_project(path: str) -> bool:
    """Whether a file can be one of a project: a look that costs nearly nothing. Pipes are not opened for it."""
    if path.lower().endswith(_PROJECT_SUFFIXES):
        return True
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        with open(path, "rb") as file:
            data = file.read(_MOST_READ)
    except (OSError, ValueError):
        return False
    return any(word in data for word in _PROJECT_WORDS)


def lookalike(value: Json) -> tuple[Pointer, str, str] | None:
    """What `value` is, if it clearly is something other than a definition: where it shows, what it is, what to do."""
    if not isinstance(value, dict) or "States" in value or "StartAt" in value:
        return None
    if isinstance(value.get("Resources"), dict) or "AWSTemplateFormatVersion" in value:
        return _template(value)
    if isinstance(value.get("stepFunctions"), dict):
        fix = "save one of its 'definition' objects under stepFunctions.stateMachines as a file of its own"
        return ("stepFunctions",), "this is a Serverless Framework configuration, not a definition", fix
    if isinstance(value.get("events"), list):
        fix = "give the definition; an execution's history alone does not say what its states are"
        return ("events",), "this is the history of an execution, not a definition", fix
    if "StateMachines" in value or "MockedResponses" in value:
        here = "StateMachines" if "StateMachines" in value else "MockedResponses"
        return (here,), "this is a mock file, not a definition", "give the definition, and this file with --mocks"
    if "stateMachineArn" in value and "definition" in value:
        fix = "save the text of its 'definition' as a file: --query definition --output text gives just that"
        return ("definition",), "this is an answer of the AWS command line, and its 'definition' is none", fix
    if "executionArn" in value:
        return ("executionArn",), "this describes an execution, not a state machine", "give the definition that it ran"
    if "stateMachineArn" in value:
        fix = "get it whole: aws stepfunctions describe-state-machine --included-data ALL_DATA"
        return ("stateMachineArn",), "this describes a state machine, without its definition", fix
    if isinstance(value.get("Type"), str):
        fix = 'put it into a definition: {"StartAt": "Name", "States": {"Name": …}}'
        return ("Type",), "this is a single state, not a definition", fix
    return None


def is_lookalike(value: Json) -> bool:
    """Whether `value` clearly is something other than a definition, and nothing that holds one (`definition_in`)."""
    if not isinstance(value, dict) or any(_letters(name) == "definition" for name in value):
        return False
    return lookalike(value) is not None


def _letters(name: str) -> str:
    """A name without the ways in which answers and requests write it."""
    return name.replace("_", "").lower()


def _template(value: dict[str, Json]) -> tuple[Pointer, str, str]:
    resources = value.get("Resources")
    machines = [
        (name, resource)
        for name, resource in (resources.items() if isinstance(resources, dict) else ())
        if isinstance(resource, dict) and resource.get("Type") in _MACHINE_TYPES
    ]
    if not machines:
        here = "Resources" if "Resources" in value else "AWSTemplateFormatVersion"
        what = "this is a CloudFormation template, and there is no state machine in it"
        return (here,), what, "give a definition: an object with StartAt and States"
    name, resource = machines[0]
    others = "" if len(machines) == 1 else f" ({len(machines)} state machines are in it)"
    what = (
        f"this is a CloudFormation or SAM template, not a definition: it holds the state machine {quote(name)}{others}"
    )
    properties = resource.get("Properties")
    fields = properties if isinstance(properties, dict) else {}
    field = next((known for known in _DEFINITION_FIELDS if known in fields), None)
    pointer: Pointer = ("Resources", name)
    if field is None:
        return pointer, what, "give the file that holds its definition"
    pointer = (*pointer, "Properties", field)
    content = fields[field]
    if field == "DefinitionUri" and isinstance(content, str):
        return pointer, what, f"give the definition that it names: {content}"
    kept = "text" if field == "DefinitionString" else "object"
    fix = f"save the {kept} under Resources.{name}.Properties.{field} as a file of its own, and give that"
    return pointer, what, fix if field in ("Definition", "DefinitionString") else "give the definition that it names"


def definition_in(document: Document) -> str | Document | None:
    """The definition that an answer or a request holds: its text, or its part of the document when it is an object.

    `--query definition` gives the text as a JSON string. None for a document that is nothing of the kind.
    """
    value = document.value
    if isinstance(value, str):
        return value if _is_definition(value) else None
    if not isinstance(value, dict) or "States" in value or "StartAt" in value:
        return None
    letters = {_letters(name): name for name in value}
    field = letters.get("definition")
    if field is None or _BESIDE.isdisjoint(letters):
        return None
    inner = value[field]
    if isinstance(inner, str):
        return inner if _is_definition(inner) else None
    return document.part((field,)) if isinstance(inner, dict) and "States" in inner else None


def _is_definition(text: str) -> bool:
    """Whether a text is an object, and not a placeholder or the name of a file."""
    return text.lstrip()[:1] == "{" and '"' in text
