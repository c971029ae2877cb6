"""What a project declares, made at an endpoint under its own names: tables, queues, topics, buckets, buses, rules."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from sfdebug.projects.model import ResourceKind
from sfdebug.tasks.services.notifying import notifies, notify
from sfdebug.tasks.services.provider import TARGET, properties_of

if TYPE_CHECKING:
    from sfdebug.aws.service_calls import ServiceClients
    from sfdebug.projects.model import ProjectResource
    from sfdebug.projects.project import Project

_ORDER: Final = (
    ResourceKind.TABLE,
    ResourceKind.QUEUE,
    ResourceKind.TOPIC,
    ResourceKind.SUBSCRIPTION,
    ResourceKind.BUCKET,
    ResourceKind.BUS,
    ResourceKind.RULE,
    ResourceKind.SECRET,
    ResourceKind.PARAMETER,
    ResourceKind.STREAM,
)
_UNKNOWN: Final = re.compile(r"\$\{[^}]*\}")
_QUEUE_ARN: Final = re.compile(r"arn:[\w-]+:sqs:")


class CreatedResource(Struct, frozen=True, gc=False):
    """A resource that was made, or `why` it could not be made."""

    kind: ResourceKind
    name: str
    why: str = ""


def create_resources(project: Project, clients: ServiceClients) -> tuple[CreatedResource, ...]:
    """Make what a project declares and services can hold, in an order in which each finds what it needs."""
    ordered = [resource for kind in _ORDER for resource in project.resources if resource.kind is kind]
    ordered = [resource for resource in ordered if not _leads_out(resource)]
    made = tuple(_created(resource, _MAKERS[resource.kind], clients) for resource in ordered)
    linked = (resource for resource in ordered if "RedrivePolicy" in properties_of(resource))
    targets = (resource for resource in project.resources if resource.type == TARGET and _is_queue(resource.arn))
    later = [*(_created(queue, _redrive, clients) for queue in linked if queue.kind is ResourceKind.QUEUE)]
    later += [_created(target, _target, clients) for target in targets]
    later += [_created(one, notify, clients) for one in project.resources if notifies(one)]
    return made + tuple(one for one in later if one.why)


def _created(
    resource: ProjectResource, make: Callable[[ProjectResource, ServiceClients], None], clients: ServiceClients
) -> CreatedResource:
    unknown = _UNKNOWN.search(resource.name)
    if unknown is not None:
        return CreatedResource(resource.kind, resource.name, f"the value of {unknown[0]} in its name is not known")
    try:
        make(resource, clients)
    except Exception as error:  # whatever a client library has against it
        return CreatedResource(resource.kind, resource.name, " ".join(str(error).split()))
    return CreatedResource(resource.kind, resource.name)


def _leads_out(resource: ProjectResource) -> bool:
    """Whether it is a subscription of somebody outside: local services send no mail, and ask nobody's server."""
    given = properties_of(resource)
    return resource.kind is ResourceKind.SUBSCRIPTION and not _is_queue(given.get("Endpoint"))


def _is_queue(arn: Any) -> bool:
    return isinstance(arn, str) and _QUEUE_ARN.match(arn) is not None


def _table(resource: ProjectResource, clients: ServiceClients) -> None:
    given = properties_of(resource)
    if resource.type == "AWS::Serverless::SimpleTable":
        key: Any = given.get("PrimaryKey") or {"Name": "id", "Type": "String"}
        name, kind = str(key.get("Name", "id")), str(key.get("Type", "String"))
        attributes: Any = [{"AttributeName": name, "AttributeType": {"Number": "N", "Binary": "B"}.get(kind, "S")}]
        schema: Any = [{"AttributeName": name, "KeyType": "HASH"}]
    else:
        attributes, schema = given.get("AttributeDefinitions"), given.get("KeySchema")
        if not attributes or not schema:
            raise ValueError("the project does not say its key")
    wanted = {"BillingMode": "PAY_PER_REQUEST", "AttributeDefinitions": attributes, "KeySchema": schema}
    for name in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes"):
        indexes = given.get(name)
        if isinstance(indexes, list):
            wanted[name] = [
                _without(index, "ProvisionedThroughput", "ContributorInsightsSpecification") for index in indexes
            ]
    stream = given.get("StreamSpecification")
    if isinstance(stream, dict):
        wanted["StreamSpecification"] = {"StreamEnabled": True, "StreamViewType": stream.get("StreamViewType")}
    clients.client("dynamodb").create_table(TableName=resource.name, **wanted)


_QUEUE_ATTRIBUTES: Final = (
    "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout", "FifoQueue", "ContentBasedDeduplication",
)  # fmt: skip


def _queue(resource: ProjectResource, clients: ServiceClients) -> None:
    given = properties_of(resource)
    attributes = {name: _text(given[name]) for name in _QUEUE_ATTRIBUTES if name in given}
    if resource.name.endswith(".fifo"):
        attributes["FifoQueue"] = "true"
    clients.client("sqs").create_queue(QueueName=resource.name, Attributes=attributes)


