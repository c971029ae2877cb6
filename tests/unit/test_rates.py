"""The table of prices and quotas: what it has, and what a file of one's own puts in its place, or gets wrong."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from sfdebug.configuration import ConfigurationError
from sfdebug.errors import UsageError
from sfdebug.rates import default_rates, read_rates, request_quota


def written(folder: Path, text: str) -> Path:
    path = folder / "ours.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_built_in_table_says_from_when_and_where_it_is() -> None:
    table = default_rates()
    assert table.date.year >= 2026
    assert len(table.sources) >= 2
    assert table.source == ""
    assert table.free_transitions == 4_000
    assert table.transition_price("us-east-1") == Decimal("0.0250")
    assert table.transition_price("eu-west-3") == Decimal("0.0297")
    assert table.transition_price("xx-nowhere-1") is None
    assert (table.currency("eu-west-1"), table.currency("cn-north-1")) == ("USD", "CNY")


@pytest.mark.parametrize(
    ("operation", "large", "others"),
    [
        ("StateTransition", (5_000, 5_000), (800, 800)),
        ("StartExecution", (1_300, 300), (800, 150)),
        ("DescribeExecution", (300, 15), (250, 10)),
    ],
)
def test_quotas_are_those_of_the_group_of_a_region(
    operation: str, large: tuple[int, int], others: tuple[int, int]
) -> None:
    for region, expected in (("eu-west-1", large), ("eu-central-1", others)):
        quota = request_quota(operation, region)
        assert quota is not None
        assert (quota.size, quota.refill) == expected


def test_a_file_takes_the_place_of_what_it_has(tmp_path: Path) -> None:
    table = read_rates(
        written(
            tmp_path,
            """\
date = 2026-11-01
[standard.prices]
eu-west-1 = 0.02
[express.prices.eu-west-1]
requests = 0.9
gb-hours = [{ up-to = 10, price = 0.05 }, { price = 0.01 }]
[quotas]
StateTransition = { large = [9_000, 8_000], others = [800, 800] }
""",
        )
    )
    assert (str(table.date), table.source) == ("2026-11-01", str(tmp_path / "ours.toml"))
    assert table.transition_price("eu-west-1") == Decimal("0.02")
    assert table.transition_price("us-east-1") == Decimal("0.0250")
    assert table.free_transitions == 4_000
    ours, theirs = table.express("eu-west-1"), table.express("us-east-1")
    assert ours is not None
    assert theirs is not None
    assert (ours.requests, theirs.requests) == (Decimal("0.9"), Decimal("1.00"))
    quota, other = table.quota("StateTransition", "eu-west-1"), table.quota("StartExecution", "eu-west-1")
    assert quota is not None
    assert other is not None
    assert (quota.size, quota.refill, other.size) == (9_000, 8_000, 1_300)


@pytest.mark.parametrize(
    ("text", "place", "what"),
    [
        ("[standard.prices]\nus-east-1 = 1\n", "1:1", "says from when they are"),
        ("date = 2026-11-01\nfree = 3\n", "2:1", "there is no 'free' here"),
        ("date = 2026-11-01\n[standard.prices]\nus-east-1 = 'cheap'\n", "3:1", "is a number from 0, not 'cheap'"),
        ("date = 2026-11-01\n[standard.prices]\nus-east-1 = -1\n", "3:1", "is a number from 0, not -1"),
        ("date = 2026-11-01\n[standard.prices]\nvirginia = 1\n", "3:1", "'virginia' is no Region"),
        ("date = 2026-11-01\n[standard]\nfree = 1.5\n", "3:1", "is a whole number from 0"),
        ("date = 2026-11-01\n[express]\nmemory-step = 0\n", "3:1", "is a whole number from 1"),
        ("date = 2026-11-01\n[quotas]\nStartExecution = { large = [1, 2] }\n", "3:1", "in the other Regions"),
        ("date = 2026-11-01\n[quotas]\nX = { large = [0.5, 1], others = [1, 1] }\n", "3:1", "in the large Regions"),
        ("date = 2026-11-01\n[quotas]\nX = { large = [1, nan], others = [1, 1] }\n", "3:1", "in the large Regions"),
        ("date = 2026-11-01\n[standard.prices]\nus-east-1 = nan\n", "3:1", "is a number from 0, not NaN"),
        ("date = 2026-11-01\n[standard.prices]\nus-east-1 = 1e-99\n", "3:1", "is a number from 0, not 1E-99"),
        ("date = 2026-11-01\nstandard = 3\n", "2:1", "standard is a table, not"),
        ("date = \n", "1:8", "this is no TOML"),
        (
            "date = 2026-11-01\n[express.prices.us-east-1]\nrequests = 1\ngb-hours = [{ price = 1 }, { price = 2 }]\n",
            "4:1",
            "each step but the last ends",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, place: str, what: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(ConfigurationError) as caught:
        read_rates(path)
    problem = caught.value.problems[0]
    assert problem.location == f"{path}:{place}"
    assert what in problem.what
    assert problem.fix


def test_a_file_that_is_not_there_or_not_text(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        read_rates(tmp_path / "none.toml")
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match="not UTF-8"):
        read_rates(path)
