"""`sfdebug policy`: the IAM policy that a state machine's role needs, and whether its role allows just that."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sfdebug.cli.command import Command
from sfdebug.cli.console import say, show_problems, write_data
from sfdebug.cli.definitions import (
    FILE,
    add_project_options,
    address_of,
    looked_at,
    open_definition,
    opened_machines,
)
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.permissions.model import NeededPermissions
    from sfdebug.permissions.review import RoleReview
    from sfdebug.projects.addresses import OpenedDefinition


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug policy`."""
    parser.add_argument("file", metavar="FILE", help=FILE)
    parser.add_argument(
        "--why", action="store_true", help="print which state needs which action, in place of the policy"
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="hold the roles of a project's machines against what they need: what is missing, what is too much",
    )
    parser.add_argument("--json", action="store_true", help="with --check: print one object")
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing about what is not known")
    add_project_options(parser)


def run(args: Namespace) -> ExitCode:
    """Print a policy, or hold a role against it: EXECUTION_FAILED when something is missing or too much."""
    address = address_of(args.file, args)
    if args.check:
        return _check(opened_machines(address), args)
    from sfdebug.permissions.document import policy_document
    from sfdebug.reports.permissions import reason_lines

    opened = open_definition(address)
    needed = _needed(opened)
    if not args.quiet:
        _tell_open(needed)
    if args.why:
        write_data("\n".join(reason_lines(needed)))
    else:
        write_data(json.dumps(policy_document(needed.own), ensure_ascii=False, indent=2))
    if not needed.own and not args.quiet:
        say("sfdebug: it needs no permission; IAM takes no policy without a statement")
    others = tuple(dict.fromkeys(one.role for one in needed.permissions if one.role))
    if others and not args.quiet:
        say(f"sfdebug: what Tasks do as {', '.join(others)} does not stand in it: --why lists it")
    return ExitCode.SUCCEEDED


def _needed(opened: OpenedDefinition, told: set[str] | None = None) -> NeededPermissions:
    from sfdebug.permissions.model import ANYTHING, Place
    from sfdebug.permissions.needed import permissions_of

    definition, machine = looked_at(opened, told), opened.machine
    if machine is None:
        values = opened.address.values
        place = Place(region=values.region or ANYTHING, account=values.account or ANYTHING)
        needed = permissions_of(definition, place)
    else:
        from sfdebug.permissions.keys import with_keys

        is_logged = bool(machine.logging) and machine.logging != "OFF"
        needed = permissions_of(definition, Place.of_arn(machine.arn), is_logged=is_logged, is_traced=machine.tracing)
        needed = with_keys(opened.project, machine, needed) if opened.project is not None else needed
    return needed


def _tell_open(needed: NeededPermissions) -> None:
    """What the definition alone does not say, with its place; a review has it among its lines."""
    if needed.open_ends:
        show_problems(needed.open_ends)
    if needed.unplaced:
        which = ", ".join(needed.unplaced)
        say(f"sfdebug: no resources are known here of {which}: * stands for them; narrow it where AWS knows any")


def _check(machines: tuple[OpenedDefinition, ...], args: Namespace) -> ExitCode:
    from sfdebug.permissions.granted import granted_to
    from sfdebug.permissions.review import review
    from sfdebug.reports.permissions import review_dict, review_lines

    found: list[tuple[str, RoleReview]] = []
    told: set[str] = set()
    for opened in machines:
        if opened.project is None or opened.machine is None:
            fix = (
                "Give a template, CDK output or a folder with one; without --check the policy that it needs is printed."
            )
            raise UsageError("a definition alone says nothing of its role", where=args.file, fix=fix)
        needed = _needed(opened, told)
        found.append((opened.machine.name, review(granted_to(opened.project, opened.machine), needed)))
    if args.json:
        write_data(json.dumps([review_dict(name, one) for name, one in found], ensure_ascii=False, indent=2))
    else:
        write_data("\n".join(line for name, one in found for line in review_lines(name, one)))
    is_good = all(one.is_known and not one.missing and not one.too_much for _, one in found)
    return ExitCode.SUCCEEDED if is_good else ExitCode.EXECUTION_FAILED


COMMAND = Command(
    name="policy",
    summary="print the IAM policy that a state machine needs, or check the role that it has",
    usage="sfdebug policy FILE [options]",
    description="""\
Print the policy document that the role of a state machine needs: the actions of its Tasks in their patterns, of
its Map Runs, logs and traces, on the resources that the definition names, and nothing else. What is only known
when the machine runs becomes a *, and is told on standard error with its place. Of a project, the keys that
encrypt what its Tasks call are needed, too. With --check the roles that it gives its machines (IAM roles and
policies of a template or of Terraform, SAM's Policies) are held against that: the exit code is 1 when something
is missing, denied or too much, or nothing is known of a role. Nothing is asked of AWS.""",
    epilog="""\
examples:
  sfdebug policy template.yaml > policy.json
      of the only machine in a project
  sfdebug policy order.asl.json --why --region eu-west-1 --account 123456789012
      which state needs what
  sfdebug policy --check .
      what the roles of this project lack, and what they allow beyond""",
    configure=configure,
    run=run,
)
