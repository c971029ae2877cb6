"""What a role must allow, and how a role differs from that, in lines and as an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sfdebug.permissions.model import NeededPermissions
    from sfdebug.permissions.review import RoleReview
    from sfdebug.values import Json


def reason_lines(needed: NeededPermissions) -> list[str]:
    """One line for each action on a resource: what needs it."""
    rows = [
        (action, resource, _needing(action, one.states), one.role)
        for one in needed.permissions
        for action in one.actions
        for resource in one.resources
    ]
    wide = max((len(row[0]) for row in rows), default=0)
    lines = []
    for action, resource, states, role in dict.fromkeys(rows):
        by = f" (as {role})" if role else ""
        lines += [f"{action:<{wide}}  {states}{by}", f"{'':<{wide}}  {resource}"]
    return lines


def _needing(action: str, states: tuple[str, ...]) -> str:
    """What needs an action: states, or the machine as a whole."""
    return ", ".join(states) or ("its own key" if action.startswith("kms:") else "its logs and traces")


def review_lines(name: str, review: RoleReview) -> list[str]:
    """What is missing in a role, and what is too much."""
    if not review.is_known:
        what = f"its role {review.role} does not stand in it" if review.role else "it does not say which role it has"
        return [f"{name}: {what}: nothing is said of what it allows"]
    lines = [f"{name}: {review.role}"]
    maybe = ", unless what could not be read allows it" if review.unread else ""
    for missing in review.missing:
        states = (
            "every execution"
            if missing.action.startswith("kms:") and not missing.states
            else _needing(missing.action, missing.states)
        )
        lines.append(f"  missing   {missing.action} on {missing.resource}")
        if missing.denied_by:
            lines.append(f"            {missing.denied_by} denies it: {states} would fail")
        else:
            lines.append(f"            {states} would fail{maybe}")
    for more in review.too_much:
        lines.append(f"  too much  {more.action} on {', '.join(more.on)}  ({more.source})")
        if more.needed:
            lines.append(f"            needed: {', '.join(more.needed)} on {', '.join(more.resources)}")
        else:
            lines.append("            no state needs it")
    lines += [f"  unread    {what}" for what in review.unread]
    if review.is_least:
        lines.append("  it allows what is needed, and nothing else")
    elif not review.missing and not review.too_much and not review.unread:
        lines.append(f"  it allows what is needed, and by {', '.join(review.broader)} of SAM a little more")
    elif not review.missing and not review.too_much:
        lines.append("  of what was read, nothing is missing and nothing is too much")
    return lines


def review_dict(name: str, review: RoleReview) -> dict[str, Json]:
    """The same as an object."""
    return {
        "machine": name,
        "role": review.role,
        "known": review.is_known,
        "missing": [
            {
                "action": one.action,
                "resource": one.resource,
                "states": list(one.states),
                "deniedBy": one.denied_by or None,
            }
            for one in review.missing
        ],
        "tooMuch": [
            {
                "action": one.action,
                "resources": list(one.on),
                "source": one.source,
                "needed": list(one.needed),
                "on": list(one.resources),
            }
            for one in review.too_much
        ],
        "broader": list(review.broader),
        "unread": list(review.unread),
    }
