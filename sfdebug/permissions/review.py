"""What a role allows, held against what its machine needs: what is missing, and what is too much."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.permissions.granted import is_unknown, names_action

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sfdebug.permissions.granted import Grant, GrantedPermissions
    from sfdebug.permissions.model import NeededPermissions, Permission


_ANY_NAME: Final = re.compile(r"\*|arn:[^:]*:[^:]*:[^:]*:[^:]*:(?:[\w-]+[:/])?\*")
"""A resource of any name."""
_BEGINS_SO: Final = re.compile(r"\w\*(?:\s|$)")
"""What begins with a name: SAM's LambdaInvokePolicy allows it."""


class Missing(Struct, frozen=True):
    """An action on a resource that no statement allows, or that one denies, and the states that fail for it."""

    action: str
    resource: str
    states: tuple[str, ...]
    denied_by: str = ""


class TooMuch(Struct, frozen=True):
    """An action pattern of a statement that nothing needs, or that allows more than what needs it.

    `needed` are the actions that need it, `resources` what they call; both empty when nothing does.
    """

    action: str
    on: tuple[str, ...]
    source: str
    needed: tuple[str, ...] = ()
    resources: tuple[str, ...] = ()


class RoleReview(Struct, frozen=True):
    """A role, held against its machine. Where something of it is `unread`, what is missing may be allowed there.

    `broader` are the policies of SAM's own that are needed, and allow more than what is.
    """

    role: str
    missing: tuple[Missing, ...] = ()
    too_much: tuple[TooMuch, ...] = ()
    broader: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    is_known: bool = True

    @property
    def is_least(self) -> bool:
        """Whether it allows all that is needed, and nothing else."""
        return self.is_known and not (self.missing or self.too_much or self.broader or self.unread)


def review(granted: GrantedPermissions, needed: NeededPermissions) -> RoleReview:
    """Hold what a role allows against what its machine needs of it."""
    if not granted.is_known:
        return RoleReview(granted.role, is_known=False)
    pairs = list(_pairs(needed))
    missing: dict[tuple[str, str, str], list[str]] = {}
    unread = dict.fromkeys(granted.unread)
    for permission in needed.own:
        for action in permission.actions:
            for resource in permission.resources:
                denied_by = _denied_by(granted, action, resource, unread)
                if denied_by or not _is_allowed(granted, permission, action, resource, unread):
                    missing.setdefault((action, resource, denied_by), []).extend(permission.states)
    too_much: list[TooMuch] = []
    broader: list[str] = []
    for grant in granted.grants:
        found = _surplus(grant, pairs)
        if not grant.is_given or (len(found) == len(grant.actions) and not any(one.needed for one in found)):
            too_much += found
        elif found or _BEGINS_SO.search(" ".join(grant.resources)):
            broader.append(grant.source)
    lacking = tuple(
        Missing(action, resource, tuple(dict.fromkeys(states)), denied_by)
        for (action, resource, denied_by), states in missing.items()
    )
    return RoleReview(granted.role, lacking, tuple(too_much), tuple(dict.fromkeys(broader)), tuple(unread))


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


def _pairs(needed: NeededPermissions) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    for permission in needed.own:
        for action in permission.actions:
            for resource in permission.resources:
                yield action, resource, permission.states


def _surplus(grant: Grant, pairs: list[tuple[str, str, tuple[str, ...]]]) -> list[TooMuch]:
    """What of a statement goes beyond what is needed: an action that nothing needs, a * that stands for more."""
    found = []
    for pattern in grant.actions:
        if is_unknown(pattern):
            continue
        used = [
            (action, resource)
            for action, resource, _ in pairs
            if names_action(pattern, action) and grant.allows(action, resource)
        ]
        actions, resources = dict.fromkeys(one for one, _ in used), dict.fromkeys(one for _, one in used)
        is_wide = any(_ANY_NAME.fullmatch(each) and not _is_needed(each, resources) for each in grant.resources)
        if not used or is_wide or "*" in pattern:
            found.append(TooMuch(pattern, grant.resources, grant.source, tuple(actions), tuple(resources)))
    return found


def _is_needed(pattern: str, resources: Iterable[str]) -> bool:
    """Whether what is needed is not known any closer."""
    return any(_ANY_NAME.fullmatch(each) for each in resources) or pattern in resources
