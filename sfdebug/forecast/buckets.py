"""Token buckets: when a steady demand empties one, which share waits or is refused from then on, how long that lasts.

A bucket is full at first; each request takes one token, and tokens come back at a steady rate up to the bucket's size.
Requests come evenly, the first at once. All is counted in fractions, so that it is what a simulation of every single
request gives. Source: AWS docs, Step Functions service quotas, "Quotas related to state throttling".
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from sfdebug.rates import RequestQuota


class BucketLoad(Struct, frozen=True):
    """A demand of so many requests a second on a quota, for so many seconds."""

    size: int
    refill: Fraction
    demand: Fraction
    seconds: Fraction

    @classmethod
    def of(cls, quota: RequestQuota, demand: Fraction, seconds: Fraction) -> BucketLoad:
        """The load on a quota."""
        return cls(quota.size, Fraction(quota.refill), demand, seconds)

    @property
    def requests(self) -> int:
        """How many requests come."""
        return ceil(self.demand * self.seconds)

    @property
    def first_throttled(self) -> int | None:
        """The first request, from 0, that finds no token, however long the demand lasts; None when none does."""
        if self.demand <= self.refill:
            return None
        return floor((self.size - 1) / (1 - self.refill / self.demand)) + 1

    @property
    def throttled_from(self) -> Fraction | None:
        """The seconds after which throttling begins, if the demand lasts so long; None when it never does."""
        first = self.first_throttled
        return None if first is None else first / self.demand

    @property
    def is_throttled(self) -> bool:
        """Whether throttling begins while the demand lasts."""
        first = self.first_throttled
        return first is not None and first < self.requests

    @property
    def steady_share(self) -> Fraction:
        """Which share of the demand is above what comes back, from the moment at which the bucket is empty."""
        return max(Fraction(0), 1 - self.refill / self.demand) if self.demand else Fraction(0)

    # requests that wait for their turn

    @property
    def waiting(self) -> int:
        """How many of the requests have to wait, the first as all after it."""
        first = self.first_throttled
        return 0 if first is None else max(0, self.requests - first)

    @property
    def backlog(self) -> int:
        """How many wait when the demand ends."""
        return max(0, self.requests - self._tokens_until(self.seconds)) if self.waiting else 0

    @property
    def drained_after(self) -> Fraction:
        """The seconds from the end of the demand until the last one that waits has its turn."""
        if not self.waiting:
            return Fraction(0)
        return max(Fraction(0), Fraction(self.requests - self.size) / self.refill - self.seconds)

    # requests that are refused

    @property
    def refused(self) -> int:
        """How many of the requests are refused, when nobody makes one again."""
        if not self.waiting:
            return 0
        last = Fraction(self.requests - 1) / self.demand
        return self.requests - min(self.requests, self._tokens_until(last))

    def _tokens_until(self, seconds: Fraction) -> int:
        """How many whole tokens there were up to a moment, once the bucket was never full again."""
        return floor(self.size + self.refill * seconds)
