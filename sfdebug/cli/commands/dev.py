"""`sfdebug dev`: a project with all that its Tasks call: handlers, local services, and the debugger around them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.commands import debug

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.cli.exit_codes import ExitCode


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug FILE`; the folder is the current one where none is named."""
    debug.configure(parser)
    parser.set_defaults(file=".", real=True)


def run(args: Namespace) -> ExitCode:
    """Open the debugger, and really call what Tasks call."""
    return debug.run(args)


COMMAND = Command(
    name="dev",
    summary="a project with its handlers and services on this machine, in the debugger",
    usage="sfdebug dev [PATH[#NAME]] [options]",
    description="""\
Open the debugger on a state machine of a project, and really do what its Tasks ask for: Lambda handlers in
Python and Node.js run in processes of their own, and SQS, SNS, DynamoDB, S3, EventBridge and the like are
served on this machine by moto, with the project's tables, queues, topics, buckets and buses under their own
names. No container, no account, no network.

Nothing is started before the first Task calls. A call is made once: stepping back and forking never call the
same attempt again; I calls again, P shows what a handler printed, Q what the services hold and what the last
call changed, s steps into a machine that a Task starts. HTTP Tasks and API Gateway go where --url says, and
nowhere else. The same without a screen: sfdebug run PATH --real.""",
    epilog=f"""\
examples:
  sfdebug dev
      the project in this folder; of several machines, choose one
  sfdebug dev template.yaml#Orders -i @order.json
      one machine of a template, with an input
  sfdebug dev . --seed-data seeds
      with items, objects and messages from files: seeds/tables/NAME.json, seeds/buckets/NAME/...
  sfdebug dev . --services http://127.0.0.1:4566
      with the services of LocalStack, or of another endpoint
  sfdebug dev . --debug-handlers
      handlers wait until a debugger attaches, and each call stops in it; what VS Code needs is printed
  sfdebug dev . --url https://api.example.com=http://127.0.0.1:3000 --real-time
      with a server of yours in place of an API, and Waits that take their time

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
