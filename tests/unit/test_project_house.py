"""The script that counts the house: what it calls an import, a name, a module touched."""

from __future__ import annotations

import textwrap
from pathlib import Path

from bench.house import circles, repeated_classes, size, sources
from bench.walks import walk


def test_circles_go_through_annotations_and_functions() -> None:
    texts = {
        "sfdebug": "from sfdebug.a import A",
        "sfdebug.a": "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from sfdebug import b",
        "sfdebug.b": "def late():\n    import sfdebug.c",
        "sfdebug.c": "from sfdebug.a import A",
        "sfdebug.d": "from sfdebug.e import x\nimport json",
        "sfdebug.e": "import sfdebug.d",
        "sfdebug.f": "from sfdebug import a",
    }
    assert circles(texts) == [["sfdebug.a", "sfdebug.b", "sfdebug.c"], ["sfdebug.d", "sfdebug.e"]]


def test_size_counts_what_a_module_defines() -> None:
    one = """\
        import json
        X, _Y = 1, 2
        z: int
        if json:
            def made(): ...
        class A:
            inner = 1
            class B: ...
        def _own(): ...
        """
    found = size(
        {"sfdebug.one": textwrap.dedent(one), "sfdebug.two": "class A: ...\n" + "def f():\n" + "    f()\n" * 50}
    )
    assert (found.files, found.lines, found.public_names, found.classes) == (2, 61, 6, 3)
    assert found.repeated_classes == {"A": ["sfdebug.one", "sfdebug.two"]}
    assert (found.long_classes, found.long_functions) == ({}, {"sfdebug.two:f": 51})


def test_a_class_in_a_class_is_told_apart_by_its_owner_and_one_in_a_function_by_its_name_alone() -> None:
    texts = {
        "sfdebug.a": "class View:\n    class Moved: ...\n    def made(self):\n        class Late: ...",
        "sfdebug.b": "class Pane:\n    class Moved: ...\nclass Late: ...",
        "sfdebug.c": "def made():\n    try:\n        class _Own: ...\n    except E:\n        class _Own: ...",
        "sfdebug.d": "match made:\n    case 1:\n        class _Own: ...\n''' \nclass Pane: ...\n''' ",
    }
    assert repeated_classes(texts) == {"_Own": ["sfdebug.c", "sfdebug.c", "sfdebug.d"]}


def test_a_walk_tells_what_ran_from_what_was_loaded(root: Path) -> None:
    found = walk(root, "load a definition")
    assert set(found.touched) <= set(sources(root))
    assert 0 < len(found.touched) < found.imported


def test_no_module_imports_itself_by_way_of_others(root: Path) -> None:
    """Annotations and imports inside of functions count: a circle is modules that cannot be read one by one."""
    assert circles(sources(root)) == []


def test_no_class_name_stands_twice(root: Path) -> None:
    """Nor a private one. Of two, the newer or narrower one gets the name that tells more."""
    assert repeated_classes(sources(root)) == {}
