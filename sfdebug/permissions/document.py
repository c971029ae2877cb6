"""Permissions as the document of an IAM policy: as few statements as say the same."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sfdebug.permissions.model import Permission
    from sfdebug.values import Json

_VERSION: Final = "2012-10-17"


def policy_document(permissions: Iterable[Permission]) -> dict[str, Json]:
    """The policy that allows just this, in the order of the states.

    Actions on the same resources under the same condition stand in one statement, and so do resources of the same
    actions. Each statement has a Sid made of its service, which is unique in the policy.
    """
    by_resource: dict[tuple[str, str], tuple[list[str], dict[str, None]]] = {}
    for one in permissions:
        for resource in one.resources:
            condition = json.dumps(one.condition, sort_keys=True)
            _, actions = by_resource.setdefault((resource, condition), ([resource], {}))
            actions.update(dict.fromkeys(one.actions))
    by_actions: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for (resource, condition), (_, actions) in by_resource.items():
        for group in _by_service(actions):
            by_actions.setdefault((group, condition), []).append(resource)
    used: dict[str, int] = {}
    statements: list[Json] = []
    for (names, condition), resources in by_actions.items():
        statements.append(_statement(names, resources, json.loads(condition), used))
    return {"Version": _VERSION, "Statement": statements}


def _by_service(actions: Iterable[str]) -> list[tuple[str, ...]]:
    """Actions, sorted, of one service each."""
    groups: dict[str, list[str]] = {}
    for action in sorted(actions):
        groups.setdefault(action.partition(":")[0], []).append(action)
    return [tuple(group) for group in groups.values()]


def _statement(names: tuple[str, ...], resources: list[str], condition: Json, used: dict[str, int]) -> dict[str, Json]:
    service = "".join(part.capitalize() for part in names[0].partition(":")[0].split("-"))
    used[service] = used.get(service, 0) + 1
    number = used[service] if used[service] > 1 else ""
    kept = _without_covered(resources)
    found: dict[str, Json] = {
        "Sid": f"{service}{number}",
        "Effect": "Allow",
        "Action": list(names) if len(names) > 1 else names[0],
        "Resource": list(kept) if len(kept) > 1 else kept[0],
    }
    if condition is not None:
        found["Condition"] = condition
    return found


def _without_covered(resources: list[str]) -> list[str]:
    """Resources without those that `*` among them stands for."""
    return ["*"] if "*" in resources else resources
