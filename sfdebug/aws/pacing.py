"""Asking no faster than AWS's quotas allow: a token bucket for each operation, shared by all who ask in this process.

A part of each quota is left to others of the account: its own pollers use the same one. Where AWS throttles all the
same, the pace is halved, and comes back slowly.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from threading import Lock
from typing import Final

from msgspec import Struct

from sfdebug.rates import RequestQuota, request_quota

_SHARE: Final = 0.8
"""How much of a quota is used; the rest is for others."""
_HALVED: Final = 0.5
_SLOWEST: Final = 1 / 32
_RECOVERY: Final = 0.02
"""How much of the full pace comes back in a second without throttling: after a halving, all of it in 25 s."""


class Slowdown(Struct, frozen=True, gc=False):
    """An operation that has to wait: how many requests a second it has, in how many seconds the next one is due, and
    whether AWS has throttled it (else its quota alone says so)."""

    operation: str
    per_second: float
    seconds: float
    is_throttled: bool


class _Bucket:
    """The tokens of one operation. Tokens below zero are requests that wait already."""

    def __init__(self, quota: RequestQuota, now: float) -> None:
        self._size = quota.size * _SHARE
        self._refill = quota.refill * _SHARE
        self._tokens = self._size
        self._factor = 1.0
        self._at = now

    def take(self, now: float) -> float:
        self._fill(now)
        self._tokens -= 1.0
        return max(0.0, -self._tokens / self.per_second)

    def throttle(self, now: float) -> None:
        self._fill(now)
        self._tokens = min(self._tokens, 0.0)
        self._factor = max(_SLOWEST, self._factor * _HALVED)

    def slowdown(self, operation: str, now: float) -> Slowdown | None:
        self._fill(now)
        seconds = max(0.0, -self._tokens / self.per_second)
        if not seconds and self._factor >= 1.0:
            return None
        return Slowdown(operation, self.per_second, seconds, self._factor < 1.0)

    @property
    def per_second(self) -> float:
        return self._refill * self._factor

    def _fill(self, now: float) -> None:
        passed = max(0.0, now - self._at)
        self._at = now
        self._factor = min(1.0, self._factor + _RECOVERY * passed)
        self._tokens = min(self._size, self._tokens + passed * self.per_second)


class Pace:
    """When the next request may be made, from any thread. `region` says which quotas hold; "" none, as for an endpoint
    that is not AWS's own."""

    def __init__(self, region: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._region = region
        self._clock = clock
        self._buckets: dict[str, _Bucket] = {}
        self._lock = Lock()

    def take(self, operation: str) -> float:
        """Count a request, and say how many seconds it has to wait for its turn."""
        with self._lock:
            bucket = self._bucket(operation)
            return bucket.take(self._clock()) if bucket is not None else 0.0

    def throttle(self, operation: str) -> None:
        """AWS has refused a request because of too many."""
        with self._lock:
            bucket = self._bucket(operation)
            if bucket is not None:
                bucket.throttle(self._clock())

    @property
    def slowdown(self) -> Slowdown | None:
        """What waits longest now, or goes slower than its quota; None when nothing does."""
        with self._lock:
            now = self._clock()
            found = [bucket.slowdown(operation, now) for operation, bucket in self._buckets.items()]
        slow = [one for one in found if one is not None]
        return max(slow, key=lambda one: (one.seconds, one.is_throttled)) if slow else None

    def _bucket(self, operation: str) -> _Bucket | None:
        if operation not in self._buckets:
            quota = request_quota(operation, self._region) if self._region else None
            if quota is None:
                return None
            self._buckets[operation] = _Bucket(quota, self._clock())
        return self._buckets[operation]


def least_seconds(requests: Mapping[str, int], region: str) -> float:
    """The seconds that so many requests of each operation take at this pace at the least, several operations at once,
    when nobody has asked before."""
    longest = 0.0
    for operation, count in requests.items():
        quota = request_quota(operation, region)
        if quota is not None:
            longest = max(longest, (count - quota.size * _SHARE) / (quota.refill * _SHARE))
    return longest


@lru_cache(maxsize=64)
def pace_of(profile: str | None, region: str) -> Pace:
    """The pace of all who ask with a profile in a Region, in this process. Quotas are an account's: two profiles of one
    account are taken for two, and adapt when AWS throttles."""
    return Pace(region)
