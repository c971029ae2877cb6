"""The arithmetic of token buckets is what a simulation of every single request gives."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import example, given, settings
from hypothesis import strategies as st

from sfdebug.forecast.buckets import BucketLoad
from sfdebug.rates import default_rates
from tests.examples import examples

rates_of_requests = st.fractions(min_value=Fraction(1, 4), max_value=15, max_denominator=12)


def served_in_turn(load: BucketLoad) -> list[tuple[Fraction, Fraction]]:
    """When each request comes and when it has its token, first come first served."""
    tokens, at, found = Fraction(load.size), Fraction(0), []
    for number in range(load.requests):
        comes = number / load.demand
        if comes > at:
            tokens, at = min(Fraction(load.size), tokens + (comes - at) * load.refill), comes
        if tokens < 1:
            at += (1 - tokens) / load.refill
            tokens = Fraction(1)
        tokens -= 1
        found.append((comes, at))
    return found


def taken_at_once(load: BucketLoad) -> list[bool]:
    """Whether each request is taken, when one that finds no token is refused."""
    tokens, at, found = Fraction(load.size), Fraction(0), []
    for number in range(load.requests):
        comes = number / load.demand
        tokens, at = min(Fraction(load.size), tokens + (comes - at) * load.refill), comes
        found.append(tokens >= 1)
        tokens -= found[-1]
    return found


@settings(max_examples=examples(200), deadline=None)
@given(
    size=st.integers(2, 15),
    refill=rates_of_requests,
    demand=rates_of_requests,
    seconds=st.fractions(0, 8, max_denominator=7),
)
@example(size=2, refill=Fraction(1), demand=Fraction(1), seconds=Fraction(20))
@example(size=10, refill=Fraction(1), demand=Fraction(2), seconds=Fraction(9))
def test_the_arithmetic_is_that_of_a_simulation(
    size: int, refill: Fraction, demand: Fraction, seconds: Fraction
) -> None:
    load = BucketLoad(size, refill, demand, seconds)
    served = served_in_turn(load)
    waited = [number for number, (comes, at) in enumerate(served) if at > comes]
    assert load.waiting == len(waited)
    assert load.is_throttled == bool(waited)
    if waited:
        assert load.first_throttled == waited[0]
        assert load.throttled_from == served[waited[0]][0]
    assert load.backlog == sum(1 for comes, at in served if comes < at and at > seconds)
    last = served[-1][1] if served else Fraction(0)
    assert load.drained_after == (max(Fraction(0), last - seconds) if waited else 0)
    assert load.refused == taken_at_once(load).count(False)


def test_a_demand_within_the_refill_never_waits() -> None:
    load = BucketLoad(5_000, Fraction(5_000), Fraction(5_000), Fraction(86_400))
    assert not load.is_throttled
    assert load.throttled_from is None
    assert load.steady_share == load.drained_after == 0


def test_starts_of_a_region_by_its_group() -> None:
    """100 a second above the 150 of Frankfurt empty its 800 after 8 s, as 10 s at 250 show."""
    quota = default_rates().quota("StartExecution", "eu-central-1")
    assert quota is not None
    load = BucketLoad.of(quota, Fraction(250), Fraction(60))
    assert load.throttled_from == Fraction(1998, 250)
    assert load.steady_share == Fraction(2, 5)
    assert load.refused == 250 * 60 - (800 + 150 * 60 - 1)
    assert not BucketLoad.of(quota, Fraction(250), Fraction(7)).is_throttled
