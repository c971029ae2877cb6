"""What projects of all formats declare is made at moto's server under its own names, and looked at without a trace."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sfdebug.aws.service_calls import ServiceClients
from sfdebug.projects.loading import load_project
from sfdebug.projects.model import ProjectResource, ResourceKind
from sfdebug.tasks.services.contents import MOST, REST, contents_of
from sfdebug.tasks.services.creating import create_resources
from sfdebug.tasks.services.local import LocalServices, local_endpoint
from sfdebug.tasks.services.provider import properties_of
from tests.moto_server import missing

pytestmark = pytest.mark.skipif(bool(missing()), reason=f"moto's server mode lacks {', '.join(missing())}")

QUEUE = "https://sqs.eu-west-1.amazonaws.com/123456789012/"
ARN = "arn:aws:sqs:eu-west-1:123456789012:"

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::SQS::Queue
    Properties: {QueueName: a-orders, RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 1}}
  Dead: {Type: AWS::SQS::Queue, Properties: {QueueName: z-dead}}
  News:
    Type: AWS::SNS::Topic
    Properties:
      TopicName: news
      Subscription: [{Protocol: sqs, Endpoint: !GetAtt Dead.Arn}, {Protocol: email, Endpoint: me@example.com}]
  Hook:
    Type: AWS::SNS::Subscription
    Properties: {Protocol: https, Endpoint: "https://example.com/hook", TopicArn: !Ref News}
  Seats:
    Type: AWS::DynamoDB::Table
    Properties:
      TableName: seats
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}, {AttributeName: row, AttributeType: N}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      GlobalSecondaryIndexes:
        - IndexName: by-row
          KeySchema: [{AttributeName: row, KeyType: HASH}]
          Projection: {ProjectionType: ALL}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {Definition: {StartAt: A, States: {A: {Type: Succeed}}}}
"""

