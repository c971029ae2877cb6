"""What came of verifying, told, counted and written as it comes: no verdict is kept once it is told."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from sfdebug.cli.console import replacing_file, say, write_data, writing_stdout
from sfdebug.cli.continuous import annotate, append_summary, is_on_github
from sfdebug.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from sfdebug.asl.definition import StateMachine
    from sfdebug.history.coverage.model import Coverage
    from sfdebug.history.verification.outcomes import Mending
    from sfdebug.history.verification.verdict import Verification
    from sfdebug.reports.junit import JUnitReport
    from sfdebug.reports.verification import VerificationJson
    from sfdebug.values import Json

_MOST_NAMED: Final = 5
_MOST_SAID: Final = 1_000
"""So many reasons why nothing was verified are told once each; of more, each is told again."""


def _folded(cause: str) -> str:
    """The shape of a cause; what holds data is not kept for the next one."""
    from sfdebug.executions.groups import folded  # here: what finds the places takes a while to make

    return folded.__wrapped__(cause)


def load_reports() -> None:
    """Import what verdicts are told with: while other processes come to the first ones, it costs no time."""
    from sfdebug.cli.signals import held_signals

    with held_signals():
        from sfdebug.reports import verification  # noqa: F401 - for those who import it later


def _json_report() -> VerificationJson:
    from sfdebug.reports.verification import VerificationJson

    return VerificationJson()


def _junit_report(definition: str) -> JUnitReport:
    from sfdebug.reports.junit import JUnitReport
    from sfdebug.reports.verification import junit_suite_name

    return JUnitReport(junit_suite_name(definition))


class VerifiedExecutions:
    """Takes one verdict after the other, tells it, and reports all of them in the end. To be used with `with`.

    Args:
        definition: What the definition is called.
        args: `json`, `junit`, `summary`, `all` and `allow_partial`.
        covered: The machine and where it is, where it is found out what would have come of the executions: then that is
            reported, and what they took of it.
        annotated: The machine in whose file GitHub shows where executions diverge, where that is known.
    """

    def __init__(
        self,
        definition: str,
        args: Namespace,
        covered: tuple[str, StateMachine] | None = None,
        annotated: StateMachine | None = None,
    ) -> None:
        from sfdebug.history.coverage.items import merged
        from sfdebug.history.verification.tally import VerificationTally

        self._definition = definition
        self._args = args
        self._stack = ExitStack()
        self._json = self._stack.enter_context(_json_report()) if args.json else None
        self._junit = self._stack.enter_context(_junit_report(definition)) if args.junit is not None else None
        self._address = covered[0] if covered is not None else ""
        self._machine = covered[1] if covered is not None else None
        self._annotated = annotated
        self._coverage: Coverage | None = merged(self._machine, ()) if self._machine is not None else None
        self._mendings: list[tuple[str, Mending]] = []
        self._passed_over: list[str] = []
        self._passed_over_count = 0
        self._said: set[str] = set()
        self.tally = VerificationTally(_folded)

    def __enter__(self) -> VerifiedExecutions:
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Let go of what was kept. Somebody who ends it is told how far it came: nothing is claimed of the others."""
        self._stack.close()
        if isinstance(error, KeyboardInterrupt | SystemExit):
            from sfdebug.reports.verification import summary

            say(f"sfdebug: not all was verified; so far {summary(self.tally)}")

    @property
    def is_told(self) -> bool:
        """Whether there is a line for each execution."""
        return not self._args.json and self._machine is None

    def pass_over(self, path: str) -> None:
        """A file that is no history."""
        self._passed_over_count += 1
        if len(self._passed_over) < _MOST_NAMED:
            self._passed_over.append(path)

    def add(self, one: Verification) -> None:
        """Count a verdict, and keep of it what the reports need."""
        from sfdebug.history.coverage.items import merged
        from sfdebug.reports.verification import verification_case

        self.tally.add(one)
        if self._json is not None:
            self._json.add(one)
        if self._junit is not None:
            self._junit.add(verification_case(self._definition, one, allow_partial=self._args.allow_partial))
        if self._machine is not None and self._coverage is not None:
            if one.mending is not None:
                self._mendings.append((one.history, one.mending))
            if one.taken is not None:
                self._coverage += merged(self._machine, (one.taken,))

    def add_coverage(self, coverage: Coverage) -> None:
        """Count what executions took whose verdicts were read back: these do not say it."""
        assert self._coverage is not None, "what would have come of executions is asked for"
        self._coverage += coverage

    def tell(self, one: Verification) -> None:
        """Say what came of one execution; why many were not verified is said once."""
        from sfdebug.history.verification.verdict import VerificationStatus
        from sfdebug.reports.verification import verification_lines
        from sfdebug.text import escaped

        for note in one.notes:
            say(f"sfdebug: {escaped(note)}")
        first, *others = verification_lines(one, all_differences=self._args.all)
        why = "\n".join(others) if one.status is VerificationStatus.NOT_VERIFIED else ""
        lines = [first, "    for the same reason"] if why and why in self._said else [first, *others]
        write_data("\n".join(lines))
        if why and len(self._said) < _MOST_SAID:
            self._said.add(why)

    def tell_passed_over(self) -> None:
        """Say which files are no histories."""
        from sfdebug.text import escaped

        if self._passed_over:
            more = self._passed_over_count - len(self._passed_over)
            listed = ", ".join(map(escaped, self._passed_over))
            say(f"sfdebug: no history, passed over: {listed}{f' and {more:,} more' if more else ''}")

    def report(self, facts: Mapping[str, Json] | None = None) -> ExitCode:
        """Write the reports and the summary; `facts` stand in the JSON object too. What the command ends with:
        SUCCEEDED when all executions are identical (or partial, where that is allowed), or, where it was found out what
        would have come of them, when each is proved to end well."""
        if self._junit is not None:
            with replacing_file(self._args.junit, "report") as stream:
                self._junit.write(stream)
        if self._machine is not None and self._coverage is not None:
            return self._report_outcomes(self._coverage, facts or {})
        self._tell_ci()
        if self._json is not None:
            self._write_json(facts or {}, {})
        else:
            self._print_summary()
        return ExitCode.SUCCEEDED if self._is_good() else ExitCode.EXECUTION_FAILED

    def _tell_ci(self) -> None:
        if self._annotated is not None and is_on_github():
            from sfdebug.reports.verification import verification_annotations

            annotate(verification_annotations(self.tally, self._annotated))
        if self._args.summary is not None:
            from sfdebug.reports.job_summaries import verification_markdown

            append_summary(self._args.summary, verification_markdown(self._definition, self.tally))

    def _is_good(self) -> bool:
        from sfdebug.history.verification.verdict import VerificationStatus

        good = {VerificationStatus.IDENTICAL, VerificationStatus.SAME_EFFECTS}
        if self._args.allow_partial:
            good.add(VerificationStatus.PARTIAL)
        return sum(self.tally.counts[status] for status in good) == self.tally.total

    def _print_summary(self) -> None:
        """The groups, where there is more than what was told right above, and the counts."""
        from sfdebug.reports.verification import group_lines, summary

        lines = group_lines(self.tally, all_groups=self._args.all)
        if sum(one.count for one in self.tally.groups) < 2:
            lines = []
        write_data("\n".join([*lines, summary(self.tally)]))

    def _write_json(self, before: Mapping[str, Json], behind: Mapping[str, Json]) -> None:
        assert self._json is not None, "it was asked for"
        with writing_stdout() as output:
            for text in self._json.texts(self._definition, self.tally, before, behind):
                output.write(text)
            output.write("\n")

    def _report_outcomes(self, coverage: Coverage, facts: Mapping[str, Json]) -> ExitCode:
        """What would have come of the executions, in groups."""
        from sfdebug.executions.groups import folded
        from sfdebug.history.verification.outcomes import HELD, by_failure, grouped
        from sfdebug.reports.coverage.data import coverage_dict
        from sfdebug.reports.coverage.text import coverage_lines
        from sfdebug.reports.job_summaries import outcomes_markdown
        from sfdebug.reports.outcomes import failure_lines, outcome_lines, outcome_summary, outcomes_dict
        from sfdebug.reports.verification import outcome_annotations

        groups, failures = grouped(self._mendings), by_failure(self._mendings, folded)
        if self._annotated is not None and is_on_github():
            annotate(outcome_annotations(groups, self._annotated))
        if self._args.summary is not None:
            append_summary(self._args.summary, outcomes_markdown(self._definition, groups))
        if self._json is not None:
            more = {
                "outcomes": outcomes_dict(groups, failures),
                "coverage": {"definition": self._address, **coverage_dict(coverage)},
            }
            self._write_json(facts, more)
        else:
            lines = outcome_lines(groups, all_executions=self._args.all)
            lines += ["", *failure_lines(failures)] if failures else []
            lines += ["", *coverage_lines(coverage, all_items=self._args.all), "", outcome_summary(groups)]
            write_data("\n".join(lines))
        return (
            ExitCode.SUCCEEDED if all(one.outcome in HELD for _, one in self._mendings) else ExitCode.EXECUTION_FAILED
        )
