"""Event patterns held against what AWS said of them: `python -m bench.event_patterns CHECKOUT`.

A public emulator keeps patterns with events, and what TestEventPattern answered to each: that it fits, that it does not
(the file's name ends with NEG), or why the pattern is refused (EXC; the words stand in a snapshot). CHECKOUT is a
checkout of it.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from sfdebug.errors import SfdebugError
from sfdebug.eventbridge.reading import EventPatternError, read_pattern

_FOLDER: Final = Path("tests/aws/services/events")
_CASES: Final = "event_pattern_templates/*.json5"
_SNAPSHOT: Final = "test_events_patterns.snapshot.json"
_TEST: Final = "tests/aws/services/events/test_events_patterns.py::TestEventPattern::test_event_pattern[{name}]"
_TEXT: Final = r'("(?:\\.|[^"\\])*")'


class RecordedPattern(Struct, frozen=True):
    """A pattern with an event, and what AWS answered, in words."""

    name: str
    pattern: Any
    event: Any
    answer: str


def recorded_patterns(checkout: Path) -> Iterator[RecordedPattern]:
    """All that a checkout has. Raises SfdebugError where it has none."""
    folder = checkout / _FOLDER
    files = sorted(folder.glob(_CASES))
    if not files:
        raise SfdebugError(f"there are no recorded event patterns in {checkout}")
    snapshot = json.loads((folder / _SNAPSHOT).read_text(encoding="utf-8"))
    for file in files:
        case, name = _json5(file.read_text(encoding="utf-8")), file.stem
        answer = str(not name.endswith("_NEG"))
        if name.endswith("_EXC"):
            found = snapshot[_TEST.format(name=name)]["recorded-content"][name]
            answer = found["exception_message"]["Error"]["Message"]
        yield RecordedPattern(name, case["EventPattern"], case["Event"], answer)


def our_answer(recorded: RecordedPattern) -> str:
    """What is answered here, in the same words."""
    try:
        return str(read_pattern(json.dumps(recorded.pattern)).matches(recorded.event))
    except EventPatternError as error:
        return error.what


def _json5(text: str) -> Any:
    """JSON with what these files have besides: comments, names without quotes, a comma behind the last."""
    for form, kept in ((rf"{_TEXT}|//[^\n]*", r"\1"), (rf"{_TEXT}|,(\s*[}}\]])", r"\1\2")):
        text = re.sub(form, kept, text)
    return json.loads(re.sub(rf"{_TEXT}|([{{,]\s*)([A-Za-z_$][\w$]*)\s*:", _quoted, text))


def _quoted(match: re.Match[str]) -> str:
    return match[1] or f'{match[2]}"{match[3]}":'


def main() -> int:
    """Print what differs, and how many are alike. 1 where something differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("checkout", type=Path)
    recorded = list(recorded_patterns(parser.parse_args().checkout))
    differing = [(one, our_answer(one)) for one in recorded if our_answer(one) != one.answer]
    for one, ours in differing:
        print(f"{one.name}: AWS answers {one.answer!r}, sfdebug {ours!r}")
    print(f"{len(recorded) - len(differing)} of {len(recorded)} recorded patterns are alike")
    return 1 if differing else 0


if __name__ == "__main__":
    sys.exit(main())