def _redrive(resource: ProjectResource, clients: ServiceClients) -> None:
    """Name the queue of the dead letters, when all queues are there."""
    client = clients.client("sqs")
    url = client.get_queue_url(QueueName=resource.name)["QueueUrl"]
    policy = properties_of(resource)["RedrivePolicy"]
    client.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": _text(policy)})


def _topic(resource: ProjectResource, clients: ServiceClients) -> None:
    attributes = {"FifoTopic": "true"} if resource.name.endswith(".fifo") else {}
    client = clients.client("sns")
    client.create_topic(Name=resource.name, Attributes=attributes)
    for one in _dicts(resource.properties.get("Subscription")):
        if _is_queue(one.get("Endpoint")):
            client.subscribe(TopicArn=resource.arn, Protocol="sqs", Endpoint=one["Endpoint"])


def _subscription(resource: ProjectResource, clients: ServiceClients) -> None:
    given = properties_of(resource)
    attributes = {
        name: _text(given[name])
        for name in ("FilterPolicy", "FilterPolicyScope", "RawMessageDelivery")
        if name in given
    }
    clients.client("sns").subscribe(
        TopicArn=given.get("TopicArn"),
        Protocol=given.get("Protocol"),
        Endpoint=given.get("Endpoint"),
        Attributes=attributes,
    )


def _bucket(resource: ProjectResource, clients: ServiceClients) -> None:
    region = clients.endpoint.region
    where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    clients.client("s3").create_bucket(Bucket=resource.name.lower(), **where)


def _bus(resource: ProjectResource, clients: ServiceClients) -> None:
    clients.client("events").create_event_bus(Name=resource.name)


def _rule(resource: ProjectResource, clients: ServiceClients) -> None:
    given = properties_of(resource)
    client = clients.client("events")
    wanted: dict[str, Any] = {"Name": resource.name}
    wanted["EventBusName"] = _bus_name(given)
    if "EventPattern" not in given and "ScheduleExpression" not in given:
        raise ValueError("the project says neither its pattern nor its schedule")
    if "EventPattern" in given:
        wanted["EventPattern"] = _text(given["EventPattern"])
    if "ScheduleExpression" in given:
        wanted["ScheduleExpression"] = given["ScheduleExpression"]
    client.put_rule(**wanted)
    targets = [target for target in _dicts(given.get("Targets")) if _is_queue(target.get("Arn"))]
    if targets:
        client.put_targets(
            Rule=resource.name,
            EventBusName=wanted["EventBusName"],
            Targets=[{"Id": str(one.get("Id", index)), "Arn": one.get("Arn")} for index, one in enumerate(targets)],
        )


def _bus_name(given: Mapping[str, Any]) -> str:
    bus = str(given.get("EventBusName") or "default")
    return bus.rpartition("/")[2] if bus.startswith("arn:") else bus


def _target(resource: ProjectResource, clients: ServiceClients) -> None:
    """Have a rule of Terraform or Pulumi send to a queue."""
    given = properties_of(resource)
    target = {"Id": str(given.get("TargetId") or resource.name), "Arn": resource.arn}
    client = clients.client("events")
    client.put_targets(Rule=str(given.get("Rule")), EventBusName=_bus_name(given), Targets=[target])


def _secret(resource: ProjectResource, clients: ServiceClients) -> None:
    text = properties_of(resource).get("SecretString") or "{}"
    clients.client("secretsmanager").create_secret(Name=resource.name, SecretString=_text(text))


def _parameter(resource: ProjectResource, clients: ServiceClients) -> None:
    given = properties_of(resource)
    clients.client("ssm").put_parameter(
        Name=resource.name, Value=_text(given.get("Value") or "-"), Type=str(given.get("Type") or "String")
    )


def _stream(resource: ProjectResource, clients: ServiceClients) -> None:
    clients.client("kinesis").create_stream(StreamName=resource.name, ShardCount=1)


_MAKERS: Final[Mapping[ResourceKind, Callable[[ProjectResource, ServiceClients], None]]] = {
    ResourceKind.TABLE: _table,
    ResourceKind.QUEUE: _queue,
    ResourceKind.TOPIC: _topic,
    ResourceKind.SUBSCRIPTION: _subscription,
    ResourceKind.BUCKET: _bucket,
    ResourceKind.BUS: _bus,
    ResourceKind.RULE: _rule,
    ResourceKind.SECRET: _secret,
    ResourceKind.PARAMETER: _parameter,
    ResourceKind.STREAM: _stream,
}


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else json.dumps(value)


def _without(value: Any, *names: str) -> Any:
    return {name: each for name, each in value.items() if name not in names} if isinstance(value, dict) else value


def _dicts(value: Any) -> Iterable[dict[str, Any]]:
    return (each for each in value if isinstance(each, dict)) if isinstance(value, list) else ()
