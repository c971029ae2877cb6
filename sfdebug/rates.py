"""The dated table of what AWS charges, and of how many requests a second it takes, and reading one of the user's own.

The built-in table is `rates.toml`, beside this module, which names its sources. Both change, and differ by account:
nothing is fetched, and a file of the same form takes the place of whatever it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sfdebug.configuration import ConfigurationError, place_of, toml_of
from sfdebug.errors import Problem, UsageError
from sfdebug.files import read_file
from sfdebug.text import with_article

USD: Final = "USD"
MAX_RATES_BYTES: Final = 1 << 18
"""Largest table that is read: thirty times the built-in one."""

_REGION: Final = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+", re.ASCII)
_MOST: Final = Decimal(10) ** 12
_DECIMALS: Final = 12
_LEAST_REFILL: Final = Decimal("0.001")


class RequestQuota(Struct, frozen=True, gc=False):
    """How many requests of an operation AWS takes from an account in a Region: a bucket of `size`, and so many more
    each second."""

    size: int
    refill: float


class GbHourStep(Struct, frozen=True):
    """What a GB-hour costs up to so many of them in a month; the last step has no end."""

    price: Decimal
    up_to: Decimal | None = None


class ExpressPrices(Struct, frozen=True):
    """What Express workflows cost in a Region: a million requests, and a GB-hour, in steps."""

    requests: Decimal
    gb_hours: tuple[GbHourStep, ...]


class RateTable(Struct, frozen=True):
    """Prices and request quotas at one date. `source` is the file that has taken the place of some of it, if any."""

    date: date
    sources: tuple[str, ...]
    free_transitions: int
    transition_prices: Mapping[str, Decimal]
    express_prices: Mapping[str, ExpressPrices]
    duration_step: int
    memory_step: int
    memory_base: int
    currencies: Mapping[str, str]
    large_regions: frozenset[str]
    quotas: Mapping[str, tuple[RequestQuota, RequestQuota]]
    source: str = ""

    def currency(self, region: str) -> str:
        """The currency of a Region's prices."""
        return self.currencies.get(region, USD)

    def transition_price(self, region: str) -> Decimal | None:
        """What 1,000 transitions of Standard workflows cost in a Region; None where the table does not say it."""
        return self.transition_prices.get(region)

    def express(self, region: str) -> ExpressPrices | None:
        """What Express workflows cost in a Region; None where the table does not say it."""
        return self.express_prices.get(region)

    def quota(self, operation: str, region: str) -> RequestQuota | None:
        """AWS's quota for an operation in a Region; None where there is none to be held to."""
        both = self.quotas.get(operation)
        return None if both is None else both[0] if region in self.large_regions else both[1]


@lru_cache(maxsize=1)
def default_rates() -> RateTable:
    """The built-in table."""
    path = Path(__file__).with_suffix(".toml")
    return _table(_TableReader(str(path), path.read_text(encoding="utf-8")), None)


def read_rates(path: str | Path) -> RateTable:
    """The built-in table with what a file has in its place. It names its date, from which the prices are.

    Raises ConfigurationError with every place that is wrong, UsageError when the file cannot be read.
    """
    try:
        data = read_file(path, MAX_RATES_BYTES)
    except OSError as error:
        raise UsageError(f"the prices cannot be read: {error.strerror or error}", where=str(path)) from None
    except ValueError as error:  # a path with a NUL character
        raise UsageError(f"the prices cannot be read: {error}", where=repr(str(path))) from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        problem = Problem(str(path), 0, 0, "the file is not UTF-8", "Save it with the encoding UTF-8.")
        raise ConfigurationError([problem]) from None
    return replace(_table(_TableReader(str(path), text), default_rates()), source=str(path))


def request_quota(operation: str, region: str) -> RequestQuota | None:
    """AWS's default quota for an operation in a Region; None where there is none to be held to."""
    return default_rates().quota(operation, region)


# reading


def _table(reader: _TableReader, base: RateTable | None) -> RateTable:
    """What a text says; what it does not say is that of `base`. Raises ConfigurationError."""
    top = reader.table((), ("date", "sources", "standard", "express", "currencies", "regions", "quotas"))
    standard = reader.table(("standard",), ("free", "prices"))
    express = reader.table(("express",), ("duration-step", "memory-step", "memory-base", "prices"))
    regions = reader.table(("regions",), ("large",))
    dated = top.get("date")
    if not isinstance(dated, date):
        reader.wrong(("date",), "a table of prices says from when they are", "Write: date = 2026-11-28")
    prices = {region: reader.price(("standard", "prices", region)) for region in reader.regions("standard", "prices")}
    found = RateTable(
        date=dated if isinstance(dated, date) else date.min,
        sources=tuple(reader.texts(("sources",), top.get("sources"))),
        free_transitions=reader.count(("standard", "free"), standard, base.free_transitions if base else None),
        transition_prices=prices,
        express_prices={region: _express(reader, region) for region in reader.regions("express", "prices")},
        duration_step=reader.count(("express", "duration-step"), express, base.duration_step if base else None, 1),
        memory_step=reader.count(("express", "memory-step"), express, base.memory_step if base else None, 1),
        memory_base=reader.count(("express", "memory-base"), express, base.memory_base if base else None),
        currencies={region: reader.text(("currencies", region)) for region in reader.regions("currencies")},
        large_regions=frozenset(reader.texts(("regions", "large"), regions.get("large"))),
        quotas={name: _quotas(reader, name) for name in reader.table(("quotas",))},
    )
    if reader.problems:
        raise ConfigurationError(reader.problems)
    return found if base is None else _over(base, found)


