"""What came of changed machines on the command line: printed, written in the forms that CI systems read, and held
against how many changes may be left unnoticed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sfdebug.cli.console import replacing_file, say, write_data
from sfdebug.errors import UsageError

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from sfdebug.testing.mutation.model import MutationReport


def add_survivor_options(parser: ArgumentParser) -> None:
    """How many changes may be left unnoticed, and where they are written for GitLab."""
    parser.add_argument(
        "--fail-on-survivors",
        metavar="N",
        type=int,
        help="with --mutate: end with 1 when more than N changes are not noticed, or may not be: not run in --budget",
    )
    parser.add_argument(
        "--code-quality",
        metavar="FILE",
        help="with --mutate: write the changes that were not noticed as GitLab's code quality report",
    )


def check_survivor_options(args: Namespace, *, is_part: bool) -> None:
    """Raises UsageError for a number that there cannot be, and in one of several jobs, each with a part of the cases:
    what these do not notice, those of another job may."""
    if args.fail_on_survivors is not None and args.fail_on_survivors < 0:
        where = "--fail-on-survivors"
        raise UsageError("this is no number from 0 on", where=where, fix="Write: --fail-on-survivors 60")
    for name, value in (("--fail-on-survivors", args.fail_on_survivors), ("--code-quality", args.code_quality)):
        if value is not None and is_part:
            what = "what a part of the cases does not notice, another part may"
            raise UsageError(what, where=name, fix="Give it to sfdebug merge, which has all parts.")


def print_mutation(mutated: MutationReport, *, all_changes: bool) -> None:
    """Print what no case noticed, and how many changes of each kind there were."""
    from sfdebug.reports.mutation import mutation_lines

    write_data("\n".join(mutation_lines(mutated, all_changes=all_changes)))


def write_mutation(mutated: MutationReport, args: Namespace) -> None:
    """Tell CI systems: annotations on GitHub, the summary of the job and the code quality report that were asked for.
    Raises UsageError for a file that cannot be written."""
    from sfdebug.cli.continuous import annotate, append_summary, is_on_github
    from sfdebug.reports.job_summaries import mutation_markdown
    from sfdebug.reports.mutation import mutation_annotations, mutation_issues
    from sfdebug.reports.quality_issues import quality_report

    if args.code_quality is not None:
        text = json.dumps(quality_report(mutation_issues(mutated)), ensure_ascii=False, indent=2)
        with replacing_file(args.code_quality, "report") as stream:
            stream.write(f"{text}\n".encode("utf-8", "replace"))
    if is_on_github():
        annotate(mutation_annotations(mutated))
    append_summary(args.summary, mutation_markdown(mutated))


def are_noticed(mutated: MutationReport | None, args: Namespace) -> bool:
    """Whether no more changes were left unnoticed than may be; if there were, that is said."""
    from sfdebug.reports.mutation import why_not_noticed

    if mutated is None or args.fail_on_survivors is None:
        return True
    why = why_not_noticed(mutated, args.fail_on_survivors)
    if why:
        say(f"sfdebug: {why}")
    return not why
