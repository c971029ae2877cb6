"""What a role allows, held name by name against what its machine needs: what is missing, too much, or open."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.permissions.granted import is_unknown, names_action, takes_all

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sfdebug.permissions.granted import Grant, GrantedPermissions
    from sfdebug.permissions.model import Condition, NeededPermissions, Permission

_WILD: Final = re.compile(r"[*?]")


class MissingPermission(Struct, frozen=True):
    """An action on a resource that no statement allows, or that one denies, and the states that fail for it."""

    action: str
    resource: str
    states: tuple[str, ...]
    denied_by: str = ""


class TooMuch(Struct, frozen=True):
    """An action pattern of a statement on those of its resources that nothing needs, or that are more than what does.

    `needed` are the actions that need it, `resources` what they call; both empty when nothing does. `condition` is
    what a statement without one leaves out.
    """

    action: str
    on: tuple[str, ...]
    source: str
    needed: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()
    condition: Condition | None = None


class RoleReview(Struct, frozen=True):
    """A role, held against its machine. Where something of it is `unread`, what is missing may be allowed there; where
    there are `open_ends`, the definition alone does not say what is needed.

    `more` is what is allowed beyond what is needed without naming anything else: parts of it, such as a function's
    versions, and calls that a condition would not let pass. `broader` are the policies of SAM's own that allow more.
    """

    role: str
    missing: tuple[MissingPermission, ...] = ()
    too_much: tuple[TooMuch, ...] = ()
    more: tuple[TooMuch, ...] = ()
    broader: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    open_ends: tuple[str, ...] = ()
    is_known: bool = True


class _NeededCall(Struct, frozen=True):
    """An action that is needed on a resource; `is_open` where * stands for what is not known."""

    action: str
    resource: str
    condition: Condition | None
    is_open: bool


def review(granted: GrantedPermissions, needed: NeededPermissions) -> RoleReview:
    """Hold what a role allows against what its machine needs of it."""
    if not granted.is_known:
        return RoleReview(granted.role, is_known=False)
    missing: dict[tuple[str, str, str], list[str]] = {}
    unread = dict.fromkeys(granted.unread)
    still_open = dict.fromkeys(_open_ends(needed))
    for permission in needed.own:
        for action in permission.actions:
            for resource in permission.resources:
                denied_by = _denied_by(granted, action, resource, unread)
                if not denied_by and _is_allowed(granted, permission, action, resource, unread):
                    continue
                within = _within(granted, action, resource) if permission.is_open and not denied_by else ()
                if within:
                    names = ", ".join(within)
                    still_open[f"{action} on {resource}: allowed on {names}, and on no other of them"] = None
                else:
                    missing.setdefault((action, resource, denied_by), []).extend(permission.states)
    too_much, more, broader = _surplus(granted, list(_needs(needed)))
    lacking = tuple(
        MissingPermission(action, resource, tuple(dict.fromkeys(states)), denied_by)
        for (action, resource, denied_by), states in missing.items()
    )
    return RoleReview(
        granted.role,
        lacking,
        too_much,
        more,
        broader,
        tuple(unread),
        tuple(still_open),
    )


def _surplus(
    granted: GrantedPermissions, needs: Sequence[_NeededCall]
) -> tuple[tuple[TooMuch, ...], tuple[TooMuch, ...], tuple[str, ...]]:
    """What is too much, what is more of what is needed, and which policies of SAM's own allow more."""
    too_much: list[TooMuch] = []
    more: list[TooMuch] = []
    broader: dict[str, None] = {}
    for grant in granted.grants:
        beyond, parts = _beyond(grant, needs)
        is_for_nothing = len(beyond) == len(grant.actions) and not any(one.needed for one in beyond)
        if not grant.is_given or is_for_nothing:
            too_much += beyond
            more += parts
        elif beyond or parts:
            broader[grant.source] = None
    return tuple(too_much), tuple(more), tuple(broader)


def _open_ends(needed: NeededPermissions) -> Iterator[str]:
    for problem in needed.open_ends:
        where = f" ({problem.file}:{problem.line})" if problem.line else ""
        yield f"{problem.what}{where}"
    for action in needed.unplaced:
        yield f"no resources are known here of {action}: * stands for them"


def _needs(needed: NeededPermissions) -> Iterator[_NeededCall]:
    for permission in needed.own:
        for action in permission.actions:
            for resource in permission.resources:
                yield _NeededCall(action, resource, permission.condition, permission.is_open)