def _over(base: RateTable, found: RateTable) -> RateTable:
    return replace(
        found,
        sources=found.sources or base.sources,
        transition_prices={**base.transition_prices, **found.transition_prices},
        express_prices={**base.express_prices, **found.express_prices},
        currencies={**base.currencies, **found.currencies},
        large_regions=found.large_regions or base.large_regions,
        quotas={**base.quotas, **found.quotas},
    )


def _express(reader: _TableReader, region: str) -> ExpressPrices:
    at = ("express", "prices", region)
    table = reader.table(at, ("requests", "gb-hours"))
    steps = table.get("gb-hours")
    fix = "Write: gb-hours = [{ up-to = 1_000, price = 0.06 }, { price = 0.03 }]"
    if not isinstance(steps, list) or not steps or not all(isinstance(step, dict) for step in steps):
        reader.wrong((*at, "gb-hours"), "gb-hours is a list of steps, each with its price", fix)
        steps = []
    read = tuple(
        GbHourStep(
            reader.number((*at, "gb-hours"), step.get("price")),
            reader.number((*at, "gb-hours"), step["up-to"]) if "up-to" in step else None,
        )
        for step in steps
    )
    ends = [step.up_to for step in read[:-1] if step.up_to is not None]
    if read and (len(ends) < len(read) - 1 or ends != sorted(set(ends)) or read[-1].up_to is not None):
        reader.wrong((*at, "gb-hours"), "each step but the last ends at more GB-hours than the one before", fix)
    return ExpressPrices(reader.price((*at, "requests")), read)


def _quotas(reader: _TableReader, name: str) -> tuple[RequestQuota, RequestQuota]:
    table = reader.table(("quotas", name), ("large", "others"))
    found = []
    for group in ("large", "others"):
        pair = table.get(group)
        is_pair = isinstance(pair, list) and len(pair) == 2
        numbers = [one for one in pair if _is_number(one)] if isinstance(pair, list) and is_pair else []
        if len(numbers) != 2 or not (1 <= numbers[0] < _MOST and _LEAST_REFILL <= numbers[1] < _MOST):
            which = group.removesuffix("s")
            what = f"the quota of {name} in the {which} Regions is a bucket, from 1, and what is added each second"
            reader.wrong(("quotas", name), what, "Write: { large = [5_000, 5_000], others = [800, 800] }")
            numbers = [1, 1]
        found.append(RequestQuota(int(numbers[0]), float(numbers[1])))
    return found[0], found[1]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | Decimal) and not isinstance(value, bool) and Decimal(value).is_finite()


class _TableReader:
    """Takes values out of a table, and notes what is wrong with them, at their places in the text."""

    def __init__(self, path: str, text: str) -> None:
        self._path = path
        self._text = text
        self._table = toml_of(Path(path), text, parse_float=Decimal)
        self.problems: list[Problem] = []

    def wrong(self, name: tuple[str, ...], what: str, fix: str) -> None:
        """Note what is wrong with the value of that name."""
        line, column = place_of(self._text, name)
        self.problems.append(Problem(self._path, line, column, what, fix))

    def _found(self, name: tuple[str, ...]) -> Any:
        value: Any = self._table
        for part in name:
            value = value.get(part) if isinstance(value, dict) else None
        return value

    def table(self, name: tuple[str, ...], known: tuple[str, ...] = ()) -> Mapping[str, Any]:
        """The table of that name, which has only what is `known` if anything is; empty where there is none."""
        value = self._found(name)
        if value is None:
            return {}
        if not isinstance(value, dict):
            self.wrong(name, f"{'.'.join(name)} is a table, not {with_article(value)}", f"Write: [{'.'.join(name)}]")
            return {}
        for part in value:
            if known and part not in known:
                self.wrong((*name, part), f"there is no {part!r} here", f"There are: {', '.join(known)}.")
        return value

    def regions(self, *name: str) -> Iterator[str]:
        """The Regions that are the names of a table."""
        for region in self.table(name):
            if _REGION.fullmatch(region):
                yield region
            else:
                self.wrong((*name, region), f"{region!r} is no Region", "Write: us-east-1")

    def price(self, name: tuple[str, ...]) -> Decimal:
        """The price of that name."""
        return self.number(name, self._found(name))

    def number(self, name: tuple[str, ...], value: Any) -> Decimal:
        """A number that is not negative, nor so small that nobody means it."""
        if _is_number(value) and (value == 0 or Decimal(10) ** -_DECIMALS <= value < _MOST):
            return Decimal(value)
        shown = "nothing" if value is None else repr(value) if isinstance(value, str) else str(value)[:40]
        fix = f"Write: 0.0250, with up to {_DECIMALS} decimals"
        self.wrong(name, f"{'.'.join(name)} is a number from 0, not {shown}", fix)
        return Decimal(0)

    def count(self, name: tuple[str, ...], table: Mapping[str, Any], usual: int | None, least: int = 0) -> int:
        """A whole number of a table; `usual` where it is not there."""
        value = table.get(name[-1], usual)
        if isinstance(value, int) and not isinstance(value, bool) and least <= value < _MOST:
            return value
        self.wrong(name, f"{'.'.join(name)} is a whole number from {least}", f"Write: {name[-1]} = 100")
        return least

    def text(self, name: tuple[str, ...]) -> str:
        """A text, which is not empty."""
        value = self._found(name)
        if isinstance(value, str) and value:
            return value
        self.wrong(name, f"{'.'.join(name)} is a text", 'Write: "CNY"')
        return ""

    def texts(self, name: tuple[str, ...], value: Any) -> Iterator[str]:
        """Several texts; none where nothing is given."""
        if isinstance(value, list) and all(isinstance(one, str) for one in value):
            yield from value
        elif value is not None:
            self.wrong(name, f"{'.'.join(name)} is a list of texts", 'Write: ["us-east-1"]')
