"""What an ARN of Step Functions names: an execution (Standard or Express), a Map Run, a state machine (version, alias).

The forms are those of the AWS Step Functions API Reference (`DescribeStateMachine`, `DescribeExecution`,
`DescribeMapRun`) and of the Service Authorization Reference's list of resource types. A child execution of a Map Run
carries the label of its Map state behind a slash: `execution:NAME/LABEL:ID`.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final
from urllib.parse import unquote

from msgspec import Struct

from sfdebug.aws.errors import InvalidArnError


class ArnKind(StrEnum):
    """What an ARN names. The values are what messages call it."""

    EXECUTION = "execution"
    EXPRESS_EXECUTION = "Express execution"
    MAP_RUN = "Map Run"
    STATE_MACHINE = "state machine"


class Arn(Struct, frozen=True):
    """An ARN, read. `name` is the execution's name, or the Map Run's id; "" for a state machine.

    `label` is that of the Map state ("" outside a Map Run), `qualifier` the version or alias of a state machine.
    """

    text: str
    kind: ArnKind
    partition: str
    region: str
    account: str
    state_machine: str
    label: str = ""
    name: str = ""
    qualifier: str = ""

    @property
    def is_child(self) -> bool:
        """Whether it is an execution that a Map Run started."""
        return bool(self.label) and self.kind in (ArnKind.EXECUTION, ArnKind.EXPRESS_EXECUTION)

    @property
    def state_machine_arn(self) -> str:
        """The ARN of the state machine that this belongs to, without version, alias and Map label."""
        return f"arn:{self.partition}:states:{self.region}:{self.account}:stateMachine:{self.state_machine}"


_EXAMPLE: Final = "arn:aws:states:eu-west-1:123456789012:execution:NAME:ID"
_IN_TEXT: Final = re.compile(r"arn:aws[a-z-]*:states:[^\s\"'?#&]+")
_SHAPE: Final = re.compile(r"arn:(aws[a-z-]*):states:([a-z0-9-]+):(\d{12}):([A-Za-z]+):([^\s\x00-\x1f\x7f]+)", re.ASCII)
_PARTS: Final = {
    "execution": (ArnKind.EXECUTION, 2, 2),
    "express": (ArnKind.EXPRESS_EXECUTION, 2, 3),
    "mapRun": (ArnKind.MAP_RUN, 2, 2),
    "stateMachine": (ArnKind.STATE_MACHINE, 1, 2),
}
"""By resource type: what it is, and how few and how many parts follow. An Express execution has a name and an id."""


def read_arn(text: str) -> Arn:
    """What `text` names: an ARN, or the address of a page of the AWS console that has one in it.

    Raises InvalidArnError when it is none, or names something that is neither state machine, execution nor Map Run.
    """
    given = text.strip()
    if given.startswith(("https://", "http://")):
        given = _from_address(given)
    match = _SHAPE.fullmatch(given)
    if match is None:
        raise InvalidArnError(f"'{text}' is not an ARN of Step Functions", _why_not(given))
    partition, region, account, resource, rest = match.groups()
    if resource not in _PARTS:
        raise InvalidArnError(
            f"'{text}' names neither an execution nor a state machine but: {resource}", f"Give one like {_EXAMPLE}."
        )
    kind, fewest, most = _PARTS[resource]
    parts = rest.split(":")
    if not fewest <= len(parts) <= most or not all(parts):
        raise InvalidArnError(f"'{text}' is not the ARN of {_named(kind)}: {_count(parts, fewest)}", "Copy all of it.")
    machine, _, label = parts[0].partition("/")
    name = parts[1] if kind is not ArnKind.STATE_MACHINE else ""
    qualifier = parts[1] if kind is ArnKind.STATE_MACHINE and len(parts) == 2 else ""
    return Arn(given, kind, partition, region, account, machine, label, name, qualifier)


def _from_address(address: str) -> str:
    """The ARN in the address of a console page, where it may be percent-encoded."""
    match = _IN_TEXT.search(unquote(address))
    if match is None:
        raise InvalidArnError(
            f"there is no ARN of Step Functions in the address {address}",
            "Open the execution in the console and copy the address from there, or copy its ARN.",
        )
    return match.group().rstrip("/")


def _why_not(given: str) -> str:
    fields = given.split(":")
    if fields[0] != "arn":
        return f"An ARN looks like {_EXAMPLE}. The console shows it in the execution's details."
    if len(fields) > 2 and fields[2] != "states":
        return f"It belongs to {fields[2] or 'no service'}, not to Step Functions. One of these looks like {_EXAMPLE}."
    return f"It should look like {_EXAMPLE}: partition, region, the account's 12 digits, then what it names."


def _named(kind: ArnKind) -> str:
    article = "an" if kind.value[0] in "eE" else "a"
    return f"{article} {kind}"


def _count(parts: list[str], fewest: int) -> str:
    if len(parts) < fewest:
        return "it ends too early"
    return "a part of it is empty" if not all(parts) else "it has too many parts"
