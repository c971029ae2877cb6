"""Recorded exchanges with AWS's API, made again with sfdebug's: `python -m bench.exchanges CHECKOUT [TESTS...]`.

CHECKOUT is one of a public emulator of AWS (localstack/localstack), whose tests of Step Functions come with what AWS
answered to each of their calls. Nothing of it is committed. Its tests are run as they are, against a server of ours,
with stand-ins for the fixtures that they ask for (`exchange_fixtures`); each answer that they look at is held against
the recorded one: the members, the types of errors, the texts. What a test makes up (names, ARNs, times) is taken as it
comes. Members that AWS answers with today, and did not when it was recorded, are no difference. The table counts by
operation; with --write it goes into docs/endpoint.md.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

TESTS: Final = "tests/aws/services/stepfunctions/v2"
USUAL: Final = ("test_sfn_api*.py", "test_state/*.py")
OUT: Final = "SFDEBUG_EXCHANGES_OUT"
CHECKOUT: Final = "SFDEBUG_EXCHANGES_CHECKOUT"
_PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "endpoint.md"
_ADDED: Final = {
    "redriveCount": date(2023, 11, 15),
    "redriveStatus": date(2023, 11, 15),
    "redriveStatusReason": date(2023, 11, 15),
    "encryptionConfiguration": date(2024, 11, 20),
    "variableReferences": date(2024, 11, 20),
}
"""Members that answers have since then. Source: the recordings before and after that day."""

_OF_TRANSPORT: Final = ("HTTPHeaders", "RequestId", "RetryAttempts", "HTTPStatusCode", "MaxAttemptsReached")


# what is compared


def plain(value: Any) -> Any:
    """A value as the recordings have it: JSON texts read, times as words."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items() if key != "HTTPHeaders"}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    if isinstance(value, datetime):
        return "datetime"
    if isinstance(value, Exception):
        return str(value)
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return plain(json.loads(value))
        except ValueError:
            return value
    return value


def difference(wanted: Any, found: Any, recorded: date, loose: frozenset[str], path: str = "") -> str | None:
    """Where an answer first differs from the recorded one; None where it does not.

    `loose` are words that stand in the recording for what a test made up.
    """
    if isinstance(wanted, str) and wanted[:1] in ("{", "["):
        wanted = plain(wanted)
    if isinstance(wanted, dict) and isinstance(found, dict):
        told = (
            difference(wanted[name], found[name], recorded, loose, f"{path}/{name}")
            if name in found
            else f"{path}/{name}: missing"
            for name in wanted
            if name not in _OF_TRANSPORT
        )
        return next(filter(None, told), None) or next(_not_recorded(wanted, found, recorded, path), None)
    if isinstance(wanted, list) and isinstance(found, list):
        if len(wanted) != len(found):
            return f"{path}: {len(wanted)} recorded, {len(found)} answered"
        pairs = enumerate(zip(wanted, found, strict=True))
        items = (difference(one, other, recorded, loose, f"{path}/{index}") for index, (one, other) in pairs)
        return next(filter(None, items), None)
    return None if _alike(wanted, found, loose) else f"{path}: recorded {str(wanted)[:150]!r}, {str(found)[:150]!r}"


def _not_recorded(wanted: dict[str, Any], found: dict[str, Any], recorded: date, path: str) -> Iterator[str]:
    for name in found:
        is_later = name in _ADDED and recorded < _ADDED[name]
        if name not in wanted and name not in _OF_TRANSPORT and not is_later:
            yield f"{path}/{name}: not recorded, {str(found[name])[:80]}"


_MADE_UP: Final = re.compile(r"<[^<>]+>|datetime|timestamp")