TERRAFORM = """
resource "aws_dynamodb_table" "seats" {
  name     = "seats"
  hash_key = "id"
  range_key = "row"
  attribute {
    name = "id"
    type = "S"
  }
  attribute {
    name = "row"
    type = "N"
  }
  global_secondary_index {
    name            = "by-row"
    hash_key        = "row"
    projection_type = "KEYS_ONLY"
  }
}
resource "aws_sqs_queue" "orders" {
  name                       = "a-orders"
  visibility_timeout_seconds = 45
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 1 })
}
resource "aws_sqs_queue" "dead" {
  name = "z-dead"
}
resource "aws_cloudwatch_event_bus" "shop" {
  name = "shop"
}
resource "aws_cloudwatch_event_rule" "placed" {
  name           = "placed"
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  event_pattern  = jsonencode({ source = ["shop"] })
}
resource "aws_cloudwatch_event_target" "placed" {
  rule           = aws_cloudwatch_event_rule.placed.name
  event_bus_name = aws_cloudwatch_event_bus.shop.name
  arn            = aws_sqs_queue.dead.arn
}
resource "aws_sns_topic" "news" {
  name = "news"
}
resource "aws_sns_topic_subscription" "mail" {
  topic_arn = aws_sns_topic.news.arn
  protocol  = "email"
  endpoint  = "me@example.com"
}
resource "aws_sns_topic_subscription" "dead" {
  topic_arn            = aws_sns_topic.news.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.dead.arn
  raw_message_delivery = true
}
resource "random_id" "some" {
  byte_length = 4
}
resource "aws_s3_bucket" "pictures" {
  bucket = "pictures-${random_id.some.id}"
}
resource "aws_sfn_state_machine" "machine" {
  name       = "machine"
  role_arn   = "arn:aws:iam::123456789012:role/r"
  definition = jsonencode({ StartAt = "A", States = { A = { Type = "Succeed" } } })
}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServices]:
    local = LocalServices("eu-west-1", "123456789012")
    local.start()
    yield local
    local.close()


@pytest.fixture
def clients(server: LocalServices) -> ServiceClients:
    server.reset()
    return ServiceClients(local_endpoint(server))


def test_queues_name_their_dead_letters_and_nobody_outside_is_subscribed(
    clients: ServiceClients, server: LocalServices, tmp_path: Path
) -> None:
    path = tmp_path / "template.yaml"
    path.write_text(TEMPLATE)
    made = create_resources(load_project(str(path), region="eu-west-1"), clients)
    assert [one.name for one in made] == ["seats", "a-orders", "z-dead", "news"]
    assert not [one.why for one in made if one.why]
    subscribed = clients.client("sns").list_subscriptions()["Subscriptions"]
    assert [one["Endpoint"] for one in subscribed] == [f"{ARN}z-dead"]
    table = clients.client("dynamodb").describe_table(TableName="seats")["Table"]
    assert [index["IndexName"] for index in table["GlobalSecondaryIndexes"]] == ["by-row"]
    sqs = clients.client("sqs")
    sqs.send_message(QueueUrl=f"{QUEUE}a-orders", MessageBody='{"n": 1}')
    for _ in range(3):
        looked: Any = contents_of(clients, server.messages)["queues"]
        assert list(looked["a-orders"].values()) == [{"n": 1}]
    assert looked["z-dead"] == {}, "who looks sends nothing to the dead letters"
    told: Any = contents_of(clients)["queues"]
    assert told["a-orders"] == "(1 message, not read: each reading would count for its redrive policy)"
    assert len(sqs.receive_message(QueueUrl=f"{QUEUE}a-orders")["Messages"]) == 1


def test_what_terraform_declares_is_made(clients: ServiceClients, server: LocalServices, tmp_path: Path) -> None:
    (tmp_path / "main.tf").write_text(TERRAFORM)
    made = create_resources(load_project(str(tmp_path), region="eu-west-1"), clients)
    failed = {one.name: one.why for one in made if one.why}
    assert failed == {"pictures-${random_id.some.id}": "the value of ${random_id.some.id} in its name is not known"}
    table = clients.client("dynamodb").describe_table(TableName="seats")["Table"]
    assert [key["AttributeName"] for key in table["KeySchema"]] == ["id", "row"]
    assert table["GlobalSecondaryIndexes"][0]["Projection"] == {"ProjectionType": "KEYS_ONLY"}
    sqs = clients.client("sqs")
    known = sqs.get_queue_attributes(QueueUrl=f"{QUEUE}a-orders", AttributeNames=["All"])["Attributes"]
    assert known["VisibilityTimeout"] == "45"
    assert json.loads(known["RedrivePolicy"])["deadLetterTargetArn"] == f"{ARN}z-dead"
    event = {"Source": "shop", "DetailType": "t", "Detail": "{}", "EventBusName": "shop"}
    clients.client("events").put_events(Entries=[event])
    clients.client("sns").publish(TopicArn="arn:aws:sns:eu-west-1:123456789012:news", Message="raw")
    held = server.messages()
    count, bodies = held["queues"]["z-dead"]
    assert (count, "raw" in bodies.values()) == (2, True)
    assert list(held["topics"]["news"][1].values()) == ["raw"], "what was published is there, whoever takes it"


def test_pulumis_names_are_those_of_terraform_in_camel_case() -> None:
    given: dict[str, Any] = {
        "hashKey": "id",
        "attributes": [{"name": "id", "type": "S"}],
        "globalSecondaryIndexes": [{"name": "i", "hashKey": "id", "nonKeyAttributes": ["a"]}],
        "streamEnabled": True,
    }
    table = ProjectResource(ResourceKind.TABLE, "aws_dynamodb_table", "t", "t", properties=given)
    found = properties_of(table)
    assert found["KeySchema"] == [{"AttributeName": "id", "KeyType": "HASH"}]
    assert found["AttributeDefinitions"] == [{"AttributeName": "id", "AttributeType": "S"}]
    assert found["GlobalSecondaryIndexes"][0]["Projection"] == {"ProjectionType": "ALL", "NonKeyAttributes": ["a"]}
    assert found["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}


def test_of_what_is_large_it_is_said_how_much_is_not_read(clients: ServiceClients, server: LocalServices) -> None:
    sqs, dynamodb, s3 = (clients.client(name) for name in ("sqs", "dynamodb", "s3"))
    url = sqs.create_queue(QueueName="many")["QueueUrl"]
    for start in range(0, MOST + 10, 10):
        entries = [{"Id": str(each), "MessageBody": str(each)} for each in range(start, start + 10)]
        sqs.send_message_batch(QueueUrl=url, Entries=entries)
    key = {"AttributeName": "id", "KeyType": "HASH"}
    attribute = {"AttributeName": "id", "AttributeType": "S"}
    dynamodb.create_table(
        TableName="t", BillingMode="PAY_PER_REQUEST", AttributeDefinitions=[attribute], KeySchema=[key]
    )
    for each in range(MOST + 1):
        dynamodb.put_item(TableName="t", Item={"id": {"S": str(each)}, "b": {"B": b"\x00\xff"}})
    s3.create_bucket(Bucket="pictures", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    s3.put_object(Bucket="pictures", Key="binary", Body=b"\x00\xff")
    s3.put_object(Bucket="pictures", Key="large", Body=b"x" * 5000)
    found: Any = contents_of(clients, server.messages)
    assert len(found["queues"]["many"]) == MOST + 1
    assert found["queues"]["many"][REST] == "10 more, which are not read"
    assert found["tables"]["t"][REST] == "there are more, which are not read"
    assert found["tables"]["t"]["1"] == {"id": "1", "b": "(2 bytes)"}
    assert found["buckets"]["pictures"] == {"binary": "(2 bytes)", "large": "(5,000 bytes)"}
