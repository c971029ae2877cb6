"""What a command says where CI runs it: annotations on GitHub, and the summary of a job."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sfdebug.cli.console import say, writing_file
from sfdebug.files import append_whole

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterable

    from sfdebug.reports.annotations import Annotation


def add_summary_option(parser: ArgumentParser) -> None:
    """The option that appends a summary to a file."""
    parser.add_argument(
        "--summary",
        metavar="FILE",
        help='append a summary in Markdown to this file: on GitHub, --summary "$GITHUB_STEP_SUMMARY"',
    )


def is_on_github() -> bool:
    """Whether GitHub Actions runs this. Source: GitHub, "Variables reference", GITHUB_ACTIONS."""
    return os.environ.get("GITHUB_ACTIONS") == "true"


def annotate(found: Iterable[Annotation]) -> None:
    """Say the worst of what was found on stderr, where GitHub reads it too; elsewhere say nothing."""
    if is_on_github():
        from sfdebug.reports.annotations import annotation_lines

        for line in annotation_lines(found):
            say(line)


def append_summary(path: str | None, text: str) -> None:
    """Append a text to the summary of a job, where one was asked for, all of it or nothing. Raises UsageError when it
    cannot be written."""
    if path is not None:
        with writing_file(path, "summary"):
            append_whole(path, text.encode("utf-8", "replace"))