def _alike(wanted: Any, found: Any, loose: frozenset[str]) -> bool:
    if wanted == found and type(wanted) is type(found):
        return True
    if isinstance(wanted, float | int) and isinstance(found, float | int) and bool not in (type(wanted), type(found)):
        return float(wanted) == float(found)
    if not isinstance(wanted, str):
        return False
    if wanted == "date":  # what stands in the recordings for a time in the Context object
        return isinstance(found, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]+Z", found) is not None
    words = "|".join([_MADE_UP.pattern, *sorted(map(re.escape, loose), key=len, reverse=True)])
    parts = re.split(f"({words})", wanted)
    pattern = "".join(".+" if index % 2 else re.escape(part) for index, part in enumerate(parts))
    text = found if isinstance(found, str) else json.dumps(found)
    return re.fullmatch(pattern, text.replace(" (reached max retries: 0)", ""), re.S) is not None


# the command


def exchanges(checkout: Path, patterns: Sequence[str], *, says: bool = False) -> tuple[list[dict[str, Any]], str]:
    """What came of each test, and what pytest says at the end."""
    checkout = checkout.resolve()
    files = sorted(file for pattern in patterns for file in (checkout / TESTS).glob(pattern) if "test_" in file.name)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder, "rows.jsonl")
        out.touch()
        here = Path(__file__).resolve().parent.parent
        paths = os.pathsep.join([str(here), *filter(None, [os.environ.get("PYTHONPATH")]), str(checkout)])
        environment = {**os.environ, OUT: str(out), CHECKOUT: str(checkout), "PYTHONPATH": paths}
        # sfdebug's own plugin has a fixture by the name of one of theirs.
        without = ("-p", "no:sfdebug", "-p", "no:cacheprovider", "-p", "no:randomly", "--noconftest")
        options = ["-q", "-p", "bench.exchange_fixtures", *without]
        command = [
            sys.executable,
            "-m",
            "pytest",
            *options,
            f"--rootdir={checkout}",
            "-c",
            os.devnull,
            *map(str, files),
        ]
        done = subprocess.run(command, env=environment, cwd=checkout, capture_output=True, text=True, check=False)
        if says:
            print(done.stdout[-20000:], done.stderr[-3000:])
        lines = [line for line in done.stdout.splitlines() if line.strip()]
        return [json.loads(line) for line in out.read_text().splitlines()], lines[-1] if lines else done.stderr[-500:]


def table(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The count by operation, as lines of Markdown."""
    counts: dict[str, Counter[bool]] = defaultdict(Counter)
    for row in rows:
        for operation, _, told in row["rows"]:
            counts[operation][told is None] += 1
    lines = ["| operation | recorded answers compared | alike |", "|---|---:|---:|"]
    for operation in sorted(counts):
        found = counts[operation]
        lines.append(f"| {operation} | {found.total()} | {found[True]} |")
    together = sum(counts.values(), Counter())
    lines.append(f"| together | {together.total()} | {together[True]} |")
    return lines


def write(rows: Sequence[dict[str, Any]]) -> None:
    """Put the table into the page on the endpoint."""
    text = _PAGE.read_text(encoding="utf-8")
    before, begin, rest = text.partition("<!-- exchanges -->\n")
    _, end, after = rest.partition("<!-- /exchanges -->")
    _PAGE.write_text(f"{before}{begin}{chr(10).join(table(rows))}\n{end}{after}", encoding="utf-8")


def main() -> None:
    """Print the table, and what differs."""
    parser = argparse.ArgumentParser(prog="python -m bench.exchanges", description=__doc__)
    parser.add_argument("checkout", type=Path)
    parser.add_argument("tests", nargs="*", default=USUAL, help=f"files below {TESTS} (default: {' '.join(USUAL)})")
    parser.add_argument("-v", "--verbose", action="store_true", help="with what pytest says")
    parser.add_argument("--write", action="store_true", help="put the table into docs/endpoint.md")
    args = parser.parse_args()
    rows, end = exchanges(args.checkout, args.tests, says=args.verbose)
    if not rows:
        parser.exit(1, f"nothing was compared: {end}\n")
    print("\n".join(table(rows)))
    for row in rows:
        for operation, key, told in row["rows"]:
            if told is not None:
                print(f"{row['test'].rpartition('/')[2]} {key} ({operation}): {told}")
    if args.write:
        write(rows)
    print(end)


if __name__ == "__main__":
    main()
