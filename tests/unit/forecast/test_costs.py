"""What runs cost: AWS's own examples to the cent, and the steps of its prices.

Sources: the pricing page (aws.amazon.com/step-functions/pricing: prices, free tier, roundings, its example of memory);
the AWS Step Functions workshop, module 13, "Review the Cost Impact" (aws-samples/the-aws-step-functions-workshop).
"""

from __future__ import annotations

from decimal import Decimal

import pytest

from sfdebug.forecast.costs import (
    CostRange,
    billed_memory,
    billed_milliseconds,
    cost_text,
    express_cost,
    gb_hours_cost,
    gb_seconds_of,
    money_text,
    standard_cost,
)
from sfdebug.rates import ExpressPrices, default_rates

RATES = default_rates()
VIRGINIA = "us-east-1"


def express_prices() -> ExpressPrices:
    prices = RATES.express(VIRGINIA)
    assert prices is not None
    return prices


def cents(amount: Decimal | None) -> Decimal:
    assert amount is not None
    return amount.quantize(Decimal("0.01"))


def test_the_workshops_standard_workflow() -> None:
    """Three transitions, a thousand times, without the free ones: $0.075."""
    assert standard_cost(RATES, VIRGINIA, Decimal(3_000)) == Decimal("0.075")


def test_the_workshops_express_workflow() -> None:
    """11,300 ms in 64 MB: $0.0000117746 each for its duration, and $0.01 for a thousand with their requests."""
    duration = gb_hours_cost(express_prices(), gb_seconds_of(64, 11_300) / 3_600)
    assert duration.quantize(Decimal("1e-7")) == Decimal("0.0000118")
    cost = express_cost(express_prices(), Decimal(1_000), 1_000 * gb_seconds_of(64, 11_300))
    assert cents(cost) == Decimal("0.01")


def test_the_pages_example_of_memory() -> None:
    """A definition of 50 KB and 400 steps of 32 KB: 62.85 MB, which are billed as 64 MB."""
    assert billed_memory(RATES, 50_000, 400 * 32_000) == 64
    assert billed_memory(RATES, 50_000, 440 * 32_000) == 128


@pytest.mark.parametrize(
    ("milliseconds", "billed"), [(0, 100), (1, 100), (100, 100), (101, 200), (29_950, 30_000), (300_000, 300_000)]
)
def test_durations_are_rounded_up_to_100_ms(milliseconds: int, billed: int) -> None:
    assert billed_milliseconds(RATES, Decimal(milliseconds)) == billed


def test_a_month_has_4_000_transitions_free() -> None:
    assert standard_cost(RATES, VIRGINIA, Decimal(4_000), has_free=True) == 0
    assert cents(standard_cost(RATES, VIRGINIA, Decimal(400_000), has_free=True)) == Decimal("9.90")
    assert cents(standard_cost(RATES, VIRGINIA, Decimal(410_000), has_free=True)) == Decimal("10.15")
    assert cents(standard_cost(RATES, "sa-east-1", Decimal(1_000_000))) == Decimal("37.50")
    assert standard_cost(RATES, "xx-nowhere-1", Decimal(1)) is None


def test_a_gb_hour_costs_less_the_more_there_are() -> None:
    """1,000 at 6 cents, 4,000 at 3, the rest at 1.642: up to the step it is the first price, and no more."""
    prices = express_prices()
    assert gb_hours_cost(prices, Decimal(1_000)) == 60
    assert gb_hours_cost(prices, Decimal(1_001)) == Decimal("60.03")
    assert gb_hours_cost(prices, Decimal(5_000)) == 180
    assert gb_hours_cost(prices, Decimal(6_000)) == Decimal("196.42")
    assert gb_hours_cost(prices, Decimal(0)) == 0


def test_a_million_of_30_seconds_in_64_mb() -> None:
    """1,875,000 GB-seconds are 520.83 GB-hours: $31.25, and a dollar for the requests."""
    cost = express_cost(express_prices(), Decimal(1_000_000), 1_000_000 * gb_seconds_of(64, 30_000))
    assert cents(cost) == Decimal("32.25")


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        ("0", "$0.00"),
        ("0.000025", "$0.000025"),
        ("0.00033750", "$0.000338"),
        ("0.0099", "$0.0099"),
        ("12.345", "$12.34"),
        ("1234567.891", "$1,234,567.89"),
    ],
)
def test_money_is_told_to_the_cent_or_by_three_figures(amount: str, text: str) -> None:
    assert money_text(Decimal(amount)) == text


def test_a_range_says_what_is_known_of_it() -> None:
    assert cost_text(CostRange(Decimal(450), Decimal(475))) == "$450.00 to $475.00"
    assert cost_text(CostRange(Decimal(1), None)) == "$1.00 or more"
    assert cost_text(CostRange(Decimal(1), Decimal(1), "CNY")) == "1.00 CNY"
