"""Questions before a list is read: with which profile, from which region, and of a log from how far back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from sfdebug.aws.places import profiles, regions
from sfdebug.text import size_text
from sfdebug.tui.dialogs.list_dialog import ListDialog, ListItem

if TYPE_CHECKING:
    from sfdebug.aws.express import LogSurvey
    from sfdebug.aws.session import Access

LOG_HOURS: Final = (1, 3, 24, 24 * 7)
"""How far back the log of an Express state machine can be read from here."""


def place_dialog(access: Access) -> ListDialog[Access]:
    """The profiles of the AWS configuration and the regions that have Step Functions; its answer is who asks where.

    A profile brings its own region with it, if it names one. Raises NoClientError without boto3.
    """
    items = [
        ListItem(
            replace(access, profile=one.name, region=one.region or access.region),
            f"profile  {one.name}",
            one.region or "names no region",
            is_current=one.name == access.profile,
        )
        for one in profiles()
    ]
    items += [
        ListItem(
            replace(access, region=name), f"region   {name}", is_current=name == access.region and not access.profile
        )
        for name in regions(access.region)
    ]
    return ListDialog(
        "Read with which profile, from which region?",
        items,
        "From the files of the AWS configuration; nothing is asked of AWS for this list.",
        verb="read there",
    )


def log_dialog(name: str, survey: LogSurvey) -> ListDialog[int]:
    """How far back to read the log of an Express state machine, with what that means; its answer is hours."""
    size = f", {size_text(survey.stored_bytes)} in all" if survey.stored_bytes is not None else ""
    kept = f", kept for {survey.retention_days} days" if survey.retention_days is not None else ""
    level = "" if survey.level in ("ALL", "") else f" Its level is {survey.level}: not all executions are in it."
    explanation = (
        f"AWS keeps no list of Express executions: the log group {survey.log_group} is searched{size}{kept}.{level} "
        "CloudWatch Logs charges nothing for this search; it takes longer the further back it goes. Esc gives up."
    )
    items = [
        ListItem(hours, f"the last {f'{hours} h' if hours < 48 else f'{hours // 24} days'}") for hours in LOG_HOURS
    ]
    return ListDialog(f"Executions of {name}: from how far back?", items, explanation, verb="search")
