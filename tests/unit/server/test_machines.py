"""State machines, versions, aliases and tags through the API. The sentences are recorded ones."""

from __future__ import annotations

import json

import pytest

from tests.api_calls import PASS, PLACE, HandApi
from tests.hosted_runs import ROLE

ARN = f"{PLACE}:stateMachine:M"
DISTRIBUTED = {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"}
GROUP = {"cloudWatchLogsLogGroup": {"logGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:g:*"}}


def test_what_is_created_is_described_and_listed() -> None:
    api = HandApi()
    answer = api("CreateStateMachine", name="M", definition=PASS, roleArn=ROLE)
    assert answer == {"stateMachineArn": ARN, "creationDate": 1_795_000_000.0}
    assert api("DescribeStateMachine", stateMachineArn=ARN) == {
        "stateMachineArn": ARN,
        "name": "M",
        "status": "ACTIVE",
        "type": "STANDARD",
        "roleArn": ROLE,
        "definition": PASS,
        "creationDate": 1_795_000_000.0,
        "loggingConfiguration": {"level": "OFF", "includeExecutionData": False},
        "tracingConfiguration": {"enabled": False},
        "encryptionConfiguration": {"type": "AWS_OWNED_KEY"},
    }
    assert "definition" not in api("DescribeStateMachine", stateMachineArn=ARN, includedData="METADATA_ONLY")
    api.create("L", type="EXPRESS")
    listed = api("ListStateMachines")["stateMachines"]
    assert [(each["name"], each["type"]) for each in listed] == [("L", "EXPRESS"), ("M", "STANDARD")]
    assert api("DeleteStateMachine", stateMachineArn=ARN) == {}
    assert api("DeleteStateMachine", stateMachineArn=ARN) == {}
    said = ("StateMachineDoesNotExist", f"State Machine Does Not Exist: '{ARN}'")
    assert api.refused("DescribeStateMachine", stateMachineArn=ARN) == said
    assert api.refused("StartExecution", stateMachineArn=ARN) == said


def test_creating_the_same_again_gives_the_first() -> None:
    api = HandApi()
    first = api("CreateStateMachine", name="M", definition=PASS, roleArn=ROLE)
    api.host.hand_clock.wall += 5000
    assert api("CreateStateMachine", name="M", definition=PASS, roleArn=ROLE) == first
    other = json.dumps(json.loads(PASS), indent=1)
    said = ("StateMachineAlreadyExists", f"State Machine Already Exists: '{ARN}'")
    assert api.refused("CreateStateMachine", name="M", definition=other, roleArn=ROLE) == said


def test_what_cannot_be_created_is_refused_in_aws_words() -> None:
    api = HandApi()

    def refused(**members: object) -> tuple[str, str]:
        return api.refused("CreateStateMachine", **{"name": "M", "definition": PASS, "roleArn": ROLE, **members})

    assert refused(name="a b") == ("InvalidName", "Invalid Name: 'a b'")
    assert refused(roleArn="role") == ("InvalidArn", "Invalid Role Arn: 'role'")
    assert refused(definition='{"StartAt": "A"}') == (
        "InvalidDefinition",
        "Invalid State Machine Definition: 'SCHEMA_VALIDATION_FAILED: These fields are required: [States] at /'",
    )
    labelled = {"Type": "Map", "Label": "", "ItemProcessor": {**json.loads(PASS), "ProcessorConfig": DISTRIBUTED}}
    machine = json.dumps({"StartAt": "E", "States": {"E": {**labelled, "End": True}}})
    assert refused(definition=machine) == (
        "InvalidDefinition",
        f"Error=ValueError Args=['Label cannot be empty'] in definition '{machine}'.",
    )
    assert refused(versionDescription="v") == (
        "ValidationException",
        "Version description can only be set when publish is true",
    )
    one = ("InvalidLoggingConfiguration", "Invalid Logging Configuration: Must specify exactly one Log Destination.")
    assert refused(loggingConfiguration={"level": "ALL"}) == one
    assert refused(loggingConfiguration={"level": "ALL", "destinations": [GROUP, GROUP]}) == one
    assert refused(encryptionConfiguration={"type": "CUSTOMER_MANAGED_KMS_KEY"})[0] == "InvalidEncryptionConfiguration"
    assert refused(encryptionConfiguration={"type": "AWS_OWNED_KEY", "kmsKeyId": "k"})[0] == (
        "InvalidEncryptionConfiguration"
    )
    assert api("ListStateMachines") == {"stateMachines": []}


def test_an_update_changes_what_is_given() -> None:
    api = HandApi()
    api.create()
    other = PASS.replace("Pass", "Succeed").replace(', "End": true', "")
    answer = api("UpdateStateMachine", stateMachineArn=ARN, definition=other)
    described = api("DescribeStateMachine", stateMachineArn=ARN)
    assert described["definition"] == other
    assert described["revisionId"] == answer["revisionId"]
    assert answer["updateDate"] == 1_795_000_000.0
    assert api.refused("UpdateStateMachine", stateMachineArn=ARN) == (
        "MissingRequiredParameter",
        "Either the definition, the role ARN, the LoggingConfiguration, or the TracingConfiguration must be specified",
    )
    assert api.refused("UpdateStateMachine", stateMachineArn=ARN, definition="{}")[0] == "InvalidDefinition"
    api("UpdateStateMachine", stateMachineArn=ARN, tracingConfiguration={"enabled": True})
    api("UpdateStateMachine", stateMachineArn=ARN, loggingConfiguration={"level": "ALL", "destinations": [GROUP]})
    described = api("DescribeStateMachine", stateMachineArn=ARN)
    assert described["tracingConfiguration"] == {"enabled": True}
    assert described["loggingConfiguration"]["destinations"] == [GROUP]


def test_an_update_without_a_change_keeps_the_revision() -> None:
    """Recorded: the same definition with `publish` gives one version, and no revision."""
    api = HandApi()
    api.create()
    for _ in range(2):
        answer = api("UpdateStateMachine", stateMachineArn=ARN, definition=PASS, publish=True)
        assert answer == {"stateMachineVersionArn": f"{ARN}:1", "updateDate": 1_795_000_000.0}


@pytest.mark.parametrize(
    ("arn", "said"),
    [
        ("no_arn", "Invalid ARN prefix: no_arn"),
        (f"{PLACE}:execution:M:e", "Resource type not valid in this context: execution"),
        ("arn:aws:states:us-east-1", "Invalid ARN: arn:aws:states:us-east-1"),
        ("arn:aws:lambda:us-east-1:123456789012:function:f", "Invalid ARN service: arn:aws:lambda:us-east-1:"),
    ],
)
def test_what_is_no_arn_of_a_machine_is_refused(arn: str, said: str) -> None:
    type, message = HandApi().refused("DescribeStateMachine", stateMachineArn=arn)
    assert type == "InvalidArn"
    assert message.startswith(f"Invalid Arn: '{said}")


def test_versions_are_published_listed_deleted() -> None:
    api = HandApi()
    api.create()
    first = api("PublishStateMachineVersion", stateMachineArn=ARN, description="one")
    assert first == {"stateMachineVersionArn": f"{ARN}:1", "creationDate": 1_795_000_000.0}
    assert api("PublishStateMachineVersion", stateMachineArn=ARN, revisionId="INITIAL") == first
    described = api("DescribeStateMachine", stateMachineArn=f"{ARN}:1")
    assert (described["stateMachineArn"], described["name"], described["description"]) == (f"{ARN}:1", "M", "one")
    revision = api("UpdateStateMachine", stateMachineArn=ARN, definition=PASS + " ")["revisionId"]
    assert api.refused("PublishStateMachineVersion", stateMachineArn=ARN, revisionId="r") == (
        "ConflictException",
        "Failed to publish the State Machine version for revision r. The current State Machine revision is "
        f"{revision}.",
    )
    api("PublishStateMachineVersion", stateMachineArn=ARN)
    page = api("ListStateMachineVersions", stateMachineArn=ARN, maxResults=1)
    assert [each["stateMachineVersionArn"] for each in page["stateMachineVersions"]] == [f"{ARN}:2"]
    rest = api("ListStateMachineVersions", stateMachineArn=ARN, nextToken=page["nextToken"])
    assert [each["stateMachineVersionArn"] for each in rest["stateMachineVersions"]] == [f"{ARN}:1"]
    assert "nextToken" not in rest
    api("DeleteStateMachineVersion", stateMachineVersionArn=f"{ARN}:1")
    api("DeleteStateMachineVersion", stateMachineVersionArn=f"{ARN}:1")
    assert len(api("ListStateMachineVersions", stateMachineArn=ARN)["stateMachineVersions"]) == 1
    assert api.refused("UpdateStateMachine", stateMachineArn=f"{ARN}:2", definition=PASS) == (
        "StateMachineDoesNotExist",
        f"State Machine Does Not Exist: '{ARN}:2'",
    )


def test_aliases_lead_to_versions() -> None:
    api = HandApi()
    api.create(publish=True)
    one = [{"stateMachineVersionArn": f"{ARN}:1", "weight": 100}]
    created = api("CreateStateMachineAlias", name="live", routingConfiguration=one)
    assert created["stateMachineAliasArn"] == f"{ARN}:live"
    assert api("CreateStateMachineAlias", name="live", routingConfiguration=one) == created
    assert api.refused("CreateStateMachineAlias", name="live", routingConfiguration=one, description="d") == (
        "ConflictException",
        "Failed to create alias because an alias with the same name and a different routing configuration already "
        "exists.",
    )
    api("UpdateStateMachineAlias", stateMachineAliasArn=f"{ARN}:live", description="d")
    described = api("DescribeStateMachineAlias", stateMachineAliasArn=f"{ARN}:live")
    assert (described["name"], described["description"], described["routingConfiguration"]) == ("live", "d", one)
    execution = api.start(f"{ARN}:live")
    described = api("DescribeExecution", executionArn=execution)
    assert described["stateMachineAliasArn"] == f"{ARN}:live"
    assert described["stateMachineVersionArn"] == f"{ARN}:1"
    listed = api("ListStateMachineAliases", stateMachineArn=ARN)["stateMachineAliases"]
    assert [each["stateMachineAliasArn"] for each in listed] == [f"{ARN}:live"]
    assert api.refused("DeleteStateMachineVersion", stateMachineVersionArn=f"{ARN}:1") == (
        "ConflictException",
        "Version to be deleted must not be referenced by an alias. Current list of aliases referencing this version: "
        "[live]",
    )
    for _ in range(2):
        assert api("DeleteStateMachineAlias", stateMachineAliasArn=f"{ARN}:live") == {}
    gone = ("ResourceNotFound", "Request references a resource that does not exist.")
    assert api.refused("UpdateStateMachineAlias", stateMachineAliasArn=f"{ARN}:live", description="x") == gone
    assert api.refused("UpdateStateMachineAlias", stateMachineAliasArn=f"{ARN}:live")[0] == "ValidationException"


def test_routes_that_are_none_are_refused_with_what_was_received() -> None:
    api = HandApi()
    api.create(publish=True)

    def refused(*routes: tuple[str, int]) -> tuple[str, str]:
        given = [{"stateMachineVersionArn": arn, "weight": weight} for arn, weight in routes]
        return api.refused("CreateStateMachineAlias", name="a", routingConfiguration=given)

    said = "ValidationException"
    assert refused((ARN, 100)) == (
        said,
        f"Routing configuration must contain state machine version ARNs. Received: [{ARN}]",
    )
    twice = f"[{ARN}:1, {ARN}:1]"
    assert refused((f"{ARN}:1", 50), (f"{ARN}:1", 50)) == (
        said,
        f"Routing configuration must contain distinct state machine version ARNs. Received: {twice}",
    )
    assert refused((f"{ARN}:1", 70), (f"{ARN}:2", 29)) == (
        said,
        "Sum of routing configuration weights must equal 100. Received: [70, 29]",
    )
    assert refused((f"{ARN}:7", 100)) == ("ResourceNotFound", "Request references a resource that does not exist.")


def test_tags_belong_to_machines_and_activities_not_to_versions() -> None:
    api = HandApi()
    api.create(tags=[{"key": "a", "value": "1"}], publish=True)
    api("TagResource", resourceArn=ARN, tags=[{"key": "b", "value": "2"}, {"key": "a", "value": "3"}])
    tags = api("ListTagsForResource", resourceArn=ARN)["tags"]
    assert tags == [{"key": "a", "value": "3"}, {"key": "b", "value": "2"}]
    api("UntagResource", resourceArn=ARN, tagKeys=["a", "none"])
    assert api("ListTagsForResource", resourceArn=ARN) == {"tags": [{"key": "b", "value": "2"}]}
    missing = ("ResourceNotFound", f"Resource not found: '{ARN}:1'")
    assert api.refused("TagResource", resourceArn=f"{ARN}:1", tags=[]) == missing
    many = [{"key": str(number), "value": ""} for number in range(51)]
    assert api.refused("TagResource", resourceArn=ARN, tags=many)[0] == "TooManyTags"


def test_variables_that_states_read_are_listed() -> None:
    api = HandApi()
    inner = {"StartAt": "In", "States": {"In": {"Type": "Pass", "Parameters": {"v.$": "$b"}, "End": True}}}
    states = {
        "Set": {"Type": "Pass", "Assign": {"a": 1, "b": [1]}, "Next": "Each"},
        "Each": {"Type": "Map", "ItemsPath": "$b", "ItemProcessor": inner, "Next": "Ask"},
        "Ask": {
            "Type": "Pass",
            "QueryLanguage": "JSONata",
            "Output": "{% $sum($b) + $a + $count($states.input) %}",
            "End": True,
        },
    }
    arn = api.create(definition=json.dumps({"StartAt": "Set", "States": states}))
    described = api("DescribeStateMachine", stateMachineArn=arn)
    assert described["variableReferences"] == {"Each": ["b"], "In": ["b"], "Ask": ["a", "b"]}


def test_a_distributed_map_or_a_version_is_no_machine_to_work_on() -> None:
    """AWS API, the qualified ARNs of DescribeStateMachine, StartExecution and others."""
    api = HandApi()
    api.create(publish=True)
    for operation in ("DescribeStateMachine", "UpdateStateMachine", "DeleteStateMachine", "StartExecution"):
        assert api.refused(operation, stateMachineArn=f"{ARN}/label")[0] == "ValidationException", operation
        assert api.refused(operation, stateMachineArn=f"{ARN}:")[0] == "InvalidArn", operation
    said = "there is no test case 'a/b': no mock file is given"
    assert api.refused("StartExecution", stateMachineArn=f"{ARN}#a/b") == ("ValidationException", said)
    assert api.refused("DeleteStateMachine", stateMachineArn=f"{ARN}:1")[0] == "ValidationException"
    assert api("DescribeStateMachine", stateMachineArn=f"{ARN}:1")["status"] == "ACTIVE"
