"""Tags of state machines and activities. Source: AWS API, TagResource, UntagResource, ListTagsForResource."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from sfdebug.hosting.changes import TagsChanged
from sfdebug.hosting.refusals import HostRefusalError, RefusalReason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sfdebug.hosting.changes import TellChange

MOST_TAGS: Final = 50
"""AWS API, TooManyTags."""


class TagBook:
    """The tags of all resources that there are."""

    def __init__(self, tell: TellChange) -> None:
        self._tell = tell
        self._lock = threading.Lock()
        self._tags: dict[str, dict[str, str]] = {}

    def begin(self, arn: str, tags: Mapping[str, str]) -> None:
        """There is a resource, with these tags. Raises HostRefusalError (TOO_MANY_TAGS)."""
        with self._lock:
            _check(arn, tags)
            self._tags[arn] = dict(tags)
            if tags:
                self._tell(TagsChanged(arn, dict(tags)))

    def take_up(self, arn: str, tags: Mapping[str, str]) -> None:
        """There is a resource that was kept. Nobody is told."""
        self._tags[arn] = dict(tags)

    def end(self, arn: str) -> None:
        """A resource is gone."""
        with self._lock:
            self._tags.pop(arn, None)

    def add(self, arn: str, tags: Mapping[str, str]) -> None:
        """Give a resource tags. Raises HostRefusalError (RESOURCE_UNKNOWN, TOO_MANY_TAGS)."""
        with self._lock:
            together = {**self._known(arn), **tags}
            _check(arn, together)
            self._put(arn, together)

    def remove(self, arn: str, keys: Iterable[str]) -> None:
        """Take tags from a resource; what it does not have is no matter. Raises HostRefusalError."""
        with self._lock:
            gone = set(keys)
            self._put(arn, {key: value for key, value in self._known(arn).items() if key not in gone})

    def _put(self, arn: str, tags: dict[str, str]) -> None:
        if tags != self._tags[arn]:
            self._tags[arn] = tags
            self._tell(TagsChanged(arn, dict(tags)))

    def of(self, arn: str) -> dict[str, str]:
        """The tags of a resource, in the order in which they came. Raises HostRefusalError (RESOURCE_UNKNOWN)."""
        with self._lock:
            return dict(self._known(arn))

    def _known(self, arn: str) -> dict[str, str]:
        held = self._tags.get(arn)
        if held is None:
            raise HostRefusalError(RefusalReason.RESOURCE_UNKNOWN, arn)
        return held


def _check(arn: str, tags: Mapping[str, str]) -> None:
    if len(tags) > MOST_TAGS:
        raise HostRefusalError(RefusalReason.TOO_MANY_TAGS, arn)
