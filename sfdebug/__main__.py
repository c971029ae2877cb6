"""`python -m sfdebug`, and the `sfdebug` command.

Until the program looks after signals itself, Ctrl+C ends it at once, as it ends any other: what Python raises for it in
the middle of an import would be shown as a fault, or be lost in one that goes on without what it cannot import.
"""

from __future__ import annotations

import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)

from sfdebug.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
