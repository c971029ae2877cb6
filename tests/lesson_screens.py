"""A small course for tests of the screens of lessons: one with a step of every kind, a second one, a fast track."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from sfdebug.lessons.model import Course
from sfdebug.lessons.reading import read_course
from tests.lesson_files import ORDER, write_lesson

COURSE: Final = """\
title = "A course"
[[chapters]]
title = "First things"
lessons = ["way", "second"]
fast_track = "fast"
"""

WAY: Final = """\
title = "The way of an order"
cures = "The result of a Task is taken for its output."
minutes = 4
mocks = "mocks.json"
case = "Paid"
[[steps]]
say = "An order comes in. Charge takes the money."
look = "graph"
at = "start"
[[steps]]
say = "Charge gets a receipt back, and has a ResultPath, which says where in the order that goes."
look = "stages"
at = "Charge/ResultPath"
predict = "output"
reveal = "ResultPath puts the result into the input."
hints = ["Look at the stages.", "$.payment is a place in the order."]
[[steps]]
say = "The Choice looks at the total."
look = "graph"
at = "Paid?"
predict = "next"
hints = ["The total is 20."]
[[steps]]
say = "Charge is called once where all goes well."
at = "Charge"
predict = "attempts"
answer = "number"
hints = ["Nothing fails."]
[[steps]]
say = "Ship is about to run, and the Choice has sent the order there. The receipt of Charge is in it, as payment."
at = "Ship"
predict = "input"
state = "Ship"
answer = "json"
look = "data"
hints = ["The Choice changes nothing."]
[[steps]]
say = "Send it another way: force the first rule."
look = "graph"
at = "Paid?"
do = "force"
rule = 1
hints = ["There is a key for it."]
[[steps]]
say = "Have the receipt beside the order."
mend = "broken.asl.json"
goal = "goal.asl.json"
case = "Paid"
hints = ["It is one field.", "ResultPath it is."]
"""
SECOND: Final = """\
title = "Another one"
cures = "Nothing much."
minutes = 3
needs = ["way"]
[[steps]]
say = "That is all."
"""
FAST: Final = (
    'title = "Mend it at once"\ncures = "All of it."\nminutes = 2\nmocks = "mocks.json"\ncase = "Paid"\n'
    + WAY[WAY.rindex("[[steps]]") :]
)

BROKEN: Final = json.dumps(ORDER, indent=2).replace('"ResultPath": "$.payment",\n', "")
FIXED: Final = json.dumps(ORDER, indent=2)


def small_course(folder: Path) -> Course:
    """The course, written into a folder and read."""
    files = {"broken__asl__json": BROKEN, "goal__asl__json": FIXED}
    write_lesson(folder / "way", WAY, **files)
    write_lesson(folder / "second", SECOND)
    write_lesson(folder / "fast", FAST, **files)
    (folder / "course.toml").write_text(COURSE, encoding="utf-8")
    return read_course(folder)