def _denied_by(granted: GrantedPermissions, action: str, resource: str, unread: dict[str, None]) -> str:
    """What denies it, "" where nothing does; what may deny a part of it is noted in `unread`."""
    for denial in granted.denials:
        answer = denial.denies(action, resource)
        if answer:
            return denial.source
        if answer is None:
            unread[f"a statement with Deny in {denial.source}, which may deny some of {action} on {resource}"] = None
    return ""


def _is_allowed(
    granted: GrantedPermissions, permission: Permission, action: str, resource: str, unread: dict[str, None]
) -> bool:
    """Whether a statement allows it; where that hangs on a condition of which nobody knows, it is noted in `unread`."""
    grants = [grant for grant in granted.grants if grant.allows(action, resource)]
    answers = [(grant, grant.holds(permission.condition)) for grant in grants]
    if any(answer for _, answer in answers):
        return True
    unknown = [grant for grant, answer in answers if answer is None]
    for grant in unknown[:1]:
        unread[f"the Condition of what allows {action} in {grant.source}: whether it holds is not known"] = None
    return bool(unknown)


def _within(granted: GrantedPermissions, action: str, resource: str) -> tuple[str, ...]:
    """The resources on which an action is allowed, of those that the * in a needed one can stand for."""
    return tuple(
        dict.fromkeys(
            on
            for grant in granted.grants
            if any(names_action(each, action) for each in grant.actions)
            for on in grant.resources
            if takes_all(resource, on)
        )
    )


def _beyond(grant: Grant, needs: Sequence[_NeededCall]) -> tuple[list[TooMuch], list[TooMuch]]:
    """What of a statement goes beyond what is needed, and what only allows more of that."""
    beyond, parts = [], []
    for pattern in grant.actions:
        if is_unknown(pattern):
            continue
        called = [need for need in needs if names_action(pattern, need.action)]
        used = [need for need in called if any(_concerns(on, need) for on in grant.resources)]
        if not used and not (called and any(is_unknown(on) for on in grant.resources)):
            beyond.append(TooMuch(pattern, grant.resources, grant.source))
            continue
        actions = tuple(dict.fromkeys(need.action for need in used))
        resources = tuple(dict.fromkeys(need.resource for need in used))
        others = [need for need in needs if need not in called]
        extra = [on for on in grant.resources if not _is_needed(on, used) and not _is_of_others(on, pattern, others)]
        part = tuple(on for on in extra if _is_part(on, used))
        wide = tuple(on for on in extra if on not in part)
        if _WILD.search(pattern):
            beyond.append(TooMuch(pattern, grant.resources, grant.source, actions, resources))
        elif wide:
            beyond.append(TooMuch(pattern, wide, grant.source, actions, resources))
        elif part:
            parts.append(TooMuch(pattern, part, grant.source, actions, resources))
        elif not grant.condition and (held := next((need for need in used if need.condition), None)) is not None:
            parts.append(TooMuch(pattern, grant.resources, grant.source, actions, resources, held.condition))
    return beyond, parts


def _concerns(on: str, need: _NeededCall) -> bool:
    """Whether a resource of a statement takes what is needed, or may be what the * of that stands for."""
    return takes_all(on, need.resource) or (need.is_open and takes_all(need.resource, on))


def _is_needed(on: str, used: Sequence[_NeededCall]) -> bool:
    """Whether a resource of a statement is just one that is needed, or is known at the deployment only."""
    if is_unknown(on):
        return True
    return any(takes_all(need.resource, on) and (need.is_open or takes_all(on, need.resource)) for need in used)


def _is_of_others(on: str, pattern: str, others: Sequence[_NeededCall]) -> bool:
    """Whether a resource stands in a statement for another service's action, and this one cannot be done on it."""
    service = on.split(":")[2] if on.count(":") > 2 else ""
    is_other = service not in ("", pattern.partition(":")[0]) and not _WILD.search(service)
    return is_other and any(takes_all(on, need.resource) for need in others)


def _is_part(on: str, used: Sequence[_NeededCall]) -> bool:
    """Whether a resource is a part of one that is needed: the versions and aliases of a function, a table's indexes."""
    return any(
        on.startswith((f"{need.resource}:", f"{need.resource}/")) for need in used if not _WILD.search(need.resource)
    )
