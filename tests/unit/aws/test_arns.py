"""What an ARN names, and what is said of one that names nothing."""

from __future__ import annotations

import pytest

from sfdebug.aws.arns import Arn, read_arn
from sfdebug.aws.errors import InvalidArnError

PREFIX = "arn:aws:states:eu-west-1:123456789012"


def facts(arn: Arn) -> tuple[str, ...]:
    return (arn.kind.name, arn.state_machine, arn.label, arn.name, arn.qualifier)


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("stateMachine:Orders", ("STATE_MACHINE", "Orders", "", "", "")),
        ("stateMachine:Orders:3", ("STATE_MACHINE", "Orders", "", "", "3")),
        ("stateMachine:Orders:PROD", ("STATE_MACHINE", "Orders", "", "", "PROD")),
        ("stateMachine:Orders/Lines", ("STATE_MACHINE", "Orders", "Lines", "", "")),
        ("execution:Orders:5f2c", ("EXECUTION", "Orders", "", "5f2c", "")),
        ("execution:Orders/Lines:5f2c", ("EXECUTION", "Orders", "Lines", "5f2c", "")),
        ("express:Orders:run:5f2c", ("EXPRESS_EXECUTION", "Orders", "", "run", "")),
        ("express:Orders/Lines:5f2c", ("EXPRESS_EXECUTION", "Orders", "Lines", "5f2c", "")),
        ("mapRun:Orders/Lines:5f2c", ("MAP_RUN", "Orders", "Lines", "5f2c", "")),
    ],
)
def test_what_it_names(rest: str, expected: tuple[str, ...]) -> None:
    arn = read_arn(f"  {PREFIX}:{rest}\n")
    assert facts(arn) == expected
    assert (arn.text, arn.partition, arn.region, arn.account) == (
        f"{PREFIX}:{rest}",
        "aws",
        "eu-west-1",
        "123456789012",
    )
    assert arn.state_machine_arn == f"{PREFIX}:stateMachine:Orders"
    assert arn.is_child == (arn.label == "Lines" and "ecution" in arn.kind)


def test_versions_and_aliases_are_qualifiers() -> None:
    assert read_arn(f"{PREFIX}:stateMachine:Orders:12").qualifier == "12"
    assert read_arn(f"{PREFIX}:stateMachine:Orders:live").qualifier == "live"
    assert read_arn(f"{PREFIX}:stateMachine:Orders").qualifier == ""


@pytest.mark.parametrize("partition", ["aws-cn", "aws-us-gov"])
def test_other_partitions(partition: str) -> None:
    assert read_arn(f"arn:{partition}:states:cn-north-1:123456789012:execution:a:b").partition == partition


@pytest.mark.parametrize(
    "address",
    [
        f"https://eu-west-1.console.aws.amazon.com/states/home?region=eu-west-1#/v2/executions/details/{PREFIX}:execution:A:b",
        "https://console.aws.amazon.com/states/home#/v2/executions/details/"
        "arn%3Aaws%3Astates%3Aeu-west-1%3A123456789012%3Aexecution%3AA%3Ab?type=standard",
    ],
)
def test_the_address_of_a_console_page_is_enough(address: str) -> None:
    assert facts(read_arn(address)) == ("EXECUTION", "A", "", "b", "")


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "not an ARN"),
        ("orders.json", "An ARN looks like"),
        ("arn:aws:lambda:eu-west-1:123456789012:function:f", "It belongs to lambda"),
        ("arn:aws:states:eu-west-1:1234:execution:a:b", "12 digits"),
        (f"{PREFIX}:activity:a", "neither an execution nor a state machine"),
        (f"{PREFIX}:execution:a", "ends too early"),
        (f"{PREFIX}:execution:a:b:c", "too many parts"),
        (f"{PREFIX}:execution:a:", "empty"),
        ("https://example.com/", "no ARN of Step Functions in the address"),
        (f"{PREFIX}:execution:a:b\x1b[2J", "It should look like"),
    ],
)
def test_what_is_said_of_something_else(text: str, what: str) -> None:
    with pytest.raises(InvalidArnError) as caught:
        read_arn(text)
    assert what in str(caught.value)
    assert caught.value.fix


def test_a_terminal_is_safe_from_what_was_given() -> None:
    with pytest.raises(InvalidArnError) as caught:
        read_arn("\x1b[2Jarn")
    assert "\x1b" not in str(caught.value)
    assert "\\x1b[2Jarn" in str(caught.value)
