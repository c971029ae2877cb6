"""`--prices`: which table of prices and quotas holds for a command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.rates import RateTable


def add_prices_option(parser: ArgumentParser) -> None:
    """`--prices`, for the commands that tell costs or quotas."""
    parser.add_argument(
        "--prices",
        metavar="FILE",
        help="a TOML file with prices and quotas in place of those built in (default: the setting prices, if any)",
    )


def read_rates_of(args: Namespace) -> RateTable:
    """The table that `--prices` or the settings name, else the built-in one. Raises what `read_rates` raises."""
    if args.prices is not None:
        from sfdebug.rates import read_rates

        return read_rates(args.prices)
    return rates_in_settings()


def rates_in_settings() -> RateTable:
    """The table that the settings name, from where their file is; else the built-in one. Raises what `read_rates`
    raises."""
    from sfdebug.configuration import read_configuration
    from sfdebug.rates import default_rates, read_rates

    file = read_configuration()
    named = file.configuration.prices
    return read_rates(file.path.parent / Path(named).expanduser()) if named else default_rates()
