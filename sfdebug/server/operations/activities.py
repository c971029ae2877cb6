"""Activities, and what their workers are given.

Source: AWS API, CreateActivity, GetActivityTask: a poll waits for 60 seconds, and is then answered without a token.
"""

from __future__ import annotations

from time import monotonic
from typing import Final

from sfdebug.server.arns import ResourceArnKind, read_arn
from sfdebug.server.call import ApiCall, seconds, without_none
from sfdebug.server.operations.machines import OWNED_KEY, encryption_of, tags_of
from sfdebug.server.operations.names import check_name
from sfdebug.server.pages import page_of
from sfdebug.values import Json

LONGEST_POLL: Final = 60.0
_SLICE: Final = 0.25
"""Seconds after which it is looked whether the worker is still there."""


def create_activity(call: ApiCall) -> dict[str, Json]:
    """CreateActivity: the same name once more gives the first."""
    activity = call.host.activities.create(
        check_name(call.members["name"]), tags_of(call.get("tags")), encryption_of(call.get("encryptionConfiguration"))
    )
    return {"activityArn": activity.arn, "creationDate": seconds(activity.created)}


def delete_activity(call: ApiCall) -> dict[str, Json]:
    """DeleteActivity: of one that is not there, nothing."""
    call.host.activities.delete(_activity(call))
    return {}


def describe_activity(call: ApiCall) -> dict[str, Json]:
    """DescribeActivity."""
    activity = call.host.activities.get(_activity(call))
    return {
        "activityArn": activity.arn,
        "name": activity.name,
        "creationDate": seconds(activity.created),
        "encryptionConfiguration": activity.encryption or OWNED_KEY,
    }


def list_activities(call: ApiCall) -> dict[str, Json]:
    """ListActivities."""
    page, token = page_of(call.host.activities.list(), call.members, "activities")
    listed: list[Json] = [
        {"activityArn": activity.arn, "name": activity.name, "creationDate": seconds(activity.created)}
        for activity in page
    ]
    return without_none(activities=listed, nextToken=token)


def get_activity_task(call: ApiCall) -> dict[str, Json]:
    """GetActivityTask: the long poll. A task that a worker does not take any more goes to the next."""
    poll = call.host.activities.poll(_activity(call), call.get("workerName"))
    try:
        until = monotonic() + LONGEST_POLL
        while True:
            task = poll.wait(max(0.0, min(_SLICE, until - monotonic())))
            if task is not None:
                return {"taskToken": task.token, "input": task.input}
            if monotonic() >= until or call.is_abandoned():
                return {}
    finally:
        poll.close()


def _activity(call: ApiCall) -> str:
    return read_arn(call.members["activityArn"], ResourceArnKind.ACTIVITY).text
