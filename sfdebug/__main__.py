"""`python -m sfdebug`: the same as the `sfdebug` command."""

from __future__ import annotations

import sys

from sfdebug.cli.main import main

sys.exit(main())
