"""What a role must allow, and how a role differs from that, in lines and as an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.values import compact

if TYPE_CHECKING:
    from sfdebug.permissions.model import NeededPermissions
    from sfdebug.permissions.review import RoleReview, TooMuch
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
    for heading, beyond in (("too much", review.too_much), ("more", review.more)):
        for one in beyond:
            lines.append(f"  {heading:<8}  {one.action} on {', '.join(one.on)}  ({one.source})")
            lines.append(f"            {_need_of(one)}")
    lines += [f"  open      {what}" for what in review.open_ends]
    lines += [f"  unread    {what}" for what in review.unread]
    verdict = _verdict(review)
    return [*lines, f"  {verdict}"] if verdict else lines


def _need_of(one: TooMuch) -> str:
    if not one.needed:
        return "no state needs it"
    held = f" with the condition {compact(one.condition)}" if one.condition else ""  # type: ignore[arg-type]
    return f"needed: {', '.join(one.needed)} on {', '.join(one.resources)}{held}"


def _verdict(review: RoleReview) -> str:
    """What all of it comes to, "" where something is missing or too much."""
    if review.missing or review.too_much:
        return ""
    if review.unread:
        return "of what was read, nothing is missing and nothing is too much"
    by = [f"{', '.join(review.broader)} of SAM"] if review.broader else []
    by += dict.fromkeys(one.source for one in review.more)
    needed = "what is known to be needed" if review.open_ends else "what is needed"
    if by:
        return f"it allows {needed}, and more by {', '.join(by)}"
    if review.open_ends:
        return f"it allows {needed}; whether that is all, and no more, is open"
    return f"it allows {needed}, and nothing else"


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
        "tooMuch": [_beyond(one) for one in review.too_much],
        "more": [_beyond(one) for one in review.more],
        "broader": list(review.broader),
        "unread": list(review.unread),
        "open": list(review.open_ends),
    }


def _beyond(one: TooMuch) -> dict[str, Json]:
    return {
        "action": one.action,
        "resources": list(one.on),
        "source": one.source,
        "needed": list(one.needed),
        "on": list(one.resources),
        "condition": one.condition,  # type: ignore[dict-item]
    }
