"""`sfdebug demo`: opens the debugger on a bundled sample."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sfdebug.cli.command import Command
from sfdebug.cli.console import write_data
from sfdebug.cli.definitions import looked_at, open_definition
from sfdebug.cli.exit_codes import ExitCode
from sfdebug.cli.inputs import add_start_option, read_input, read_start_time, read_tasks
from sfdebug.cli.lessons import add_quiz_option, quiz_of
from sfdebug.cli.samples import RecordedSample, Sample, all_samples, case_inputs, find_sample, recorded_samples
from sfdebug.cli.screen import add_screen_options, check_terminal, open_debugger
from sfdebug.cli.sessions import add_session_options
from sfdebug.errors import UsageError
from sfdebug.files import samples_folder

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace


def configure(parser: ArgumentParser) -> None:
    """The arguments of `sfdebug demo`."""
    parser.add_argument("sample", metavar="SAMPLE", nargs="?", default="order", help="which sample (default: order)")
    parser.add_argument("-l", "--list", action="store_true", help="list the samples and where their files are")
    parser.add_argument("-c", "--case", metavar="NAME", help="another test case of the sample's mock file")
    parser.add_argument("-i", "--input", metavar="JSON", help="another input: JSON text, @FILE, or - for stdin")
    parser.add_argument(
        "--ask", action="store_true", help="no mock file: the debugger asks you for every Task's result"
    )
    add_start_option(parser)
    add_quiz_option(parser)
    add_screen_options(parser)
    add_session_options(parser)


def run(args: Namespace) -> int:
    """List the samples, or open the debugger on one."""
    if args.list:
        _list()
        return ExitCode.SUCCEEDED
    recorded = recorded_samples().get(args.sample)
    if recorded is not None:
        return _replay(recorded, args)
    from sfdebug.projects.in_use import DefinitionInUse

    sample = find_sample(args.sample)
    start_time = read_start_time(args.start_time)
    opened = open_definition(sample.address)
    machine = looked_at(opened)
    in_use = DefinitionInUse.of(opened)
    take_answers(args, sample)
    execution_input = read_input(args.input if args.input is not None else f"@{sample.input}")
    tasks = None if args.ask else read_tasks(args, machine, start_time, in_use)
    quiz = quiz_of(args)
    check_terminal()
    inputs = case_inputs(sample) if args.input is None else {}
    from sfdebug.cli.new_sessions import first_tour

    guide = quiz or (first_tour(sample) if args.case == sample.case and args.input is None else None)
    return open_debugger(in_use, execution_input, tasks, start_time, args, asks=False, inputs=inputs, guide=guide)


def take_answers(args: Namespace, sample: Sample) -> None:
    """Have the arguments name what answers the sample's Tasks: its mock file, its datasets."""
    args.mocks, args.s3, args.nested = (None if args.ask else str(sample.mocks)), _datasets(sample), []
    args.case = None if args.ask else args.case or sample.case


def _datasets(sample: Sample) -> str | None:
    folder = sample.folder / "s3"
    return str(folder) if folder.is_dir() else None


def _replay(sample: RecordedSample, args: Namespace) -> int:
    """Open a recorded execution, as `sfdebug replay` does. Raises UsageError for what has no meaning then."""
    from sfdebug.cli.commands.replay import COMMAND as REPLAY

    given = {"--case": args.case is not None, "--input": args.input is not None, "--ask": args.ask}
    for option, is_given in given.items():
        if is_given:
            what = f"{sample.name} is a recorded execution: its Tasks have answered"
            raise UsageError(what, where=option, fix=f"Leave {option} out, or choose another sample.")
    wanted = REPLAY.parser().parse_args([str(sample.history)])
    for name in ("theme", "ascii", "no_mouse", "fresh", "goes_on", "no_autosave"):
        setattr(wanted, name, getattr(args, name))
    return REPLAY.run(wanted)


def _list() -> None:
    samples: list[Sample | RecordedSample] = [*all_samples(), *recorded_samples().values()]
    width = max(len(sample.name) for sample in samples)
    for sample in samples:
        write_data(f"{sample.name:<{width}}  {sample.title}")
    write_data(f"\nTheir files, each folder with a README: {samples_folder()}")


COMMAND = Command(
    name="demo",
    summary="open the debugger on a bundled sample",
    usage="sfdebug demo [SAMPLE] [options]",
    description="""\
Open the debugger on a sample that comes with sfdebug: a definition with an input, whose Tasks are answered
from a mock file. Without a name it opens an online shop's order.""",
    epilog="""\
examples:
  sfdebug demo
      an order: step over with n, back with N, ? shows all keys
  sfdebug demo --list
      what else there is
  sfdebug demo saga --case HotelFull
      the saga, in the test case in which it has to take back what it did
  sfdebug demo polling --ask
      answer every Task yourself""",
    configure=configure,
    run=run,
)
