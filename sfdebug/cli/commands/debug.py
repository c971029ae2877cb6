"""`sfdebug FILE`: opens the debugger."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sfdebug import __version__
from sfdebug.cli.command import EXIT_CODES, Command
from sfdebug.cli.definitions import FILE, add_project_options, address_of, looked_at, open_definition, project_at
from sfdebug.cli.inputs import (
    add_ask_option,
    add_break_option,
    add_input_options,
    add_start_option,
    read_asks,
    read_breaks,
    read_input,
    read_start_time,
    read_tasks,
)
from sfdebug.cli.lessons import add_quiz_option, quiz_of
from sfdebug.cli.screen import (
    add_screen_options,
    check_terminal,
    is_on_terminal,
    list_folder,
    open_debugger,
    open_saved,
)
from sfdebug.cli.sessions import add_session_options
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.cli.exit_codes import ExitCode
    from sfdebug.projects.addresses import DefinitionAddress
    from sfdebug.projects.project import Project


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug FILE`."""
    parser.add_argument("file", metavar="FILE", nargs="?", help=FILE)
    add_input_options(parser)
    add_start_option(parser)
    add_break_option(parser, "begin with this breakpoint")
    add_ask_option(parser)
    add_screen_options(parser)
    parser.add_argument(
        "--watch", action="store_true", help="when the file changes, offer to go on under what it is then"
    )
    add_quiz_option(parser)
    add_session_options(parser, takes_file=True)
    add_project_options(parser)
    parser.add_argument(
        "--version", action="version", version=f"sfdebug {__version__}", help="show the version of sfdebug"
    )


def run(args: Namespace) -> ExitCode:
    """Load what was named, then open the debugger on it."""
    if args.quiz and (args.session is not None or args.file is None):
        raise UsageError("the quiz needs a definition", fix="Write: sfdebug FILE --quiz, or sfdebug demo --quiz")
    if args.session is not None:
        return open_saved(args)
    if args.file is None:
        if is_on_terminal():
            from sfdebug.cli.home import show_home

            return show_home(args)
        raise UsageError("no definition was given", fix="Write: sfdebug FILE, or sfdebug --session FILE")
    if not args.quiz and _is_archive(args.file):
        return list_folder(Path(args.file), args)
    from sfdebug.projects.in_use import DefinitionInUse

    start_time = read_start_time(args.start_time)
    address = address_of(args.file, args)
    project = _project_at(address)
    if project is not None and not address.name and len(project.machines) > 1 and is_on_terminal() and not args.quiz:
        from sfdebug.cli.machine_list import show_machines

        return show_machines(address, project, args)
    opened = open_definition(address, project)
    machine = looked_at(opened)
    in_use = DefinitionInUse.of(opened)
    execution_input = read_input(args.input, args.file)
    tasks = read_tasks(args, machine, start_time, in_use)
    breaks, _ = read_breaks(args, machine), read_asks(args, machine)
    quiz = quiz_of(args)
    check_terminal()
    return open_debugger(in_use, execution_input, tasks, start_time, args, breaks, asks=quiz is None, guide=quiz)


def _project_at(address: DefinitionAddress) -> Project | None:
    """The project that was named; of a folder that is none and has recorded executions it is said how to see them."""
    try:
        return project_at(address)
    except UsageError as error:
        import shlex

        from sfdebug.cli.archives import holds_history

        folder = Path(address.path)
        if not folder.is_dir() or not holds_history(folder):
            raise
        fix = f"There are recorded executions in it: sfdebug replay {shlex.quote(address.path)}\n  {error.fix}"
        raise UsageError(error.what, where=error.where, fix=fix) from error


def _is_archive(file: str) -> bool:
    """Whether what was named is a folder of executions. Of a file nothing is loaded for that."""
    try:
        if not Path(file).is_dir():
            return False
    except (OSError, ValueError):
        return False
    from sfdebug.cli.archives import is_archive

    return is_archive(Path(file))


COMMAND = Command(
    name="",
    summary="open the debugger on a definition",
    usage="sfdebug FILE[#NAME] [options]\n       sfdebug --session FILE [options]\n       sfdebug COMMAND [options]",
    description="""\
sfdebug is a debugger for AWS Step Functions. It draws the states of a definition and steps through an
execution of it, forward and back, showing the data at every stage: InputPath, Parameters, ResultSelector,
ResultPath, OutputPath. Choices can be forced, failures injected, inputs and results edited. Nothing is sent
to AWS unless --services aws says so, and no account is needed.""",
    epilog=f"""\
commands:
{{commands}}
  A file that is called like a command is given with its folder: sfdebug ./run
  Each command has a manual of its own: sfdebug run --help

examples:
  sfdebug
      choose: what was opened before, sessions, samples, definitions below this folder, AWS
  sfdebug demo
      look around in a bundled sample
  sfdebug order.asl.json --input @order.json
      step through order.asl.json; the debugger asks you for the result of each Task
  sfdebug order.asl.json -i '{{"total": 42.5}}' -m MockConfigFile.json -c CardDeclined
      the same, with the Tasks answered by a test case of a mock file
  sfdebug order.asl.json --quiz
      foretell what comes before each stage, then see it
  sfdebug order.asl.json --continue
      go on where the last session of it was left; without --continue sfdebug asks
  sfdebug template.yaml
      a state machine of a template, with what stands for its placeholders; of several: template.yaml#Orders
  sfdebug . --parameter Stage=prod
      of the project in this folder, with the value of a parameter
  sfdebug failed
      the list of the executions in an archive, which sfdebug fetch --machine wrote
  generate | sfdebug - --input @order.json
      read the definition from a pipe

{EXIT_CODES}""",
    configure=configure,
    run=run,
)
