"""What runs cost as Standard and as Express workflows, by a table of rates: estimates, exact to what the table says.

Source: AWS's pricing page. Standard: each transition above the free ones of a month. Express: each request, and its
duration times its memory, both rounded up; memory is a base, the definition, and the payloads of the steps.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from sfdebug.rates import USD

if TYPE_CHECKING:
    from sfdebug.rates import ExpressPrices, RateTable

_A_THOUSAND: Final = Decimal(1_000)
_A_MILLION: Final = Decimal(1_000_000)
_MB_OF_A_GB: Final = Decimal(1_024)
_BYTES_OF_A_MB: Final = Decimal(1_000_000)
"""The pricing page's own example adds 400 payloads of 32 KB to 12.8 MB: decimal units there."""
_SECONDS_OF_AN_HOUR: Final = Decimal(3_600)
MILLISECONDS: Final = Decimal(1_000)
_CENT: Final = Decimal("0.01")


class CostRange(Struct, frozen=True):
    """From the least that something costs to the most. `high` is None where only the least is known."""

    low: Decimal
    high: Decimal | None
    currency: str = USD

    @property
    def is_exact(self) -> bool:
        """Whether both ends are one."""
        return self.low == self.high


def standard_cost(rates: RateTable, region: str, transitions: Decimal, *, has_free: bool = False) -> Decimal | None:
    """What so many transitions cost in a Region; `has_free`: in a month in which nothing else uses the free ones.

    None where the table has no price for the Region.
    """
    price = rates.transition_price(region)
    if price is None:
        return None
    billed = max(Decimal(0), transitions - rates.free_transitions) if has_free else transitions
    return billed * price / _A_THOUSAND


def express_cost(prices: ExpressPrices, requests: Decimal, gb_seconds: Decimal) -> Decimal:
    """What so many requests of a month cost, which take so many GB-seconds together."""
    return requests * prices.requests / _A_MILLION + gb_hours_cost(prices, gb_seconds / _SECONDS_OF_AN_HOUR)


def gb_hours_cost(prices: ExpressPrices, gb_hours: Decimal) -> Decimal:
    """What the GB-hours of a month cost, step by step."""
    cost, begun = Decimal(0), Decimal(0)
    for step in prices.gb_hours:
        end = gb_hours if step.up_to is None else min(gb_hours, step.up_to)
        if end > begun:
            cost += (end - begun) * step.price
            begun = end
    return cost


def billed_memory(rates: RateTable, definition_bytes: int, payload_bytes: int) -> int:
    """The MB that an Express execution is billed for: the base, the definition, and the payloads, rounded up."""
    used = rates.memory_base + Decimal(definition_bytes + payload_bytes) / _BYTES_OF_A_MB
    return rounded_up(used, rates.memory_step)


def billed_milliseconds(rates: RateTable, milliseconds: Decimal) -> int:
    """The milliseconds that an Express execution is billed for. Even the shortest takes one step."""
    return max(rates.duration_step, rounded_up(milliseconds, rates.duration_step))


def gb_seconds_of(memory: int, milliseconds: int) -> Decimal:
    """What a billed memory, in MB, comes to in a billed time."""
    return Decimal(memory) / _MB_OF_A_GB * Decimal(milliseconds) / MILLISECONDS


def rounded_up(value: Decimal, step: int) -> int:
    """The next multiple of a step."""
    return int((value / step).to_integral_value(ROUND_CEILING)) * step


def money_text(amount: Decimal, currency: str = USD) -> str:
    """`$12.35`, `$0.000475`: to the cent, and of less than a cent the first three figures; another currency by name."""
    if amount and abs(amount) < _CENT:
        shown = f"{amount:.{max(2, 2 - amount.adjusted())}f}".rstrip("0")
    else:
        shown = f"{amount:,.2f}"
    return f"${shown}" if currency == USD else f"{shown} {currency}"


def cost_text(cost: CostRange) -> str:
    """`$450.00 to $475.00`, `$1.00`, `$32.25 or more`."""
    low = money_text(cost.low, cost.currency)
    if cost.high is None:
        return f"{low} or more"
    high = money_text(cost.high, cost.currency)
    return low if low == high else f"{low} to {high}"
