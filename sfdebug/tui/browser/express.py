"""Of an Express state machine AWS keeps no list of executions: its log is searched, as far back as somebody says, who
was told first what that takes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sfdebug.aws.arns import read_arn
from sfdebug.aws.express import survey_log
from sfdebug.executions.account import AccountSource
from sfdebug.tui.browser.switching import log_dialog

if TYPE_CHECKING:
    from collections.abc import Callable

    from sfdebug.aws.express import LogSurvey
    from sfdebug.tui.browser.reading import Work
    from sfdebug.tui.browser.reading_lists import ReadingListScreen


def ask_log(screen: ReadingListScreen[Any], name: str, arn: str, then: Callable[[int | None], None]) -> None:
    """Look at the log group of a state machine, and ask over `screen` how many hours back it is to be searched; `then`
    gets them, None for not at all."""

    def survey(work: Work) -> LogSurvey:
        assert isinstance(work.source, AccountSource)
        return survey_log(work.source.reader, read_arn(arn))

    def ask(found: LogSurvey) -> None:
        screen.app.push_screen(log_dialog(name, found), then)

    screen.work(f"asking for the log of {name}", survey, ask, "Its log cannot be read")
