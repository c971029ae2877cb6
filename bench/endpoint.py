"""The served API: what a call costs beside what its client costs itself, how many executions come through it a second,
beside others, and how much memory they leave behind.

`python -m bench.endpoint` prints it; with --write the table goes into docs/endpoint.md. All of it is measured on the
clock, in one run, and said as ratios: what one machine takes says little of another one.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any, Final

from bench.endpoint_servers import LOCALSTACK, Served, fixed_server, localstack_server, sfdebug_server
from bench.figures import Figure, Unit
from tests import moto_server
from tests.served_api import boto3_client_of

_PAGE: Final = Path(__file__).resolve().parent.parent / "docs" / "endpoint.md"
_ROLE: Final = "arn:aws:iam::123456789012:role/bench"
_CALLS: Final = 400
_STATES: Final = 10
_EXECUTIONS: Final = 300
_KEPT: Final = 1_000
_MANY: Final = 10_000
_BEYOND: Final = 0.001
"""A call adds at most that much to what the client takes itself."""
_RATE: Final = 200.0
_LEFT: Final = 20.0 * 2**20


def figures(baseline: float) -> Iterator[Figure]:
    """A call, beyond the client's own cost; executions a second; memory."""
    own, whole = round_trips("list_activities", '{"activities":[]}')
    what = "a boto3 call of the endpoint, beyond the client's own cost"
    yield Figure("endpoint/call", what, Unit.MICROSECONDS, max(whole - own, 0.0), _BEYOND, own)
    with sfdebug_server() as served:
        rate = executions_a_second(served.url)
    what = f"executions of {_STATES} states a second, by one client of boto3"
    yield Figure("endpoint/executions", what, Unit.PER_SECOND, rate, _RATE, baseline)
    if Path("/proc/self/status").exists():
        what = f"memory that {_MANY - _KEPT:,} more executions leave, with {_KEPT:,} kept"
        yield Figure("endpoint/memory", what, Unit.MEGABYTES, memory_left(), _LEFT)


def round_trips(operation: str, answer: str, **members: Any) -> tuple[float, float]:
    """Seconds of a call of boto3: to a server that answers a fixed text, and to sfdebug's; the least of calls that
    take turns."""
    with fixed_server(answer) as fixed, sfdebug_server() as served:
        clients = [boto3_client_of(fixed.url), boto3_client_of(served.url)]
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(_CALLS + 20):
            for client, taken in zip(clients, times, strict=True):
                call = getattr(client, operation)
                begun = perf_counter()
                call(**members)
                if number >= 20:
                    taken.append(perf_counter() - begun)
        return min(times[0]), min(times[1])


def executions_a_second(url: str, count: int = _EXECUTIONS) -> float:
    """Started one after the other by a client of boto3, until the last one has succeeded."""
    client = boto3_client_of(url)
    arn = _machine(client)
    _wait_for(client, client.start_execution(stateMachineArn=arn, name="first")["executionArn"])
    begun = perf_counter()
    # moto makes up no names that differ
    names = (f"n{number}" for number in range(count))
    started = [client.start_execution(stateMachineArn=arn, name=name)["executionArn"] for name in names]
    for execution in reversed(started):
        _wait_for(client, execution)
    return count / (perf_counter() - begun)


def memory_left() -> float:
    """Bytes by which the server has grown from the first executions, as many as it keeps, to many more."""
    with sfdebug_server() as served:
        client = boto3_client_of(served.url)
        arn = _machine(client)

        def run(count: int) -> float:
            for _ in range(count):
                execution = client.start_execution(stateMachineArn=arn)["executionArn"]
            _wait_for(client, execution)
            return served.memory

        before = run(_KEPT)
        return run(_MANY - _KEPT) - before


def _machine(client: Any) -> str:
    states = {
        f"S{number}": {"Type": "Pass", "Result": {"n": number}, "Next": f"S{number + 1}"} for number in range(_STATES)
    }
    states[f"S{_STATES - 1}"] = {"Type": "Succeed"}
    definition = json.dumps({"StartAt": "S0", "States": dict(list(states.items())[:_STATES])})
    return str(client.create_state_machine(name="Bench", definition=definition, roleArn=_ROLE)["stateMachineArn"])


def _wait_for(client: Any, execution: str) -> None:
    end = perf_counter() + 60
    while client.describe_execution(executionArn=execution)["status"] != "SUCCEEDED":
        if perf_counter() > end:
            raise SystemExit("an execution does not end")


# beside others


def beside_others() -> Iterator[tuple[str, float | str]]:
    """How many times as many executions come through sfdebug's endpoint as through another, or why that is not known;
    the servers take turns, three times."""
    others: list[tuple[str, Callable[[], AbstractContextManager[Any]] | str]] = []
    missing = moto_server.missing()
    others.append(("moto's server", f"{missing[0]} is not installed" if missing else moto_server.running))
    python = os.environ.get(LOCALSTACK, "")
    why = f"{LOCALSTACK} names no Python that has it"
    others.append(("LocalStack", (lambda: localstack_server(python)) if python else why))
    for name, other in others:
        if isinstance(other, str):
            yield name, other
            continue
        ratios = []
        for _ in range(3):
            with sfdebug_server() as served:
                ours = executions_a_second(served.url)
            try:
                with other() as server:
                    theirs = executions_a_second(server.url if isinstance(server, Served) else server.address, 100)
            except OSError as error:
                yield name, f"it does not start: {error}"
                break
            ratios.append(ours / theirs)
        else:
            yield name, median(ratios)


def lines(found: Sequence[Figure]) -> list[str]:
    """The table of docs/endpoint.md."""
    call, _, *memory = found
    rows = [
        (
            "a call of boto3, in times of what it takes to a server that answers a fixed text",
            f"{1 + call.measured / call.baseline:.2f}",
        ),
        *(
            (f"executions a second, in times of those through {name}", f"{ratio:.1f}")
            for name, ratio in beside_others()
            if isinstance(ratio, float)
        ),
        *((each.what, each.text(each.measured)) for each in memory),
    ]
    return ["| | |", "|---|---:|", *(f"| {what} | {value} |" for what, value in rows)]


def main() -> None:
    """Measure, print, and write the table where that is asked for."""
    parser = argparse.ArgumentParser(prog="python -m bench.endpoint", description=__doc__)
    parser.add_argument("--write", action="store_true", help="put the table into docs/endpoint.md")
    args = parser.parse_args()
    found = list(figures(0.0))
    for figure in found:
        print(f"{figure.what}: {figure.text(figure.measured)}")
    table = lines(found)
    print("\n".join(table))
    if args.write:
        text = _PAGE.read_text(encoding="utf-8")
        before, _, rest = text.partition("<!-- speed -->\n")
        _, _, after = rest.partition("<!-- /speed -->")
        _PAGE.write_text("\n".join([f"{before}<!-- speed -->", *table, f"<!-- /speed -->{after}"]), encoding="utf-8")


if __name__ == "__main__":
    main()
